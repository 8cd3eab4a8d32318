//! The laws of requests: what every provider accepts, and a prefix that never changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crelay::provider::Table;
use crelay::provider::dialect::Dialect;
use crelay::translate::reasoning::Thoughts;
use crelay::translate::{Target, request};
use crelay::wire::responses;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit;
use crate::kit::Rules;

use super::dialects;
use super::obeyed::check;

static OF_THE_TABLE: LazyLock<Vec<Dialect>> = LazyLock::new(dialects::of_the_table);

/// What goes out for a request, as JSON.
fn sent(dialect: &Dialect, vision: bool, body: &Value) -> Value {
    let target = Target {
        dialect,
        model: "model",
        vision,
        max_output: Some(1000),
        window: None,
    };
    let text = body.to_string();
    let parsed: responses::Request = serde_json::from_str(&text).unwrap();
    serde_json::to_value(request(target, &parsed).body).unwrap()
}

pub(super) fn is_prefix(earlier: &Value, later: &Value) -> bool {
    let none = Vec::new();
    let (earlier, later) = (earlier.as_array().unwrap_or(&none), later.as_array().unwrap_or(&none));
    let bytes = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
    later.len() >= earlier.len() && bytes(earlier) == bytes(&later[..earlier.len()])
}

pub fn captures() -> Vec<Vec<Value>> {
    let folder = std::env::var_os("CRELAY_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("captures");
    let Ok(versions) = fs::read_dir(root) else {
        eprintln!("no captures here: set CRELAY_SHARED to check the laws against them");
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = versions
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    let inner: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.extend(inner);
    folders
        .iter()
        .map(|folder| requests(folder))
        .filter(|requests| !requests.is_empty())
        .collect()
}

fn requests(folder: &Path) -> Vec<Value> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".request.json"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        .collect()
}

#[test]
fn every_captured_request_is_accepted_and_every_captured_session_keeps_its_prefix() {
    let mut compared = 0;
    let sessions = captures();
    for session in &sessions {
        for dialect in &*OF_THE_TABLE {
            let outbound: Vec<Value> = session.iter().map(|body| sent(dialect, true, body)).collect();
            outbound.iter().for_each(|body| check(dialect, body));
            for (turn, bodies) in session.windows(2).zip(outbound.windows(2)) {
                if turn[0]["tools"] == turn[1]["tools"] && is_prefix(&turn[0]["input"], &turn[1]["input"]) {
                    assert!(is_prefix(&bodies[0]["messages"], &bodies[1]["messages"]));
                    assert!(
                        is_prefix(&bodies[0]["tools"], &bodies[1]["tools"]),
                        "tools only join at the end"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(sessions.is_empty() || compared >= 40, "{compared} turns were compared");
}

#[test]
fn every_captured_request_is_one_that_no_strict_provider_refuses() {
    let table = Table::embedded().unwrap();
    let providers = [
        ("deepseek", &Rules::DEEPSEEK),
        ("deepseek", &Rules::DEEPSEEK_FLASH),
        ("mistral", &Rules::MISTRAL),
        ("openrouter", &Rules::OPENROUTER),
        ("kimi", &Rules::KIMI),
    ];
    for (provider, rules) in providers {
        let provider = table.find(provider).unwrap();
        let dialect = provider.dialect(rules.model);
        let target = Target {
            dialect: &dialect,
            model: rules.model,
            vision: provider.model(rules.model).is_some_and(|model| model.vision),
            max_output: None,
            window: None,
        };
        for body in captures().iter().flatten() {
            let text = body.to_string();
            let parsed: responses::Request = serde_json::from_str(&text).unwrap();
            let sent = serde_json::to_value(request(target, &parsed).body).unwrap();
            assert_eq!(kit::check::request(rules, &sent), Ok(()), "{} {sent}", rules.model);
        }
    }
}

/// What Codex sends between two requests: the model's answer and what follows it.
#[derive(Debug, Clone)]
pub(super) struct Round {
    pub(super) items: Vec<Value>,
    /// Whether the model's own words are the last: the connection broke after them, and Codex asks again.
    pub(super) ends_with_the_model: bool,
}

pub(super) fn round() -> impl Strategy<Value = Round> {
    let id = prop_oneof![Just("call_0"), Just("call_1"), Just("functions.f:0"), Just("")];
    let call = (
        id,
        any::<bool>(),
        prop_oneof![
            Just("{\"a\":1}"),
            Just("{bad"),
            Just(""),
            Just("[1]"),
            Just("{\"a\":\"<|end|>\"}")
        ],
    );
    let calls = proptest::collection::vec(call, 0..4);
    let words = || prop_oneof!["[a-zé ]{0,12}", Just("<|end|>".to_owned())];
    let thoughts = proptest::option::of((any::<bool>(), words()));
    let text = proptest::option::of(words());
    let interrupted = proptest::bool::weighted(0.1);
    let broken = proptest::bool::weighted(0.1);
    let user = proptest::option::of((words(), any::<bool>()));
    let developer = proptest::bool::weighted(0.2);
    (thoughts, text, calls, interrupted, broken, user, developer).prop_map(
        |(thoughts, text, calls, interrupted, broken, user, developer)| {
            let mut items = Vec::new();
            items.extend(thoughts.map(|(ours, text)| reasoning(ours, &text)));
            if broken {
                items.push(message("assistant", "Half an answer."));
                return Round {
                    items,
                    ends_with_the_model: true,
                };
            }
            items.extend(text.map(|text| message("assistant", &text)));
            let kept = if interrupted {
                calls.len().saturating_sub(1)
            } else {
                calls.len()
            };
            let answered_nothing = kept < calls.len() || calls.is_empty();
            let mut outputs = Vec::new();
            for (number, (id, custom, arguments)) in calls.iter().enumerate() {
                items.push(tool_call(id, *custom, arguments));
                if number < kept {
                    outputs.push(output(id, *custom, number));
                }
            }
            items.append(&mut outputs);
            if developer {
                items.push(message("developer", "<model_switch>"));
            }
            if let Some((text, image)) = user.or_else(|| answered_nothing.then(|| ("go on".to_owned(), false))) {
                items.push(user_message(&text, image));
            }
            Round {
                items,
                ends_with_the_model: false,
            }
        },
    )
}

fn reasoning(ours: bool, text: &str) -> Value {
    let thoughts = Thoughts {
        text: text.to_owned(),
        ..Thoughts::default()
    };
    let sealed = if ours { json!(thoughts.seal()) } else { json!("gAAAA") };
    json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": text}], "encrypted_content": sealed})
}

pub(super) fn message(role: &str, text: &str) -> Value {
    json!({"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]})
}

fn user_message(text: &str, image: bool) -> Value {
    let mut message = message("user", text);
    if image {
        let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "high"});
        message["content"].as_array_mut().unwrap().push(image);
    }
    message
}

fn tool_call(id: &str, custom: bool, arguments: &str) -> Value {
    if custom {
        json!({"type": "custom_tool_call", "call_id": id, "name": "apply_patch", "input": arguments})
    } else {
        json!({"type": "function_call", "call_id": id, "name": "f", "namespace": "mcp__x", "arguments": arguments})
    }
}

fn output(id: &str, custom: bool, number: usize) -> Value {
    let kind = if custom {
        "custom_tool_call_output"
    } else {
        "function_call_output"
    };
    if number.is_multiple_of(2) {
        return json!({"type": kind, "call_id": id, "output": "done"});
    }
    let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"});
    json!({"type": kind, "call_id": id, "output": [{"type": "input_text", "text": "see"}, image]})
}

/// Every request of a conversation obeys the dialect, and each begins with what the one before it said.
fn grows(dialect: &Dialect, vision: bool, rounds: &[Round]) {
    let mut input = vec![
        message("developer", "base"),
        message("developer", "skills <|end|>"),
        message("user", "hi"),
    ];
    let mut before: Option<Value> = None;
    let mut must_speak = false;
    for round in rounds {
        // Only an answer can follow; without words or thoughts of its own it would be taken for the rest of the other.
        if must_speak {
            input.push(message("assistant", "The other half."));
        }
        must_speak = round.ends_with_the_model;
        input.extend(round.items.iter().cloned());
        let body = sent(dialect, vision, &json!({"input": input}));
        check(dialect, &body);
        if let Some(before) = before {
            assert!(is_prefix(&before["messages"], &body["messages"]), "{before}\n{body}");
            assert!(is_prefix(&before["tools"], &body["tools"]), "{before}\n{body}");
        }
        before = Some(body);
    }
}

#[test]
fn a_conversation_without_any_word_of_a_user_gets_one() {
    for dialect in &*OF_THE_TABLE {
        for input in [
            json!([]),
            json!([message("developer", "base")]),
            json!([message("assistant", "Hi.")]),
        ] {
            let first = sent(dialect, true, &json!({"instructions": "Be brief.", "input": input}));
            check(dialect, &first);
        }
    }
}

proptest! {
    #![proptest_config(super::cases(300))]

    #[test]
    fn every_conversation_is_accepted_and_keeps_its_prefix_whatever_the_dialect(
        rounds in proptest::collection::vec(round(), 1..6),
        vision in any::<bool>(),
        dialect in dialects::any(),
    ) {
        grows(&dialect, vision, &rounds);
    }
}

proptest! {
    #![proptest_config(super::cases(40))]

    #[test]
    fn every_conversation_is_accepted_and_keeps_its_prefix_in_every_row_of_the_table(
        rounds in proptest::collection::vec(round(), 1..6),
        vision in any::<bool>(),
    ) {
        for dialect in &*OF_THE_TABLE {
            grows(dialect, vision, &rounds);
        }
    }
}
