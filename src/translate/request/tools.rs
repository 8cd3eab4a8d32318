//! Codex's tools become functions.

use serde_json::{Value, json};

use crate::provider::dialect::{Dialect, Param};
use crate::translate::names::{Kind, Origin, Tools};
use crate::wire::{chat, responses};

use super::{Note, schema};

/// The one parameter of a function that stands for a freeform tool.
pub const INPUT: &str = "input";

/// Declares every tool that has a counterpart, each once, in the order in which they came.
pub fn declare(
    dialect: &Dialect,
    tools: &[responses::Tool],
    names: &mut Tools,
    notes: &mut Vec<Note>,
) -> Vec<chat::Tool> {
    let mut declared = Vec::new();
    for tool in tools {
        match tool.r#type.as_deref() {
            Some("namespace") => {
                let mut preface = tool.description.as_deref();
                for inner in &tool.tools {
                    let place = Place {
                        namespace: tool.name.as_deref(),
                        preface: preface.take(),
                    };
                    declare_one(dialect, inner, place, names, notes, &mut declared);
                }
            }
            _ => declare_one(dialect, tool, Place::default(), names, notes, &mut declared),
        }
    }
    declared
}

/// Where a tool stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'a> {
    namespace: Option<&'a str>,
    /// What is said of the whole namespace; its first tool carries it.
    preface: Option<&'a str>,
}

fn declare_one(
    dialect: &Dialect,
    tool: &responses::Tool,
    place: Place<'_>,
    names: &mut Tools,
    notes: &mut Vec<Note>,
    out: &mut Vec<chat::Tool>,
) {
    let (kind, parameters) = match (tool.r#type.as_deref(), &tool.name) {
        (Some("function"), Some(_)) => (
            Kind::Function,
            schema::parameters(dialect.schema, tool.parameters.as_ref()),
        ),
        (Some("custom"), Some(_)) => (Kind::Custom, input_schema()),
        (other, _) => {
            notes.push(Note::DroppedTool(other.unwrap_or_default().to_owned()));
            return;
        }
    };
    let origin = Origin {
        namespace: place.namespace.map(str::to_owned),
        name: tool.name.clone().unwrap_or_default(),
        kind,
    };
    if names.contains(&origin) {
        return;
    }
    let strict = tool.strict.filter(|_| dialect.takes(Param::Strict));
    out.push(chat::Tool {
        r#type: "function",
        function: chat::Function {
            name: names.name(&origin),
            description: description(tool, kind, place),
            parameters,
            strict,
        },
    });
}

fn description(tool: &responses::Tool, kind: Kind, place: Place<'_>) -> Option<String> {
    let mut paragraphs = Vec::new();
    if let (Some(namespace), Some(preface)) = (place.namespace, place.preface) {
        paragraphs.push(format!("About all `{namespace}` tools: {preface}"));
    }
    paragraphs.extend(tool.description.clone());
    if kind == Kind::Custom {
        paragraphs.push(format!(
            "Calling convention: pass the whole text as the string parameter `{INPUT}`. It reaches the tool as it is."
        ));
        paragraphs.extend(grammar(tool.format.as_ref()));
    }
    let text = paragraphs.join("\n\n");
    (!text.is_empty()).then_some(text)
}

fn grammar(format: Option<&Value>) -> Option<String> {
    let definition = format?.get("definition")?.as_str()?;
    let syntax = format?.get("syntax").and_then(Value::as_str).unwrap_or("formal");
    Some(format!("The text must follow this {syntax} grammar:\n\n{definition}"))
}

fn input_schema() -> Value {
    json!({
        "type": "object",
        "properties": {INPUT: {"type": "string", "description": "The whole text for the tool."}},
        "required": [INPUT]
    })
}
