//! The laws hold for answers of Responses endpoints that nobody has sent yet: every mixture of items in every style
//! that was seen, with whatever was seen to be missing.

use crelay::translate::Reader;
use crelay::translate::names::{Kind, Origin, Tools};
use crelay::translate::native::Context;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::heard::{End, hear};
use super::play_native;

/// One item of an answer.
#[derive(Debug, Clone)]
enum Item {
    Summary(Vec<String>),
    Thoughts(String),
    Text(Vec<String>),
    Call(String),
    Patch(String),
    Bare(String),
}

/// How an endpoint writes.
#[derive(Debug, Clone)]
struct Style {
    /// Characters of a delta; none are streamed with 0.
    piece: usize,
    added: bool,
    done: bool,
    parts: bool,
    text_done: bool,
    ids: Ids,
    index: bool,
    /// Whether the next item begins before the last is closed.
    overlaps: bool,
    repeats_output: bool,
    ends: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ids {
    Good,
    Missing,
    /// Another in every event.
    Wild,
}

fn words() -> impl Strategy<Value = String> {
    "[a-z <>{}\"\\\\é😀\n]{0,20}[a-zé😀]"
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let texts = || proptest::collection::vec(words(), 1..3);
    let item = prop_oneof![
        texts().prop_map(Item::Summary),
        words().prop_map(Item::Thoughts),
        texts().prop_map(Item::Text),
        words().prop_map(Item::Call),
        words().prop_map(Item::Patch),
        words().prop_map(Item::Bare),
    ];
    proptest::collection::vec(item, 0..6)
}

fn styles() -> impl Strategy<Value = Style> {
    let ids = prop_oneof![Just(Ids::Good), Just(Ids::Missing), Just(Ids::Wild)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let more = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (0_usize..9, ids, flags, more).prop_map(
        |(piece, ids, (added, done, parts, text_done), (index, overlaps, repeats_output, ends))| Style {
            piece,
            // What names nothing can only be told by its pieces.
            added: added || piece == 0,
            done: done || !repeats_output,
            parts: parts || piece == 0,
            text_done,
            // Without places, ids must be good where items overlap or do not say that they begin.
            index: index || ids != Ids::Good,
            ids,
            overlaps: overlaps && added,
            repeats_output,
            ends,
        },
    )
}

/// The item as it is told whole.
fn whole(number: usize, item: &Item) -> Value {
    let id = format!("it_{number}");
    let part = |kind: &str, text: &String| json!({"type": kind, "text": text});
    match item {
        Item::Summary(texts) => {
            let parts: Vec<Value> = texts.iter().map(|text| part("summary_text", text)).collect();
            json!({"type": "reasoning", "id": id, "summary": parts, "encrypted_content": "gAAAA"})
        }
        Item::Thoughts(text) => {
            json!({"type": "reasoning", "id": id, "summary": [], "content": [part("reasoning_text", text)]})
        }
        Item::Text(texts) => {
            let parts: Vec<Value> = texts.iter().map(|text| part("output_text", text)).collect();
            json!({"type": "message", "id": id, "role": "assistant", "content": parts})
        }
        Item::Call(text) => {
            let arguments = json!({ "cmd": text }).to_string();
            json!({"type": "function_call", "id": id, "call_id": format!("call_{number}"), "name": "exec_command",
                "arguments": arguments})
        }
        Item::Patch(text) => {
            let arguments = json!({ "input": text }).to_string();
            json!({"type": "function_call", "id": id, "call_id": format!("call_{number}"), "name": "apply_patch",
                "arguments": arguments})
        }
        Item::Bare(text) => {
            json!({"type": "custom_tool_call", "id": id, "call_id": format!("call_{number}"), "name": "note",
                "input": text})
        }
    }
}

/// The item without what comes in pieces.
fn begun(whole: &Value) -> Value {
    let mut begun = whole.clone();
    for (field, empty) in [
        ("summary", json!([])),
        ("content", json!([])),
        ("arguments", json!("")),
        ("input", json!("")),
    ] {
        if begun.get(field).is_some() {
            begun[field] = empty;
        }
    }
    begun
}

/// What the events of a part's text are called.
fn stem(part: &Value) -> &'static str {
    match part["type"].as_str().unwrap() {
        "output_text" => "response.output_text",
        "reasoning_text" => "response.reasoning_text",
        _ => "response.reasoning_summary_text",
    }
}

struct Writer<'a> {
    style: &'a Style,
    events: Vec<Value>,
}

impl Writer<'_> {
    fn event(&mut self, kind: &str, number: usize, mut fields: Value) {
        fields["type"] = json!(kind);
        if self.style.index {
            fields["output_index"] = json!(number);
        }
        match self.style.ids {
            Ids::Good => fields["item_id"] = json!(format!("it_{number}")),
            Ids::Missing => {}
            Ids::Wild => fields["item_id"] = json!(format!("wild_{}", self.events.len())),
        }
        self.events.push(fields);
    }

    fn named(&self, mut item: Value) -> Value {
        match self.style.ids {
            Ids::Good => {}
            Ids::Missing => drop(item.as_object_mut().unwrap().remove("id")),
            Ids::Wild => item["id"] = json!(format!("wild_{}", self.events.len())),
        }
        item
    }

    fn opens(&mut self, number: usize, whole: &Value) {
        if self.style.added {
            let item = self.named(begun(whole));
            self.event("response.output_item.added", number, json!({ "item": item }));
        }
    }

    fn grows(&mut self, number: usize, whole: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for (field, index, closing) in [
            ("summary", "summary_index", "response.reasoning_summary_part.done"),
            ("content", "content_index", "response.content_part.done"),
        ] {
            for (place, part) in whole[field].as_array().into_iter().flatten().enumerate() {
                self.piece(stem(part), "text", number, &text(&part["text"]), Some((index, place)));
                if self.style.parts {
                    self.event(closing, number, json!({"part": part, index: place}));
                }
            }
        }
        if let Some(arguments) = whole.get("arguments") {
            let stem = "response.function_call_arguments";
            self.piece(stem, "arguments", number, &text(arguments), None);
        }
        if let Some(input) = whole.get("input") {
            self.piece("response.custom_tool_call_input", "input", number, &text(input), None);
        }
    }

    fn piece(&mut self, stem: &str, whole: &str, number: usize, text: &str, index: Option<(&str, usize)>) {
        let characters: Vec<char> = text.chars().collect();
        let place = |mut fields: Value| {
            if let Some((name, place)) = index {
                fields[name] = json!(place);
            }
            fields
        };
        if self.style.piece > 0 {
            for piece in characters.chunks(self.style.piece) {
                let delta: String = piece.iter().collect();
                self.event(&format!("{stem}.delta"), number, place(json!({ "delta": delta })));
            }
        }
        if self.style.text_done {
            self.event(&format!("{stem}.done"), number, place(json!({ whole: text })));
        }
    }

    fn closes(&mut self, number: usize, whole: &Value) {
        if self.style.done {
            let item = self.named(whole.clone());
            self.event("response.output_item.done", number, json!({ "item": item }));
        }
    }
}

fn written(items: &[Item], style: &Style) -> Vec<Value> {
    let mut writer = Writer {
        style,
        events: Vec::new(),
    };
    let wholes: Vec<Value> = items
        .iter()
        .enumerate()
        .map(|(number, item)| whole(number, item))
        .collect();
    for (number, whole) in wholes.iter().enumerate() {
        let is_first = number == 0 || !style.overlaps;
        if is_first {
            writer.opens(number, whole);
        }
        writer.grows(number, whole);
        if let Some(next) = wholes.get(number + 1).filter(|_| style.overlaps) {
            writer.opens(number + 1, next);
        }
        writer.closes(number, whole);
    }
    if style.ends {
        let output = if style.repeats_output { wholes } else { Vec::new() };
        let usage = json!({"input_tokens": 3, "output_tokens": 4});
        writer.events.push(json!({"type": "response.completed",
            "response": {"status": "completed", "output": output, "usage": usage}}));
    }
    writer.events
}

fn bytes(events: &[Value]) -> Vec<u8> {
    let frames = events.iter().map(|event| format!("data: {event}\n\n"));
    frames.collect::<String>().into_bytes()
}

fn context() -> Context {
    let mut tools = Tools::default();
    tools.name(&Origin::new(None, "exec_command", Kind::Function));
    tools.name(&Origin::new(None, "apply_patch", Kind::Custom));
    Context {
        tools,
        ..Context::default()
    }
}

proptest! {
    #![proptest_config(super::cases(400))]

    #[test]
    fn what_an_endpoint_said_is_heard_whatever_it_leaves_out(items in items(), style in styles()) {
        let bytes = bytes(&written(&items, &style));
        for reader in [Reader::Codex, Reader::Other] {
            let heard = hear(&play_native(&[&bytes], context(), reader));
            if !style.ends {
                prop_assert_eq!(heard.end, End::Failed);
                continue;
            }
            prop_assert_eq!(heard.end, End::Completed);
            let mut text = String::new();
            let mut thoughts = Vec::new();
            let mut calls = Vec::new();
            for item in &items {
                match item {
                    Item::Summary(texts) => thoughts.push(texts.join("\n\n")),
                    Item::Thoughts(words) => thoughts.push(words.clone()),
                    Item::Text(texts) => text.push_str(&texts.concat()),
                    Item::Call(words) => calls.push(("exec_command".to_owned(), json!({ "cmd": words }).to_string())),
                    Item::Patch(words) => calls.push(("apply_patch".to_owned(), words.clone())),
                    Item::Bare(words) => calls.push(("note".to_owned(), words.clone())),
                }
            }
            prop_assert_eq!(&heard.text, &text);
            prop_assert_eq!(&heard.thoughts, &thoughts.concat());
            prop_assert_eq!(&heard.kept, &thoughts.concat());
            prop_assert_eq!(&heard.calls, &calls);
        }
    }

    #[test]
    fn a_cut_native_stream_never_finishes_a_call(items in items(), style in styles(), cut in 0_usize..4000) {
        let bytes = bytes(&written(&items, &style));
        let cut = cut.min(bytes.len());
        let whole = hear(&play_native(&[&bytes], context(), Reader::Codex));
        let heard = hear(&play_native(&[&bytes[..cut]], context(), Reader::Codex));
        let calls = heard.calls.len();
        prop_assert_eq!(&heard.calls[..], &whole.calls[..calls]);
    }
}
