//! Whether a request is one that no provider refuses, and in which words the provider at hand would refuse it. Looks at
//! one request alone; what must agree with earlier turns stands in `history`.

use std::collections::HashSet;

use base64::Engine as _;
use serde_json::{Map, Value};

use super::rules::{Ids, Reasoning, Rules, System, UnknownField};
use super::schema;

/// What the provider answers instead of a turn.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
}

impl Refusal {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            message: message.into(),
        }
    }
}

pub type Checked = Result<(), Refusal>;

fn refuse(message: impl Into<String>) -> Checked {
    Err(Refusal::new(message))
}

/// Everything that can be said of one request.
pub fn request(rules: &Rules, body: &Value) -> Checked {
    let Some(body) = body.as_object() else {
        return refuse("request body is not an object");
    };
    fields(rules, body)?;
    options(rules, body)?;
    tools(rules, body)?;
    messages(rules, body)
}

fn fields(rules: &Rules, body: &Map<String, Value>) -> Checked {
    for name in body.keys() {
        known(rules, name, rules.fields, "body")?;
    }
    Ok(())
}

fn known(rules: &Rules, name: &str, fields: &[&str], place: &str) -> Checked {
    if fields.contains(&name) {
        return Ok(());
    }
    match rules.unknown_field {
        UnknownField::Refused => refuse(format!("{place}: unknown field `{name}`")),
        UnknownField::Forbidden => Err(Refusal {
            status: 422,
            message: format!(r#"extra_forbidden: {place}.{name}: "Extra inputs are not permitted""#),
        }),
    }
}

fn options(rules: &Rules, body: &Map<String, Value>) -> Checked {
    if body.get("model").and_then(Value::as_str) != Some(rules.model) {
        return refuse("Model Not Exist");
    }
    if body.get("stream") != Some(&Value::Bool(true)) {
        return refuse("this test provider only streams: `stream` must be true");
    }
    if let Some(effort) = body.get("reasoning_effort") {
        one_of(effort.as_str(), rules.efforts, "reasoning_effort")?;
    }
    if let Some(choice) = body.get("tool_choice") {
        let word = choice.as_str().or_else(|| choice["type"].as_str());
        one_of(word, rules.tool_choices, "tool_choice")?;
    }
    let Some(format) = body.get("response_format") else {
        return Ok(());
    };
    one_of(format["type"].as_str(), rules.formats, "response_format")?;
    if format["type"] == "json_object" && !body["messages"].to_string().to_lowercase().contains("json") {
        return refuse(
            "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
        );
    }
    Ok(())
}

fn one_of(word: Option<&str>, words: &[&str], name: &str) -> Checked {
    match word {
        Some(word) if words.contains(&word) => Ok(()),
        _ => refuse(format!(
            "Unsupported value: '{name}' does not support {word:?} with this model. Supported values are: {words:?}."
        )),
    }
}

fn tools(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let Some(tools) = body.get("tools") else {
        return Ok(());
    };
    let tools = tools.as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() {
        return refuse("[] is too short - 'tools'");
    }
    let mut names = HashSet::new();
    for (index, tool) in tools.iter().enumerate() {
        if tool["type"] != "function" {
            return refuse(format!(
                "tools[{index}].type: unknown variant {}, expected `function`",
                tool["type"]
            ));
        }
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        tool_name(name)?;
        if !names.insert(name) {
            return refuse(format!("tools contains duplicate names: {name}"));
        }
        if !tool["function"]["description"].is_string() && !tool["function"]["description"].is_null() {
            return refuse(format!("tools[{index}].function.description: expected a string"));
        }
        schema::parameters(rules.schema, name, &tool["function"]["parameters"])?;
    }
    Ok(())
}

fn tool_name(name: &str) -> Checked {
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let goes_on_well = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if starts_well && goes_on_well && name.len() <= 64 {
        return Ok(());
    }
    refuse(format!(
        "Invalid request: function name is invalid, must start with a letter and can contain letters, numbers, \
         underscores, and dashes: {name:?}"
    ))
}

fn messages(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(last) = messages.last() else {
        return refuse("[] is too short - 'messages'");
    };
    for (index, message) in messages.iter().enumerate() {
        match message["role"].as_str().unwrap_or_default() {
            "system" => system(rules, index, message)?,
            "user" => user(rules, index, message)?,
            "assistant" => assistant(rules, index, message)?,
            "tool" => tool(rules, index, message)?,
            other => {
                return refuse(format!(
                    "messages[{index}].role: unknown variant `{other}`, expected one of `system`, `user`, \
                     `assistant`, `tool`"
                ));
            }
        }
    }
    pairs(messages)?;
    if last["role"] == "assistant" {
        return refuse("Expected last role User or Tool for serving but got assistant");
    }
    let after_tool = messages
        .windows(2)
        .any(|pair| pair[0]["role"] == "tool" && pair[1]["role"] == "user");
    if after_tool && !rules.user_after_tool {
        return refuse("Unexpected role 'user' after role 'tool'");
    }
    Ok(())
}

fn members(rules: &Rules, index: usize, message: &Value, fields: &[&str]) -> Checked {
    for name in message.as_object().into_iter().flat_map(Map::keys) {
        known(rules, name, fields, &format!("messages[{index}]"))?;
    }
    Ok(())
}

fn system(rules: &Rules, index: usize, message: &Value) -> Checked {
    members(rules, index, message, &["role", "content"])?;
    if rules.system == System::Leading && index > 0 {
        return refuse("System message must be at the beginning.");
    }
    said(index, &message["content"])
}

/// A string that is not empty.
fn said(index: usize, content: &Value) -> Checked {
    match content.as_str() {
        Some("") => refuse(format!("the message at position {index} must not be empty")),
        Some(_) => Ok(()),
        None => refuse(format!("messages[{index}].content: invalid type: expected a string")),
    }
}

fn user(rules: &Rules, index: usize, message: &Value) -> Checked {
    members(rules, index, message, &["role", "content"])?;
    let Some(parts) = message["content"].as_array() else {
        return said(index, &message["content"]);
    };
    if parts.is_empty() {
        return refuse(format!("the message at position {index} must not be empty"));
    }
    for part in parts {
        match part["type"].as_str() {
            Some("text") => said(index, &part["text"])?,
            Some("image_url") if !rules.vision => {
                return refuse(format!(
                    "messages[{index}]: unknown variant `image_url`, expected `text`"
                ));
            }
            Some("image_url") => image(index, &part["image_url"])?,
            other => return refuse(format!("messages[{index}].content: unknown variant {other:?}")),
        }
    }
    Ok(())
}

fn image(index: usize, image: &Value) -> Checked {
    let address = image.as_str().or_else(|| image["url"].as_str()).unwrap_or_default();
    let encoded = address
        .strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"));
    let whole = encoded.is_some_and(|(_, bytes)| base64::engine::general_purpose::STANDARD.decode(bytes).is_ok());
    if whole {
        return Ok(());
    }
    refuse(format!(
        "messages[{index}]: Invalid 'image_url'. Unable to decode the image"
    ))
}

fn assistant(rules: &Rules, index: usize, message: &Value) -> Checked {
    let reasoning: &[&str] = match rules.reasoning {
        Reasoning::Content { .. } => &["role", "content", "tool_calls", "reasoning_content"],
        Reasoning::Details => &["role", "content", "tool_calls", "reasoning", "reasoning_details"],
        Reasoning::None | Reasoning::Part => &["role", "content", "tool_calls"],
    };
    members(rules, index, message, reasoning)?;
    let content = &message["content"];
    if content.is_array() && rules.reasoning != Reasoning::Part {
        return refuse(format!(
            "messages[{index}].content: invalid type: sequence, expected a string"
        ));
    }
    let silent = content.is_null() || *content == "" || content.as_array().is_some_and(Vec::is_empty);
    if silent && message["tool_calls"].is_null() {
        return refuse("Assistant message must have either content or tool_calls, but not none.");
    }
    let Some(calls) = message.get("tool_calls") else {
        return Ok(());
    };
    let calls = calls.as_array().map(Vec::as_slice).unwrap_or_default();
    if calls.is_empty() {
        return refuse(format!("messages[{index}].tool_calls: [] is too short"));
    }
    let mut ids = HashSet::new();
    for call in calls {
        made(rules, index, call)?;
        if !ids.insert(call["id"].as_str()) {
            return refuse(format!("messages[{index}]: Duplicate tool call id: {}", call["id"]));
        }
    }
    Ok(())
}

/// One call of the history.
fn made(rules: &Rules, index: usize, call: &Value) -> Checked {
    let place = format!("messages[{index}].tool_calls");
    for name in call.as_object().into_iter().flat_map(Map::keys) {
        known(rules, name, &["id", "type", "function", "extra_content"], &place)?;
    }
    call_id(rules.ids, call["id"].as_str().unwrap_or_default())?;
    if call["type"] != "function" {
        return refuse(format!(
            "{place}: unknown variant {}, expected `function`",
            call["type"]
        ));
    }
    tool_name(call["function"]["name"].as_str().unwrap_or_default())?;
    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
    match serde_json::from_str(arguments) {
        Ok(Value::Object(_)) => Ok(()),
        _ => refuse(format!("{place}: function.arguments must be a JSON object in a string")),
    }
}

fn call_id(ids: Ids, id: &str) -> Checked {
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let alphanumeric = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match ids {
        Ids::Plain if plain && (1..=40).contains(&id.len()) => Ok(()),
        Ids::Plain => refuse(format!(
            "Invalid 'tool_calls.id': {id:?} must have at most 40 characters of [A-Za-z0-9_-]"
        )),
        Ids::Nine if alphanumeric && id.len() == 9 => Ok(()),
        Ids::Nine => refuse(format!(
            "Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9."
        )),
    }
}

fn tool(rules: &Rules, index: usize, message: &Value) -> Checked {
    members(rules, index, message, &["role", "tool_call_id", "name", "content"])?;
    if message["content"].is_string() {
        return Ok(());
    }
    refuse(format!("messages[{index}].content: invalid type: expected a string"))
}

/// Every call is answered exactly once, directly after the message that makes it, and nothing else is answered.
fn pairs(messages: &[Value]) -> Checked {
    let mut open: Vec<&Value> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            let answered = open.iter().position(|id| **id == message["tool_call_id"]);
            let Some(answered) = answered else {
                return refuse("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'");
            };
            open.remove(answered);
            continue;
        }
        answered(&open)?;
        open = message["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|call| &call["id"])
            .collect();
    }
    answered(&open)
}

fn answered(open: &[&Value]) -> Checked {
    if open.is_empty() {
        return Ok(());
    }
    refuse(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. \
         (insufficient tool messages following tool_calls message)",
    )
}
