//! What the fields of items, parts and events mean, in whichever shape they come.

use serde_json::{Map, Value, json};

use super::Voice;

/// How an event adds to the text of an item.
pub(super) struct Growth {
    pub(super) kind: &'static str,
    pub(super) voice: Option<(Voice, &'static str)>,
    pub(super) whole: &'static str,
}

pub(super) fn grows(event: &str) -> Option<Growth> {
    let stem = event.strip_suffix(".delta").or_else(|| event.strip_suffix(".done"))?;
    let section = |kind, voice, field, whole| Growth {
        kind,
        voice: Some((voice, field)),
        whole,
    };
    let call = |kind, whole| Growth {
        kind,
        voice: None,
        whole,
    };
    Some(match stem {
        "response.output_text" => section("message", Voice::Text, "content_index", "text"),
        "response.refusal" => section("message", Voice::Refusal, "content_index", "refusal"),
        "response.reasoning_text" | "response.reasoning" => {
            section("reasoning", Voice::Thought, "content_index", "text")
        }
        "response.reasoning_summary_text" | "response.reasoning_summary" => {
            section("reasoning", Voice::Summary, "summary_index", "text")
        }
        "response.function_call_arguments" => call("function_call", "arguments"),
        "response.custom_tool_call_input" => call("custom_tool_call", "input"),
        _ => return None,
    })
}

pub(super) fn voice(part: &str) -> Option<Voice> {
    Some(match part {
        "output_text" | "text" => Voice::Text,
        "refusal" => Voice::Refusal,
        "summary_text" => Voice::Summary,
        "reasoning_text" | "reasoning" => Voice::Thought,
        _ => return None,
    })
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What a part says.
pub(super) fn said(part: &Map<String, Value>) -> &str {
    let said = ["text", "refusal"].iter().map(|name| text(part, name));
    said.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Arguments or input, in whatever shape: some write an object where its text belongs.
pub(super) fn given(item: &Map<String, Value>) -> String {
    let given = ["arguments", "input"].iter().find_map(|name| item.get(*name));
    match given {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Object(_) | Value::Array(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// The parts of an item. Zhipu writes a single one without its list (litellm 1.109.1, read 2026-11).
pub(super) fn parts(item: &Map<String, Value>, field: &str) -> Vec<Map<String, Value>> {
    match item.get(field) {
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.as_object().cloned()).collect(),
        Some(Value::Object(part)) => vec![part.clone()],
        Some(Value::String(text)) => vec![Map::from_iter([
            ("type".to_owned(), json!("output_text")),
            ("text".to_owned(), json!(text)),
        ])],
        _ => Vec::new(),
    }
}
