use serde_json::json;

use super::*;

fn opening() -> Opening {
    Opening {
        response_id: "resp_1".to_owned(),
        created_at: 1,
        model: "m".to_owned(),
        reader: Reader::Codex,
        who: "Acme".to_owned(),
        echo: Map::new(),
    }
}

/// The last event of an answer to Codex, of a model with a window of a thousand tokens.
fn ended(events: &[Value]) -> (Vec<String>, Response) {
    let context = Context {
        window: Some(1000),
        ..Context::default()
    };
    let mut out = Vec::new();
    let mut turn = Turn::open(opening(), context, &mut out);
    for event in events {
        let event = Streamed::read(None, &event.to_string()).unwrap();
        turn.push(event, &mut out).unwrap();
    }
    turn.finish(2, &mut out);
    let response = out.last().and_then(Event::ending).unwrap().clone();
    let types = response.output.iter().map(|item| serde_json::to_value(item).unwrap());
    (
        types.map(|item| item["type"].as_str().unwrap().to_owned()).collect(),
        response,
    )
}

fn end(reason: &str, input: u64, output: u64) -> Value {
    json!({"type": "response.incomplete", "response": {
        "status": "incomplete", "incomplete_details": {"reason": reason}, "output": [],
        "usage": {"input_tokens": input, "output_tokens": output, "total_tokens": input + output},
    }})
}

fn code(events: &[Value]) -> Option<String> {
    ended(events).1.error.map(|error| error.code)
}

fn words() -> [Value; 2] {
    [
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"type": "message", "id": "msg_1", "role": "assistant", "content": []}}),
        json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "msg_1", "content_index": 0,
            "delta": "Hello"}),
    ]
}

#[test]
fn an_answer_without_a_word_because_there_was_no_room_is_a_full_context() {
    let full = Some("context_length_exceeded".to_owned());
    assert_eq!(code(&[end("max_output_tokens", 990, 40)]), full);
    assert_eq!(code(&[end("max_output_tokens", 400, 0)]), full);
    let blank = json!({"type": "response.output_item.added", "output_index": 0,
        "item": {"type": "message", "id": "msg_1", "role": "assistant", "content": []}});
    assert_eq!(code(&[blank, end("max_output_tokens", 400, 0)]), full);
    assert_eq!(code(&[end("max_output_tokens", 400, 40)]), None);
    let [added, delta] = words();
    assert_eq!(code(&[added, delta, end("max_output_tokens", 990, 40)]), None);
}

#[test]
fn what_was_said_before_a_filter_is_kept_and_a_call_is_not_made() {
    let [added, delta] = words();
    let call = json!({"type": "response.output_item.added", "output_index": 1,
        "item": {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": ""}});
    let (items, response) = ended(&[added, delta, end("content_filter", 9, 9)]);
    assert_eq!(items, ["message"]);
    assert_eq!(
        response.error.map(|error| error.code).as_deref(),
        Some("invalid_prompt")
    );
    let (items, _) = ended(&[call, end("content_filter", 9, 9)]);
    assert_eq!(items, [""; 0]);
}

#[test]
fn a_part_whose_words_come_late_takes_the_place_of_no_other() {
    let part = |event: &str, index: u64| {
        json!({"type": event, "output_index": 0, "item_id": "msg_1", "content_index": index,
            "part": {"type": "output_text", "text": ""}})
    };
    let says = |index: u64, text: &str| {
        json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "msg_1", "content_index": index,
            "delta": text})
    };
    let [begins, _] = words();
    let (_, response) = ended(&[
        begins,
        part("response.content_part.added", 0),
        says(1, "second"),
        says(0, "first, but late"),
        part("response.content_part.done", 1),
        part("response.content_part.done", 0),
        json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
    ]);
    let message = serde_json::to_value(&response.output[0]).unwrap();
    let parts = message["content"].as_array().unwrap();
    let texts: Vec<&str> = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["second", "first, but late"]);
}

#[test]
fn a_search_that_nobody_closes_is_not_at_work_any_more() {
    let (_, response) = ended(&[
        json!({"type": "response.output_item.added", "output_index": 0,
            "item": {"type": "web_search_call", "id": "ws_1", "status": "in_progress", "action": {}}}),
        json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
    ]);
    let search = serde_json::to_value(&response.output[0]).unwrap();
    assert_eq!(search["status"], "completed");
}

#[test]
fn an_event_is_not_passed_on_under_a_name_that_would_be_more_than_one_line() {
    let named = |name: &str| json!({"type": name, "output_index": 0, "item_id": "msg_1", "annotation_index": 0});
    let [begins, says] = words();
    let mut out = Vec::new();
    let mut turn = Turn::open(opening(), Context::default(), &mut out);
    let forged = named("response.note\n\nevent: response.failed");
    for event in [begins, says, named("response.note.added"), forged] {
        let event = Streamed::read(None, &event.to_string()).unwrap();
        turn.push(event, &mut out).unwrap();
    }
    let passed: Vec<&str> = out
        .iter()
        .map(Event::name)
        .filter(|name| name.contains("note"))
        .collect();
    assert_eq!(passed, ["response.note.added"]);
}

#[test]
fn an_item_that_begins_once_more_as_another_is_another() {
    let begins = |kind: &str| json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": kind, "id": "r_1", "summary": []}});
    let (types, _) = ended(&[
        begins("strange"),
        begins("reasoning"),
        json!({"type": "response.reasoning_summary_text.delta", "item_id": "r_1", "summary_index": 0, "delta": "Hm."}),
        json!({"type": "response.completed", "response": {"status": "completed", "output": []}}),
    ]);
    assert_eq!(types, ["strange", "reasoning"]);
}
