//! The laws of requests: what every provider accepts, and a prefix that never changes.

use std::fs;
use std::path::{Path, PathBuf};

use crelay::provider::Table;
use crelay::provider::dialect::{AfterTool, CallIds, Dialect, EmptyContent, Images, Replay, Schema, System, ToolName};
use crelay::translate::reasoning::Thoughts;
use crelay::translate::{Target, request};
use crelay::wire::responses;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::{Rules, check};

/// What goes out for a request, as JSON.
fn sent(dialect: &Dialect, vision: bool, body: &Value) -> Value {
    let target = Target {
        dialect,
        model: "model",
        vision,
        max_output: Some(1000),
    };
    let parsed: responses::Request = serde_json::from_value(body.clone()).unwrap();
    serde_json::to_value(request(target, &parsed).body).unwrap()
}

/// Dialects that differ from each other in every axis of a history.
fn dialects() -> Vec<Dialect> {
    let strict = Dialect {
        call_ids: CallIds::Nine,
        after_tool: AfterTool::Assistant,
        tool_name: ToolName::Present,
        replay: Replay::ThinkingPart,
        schema: Schema::Mistral,
        empty_content: EmptyContent::Absent,
        ..Dialect::default()
    };
    let thinking = Dialect {
        replay: Replay::ContentAlways,
        system: System::Anywhere,
        schema: Schema::Moonshot,
        images: Images::Detail,
        ..Dialect::default()
    };
    let own = Dialect {
        system: System::Developer,
        empty_content: EmptyContent::Null,
        replay: Replay::Details,
        schema: Schema::Xai,
        ..Dialect::default()
    };
    vec![Dialect::default(), strict, thinking, own]
}

fn check(dialect: &Dialect, sent: &Value) {
    let messages = sent["messages"].as_array().unwrap();
    let mut waiting: Vec<&str> = Vec::new();
    let mut ids: Vec<&str> = Vec::new();
    let mut before = "";
    for (place, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap();
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap();
            let answered = waiting
                .iter()
                .position(|waiting| *waiting == id)
                .expect("a tool message answers a call");
            waiting.remove(answered);
            assert!(message["content"].is_string());
        } else {
            assert_eq!(waiting, Vec::<&str>::new(), "each call is answered directly after it");
        }
        if dialect.system == System::Leading {
            assert_eq!(role == "system", place == 0 && role == "system", "system stands first");
        }
        if dialect.after_tool == AfterTool::Assistant {
            assert!(
                !(before == "tool" && role == "user"),
                "an assistant message stands between tool and user"
            );
        }
        if role == "assistant" {
            let calls = message["tool_calls"].as_array();
            for call in calls.into_iter().flatten() {
                let id = call["id"].as_str().unwrap();
                assert!(!ids.contains(&id), "ids are unique");
                ids.push(id);
                waiting.push(id);
                let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
                assert!(arguments.is_object(), "arguments are an object");
            }
            let words = message["content"].as_str().unwrap_or_default();
            assert!(
                !words.is_empty() || message["content"].is_array() || calls.is_some(),
                "nothing is empty"
            );
            if dialect.replay == Replay::ContentAlways {
                assert!(message["reasoning_content"].is_string());
            }
        }
        before = role;
    }
    assert_eq!(waiting, Vec::<&str>::new());
}

pub(super) fn is_prefix(earlier: &Value, later: &Value) -> bool {
    let none = Vec::new();
    let (earlier, later) = (earlier.as_array().unwrap_or(&none), later.as_array().unwrap_or(&none));
    let bytes = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
    later.len() >= earlier.len() && bytes(earlier) == bytes(&later[..earlier.len()])
}

pub(super) fn captures() -> Vec<Vec<Value>> {
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
        for dialect in dialects() {
            let outbound: Vec<Value> = session.iter().map(|body| sent(&dialect, true, body)).collect();
            outbound.iter().for_each(|body| check(&dialect, body));
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
        };
        for body in captures().iter().flatten() {
            let parsed: responses::Request = serde_json::from_value(body.clone()).unwrap();
            let sent = serde_json::to_value(request(target, &parsed).body).unwrap();
            assert_eq!(check::request(rules, &sent), Ok(()), "{} {sent}", rules.model);
        }
    }
}

/// What Codex sends between two requests: the model's answer and what follows it.
pub(super) fn round() -> impl Strategy<Value = Vec<Value>> {
    let id = prop_oneof![Just("call_0"), Just("call_1"), Just("functions.f:0"), Just("")];
    let call = (
        id,
        any::<bool>(),
        prop_oneof![Just("{\"a\":1}"), Just("{bad"), Just(""), Just("[1]")],
    );
    let calls = proptest::collection::vec(call, 0..4);
    let thoughts = proptest::option::of((any::<bool>(), "[a-z ]{0,12}"));
    let text = proptest::option::of("[a-zé ]{0,12}");
    let interrupted = proptest::bool::weighted(0.1);
    let user = proptest::option::of(("[a-z ]{0,12}", any::<bool>()));
    let developer = proptest::bool::weighted(0.2);
    (thoughts, text, calls, interrupted, user, developer).prop_map(
        |(thoughts, text, calls, interrupted, user, developer)| {
            let mut items = Vec::new();
            items.extend(thoughts.map(|(ours, text)| reasoning(ours, &text)));
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
            items
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

proptest! {
    #![proptest_config(super::cases(300))]

    #[test]
    fn every_conversation_is_accepted_and_keeps_its_prefix(
        rounds in proptest::collection::vec(round(), 1..6),
        vision in any::<bool>(),
        place in 0_usize..4,
    ) {
        let dialect = &dialects()[place];
        let mut input = vec![message("developer", "base"), message("developer", "skills"), message("user", "hi")];
        let mut before: Option<Value> = None;
        for round in rounds {
            input.extend(round);
            let body = sent(dialect, vision, &json!({"input": input}));
            check(dialect, &body);
            if let Some(before) = before {
                prop_assert!(is_prefix(&before["messages"], &body["messages"]), "{before}\n{body}");
                prop_assert!(is_prefix(&before["tools"], &body["tools"]), "{before}\n{body}");
            }
            before = Some(body);
        }
    }
}
