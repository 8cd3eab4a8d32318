//! Answers as the endpoints write them.

use serde_json::{Value, json};

use super::rules::{NativeRules, Thoughts};
use crate::kit::turn::{Call, Said};

/// Characters of a delta; small enough that words and escapes are split.
const PIECE: usize = 7;

/// The items of an answer.
pub fn items(rules: &NativeRules, said: &Said, number: usize, body: &Value) -> Vec<Value> {
    let mut items = Vec::new();
    if !said.reasoning.is_empty() {
        items.push(reasoning(rules, &said.reasoning, number));
    }
    if !said.text.is_empty() {
        let part = json!({"type": "output_text", "annotations": [], "logprobs": [], "text": said.text});
        items.push(
            json!({"type": "message", "id": id(rules, "msg", number, 0), "status": "completed",
            "role": "assistant", "content": [part]}),
        );
    }
    for (index, call) in said.calls.iter().enumerate() {
        items.push(called(rules, call, number, index, body));
    }
    items
}

/// DeepSeek's ids are bare.
fn id(rules: &NativeRules, prefix: &str, number: usize, index: usize) -> String {
    match rules.thoughts {
        Thoughts::Text => format!("{number:08x}-0000-4000-8000-{prefix:0>4}{index:08x}"),
        Thoughts::Encrypted => format!("{prefix}_{number:04x}{index:04x}"),
    }
}

fn reasoning(rules: &NativeRules, text: &str, number: usize) -> Value {
    let id = id(rules, "rs", number, 0);
    match rules.thoughts {
        Thoughts::Text => json!({"type": "reasoning", "id": id, "status": "completed",
            "content": [{"type": "reasoning_text", "text": text}], "summary": []}),
        Thoughts::Encrypted => json!({"id": id, "status": "completed", "type": "reasoning",
            "summary": [{"text": text, "type": "summary_text"}], "encrypted_content": format!("sealed-{number}")}),
    }
}

fn called(rules: &NativeRules, call: &Call, number: usize, index: usize, body: &Value) -> Value {
    let call_id = format!("call_{index:02}_{}{number:012x}", rules.name);
    let tools = body["tools"].as_array().into_iter().flatten();
    let is_custom = tools
        .into_iter()
        .any(|tool| tool["type"] == "custom" && tool["name"] == call.name.as_str());
    let id = id(rules, "fc", number, index);
    if is_custom {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
        return json!({"type": "custom_tool_call", "id": id, "status": "completed", "call_id": call_id,
            "name": call.name, "input": arguments["input"]});
    }
    json!({"type": "function_call", "id": id, "status": "completed", "call_id": call_id, "name": call.name,
        "arguments": call.arguments})
}

/// The whole answer as frames.
pub fn frames(rules: &NativeRules, items: &[Value], number: usize) -> String {
    let mut writer = Writer::default();
    let response = |status: &str, output: Value, usage: Value| {
        json!({"id": format!("answer-{number}"), "object": "response", "created_at": 1_795_219_200, "status": status,
            "error": null, "incomplete_details": null, "output": output, "usage": usage})
    };
    let begun = response("in_progress", json!([]), Value::Null);
    writer.event("response.created", json!({"response": begun}));
    writer.event("response.in_progress", json!({"response": begun}));
    if rules.thoughts == Thoughts::Encrypted {
        writer.text.push_str(": keepalive\n\n");
    }
    for (index, item) in items.iter().enumerate() {
        writer.item(index, item);
    }
    let usage = json!({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 15});
    writer.event(
        "response.completed",
        json!({"response": response("completed", json!(items), usage)}),
    );
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    number: usize,
}

impl Writer {
    fn event(&mut self, name: &str, mut fields: Value) {
        fields["type"] = json!(name);
        fields["sequence_number"] = json!(self.number);
        self.number += 1;
        self.text.push_str(&format!("event: {name}\ndata: {fields}\n\n"));
    }

    fn item(&mut self, index: usize, item: &Value) {
        let mut begun = item.clone();
        begun["status"] = json!("in_progress");
        for (field, empty) in [
            ("content", json!([])),
            ("summary", json!([])),
            ("arguments", json!("")),
            ("input", json!("")),
        ] {
            if begun.get(field).is_some() {
                begun[field] = empty;
            }
        }
        if let Some(fields) = begun.as_object_mut() {
            fields.remove("encrypted_content");
        }
        self.event(
            "response.output_item.added",
            json!({"output_index": index, "item": begun}),
        );
        let place = |extra: &str| json!({"output_index": index, "item_id": item["id"], extra: 0});
        match item["type"].as_str().unwrap() {
            "reasoning" if item["content"].is_array() => {
                let text = item["content"][0]["text"].as_str().unwrap();
                self.grows("response.reasoning_text", &place("content_index"), text, "text");
            }
            "reasoning" => {
                let text = item["summary"][0]["text"].as_str().unwrap();
                let mut part = place("summary_index");
                part["part"] = json!({"type": "summary_text", "text": ""});
                self.event("response.reasoning_summary_part.added", part);
                self.grows("response.reasoning_summary_text", &place("summary_index"), text, "text");
            }
            "message" => {
                let text = item["content"][0]["text"].as_str().unwrap();
                self.grows("response.output_text", &place("content_index"), text, "text");
            }
            "custom_tool_call" => {
                let text = item["input"].as_str().unwrap();
                self.grows("response.custom_tool_call_input", &place("_"), text, "input");
            }
            _ => {
                let text = item["arguments"].as_str().unwrap();
                self.grows("response.function_call_arguments", &place("_"), text, "arguments");
            }
        }
        self.event(
            "response.output_item.done",
            json!({"output_index": index, "item": item}),
        );
    }

    fn grows(&mut self, stem: &str, place: &Value, text: &str, whole: &str) {
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(PIECE) {
            let mut delta = place.clone();
            delta["delta"] = json!(piece.iter().collect::<String>());
            self.event(&format!("{stem}.delta"), delta);
        }
        let mut done = place.clone();
        done[whole] = json!(text);
        self.event(&format!("{stem}.done"), done);
    }
}
