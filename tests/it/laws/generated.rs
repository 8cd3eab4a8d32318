//! The laws hold for turns that no provider has sent yet: every mixture of voices in every style that was seen.

use crelay::provider::dialect::Grammars;
use crelay::translate::heal::Healing;
use crelay::translate::names::{Kind, Origin, Tools};
use crelay::translate::{Context, Reader};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::heard::{End, Tokens, hear};
use super::play;

/// One voice of an answer.
#[derive(Debug, Clone)]
enum Voice {
    Thoughts(String),
    Text(String),
    Call { name: &'static str, arguments: String },
}

/// How a provider writes.
#[derive(Debug, Clone)]
struct Style {
    thoughts_field: &'static str,
    /// Characters of a delta.
    piece: usize,
    line_end: &'static str,
    index: bool,
    id: Repeat,
    name_in_every_piece: bool,
    null_error: bool,
    finish: Finish,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Repeat {
    Never,
    Once,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Finish {
    Reason,
    Done,
    Both,
    Nothing,
}

fn words() -> impl Strategy<Value = String> {
    "[a-z <>|{}\"\\\\é😀\n]{0,30}[a-zé😀]"
}

fn voices() -> impl Strategy<Value = Vec<Voice>> {
    let plain =
        (prop_oneof![Just("exec_command"), Just("nobody_declared")], words()).prop_map(|(name, text)| Voice::Call {
            name,
            arguments: json!({ "cmd": text }).to_string(),
        });
    let freeform = words().prop_map(|text| Voice::Call {
        name: "apply_patch",
        arguments: json!({ "input": text }).to_string(),
    });
    let voice = prop_oneof![
        words().prop_map(Voice::Thoughts),
        words().prop_map(Voice::Text),
        plain,
        freeform,
    ];
    proptest::collection::vec(voice, 0..7)
}

fn styles() -> impl Strategy<Value = Style> {
    (
        prop_oneof![Just("reasoning_content"), Just("reasoning"), Just("reasoning_text")],
        1_usize..12,
        prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        any::<bool>(),
        prop_oneof![Just(Repeat::Never), Just(Repeat::Once), Just(Repeat::Always)],
        any::<bool>(),
        any::<bool>(),
        prop_oneof![
            Just(Finish::Reason),
            Just(Finish::Done),
            Just(Finish::Both),
            Just(Finish::Nothing)
        ],
    )
        .prop_map(
            |(thoughts_field, piece, line_end, index, id, name_in_every_piece, null_error, finish)| Style {
                thoughts_field,
                piece,
                line_end,
                index,
                id,
                name_in_every_piece,
                null_error,
                finish,
            },
        )
}

fn pieces(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

fn deltas(voices: &[Voice], style: &Style) -> Vec<Value> {
    let mut deltas = vec![json!({"role": "assistant", "content": null})];
    let mut number = 0;
    for voice in voices {
        match voice {
            Voice::Thoughts(text) => {
                deltas.extend(
                    pieces(text, style.piece)
                        .iter()
                        .map(|piece| json!({style.thoughts_field: piece})),
                );
            }
            Voice::Text(text) => deltas.extend(pieces(text, style.piece).iter().map(|piece| json!({"content": piece}))),
            Voice::Call { name, arguments } => {
                for (position, piece) in pieces(arguments, style.piece).iter().enumerate() {
                    deltas.push(json!({"tool_calls": [call(style, number, name, piece, position == 0)]}));
                }
                number += 1;
            }
        }
    }
    deltas
}

fn call(style: &Style, number: usize, name: &str, piece: &str, first: bool) -> Value {
    let mut call = json!({"function": {"arguments": piece}});
    if style.index {
        call["index"] = json!(number);
    }
    if style.id == Repeat::Always || (style.id == Repeat::Once && first) {
        call["id"] = json!(format!("id-{number}"));
    }
    if first || style.name_in_every_piece {
        call["function"]["name"] = json!(name);
    }
    call
}

fn stream(voices: &[Voice], style: &Style) -> Vec<u8> {
    let mut text = String::from("\u{feff}: hello\n\n");
    let mut write = |chunk: Value| {
        text.push_str(&format!("data: {chunk}{0}{0}", style.line_end));
    };
    for delta in deltas(voices, style) {
        let mut chunk = json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
        if style.null_error {
            chunk["error"] = Value::Null;
        }
        write(chunk);
    }
    if matches!(style.finish, Finish::Reason | Finish::Both) {
        write(json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
        write(json!({"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "cached_tokens": 4}}));
    }
    if matches!(style.finish, Finish::Done | Finish::Both) {
        text.push_str(&format!("data: [DONE]{0}{0}", style.line_end));
    }
    text.into_bytes()
}

/// Two tools are known and offered, and all markup is listened for: what is said holds none.
fn context() -> Context {
    let mut tools = Tools::default();
    let offered = [
        ("exec_command", Kind::Function, "cmd"),
        ("apply_patch", Kind::Custom, "input"),
    ];
    let offered = offered.map(|(name, kind, parameter)| {
        let schema = json!({"properties": {parameter: {"type": "string"}}});
        (tools.name(&Origin::new(None, name, kind)), schema)
    });
    Context {
        tools,
        healing: Healing {
            grammars: Grammars::default(),
            tools: offered.into_iter().collect(),
            wants_json: false,
        },
        ..Context::default()
    }
}

/// Without index and id in each piece, whose piece it is can only be told when the calls before are whole; a repeated
/// name then says nothing. No provider was seen to write so.
fn is_readable(style: &Style) -> bool {
    style.index || style.id == Repeat::Always || !style.name_in_every_piece
}

fn joined(voices: &[Voice], text: impl Fn(&Voice) -> Option<&str>) -> String {
    voices.iter().filter_map(text).collect()
}

proptest! {
    #![proptest_config(super::cases(400))]

    #[test]
    fn what_is_said_is_heard_however_it_is_written(
        voices in voices(),
        style in styles().prop_filter("readable", is_readable),
        split in any::<prop::sample::Index>(),
    ) {
        let bytes = stream(&voices, &style);
        let (left, right) = bytes.split_at(split.index(bytes.len()));
        let heard = hear(&play(&[left, right], context(), Reader::Codex));
        let text = |voice: &Voice| match voice { Voice::Text(text) => Some(text.clone()), _ => None };
        let thoughts = |voice: &Voice| match voice { Voice::Thoughts(text) => Some(text.clone()), _ => None };
        if style.finish == Finish::Nothing {
            prop_assert_eq!(heard.end, End::Failed);
            return Ok(());
        }
        prop_assert_eq!(heard.end, End::Completed);
        prop_assert_eq!(&heard.text, &voices.iter().filter_map(text).collect::<String>());
        prop_assert_eq!(&heard.kept, &voices.iter().filter_map(thoughts).collect::<String>());
        prop_assert_eq!(&heard.thoughts, &heard.kept);
        let calls: Vec<(String, String)> = voices.iter().filter_map(|voice| match voice {
            Voice::Call { name: "apply_patch", arguments } => {
                let fields: Value = serde_json::from_str(arguments).unwrap();
                Some(("apply_patch".to_owned(), fields["input"].as_str().unwrap().to_owned()))
            }
            Voice::Call { name, arguments } => Some(((*name).to_owned(), arguments.clone())),
            _ => None,
        }).collect();
        prop_assert_eq!(&heard.calls, &calls);
        if matches!(style.finish, Finish::Reason | Finish::Both) {
            prop_assert_eq!(heard.usage, Some(Tokens { input: 10, cached: 4, output: 5, total: 15, ..Tokens::default() }));
        }
    }

    #[test]
    fn a_cut_never_finishes_a_call(voices in voices(), style in styles().prop_filter("readable", is_readable), cut in any::<prop::sample::Index>()) {
        let bytes = stream(&voices, &Style { finish: Finish::Nothing, ..style });
        let heard = hear(&play(&[&bytes[..cut.index(bytes.len() + 1)]], context(), Reader::Codex));
        prop_assert_eq!(heard.end, End::Failed);
        for (name, arguments) in &heard.calls {
            let known = voices.iter().any(|voice| match voice {
                Voice::Call { name: said, arguments: whole } => said == name && (whole == arguments || name == "apply_patch"),
                _ => false,
            });
            prop_assert!(known, "{} was not said whole", arguments);
        }
        let said = joined(&voices, |voice| match voice { Voice::Text(text) => Some(text), _ => None });
        prop_assert!(said.starts_with(&heard.text));
    }
}
