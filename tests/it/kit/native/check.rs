//! Whether a request is one that a Responses endpoint takes, and in which words it would be refused.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::rules::{NativeRules, Thoughts};

/// Nothing, or the words of a refusal.
pub type Checked = Result<(), String>;

fn refuse(message: impl Into<String>) -> Checked {
    Err(message.into())
}

/// Everything that can be said of one request.
pub fn request(rules: &NativeRules, body: &Value) -> Checked {
    for name in body.as_object().into_iter().flat_map(Map::keys) {
        if !rules.fields.contains(&name.as_str()) {
            return refuse(format!("Argument not supported: {name}"));
        }
    }
    if body["stream"] != true || body["model"].as_str().is_none_or(str::is_empty) {
        return refuse("a model, and a stream");
    }
    if body.get("store").is_some_and(|store| *store != false) {
        return refuse("nothing was to be stored");
    }
    options(rules, body)?;
    tools(rules, body)?;
    let items = body["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return refuse("input: expected at least one item");
    }
    for (index, item) in items.iter().enumerate() {
        one(rules, index, item)?;
    }
    pairs(rules, items)
}

fn options(rules: &NativeRules, body: &Value) -> Checked {
    for (name, value) in body["reasoning"].as_object().into_iter().flatten() {
        if !rules.reasoning_fields.contains(&name.as_str()) {
            return refuse(format!("Argument not supported: reasoning.{name}"));
        }
        if name == "effort" && !rules.efforts.iter().any(|effort| value == effort) {
            return refuse(format!(
                "reasoning.effort: {value}. Supported values are: {:?}",
                rules.efforts
            ));
        }
    }
    Ok(())
}

fn tools(rules: &NativeRules, body: &Value) -> Checked {
    let mut names = HashSet::new();
    let tools = body["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    if body.get("tools").is_some() && tools.is_empty() {
        return refuse("tools: [] is too short");
    }
    for (index, tool) in tools.iter().enumerate() {
        let kind = tool["type"].as_str().unwrap_or_default();
        if !rules.tools.contains(&kind) {
            return refuse(format!(
                "tools[{index}].type: unknown variant `{kind}`, expected one of {:?}",
                rules.tools
            ));
        }
        if !matches!(kind, "function" | "custom") {
            continue;
        }
        let name = tool["name"].as_str().unwrap_or_default();
        tool_name(name)?;
        if !names.insert(name) {
            return refuse(format!("tools[{index}]: duplicate name {name}"));
        }
        if kind == "function" {
            schema(rules, index, &tool["parameters"])?;
        }
    }
    match body.get("tool_choice") {
        Some(_) if tools.is_empty() => refuse("tool_choice is only allowed when tools are specified"),
        Some(choice) => tool_choice(rules, choice, tools),
        None => Ok(()),
    }
}

/// A word, or a tool that is there, by its name beside its type: an object in it is Chat Completions' way.
fn tool_choice(rules: &NativeRules, choice: &Value, tools: &[Value]) -> Checked {
    let word = choice.as_str().or(choice["type"].as_str()).unwrap_or_default();
    if word != "auto" && !rules.choices.contains(&word) {
        return refuse(format!("Thinking mode does not support this tool_choice: {choice}"));
    }
    let Some(named) = choice.as_object() else {
        return Ok(());
    };
    if let Some(name) = named.keys().find(|name| !matches!(name.as_str(), "type" | "name")) {
        return refuse(format!("Unknown parameter: 'tool_choice.{name}'."));
    }
    let is_there = |tool: &Value| tool["type"] == choice["type"] && tool["name"] == choice["name"];
    if !named.contains_key("name") || !tools.iter().any(is_there) {
        return refuse(format!("Tool choice {choice} not found in 'tools' parameter."));
    }
    Ok(())
}

fn tool_name(name: &str) -> Checked {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() <= 64 && name.bytes().all(fits) {
        return Ok(());
    }
    refuse(format!("Invalid 'name': {name:?}"))
}

fn schema(rules: &NativeRules, index: usize, schema: &Value) -> Checked {
    if schema["type"] != "object" {
        return refuse(format!("tools[{index}].parameters: schema must have type 'object'"));
    }
    let union = ["anyOf", "oneOf", "allOf"]
        .iter()
        .any(|name| schema.get(name).is_some());
    if union && !rules.root_union {
        return refuse(format!(
            "tools[{index}].parameters: anyOf, oneOf and allOf are not supported at the root"
        ));
    }
    Ok(())
}

fn one(rules: &NativeRules, index: usize, item: &Value) -> Checked {
    let kind = item["type"].as_str().unwrap_or("message");
    let place = format!("input[{index}]");
    if !rules.items.contains(&kind) {
        return refuse(format!("{place}: unknown variant `{kind}`"));
    }
    let fields: &[&str] = match kind {
        "message" => &["type", "role", "content", "phase"],
        "function_call" => &["type", "call_id", "name", "arguments"],
        "custom_tool_call" => &["type", "call_id", "name", "input", "status"],
        "function_call_output" | "custom_tool_call_output" => &["type", "call_id", "output"],
        _ => return Ok(()),
    };
    for name in item.as_object().into_iter().flat_map(Map::keys) {
        if !fields.contains(&name.as_str()) {
            return refuse(format!("{place}: unknown field `{name}`"));
        }
    }
    match kind {
        "message" => message(rules, &place, item),
        "function_call" => {
            tool_name(item["name"].as_str().unwrap_or_default())?;
            let arguments = item["arguments"].as_str().unwrap_or_default();
            match serde_json::from_str(arguments) {
                Ok(Value::Object(_)) => Ok(()),
                _ => refuse(format!("{place}: arguments must be a JSON object in a string")),
            }
        }
        "function_call_output" | "custom_tool_call_output" if !item["output"].is_string() => {
            refuse(format!("{place}.output: expected a string"))
        }
        _ => Ok(()),
    }
}

fn message(rules: &NativeRules, place: &str, item: &Value) -> Checked {
    let role = item["role"].as_str().unwrap_or_default();
    if !rules.roles.contains(&role) {
        return refuse(format!("{place}: Invalid role: {role}"));
    }
    let parts = match &item["content"] {
        Value::String(text) if !text.is_empty() => return Ok(()),
        Value::Array(parts) if !parts.is_empty() => parts,
        content => return refuse(format!("{place}: empty content {content}")),
    };
    for part in parts {
        let kind = part["type"].as_str().unwrap_or_default();
        let fits = match kind {
            "output_text" | "refusal" => role == "assistant",
            "input_image" => role != "assistant" && rules.vision,
            _ => kind == "input_text" && role != "assistant",
        };
        if !fits {
            return refuse(format!("{place}: `{kind}` in a message of `{role}`"));
        }
    }
    Ok(())
}

/// Every call is answered once, directly after the calls of its answer, and nothing else is answered; where thoughts
/// are wanted back, they stand before the calls.
fn pairs(rules: &NativeRules, items: &[Value]) -> Checked {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = HashSet::new();
    let mut thought = false;
    let mut answering = false;
    for item in items {
        let kind = item["type"].as_str().unwrap_or("message");
        let call_id = item["call_id"].as_str().unwrap_or_default();
        if kind.ends_with("_call_output") || kind == "tool_search_output" {
            answering = true;
            let Some(place) = open.iter().position(|id| *id == call_id) else {
                return refuse(format!(
                    "No tool call found for function call output with call_id {call_id}."
                ));
            };
            open.remove(place);
            // The next answer thinks anew.
            thought = false;
            continue;
        }
        let is_call = matches!(kind, "function_call" | "custom_tool_call" | "tool_search_call");
        if !open.is_empty() && (answering || !is_call) {
            return refuse(format!("No tool output found for tool call {}.", open[0]));
        }
        answering = false;
        match kind {
            "reasoning" => thought = true,
            "message" => thought &= item["role"] == "assistant",
            _ => {}
        }
        if is_call {
            if call_id.is_empty() || !ids.insert(call_id) {
                return refuse(format!("Duplicate call_id: {call_id:?}"));
            }
            if rules.thoughts == Thoughts::Text && !thought && open.is_empty() {
                return refuse("The `reasoning_text` in the thinking mode must be passed back to the API.");
            }
            open.push(call_id);
        }
    }
    match open.first() {
        Some(id) => refuse(format!("No tool output found for tool call {id}.")),
        None => Ok(()),
    }
}

/// What was said comes back: reasoning as it was, words and calls in their order. What was thought elsewhere does not.
pub fn history(rules: &NativeRules, said: &[Vec<Value>], body: &Value) -> Checked {
    let items = body["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    for item in items.iter().filter(|item| item["type"] == "reasoning") {
        let is_ours = said.iter().flatten().any(|ours| ours == item);
        let is_text = item.get("encrypted_content").is_none_or(Value::is_null);
        let is_taken = rules.thoughts == Thoughts::Text && is_text;
        if !is_ours && !is_taken {
            return refuse(
                "The encrypted content could not be verified. Reason: Encrypted content could not be decrypted.",
            );
        }
    }
    let mut rest = items.iter();
    for item in said.iter().flatten() {
        if !rest.any(|sent| is_same(item, sent)) {
            return refuse(format!("what was said did not come back: {item}"));
        }
    }
    Ok(())
}

fn is_same(said: &Value, sent: &Value) -> bool {
    let same = |field: &str| said[field] == sent[field];
    match said["type"].as_str().unwrap_or_default() {
        "reasoning" => said == sent,
        "message" => sent["type"] == "message" && said["content"][0]["text"] == sent["content"][0]["text"],
        _ => ["type", "call_id", "name", "arguments", "input"].into_iter().all(same),
    }
}

/// A turn's items and tools are a prefix of the next turn's.
pub fn prefix(before: &Value, body: &Value) -> Checked {
    for field in ["input", "tools"] {
        let list = |body: &Value| -> Vec<String> {
            let values = body[field].as_array().into_iter().flatten();
            values.map(Value::to_string).collect()
        };
        let (before, now) = (list(before), list(body));
        let same = before
            .iter()
            .zip(&now)
            .take_while(|(before, now)| before == now)
            .count();
        if same < before.len() {
            return refuse(format!(
                "{field}[{same}] was {} and is {:?}",
                before[same],
                now.get(same)
            ));
        }
    }
    Ok(())
}
