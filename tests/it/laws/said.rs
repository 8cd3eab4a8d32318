//! What a provider said, read in the plainest way from its chunks: the other side of every comparison.

use std::collections::BTreeSet;

use serde_json::Value;

use super::play::Frame;

use super::heard::Tokens;

/// The voices of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// What the provider said went wrong, as it came.
    pub error: Option<Value>,
    pub usage: Option<Tokens>,
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
            said.error = Some(Value::String(frame.data.clone()));
            break;
        };
        pages(&chunk, &mut said);
        said.usage = usage(&chunk).or(said.usage);
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
                let call = serde_json::json!({ "function": call });
                // Some write out every field, also without a call.
                if call["function"]["name"] != "" {
                    piece(&call, 0, &mut calls);
                }
            }
            if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
                said.finish = Some(reason.to_lowercase());
            }
        }
        if !chunk["error"].is_null() || frame.event.as_deref() == Some("error") {
            said.error = Some(chunk);
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

/// The words of an error object, wherever they stand in it.
pub fn message(body: &Value) -> String {
    let places = ["/error/metadata/raw", "/error/message", "/message", "/detail", "/error"];
    let mut found = places.iter().filter_map(|place| body.pointer(place)?.as_str());
    found.next().unwrap_or_default().to_owned()
}

/// The counts of a chunk. Only those of xAI leave reasoning out of the answer, which their sum shows.
fn usage(chunk: &Value) -> Option<Tokens> {
    let places = ["/usage", "/choices/0/usage", "/x_groq/usage"];
    let counts = places
        .iter()
        .find_map(|place| chunk.pointer(place).filter(|counts| counts.is_object()))?;
    let first = |places: &[&str]| {
        let mut counted = places.iter().filter_map(|place| counts.pointer(place)?.as_u64());
        counted.next().unwrap_or(0)
    };
    let input = first(&["/prompt_tokens"]);
    let reasoning = first(&["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"]);
    let mut output = first(&["/completion_tokens"]);
    let total = first(&["/total_tokens"]);
    if reasoning > 0 && total == input + output + reasoning {
        output += reasoning;
    }
    Some(Tokens {
        input,
        // Mistral counts more that was cached than was sent.
        cached: input.min(first(&[
            "/prompt_tokens_details/cached_tokens",
            "/prompt_cache_hit_tokens",
            "/cached_tokens",
            "/cache_read_input_tokens",
            "/num_cached_tokens",
        ])),
        written: first(&[
            "/prompt_tokens_details/cache_write_tokens",
            "/cache_creation_input_tokens",
        ]),
        output,
        reasoning,
        total: total.max(input + output),
    })
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
    let details = delta["reasoning_details"].as_array().into_iter().flatten();
    let in_details: String = details
        .filter_map(|detail| detail["text"].as_str().or(detail["summary"].as_str()))
        .collect();
    for name in ["reasoning_content", "reasoning", "reasoning_text", "reasoning_details"] {
        let text = delta[name].as_str().unwrap_or(match name {
            "reasoning_details" => &in_details,
            _ => "",
        });
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
