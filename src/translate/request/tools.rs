//! Codex's tools become functions.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::provider::dialect::{Dialect, Param};
use crate::translate::heal::Offered;
use crate::translate::names::{Kind, Origin, Tools};
use crate::wire::responses::{Input, Item};
use crate::wire::{chat, responses};

use super::calls::{INPUT, LOCAL_SHELL, TOOL_SEARCH, origin};
use super::{Note, schema, search};

/// What the description says of a tool that only the history mentions. It must be declared, since models write the
/// markup of a call as text when they see calls of tools that they were not given.
const GONE: &str = "Was called earlier in this conversation and is not available now. Do not call it.";

/// The tools of a request.
#[derive(Debug, Default)]
pub struct Declared {
    /// As they are sent.
    pub tools: Vec<chat::Tool>,
    /// Whether any may be called; those that only the history mentions may not.
    pub any_offered: bool,
    /// The names of those that only the history mentions.
    pub gone: HashSet<String>,
}

impl Declared {
    /// The tools that may be called, by name and schema.
    pub fn offered(&self) -> Offered {
        let functions = self.tools.iter().map(|tool| &tool.function);
        let offered = functions.filter(|function| !self.gone.contains(&function.name));
        offered
            .map(|function| (function.name.clone(), function.parameters.clone()))
            .collect()
    }
}

/// Declares every tool that has a counterpart, each once, in the order in which they came: those of the request, then
/// those that the conversation brings, so that the tools of one turn are a prefix of the next turn's.
pub fn declare(
    dialect: &Dialect,
    request: &responses::Request<'_>,
    names: &mut Tools,
    notes: &mut Vec<Note>,
) -> Declared {
    let mut declaration = Declaration::new(dialect, names, notes);
    declaration.all(&request.tools);
    let items = match &request.input {
        Input::Items(items) => items.as_slice(),
        Input::Text(_) => &[],
    };
    let comes_later = brought_by(items);
    for item in items {
        declaration.all(brought(item));
        declaration.mentioned(item, &comes_later);
    }
    declaration.declared
}

/// What the items bring, by the names of functions.
pub(in crate::translate) fn brought_by(items: &[Item<'_>]) -> HashSet<Origin> {
    items.iter().flat_map(|item| origins(brought(item))).collect()
}

/// The tools that an item of the conversation brings.
fn brought<'a>(item: &'a Item<'_>) -> &'a [responses::Tool] {
    match item {
        Item::AdditionalTools(additional) => &additional.tools,
        Item::ToolSearchOutput(output) => &output.tools,
        _ => &[],
    }
}

/// The functions and freeform tools among `tools`, by their names.
fn origins(tools: &[responses::Tool]) -> Vec<Origin> {
    let mut origins = Vec::new();
    for tool in tools {
        let is_namespace = tool.r#type.as_deref() == Some("namespace");
        let namespace = tool.name.as_deref().filter(|_| is_namespace);
        let inside = if is_namespace {
            tool.tools.as_slice()
        } else {
            std::slice::from_ref(tool)
        };
        let names = inside.iter().filter_map(|tool| tool.name.as_deref());
        origins.extend(names.map(|name| Origin::new(namespace, name, Kind::Function)));
    }
    origins
}

/// Tools on their way to become functions.
pub(in crate::translate) struct Declaration<'a> {
    dialect: &'a Dialect,
    /// The names that are given.
    pub names: &'a mut Tools,
    /// What was left out.
    pub notes: &'a mut Vec<Note>,
    /// What was declared.
    pub declared: Declared,
}

impl<'a> Declaration<'a> {
    /// Nothing is declared yet.
    pub fn new(dialect: &'a Dialect, names: &'a mut Tools, notes: &'a mut Vec<Note>) -> Self {
        let declared = Declared::default();
        Self {
            dialect,
            names,
            notes,
            declared,
        }
    }

    /// Declares `tools`, those of namespaces each for itself.
    pub fn all(&mut self, tools: &[responses::Tool]) {
        for tool in tools {
            if tool.r#type.as_deref() != Some("namespace") {
                self.one(tool, Place::default());
                continue;
            }
            let mut preface = tool.description.as_deref().filter(|text| !text.is_empty());
            for inner in &tool.tools {
                let place = Place {
                    namespace: tool.name.as_deref(),
                    preface: preface.take(),
                };
                self.one(inner, place);
            }
        }
    }

    fn one(&mut self, tool: &responses::Tool, place: Place<'_>) {
        let name = tool.name.as_deref();
        let (kind, name, parameters) = match (tool.r#type.as_deref(), name) {
            (Some("function"), Some(name)) => {
                let parameters = schema::parameters(self.dialect.schema, tool.parameters.as_ref());
                (Kind::Function, name, parameters)
            }
            (Some("custom"), Some(name)) => (Kind::Custom, name, input_schema()),
            (Some("tool_search"), _) => {
                let parameters = schema::parameters(self.dialect.schema, tool.parameters.as_ref());
                (Kind::ToolSearch, TOOL_SEARCH, parameters)
            }
            (Some("local_shell"), _) => (Kind::LocalShell, LOCAL_SHELL, shell_schema()),
            (Some(kind), _) if search::is_search(kind) => return,
            (other, _) => {
                self.notes.push(Note::DroppedTool(other.unwrap_or_default().to_owned()));
                return;
            }
        };
        let origin = Origin::new(place.namespace, name, kind);
        let strict = tool.strict.filter(|_| self.dialect.takes(Param::Strict));
        self.declared.any_offered = true;
        self.add(&origin, description(tool, kind, place), parameters, strict);
    }

    /// A tool that is only called, and not declared further down either.
    pub fn mentioned(&mut self, item: &Item, comes_later: &HashSet<Origin>) {
        let function = |origin: &Origin| Origin::new(origin.namespace.as_deref(), &origin.name, Kind::Function);
        if let Some(origin) = origin(item).filter(|origin| !comes_later.contains(&function(origin))) {
            let parameters = schema::parameters(self.dialect.schema, None);
            let known = self.declared.tools.len();
            self.add(&origin, Some(GONE.to_owned()), parameters, None);
            let added = self.declared.tools.iter().skip(known);
            self.declared.gone.extend(added.map(|tool| tool.function.name.clone()));
        }
    }

    fn add(&mut self, origin: &Origin, description: Option<String>, parameters: Value, strict: Option<bool>) {
        if self.names.find(origin).is_some() {
            return;
        }
        // Also what is not declared has a name: the history may call it.
        let name = self.names.name(origin);
        if self
            .dialect
            .max_tools
            .is_some_and(|most| self.declared.tools.len() >= most)
        {
            self.notes.push(Note::TooManyTools(name));
            return;
        }
        self.declared.tools.push(chat::Tool {
            r#type: "function",
            function: chat::Function {
                name,
                description,
                parameters,
                strict,
            },
        });
    }
}

/// Where a tool stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'a> {
    namespace: Option<&'a str>,
    /// What is said of the whole namespace; its first tool carries it.
    preface: Option<&'a str>,
}

fn description(tool: &responses::Tool, kind: Kind, place: Place<'_>) -> Option<String> {
    let mut paragraphs = Vec::new();
    if let (Some(namespace), Some(preface)) = (place.namespace, place.preface) {
        paragraphs.push(format!("About all `{namespace}` tools: {preface}"));
    }
    paragraphs.extend(tool.description.clone());
    if kind == Kind::LocalShell {
        paragraphs.push("Runs a command on the user's machine and returns its output.".to_owned());
    }
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

/// The schema of a freeform tool.
pub fn input_schema() -> Value {
    json!({
        "type": "object",
        "properties": {INPUT: {"type": "string", "description": "The whole text for the tool."}},
        "required": [INPUT]
    })
}

fn shell_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "command": {"type": "array", "items": {"type": "string"}, "description": "The program and its arguments."},
            "working_directory": {"type": "string", "description": "Where it runs."},
            "timeout_ms": {"type": "number", "description": "When it is ended, in milliseconds."}
        },
        "required": ["command"]
    })
}
