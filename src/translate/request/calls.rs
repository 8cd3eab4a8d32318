//! Calls of a history and what answered them, whatever their items are called.

use serde_json::{Map, Value, json};

use crate::translate::names::{Kind, Origin, Tools};
use crate::wire::responses::{AgentMessage, Item, LocalShellCall, Tool, ToolSearchOutput};
use crate::wire::{Text, chat};

use super::Target;
use super::images::{Seen, plain};

/// The one parameter of a function that stands for a freeform tool.
pub const INPUT: &str = "input";
/// The name of the search for tools, which has none of its own.
pub const TOOL_SEARCH: &str = "tool_search";
/// The name of Codex's oldest shell, which has none of its own.
pub const LOCAL_SHELL: &str = "local_shell";

/// What an item calls, if it is a call.
pub fn origin(item: &Item) -> Option<Origin> {
    let origin = |namespace: &Option<String>, name: &Option<String>, kind| {
        Origin::new(namespace.as_deref(), name.as_deref().unwrap_or_default(), kind)
    };
    Some(match item {
        Item::FunctionCall(call) => origin(&call.namespace, &call.name, Kind::Function),
        Item::CustomToolCall(call) => origin(&call.namespace, &call.name, Kind::Custom),
        Item::ToolSearchCall(_) => Origin::new(None, TOOL_SEARCH, Kind::ToolSearch),
        Item::LocalShellCall(_) => Origin::new(None, LOCAL_SHELL, Kind::LocalShell),
        _ => return None,
    })
}

/// The arguments of a call: a JSON object in text.
pub fn arguments<'a>(call: &Item<'a>) -> Text<'a> {
    let made = match call {
        Item::FunctionCall(call) => return valid(call.arguments.clone().unwrap_or_default()),
        Item::CustomToolCall(call) => json!({INPUT: call.input.as_deref().unwrap_or_default()}).to_string(),
        Item::ToolSearchCall(call) => match &call.arguments {
            Some(Value::Object(arguments)) => Value::from(arguments.clone()).to_string(),
            _ => "{}".to_owned(),
        },
        Item::LocalShellCall(call) => shell(call),
        _ => "{}".to_owned(),
    };
    made.into()
}

/// Broken arguments, which Codex has answered with an error, are kept inside an object: providers refuse a history with
/// invalid JSON.
fn valid(arguments: Text<'_>) -> Text<'_> {
    let text = arguments.get();
    if text.trim().is_empty() {
        return "{}".into();
    }
    let is_object = text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    if is_object {
        drop(text);
        arguments
    } else {
        json!({"invalid_arguments": text}).to_string().into()
    }
}

/// The fields of an action that the tool's declaration names.
fn shell(call: &LocalShellCall) -> String {
    let mut arguments = Map::new();
    for name in ["command", "working_directory", "timeout_ms"] {
        let value = call.action.as_ref().and_then(|action| action.get(name));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            arguments.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(arguments).to_string()
}

/// What an output says and shows.
pub fn outcome<'a>(target: Target<'_>, names: &Tools, output: &Item<'a>) -> Seen<'a> {
    match output {
        Item::FunctionCallOutput(output) | Item::CustomToolCallOutput(output) => Seen::read(target, &output.output),
        Item::ToolSearchOutput(output) => Seen::words(found(names, output)),
        _ => Seen::default(),
    }
}

/// What a search found, under the names that the provider sees.
fn found(names: &Tools, output: &ToolSearchOutput) -> String {
    let mut lines = Vec::new();
    for tool in &output.tools {
        let is_namespace = tool.r#type.as_deref() == Some("namespace");
        let namespace = tool.name.as_deref().filter(|_| is_namespace);
        let found = if is_namespace {
            tool.tools.as_slice()
        } else {
            std::slice::from_ref(tool)
        };
        lines.extend(found.iter().filter_map(|tool| line(names, namespace, tool)));
    }
    if lines.is_empty() {
        return "No tool was found.".to_owned();
    }
    format!("These tools can be called from now on:\n{}", lines.join("\n"))
}

fn line(names: &Tools, namespace: Option<&str>, tool: &Tool) -> Option<String> {
    let name = names.find(&Origin::new(namespace, tool.name.as_deref()?, Kind::Function))?;
    let about = tool.description.as_deref().unwrap_or_default();
    Some(format!("- {name}: {}", about.lines().next().unwrap_or_default()))
}

/// Words of one agent to another, as its reader gets them.
pub fn agent_words(message: &AgentMessage<'_>) -> chat::Content<'static> {
    let unknown = "an agent";
    let author = message.author.as_deref().unwrap_or(unknown);
    let recipient = message.recipient.as_deref().unwrap_or(unknown);
    let words = plain(&message.content);
    chat::Content::Text(format!("Message from {author} to {recipient}:\n{words}").into())
}
