//! What a provider said, read in the plainest way from its chunks: the other side of every comparison.

use std::collections::BTreeSet;

use serde_json::Value;

use crelay::wire::sse::Frame;

/// The voices of an answer.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    pub text: String,
    pub refusal: String,
    pub thoughts: String,
    pub calls: Vec<(String, String)>,
    /// Addresses of all pages that were found or cited.
    pub pages: BTreeSet<String>,
    /// Whether the provider said that the answer is finished, and how.
    pub finish: Option<String>,
    pub done: bool,
    pub error: bool,
    pub usage: bool,
}

struct Call {
    key: String,
    id: String,
    name: String,
    arguments: String,
}

/// Reads an answer.
pub fn read(frames: &[Frame]) -> Said {
    let mut said = Said::default();
    let mut calls: Vec<Call> = Vec::new();
    let mut field: Option<&'static str> = None;
    for frame in frames {
        if frame.data == "[DONE]" {
            said.done = true;
            break;
        }
        let Ok(chunk) = serde_json::from_str::<Value>(&frame.data) else {
            said.error = true;
            break;
        };
        pages(&chunk, &mut said);
        said.usage |= chunk["usage"].is_object() || chunk["x_groq"]["usage"].is_object();
        let choices = chunk["choices"].as_array().cloned().unwrap_or_default();
        for choice in choices
            .iter()
            .filter(|choice| choice["index"].as_i64().unwrap_or(0) <= 0)
        {
            let delta = if choice["delta"].is_object() {
                &choice["delta"]
            } else {
                &choice["message"]
            };
            pages(delta, &mut said);
            words(delta, &mut said);
            thoughts(delta, &mut field, &mut said);
            for (offset, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
                piece(call, offset, &mut calls);
            }
            if let Some(call) = delta["function_call"].as_object() {
                piece(&serde_json::json!({"function": call}), 0, &mut calls);
            }
            said.usage |= choice["usage"].is_object();
            if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
                said.finish = Some(reason.to_lowercase());
            }
        }
        if !chunk["error"].is_null() {
            said.error = true;
            break;
        }
    }
    said.calls = calls
        .into_iter()
        .map(|call| {
            let arguments = if call.arguments.trim().is_empty() {
                "{}".to_owned()
            } else {
                call.arguments
            };
            (call.name, arguments)
        })
        .collect();
    said
}

fn words(delta: &Value, said: &mut Said) {
    match &delta["content"] {
        Value::String(text) => said.text.push_str(text),
        Value::Array(parts) => {
            for part in parts {
                said.text.push_str(part["text"].as_str().unwrap_or_default());
                for thought in part["thinking"].as_array().into_iter().flatten() {
                    said.thoughts.push_str(thought["text"].as_str().unwrap_or_default());
                }
            }
        }
        _ => {}
    }
    said.refusal.push_str(delta["refusal"].as_str().unwrap_or_default());
}

/// What was found and cited, wherever it stands.
fn pages(told: &Value, said: &mut Said) {
    let executed = told["executed_tools"].as_array().into_iter().flatten();
    let results = executed.map(|tool| &tool["search_results"]["results"]);
    let lists = [
        &told["search_results"],
        &told["web_search"],
        &told["citations"],
        &told["annotations"],
    ];
    for page in lists.into_iter().chain(results).filter_map(Value::as_array).flatten() {
        let addresses = [page, &page["url"], &page["link"], &page["url_citation"]["url"]];
        said.pages
            .extend(addresses.into_iter().filter_map(Value::as_str).map(str::to_owned));
    }
}

/// A provider speaks its thoughts in one field; where it fills two, they say the same.
fn thoughts(delta: &Value, field: &mut Option<&'static str>, said: &mut Said) {
    for name in ["reasoning_content", "reasoning", "reasoning_text"] {
        let text = delta[name].as_str().unwrap_or_default();
        if !text.is_empty() && field.is_none_or(|known| known == name) {
            *field = Some(name);
            said.thoughts.push_str(text);
            return;
        }
    }
}

fn piece(call: &Value, offset: usize, calls: &mut Vec<Call>) {
    let function = &call["function"];
    let name = function["name"].as_str().unwrap_or_default();
    let id = call["id"].as_str().unwrap_or_default();
    let key = match (call["index"].as_i64(), id) {
        (Some(index), _) if index >= 0 => format!("index {index}"),
        (_, "") => format!("offset {offset}"),
        (_, id) => format!("id {id}"),
    };
    let arguments = match &function["arguments"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    };
    let other = |known: &Call| !id.is_empty() && !known.id.is_empty() && known.id != id;
    match calls.iter_mut().rev().find(|known| known.key == key && !other(known)) {
        Some(known) => known.arguments.push_str(&arguments),
        None => calls.push(Call {
            key,
            id: id.to_owned(),
            name: name.to_owned(),
            arguments,
        }),
    }
}
