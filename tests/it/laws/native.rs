//! The laws hold for every answer of a Responses endpoint that real providers gave.

use std::collections::BTreeMap;

use crelay::provider::Table;
use crelay::provider::dialect::{Dialect, Wire};
use crelay::translate::native::{Context, Outbound, request};
use crelay::translate::{Question, Reader, Target};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::kit::NativeRules;
use crate::kit::native::check;

use super::conversations::{captures, is_prefix, message, round};
use super::heard::{End, Heard, hear};
use super::play::Frame;
use super::recorded::{Exchange, Kind, exchanges};
use super::{frames, play_native};

/// Bytes of an answer up to which splits and cuts are tried, at every byte of the shorter ones; it takes time with the
/// square of the length.
const CUT: usize = 9_000;
/// Bytes up to which every place is tried.
const SHORT: usize = 2_600;

/// Streams of Responses endpoints.
pub fn native_recordings() -> Vec<Exchange> {
    let native = exchanges()
        .into_iter()
        .filter(|exchange| exchange.kind == Kind::Responses);
    native
        .filter(|exchange| exchange.status == 200 && exchange.is_streamed())
        .collect()
}

/// What the provider said, read in the plainest way: the output that its last event repeats, or else the items that it
/// closed.
#[derive(Debug, Default)]
pub struct Said {
    text: String,
    thoughts: String,
    calls: Vec<(String, String)>,
    end: Option<String>,
    usage: Value,
}

pub fn said(frames: &[Frame]) -> Said {
    let mut said = Said::default();
    for frame in frames {
        let Ok(event) = serde_json::from_str::<Value>(&frame.data) else {
            continue;
        };
        match event["type"].as_str().unwrap_or_default() {
            "response.output_item.done" => item(&event["item"], &mut said),
            kind @ ("response.completed" | "response.incomplete" | "response.failed" | "error") => {
                // vLLM says in the answer alone that a limit cut it.
                let is_cut = event["response"]["status"] == "incomplete";
                let kind = if is_cut { "response.incomplete" } else { kind };
                said.end.get_or_insert(kind.to_owned());
                said.usage = event["response"]["usage"].clone();
            }
            _ => {}
        }
    }
    said
}

fn item(item: &Value, said: &mut Said) {
    let texts = |field: &str| -> Vec<&str> {
        let parts = item[field].as_array().into_iter().flatten();
        parts.filter_map(|part| part["text"].as_str()).collect()
    };
    match item["type"].as_str().unwrap() {
        "message" => said.text.push_str(&texts("content").concat()),
        "reasoning" => {
            let summary = texts("summary");
            let shown = if summary.is_empty() { texts("content") } else { summary };
            said.thoughts.push_str(&shown.join("\n\n"));
        }
        "function_call" => {
            let text = |field: &str| item[field].as_str().unwrap().to_owned();
            said.calls.push((text("name"), text("arguments")));
        }
        _ => {}
    }
}

pub fn check(id: &str, said: &Said, heard: &Heard, reader: Reader) {
    let end = match (said.end.as_deref(), reader) {
        (Some("response.completed"), _) => End::Completed,
        // Codex goes on after a limit by itself.
        (Some("response.incomplete"), Reader::Codex) => End::Completed,
        (Some("response.incomplete"), Reader::Other) => End::Incomplete,
        _ => End::Failed,
    };
    assert_eq!(heard.end, end, "{id}: {said:?}");
    if end == End::Failed {
        return;
    }
    assert_eq!(heard.text, said.text, "{id}: text");
    assert_eq!(heard.thoughts, said.thoughts, "{id}: thoughts");
    assert_eq!(heard.kept, said.thoughts, "{id}: what goes back");
    assert_eq!(heard.calls, said.calls, "{id}: calls");
    let count = |name: &str| said.usage[name].as_u64();
    assert_eq!(
        heard.usage.map(|usage| usage.input),
        count("input_tokens"),
        "{id}: usage"
    );
    assert_eq!(
        heard.usage.map(|usage| usage.output),
        count("output_tokens"),
        "{id}: usage"
    );
}

#[test]
fn what_real_endpoints_said_is_what_is_heard() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for recording in native_recordings() {
        for reader in [Reader::Codex, Reader::Other] {
            let heard = hear(&play_native(&[&recording.body], Context::default(), reader));
            check(&recording.id, &said(&frames(&recording.body)), &heard, reader);
        }
        *counts.entry(recording.provider).or_default() += 1;
    }
    println!("{counts:?}");
    assert!(
        counts.is_empty() || counts.values().sum::<usize>() >= 22,
        "the recordings were read"
    );
}

/// What is heard of an answer that goes on.
fn so_far(events: &[Value]) -> Vec<Value> {
    let frames: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    play_native(&[frames.as_bytes()], Context::default(), Reader::Codex)
}

#[test]
fn what_stands_behind_an_item_that_nobody_closed_is_told_as_it_comes() {
    let added =
        |place: usize, item: Value| json!({"type": "response.output_item.added", "output_index": place, "item": item});
    let piece = |kind: &str, place: usize, fields: Value| {
        let mut event = json!({"type": format!("response.{kind}"), "output_index": place});
        event
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        event
    };
    let events = [
        added(0, json!({"type": "reasoning", "id": "r", "summary": []})),
        piece("reasoning_summary_text.delta", 0, json!({"delta": "hm"})),
        piece("reasoning_summary_text.done", 0, json!({"text": "hm"})),
        added(1, json!({"type": "message", "id": "m", "content": []})),
        piece("output_text.delta", 1, json!({"delta": "one"})),
        piece("output_text.done", 1, json!({"text": "one"})),
        added(
            2,
            json!({"type": "function_call", "id": "c", "call_id": "1", "name": "f", "arguments": ""}),
        ),
        piece("function_call_arguments.delta", 2, json!({"delta": "{}"})),
        added(3, json!({"type": "message", "id": "n", "content": []})),
        piece("output_text.delta", 3, json!({"delta": "two"})),
    ];
    let kinds = |events: &[Value], kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    let heard = so_far(&events);
    assert_eq!(kinds(&heard, "response.output_item.done"), 2, "{heard:?}");
    // A call that may go on closes for nobody.
    assert_eq!(kinds(&heard, "response.output_text.delta"), 1, "{heard:?}");
    let whole = piece("function_call_arguments.done", 2, json!({"arguments": "{}"}));
    let heard = so_far(&[&events[..8], &[whole], &events[8..]].concat());
    assert_eq!(kinds(&heard, "response.output_item.done"), 3, "{heard:?}");
    assert_eq!(kinds(&heard, "response.output_text.delta"), 2, "{heard:?}");
}

#[test]
fn what_is_said_of_the_whole_answer_again_is_not_passed_on_with_the_item_that_is_open() {
    let delta = |text: &str| json!({"type": "response.output_text.delta", "output_index": 0, "delta": text});
    let again = |kind: &str| json!({"type": kind, "response": {"id": "resp_theirs", "status": "in_progress"}});
    let end = json!({"type": "response.completed", "response": {"status": "completed", "output": []}});
    let kinds = ["response.in_progress", "response.created", "response.heartbeat"];
    let repeated = kinds.map(again);
    let events = so_far(&[&[delta("a")], &repeated[..], &[delta("b"), end]].concat());
    assert_eq!(hear(&events).text, "ab");
    assert!(!json!(events).to_string().contains("resp_theirs"), "{events:?}");
}

#[test]
fn items_that_take_turns_lose_no_word() {
    let delta =
        |place: usize, text: &str| json!({"type": "response.output_text.delta", "output_index": place, "delta": text});
    let end = json!({"type": "response.completed", "response": {"status": "completed", "output": []}});
    let events = [delta(0, "a"), delta(1, "c"), delta(0, "b"), delta(1, "d"), end];
    assert_eq!(hear(&so_far(&events)).text, "abcd");
}

/// The calls of an answer of which these items were streamed and those repeated at its end.
fn made(streamed: &[Value], repeated: &[Value]) -> Vec<Value> {
    let done = streamed
        .iter()
        .enumerate()
        .map(|(place, item)| json!({"type": "response.output_item.done", "output_index": place, "item": item}));
    let end = json!({"type": "response.completed", "response": {"status": "completed", "output": repeated}});
    let frames = done.chain([end]).map(|event| format!("data: {event}\n\n"));
    let body: String = frames.collect();
    let events = play_native(&[body.as_bytes()], Context::default(), Reader::Codex);
    let items = events
        .iter()
        .filter(|event| event["type"] == "response.output_item.done");
    let calls = items.filter(|event| event["item"]["type"] == "function_call");
    calls.map(|event| event["item"]["call_id"].clone()).collect()
}

#[test]
fn a_call_that_the_end_repeats_in_another_way_is_made_once() {
    let thought = json!({"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}]});
    let call = |id: &str, call_id: &str| json!({"type": "function_call", "id": id, "call_id": call_id, "name": "f", "arguments": "{}"});
    let streamed = [thought.clone(), call("a", "1"), call("b", "2")];
    for repeated in [
        vec![call("a", "1"), call("b", "2")],
        vec![call("x", "1"), call("y", "2")],
        vec![call("x", "2"), call("y", "1")],
        vec![call("", ""), call("", "")],
        vec![thought, call("b", "2"), call("a", "1")],
    ] {
        assert_eq!(made(&streamed, &repeated), ["1", "2"], "{repeated:?}");
    }
    assert_eq!(made(&[call("a", "1")], &[call("b", "2"), call("a", "1")]), ["1", "2"]);
}

#[test]
fn a_recorded_native_stream_split_or_cut_anywhere_is_a_lawful_turn() {
    for recording in native_recordings()
        .iter()
        .filter(|recording| recording.body.len() <= CUT)
    {
        let play = |pieces: &[&[u8]]| play_native(pieces, Context::default(), Reader::Codex);
        let whole = play(&[&recording.body]);
        let single: Vec<&[u8]> = recording.body.chunks(1).collect();
        assert_eq!(play(&single), whole, "{}", recording.id);
        let step = if recording.body.len() <= SHORT { 1 } else { 97 };
        for cut in (0..recording.body.len()).step_by(step) {
            let (left, right) = recording.body.split_at(cut);
            let heard = hear(&play(&[left]));
            let is_ended = said(&frames(left)).end.is_some();
            assert!(is_ended || heard.end == End::Failed, "{} cut at {cut}", recording.id);
            assert_eq!(play(&[left, right]), whole, "{} split at {cut}", recording.id);
        }
    }
}

/// What goes out for a request.
pub fn sent(dialect: &Dialect, model: &str, vision: bool, body: &Value) -> Outbound {
    let target = Target {
        dialect,
        model,
        vision,
        max_output: Some(1000),
        window: None,
    };
    let text = body.to_string();
    let question = Question {
        request: &serde_json::from_str(&text).unwrap(),
        whole: &|| body.clone(),
        asked: "provider",
    };
    request(target, &question)
}

/// Endpoints that differ in what they take, with what they refuse.
fn endpoints() -> Vec<(Dialect, NativeRules)> {
    let table = Table::embedded().unwrap();
    let known = |rules: NativeRules| {
        let mut dialect = table.find(rules.name).unwrap().dialect(rules.model);
        assert!(dialect.speak(Wire::Responses));
        (dialect, rules)
    };
    vec![
        known(NativeRules::DEEPSEEK),
        known(NativeRules::XAI),
        (table.stranger().dialect("my-model"), NativeRules::GENERIC),
    ]
}

#[test]
fn every_captured_request_is_one_that_no_endpoint_refuses_and_every_session_keeps_its_prefix() {
    let mut compared = 0;
    let sessions = captures();
    for session in &sessions {
        for (dialect, rules) in endpoints() {
            let bodies: Vec<Value> = session
                .iter()
                .map(|body| sent(&dialect, rules.model, rules.vision, body).body)
                .collect();
            for body in &bodies {
                assert_eq!(check::request(&rules, body), Ok(()), "{} {body}", rules.name);
            }
            for (turn, bodies) in session.windows(2).zip(bodies.windows(2)) {
                if turn[0]["tools"] == turn[1]["tools"] && is_prefix(&turn[0]["input"], &turn[1]["input"]) {
                    assert_eq!(check::prefix(&bodies[0], &bodies[1]), Ok(()));
                    compared += 1;
                }
            }
        }
    }
    assert!(sessions.is_empty() || compared >= 30, "{compared} turns were compared");
}

#[test]
fn what_codex_writes_reaches_openai_as_it_is() {
    let table = Table::embedded().unwrap();
    let dialect = table.find("openai").unwrap().dialect("gpt-6-luna");
    // Of tools that arrive in the conversation, those of the request are made.
    let brings = |body: &&Value| body["input"].to_string().contains("additional_tools");
    for body in captures().iter().flatten().filter(|body| !brings(body)) {
        let outbound = sent(&dialect, "gpt-6-luna", true, body);
        let items = outbound.body["input"].as_array().unwrap();
        if body["tools"] != json!([]) {
            let sent = outbound.body["tools"].as_array().unwrap();
            let came = body["tools"].as_array().unwrap();
            assert_eq!(sent[..came.len()], came[..]);
        }
        for name in ["text", "client_metadata", "prompt_cache_key", "include", "store"] {
            assert_eq!(outbound.body.get(name), body.get(name), "{name}");
        }
        let came = body["input"].as_array().unwrap();
        for item in came.iter().filter(|item| is_passed(item)) {
            let mut plain = item.clone();
            plain.as_object_mut().unwrap().remove("id");
            assert!(items.contains(&plain), "{plain}");
        }
    }
}

/// Whether nothing in an item needs to be put differently for anybody.
fn is_passed(item: &Value) -> bool {
    match item["type"].as_str().unwrap() {
        "function_call" => serde_json::from_str::<Map<String, Value>>(item["arguments"].as_str().unwrap()).is_ok(),
        kind => !matches!(kind, "agent_message" | "reasoning"),
    }
}

proptest! {
    #![proptest_config(super::cases(300))]

    #[test]
    fn every_conversation_is_taken_by_every_endpoint_and_keeps_its_prefix(
        rounds in proptest::collection::vec(round(), 1..6),
        place in 0_usize..3,
    ) {
        let (dialect, rules) = &endpoints()[place];
        let mut input = vec![message("developer", "base"), message("developer", "skills"), message("user", "hi")];
        let mut before: Option<Value> = None;
        // Two answers in a row cannot be told from one in two pieces, where nothing may be put between them.
        for round in rounds.into_iter().filter(|round| !round.ends_with_the_model) {
            input.extend(round.items);
            let body = sent(dialect, rules.model, rules.vision, &json!({"input": input})).body;
            prop_assert_eq!(check::request(rules, &body), Ok(()), "{}", body);
            prop_assert_eq!(check::history(rules, &[], &body), Ok(()), "{}", body);
            if let Some(before) = before {
                prop_assert_eq!(check::prefix(&before, &body), Ok(()));
            }
            before = Some(body);
        }
    }
}
