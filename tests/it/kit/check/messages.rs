//! The conversation: who speaks when, and in which form.

use std::collections::HashSet;

use base64::Engine as _;
use serde_json::{Map, Value};

use super::super::rules::words::Kind;
use super::super::rules::{Ids, Replay, Rules, Search, Silence, System, ToolName};
use super::{Checked, known, refuse, tools};

pub fn all(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages.map(Vec::as_slice).unwrap_or_default();
    let Some(last) = messages.last() else {
        return refuse(rules, Kind::Empty, "[] is too short - 'messages'");
    };
    for (index, message) in messages.iter().enumerate() {
        match message["role"].as_str().unwrap_or_default() {
            "system" => system(rules, index, message)?,
            "developer" if rules.system == System::Developer => system(rules, index, message)?,
            "user" => user(rules, index, message)?,
            "assistant" => assistant(rules, index, message)?,
            "tool" => tool(rules, index, message)?,
            other => return refuse(rules, Kind::Role, unknown_role(index, other)),
        }
    }
    pairs(rules, messages)?;
    if last["role"] == "assistant" {
        return refuse(
            rules,
            Kind::Empty,
            "Expected last role User or Tool for serving but got assistant",
        );
    }
    let after_tool = |pair: &[Value]| pair[0]["role"] == "tool" && pair[1]["role"] == "user";
    match messages.windows(2).position(after_tool) {
        Some(index) if !rules.user_after_tool => refuse(rules, Kind::Order, format!("messages[{}]", index + 1)),
        _ => Ok(()),
    }
}

fn unknown_role(index: usize, role: &str) -> String {
    format!("messages[{index}].role: unknown variant `{role}`, expected one of `system`, `user`, `assistant`, `tool`")
}

fn members(rules: &Rules, index: usize, message: &Value, members: &[&str]) -> Checked {
    known(rules, message, members, &format!("messages[{index}]"))
}

fn system(rules: &Rules, index: usize, message: &Value) -> Checked {
    members(rules, index, message, &["role", "content"])?;
    if rules.system == System::Leading && index > 0 {
        return refuse(rules, Kind::Instructions, format!("messages[{index}]"));
    }
    said(rules, index, &message["content"])
}

/// A string that is not empty.
fn said(rules: &Rules, index: usize, content: &Value) -> Checked {
    match content.as_str() {
        Some("") => empty(rules, index),
        Some(_) => Ok(()),
        None => refuse(
            rules,
            Kind::Form,
            format!("messages[{index}].content: invalid type: expected a string"),
        ),
    }
}

fn empty(rules: &Rules, index: usize) -> Checked {
    refuse(
        rules,
        Kind::Empty,
        format!("the message at position {index} must not be empty"),
    )
}

fn user(rules: &Rules, index: usize, message: &Value) -> Checked {
    members(rules, index, message, &["role", "content"])?;
    let Some(parts) = message["content"].as_array() else {
        return said(rules, index, &message["content"]);
    };
    if parts.is_empty() {
        return empty(rules, index);
    }
    for part in parts {
        match part["type"].as_str() {
            Some("text") => said(rules, index, &part["text"])?,
            Some("image_url") if !rules.vision => {
                let detail = format!("messages[{index}]: unknown variant `image_url`, expected `text`");
                return refuse(rules, Kind::Part, detail);
            }
            Some("image_url") => image(rules, index, &part["image_url"])?,
            other => {
                return refuse(
                    rules,
                    Kind::Part,
                    format!("messages[{index}].content: unknown variant {other:?}"),
                );
            }
        }
    }
    Ok(())
}

fn image(rules: &Rules, index: usize, image: &Value) -> Checked {
    let names: &[&str] = if rules.detail { &["url", "detail"] } else { &["url"] };
    known(rules, image, names, &format!("messages[{index}].image_url"))?;
    let address = image.as_str().or_else(|| image["url"].as_str()).unwrap_or_default();
    let encoded = address
        .strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"));
    let whole = encoded.is_some_and(|(_, bytes)| base64::engine::general_purpose::STANDARD.decode(bytes).is_ok());
    if whole {
        return Ok(());
    }
    refuse(
        rules,
        Kind::Image,
        format!("messages[{index}]: Invalid 'image_url'. Unable to decode the image"),
    )
}

fn assistant(rules: &Rules, index: usize, message: &Value) -> Checked {
    let thoughts: &[&str] = match rules.replay {
        Replay::Unknown | Replay::Part | Replay::Signature => &[],
        Replay::Allowed(field) | Replay::Kept(field) | Replay::WithCalls(field) | Replay::Everywhere(field) => &[field],
        Replay::Details => &["reasoning", "reasoning_details"],
        Replay::DetailsAnd(field) => &["reasoning", "reasoning_details", field],
        Replay::Somewhere => &["reasoning_content", "reasoning_details"],
    };
    members(
        rules,
        index,
        message,
        &[&["role", "content", "tool_calls"], thoughts].concat(),
    )?;
    let content = &message["content"];
    if content.is_array() && rules.replay != Replay::Part {
        let detail = format!("messages[{index}].content: invalid type: sequence, expected a string");
        return refuse(rules, Kind::Form, detail);
    }
    silence(rules, index, message)?;
    let Some(calls) = message.get("tool_calls") else {
        return Ok(());
    };
    let calls = calls.as_array().map(Vec::as_slice).unwrap_or_default();
    if calls.is_empty() {
        return refuse(
            rules,
            Kind::Empty,
            format!("messages[{index}].tool_calls: [] is too short"),
        );
    }
    let mut ids = HashSet::new();
    for call in calls {
        made(rules, index, call)?;
        if !ids.insert(call["id"].as_str()) {
            let detail = format!("messages[{index}]: Duplicate tool call id: {}", call["id"]);
            return refuse(rules, Kind::Call, detail);
        }
    }
    Ok(())
}

/// An assistant that says nothing must call, and its content must have the form for that.
fn silence(rules: &Rules, index: usize, message: &Value) -> Checked {
    let content = &message["content"];
    let silent = content.is_null() || *content == "" || content.as_array().is_some_and(Vec::is_empty);
    if silent && message["tool_calls"].is_null() {
        return refuse(
            rules,
            Kind::Empty,
            "Assistant message must have either content or tool_calls, but not none.",
        );
    }
    let fits = match rules.silence {
        Silence::Any => true,
        Silence::Text => content.is_string(),
        Silence::Absent => message
            .as_object()
            .into_iter()
            .flatten()
            .all(|(_, member)| !member.is_null()),
    };
    if fits {
        return Ok(());
    }
    refuse(
        rules,
        Kind::Form,
        format!("messages[{index}].content: {content} is no content"),
    )
}

/// One call of the history.
fn made(rules: &Rules, index: usize, call: &Value) -> Checked {
    let place = format!("messages[{index}].tool_calls");
    let names: &[&str] = match rules.replay {
        Replay::Signature => &["id", "type", "function", "extra_content"],
        _ => &["id", "type", "function"],
    };
    known(rules, call, names, &place)?;
    known(rules, &call["function"], &["name", "arguments"], &place)?;
    call_id(rules, call["id"].as_str().unwrap_or_default())?;
    let name = call["function"]["name"].as_str().unwrap_or_default();
    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
    match rules.search {
        Search::Builtin(own) if name == own => {}
        _ => tools::called(rules, name)?,
    }
    if call["type"] != "function" {
        return refuse(
            rules,
            Kind::Call,
            format!("{place}: unknown variant {}, expected `function`", call["type"]),
        );
    }
    match serde_json::from_str(arguments) {
        Ok(Value::Object(_)) => Ok(()),
        _ => refuse(
            rules,
            Kind::Call,
            format!("{place}: function.arguments must be a JSON object in a string"),
        ),
    }
}

fn call_id(rules: &Rules, id: &str) -> Checked {
    let plain = |more: &str| {
        id.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
    };
    let short = (1..=40).contains(&id.len());
    match rules.ids {
        Ids::Plain if plain("_-") && short => Ok(()),
        // What the provider itself made, and nothing else of that kind, goes back as it came.
        Ids::Named if plain("_-.:") && short => Ok(()),
        Ids::Nine if plain("") && id.len() == 9 => Ok(()),
        Ids::Plain | Ids::Named => refuse(
            rules,
            Kind::Id,
            format!("Invalid 'tool_calls.id': {id:?} must have at most 40 characters of [A-Za-z0-9_-]"),
        ),
        Ids::Nine => refuse(rules, Kind::Id, id),
    }
}

fn tool(rules: &Rules, index: usize, message: &Value) -> Checked {
    let names: &[&str] = match rules.tool_name {
        ToolName::Unknown => &["role", "tool_call_id", "content"],
        ToolName::Wanted => &["role", "tool_call_id", "name", "content"],
    };
    members(rules, index, message, names)?;
    if rules.tool_name == ToolName::Wanted && !message["name"].is_string() {
        return refuse(
            rules,
            Kind::Form,
            format!("messages[{index}].name: the tool's name is missing"),
        );
    }
    if message["content"].is_string() {
        return Ok(());
    }
    refuse(
        rules,
        Kind::Form,
        format!("messages[{index}].content: invalid type: expected a string"),
    )
}

/// Every call is answered exactly once, directly after the message that makes it, and nothing else is answered.
fn pairs(rules: &Rules, messages: &[Value]) -> Checked {
    let mut open: Vec<&Value> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            let answered = open.iter().position(|id| **id == message["tool_call_id"]);
            let Some(answered) = answered else {
                return refuse(rules, Kind::Unasked, message["tool_call_id"].to_string());
            };
            open.remove(answered);
            continue;
        }
        answered(rules, &open)?;
        let calls = message["tool_calls"].as_array();
        open = calls.into_iter().flatten().map(|call| &call["id"]).collect();
    }
    answered(rules, &open)
}

fn answered(rules: &Rules, open: &[&Value]) -> Checked {
    match open.first() {
        None => Ok(()),
        Some(id) => refuse(rules, Kind::Unanswered, id.to_string()),
    }
}
