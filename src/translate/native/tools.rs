//! Tools as the endpoint takes them: by themselves where it knows their type, else as functions.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, Native, NativeSearch, NativeTool, NativeUnknown, SERVER_TOOL};
use crate::translate::heal::Offered;
use crate::translate::names::{Kind, Origin, Tools};
use crate::translate::request::Note;
use crate::translate::request::calls::{LOCAL_SHELL, TOOL_SEARCH, origin};
use crate::translate::request::search::is_search;
use crate::translate::request::tools::{Declaration, brought_by, input_schema};
use crate::wire::responses::{Item, Tool};
use crate::wire::{chat, json as reading};

use super::items::is_own;

/// The tools of a request.
#[derive(Debug, Default)]
pub struct Declared {
    /// As they are sent.
    pub tools: Vec<Value>,
    /// Whether any may be called; those that only the history mentions may not.
    pub any_offered: bool,
    /// Those functions and freeform tools that may be called, with the schemas of their parameters.
    pub offered: Offered,
}

/// Declares every tool, each once, in the order in which they came: those of the request, then those that the
/// conversation brings, so that the tools of one turn are a prefix of the next turn's.
pub fn declare(
    dialect: &Dialect,
    fields: &Map<String, Value>,
    items: &[(&Item, &Value)],
    names: &mut Tools,
    notes: &mut Vec<Note>,
) -> Declared {
    let mut declaring = Declaring {
        native: &dialect.native,
        search: dialect.native_search,
        functions: Declaration::new(dialect, names, notes),
        tools: Vec::new(),
        any_kept: false,
    };
    declaring.all(fields.get("tools"));
    let typed: Vec<Item> = items.iter().map(|(item, _)| (*item).clone()).collect();
    let comes_later = brought_by(&typed);
    for (item, raw) in items {
        if brings(item, &dialect.native) {
            declaring.all(raw.get("tools"));
        }
        // The endpoint knows calls of its own kind, and whether their tool is there.
        if origin(item).is_none_or(|origin| !is_own(&origin, &dialect.native)) {
            declaring.functions.mentioned(item, &comes_later);
        }
        declaring.take();
    }
    let gone = &declaring.functions.declared.gone;
    let offered = declaring.tools.iter().filter_map(offered);
    Declared {
        any_offered: declaring.functions.declared.any_offered || declaring.any_kept,
        offered: offered.filter(|(name, _)| !gone.contains(name)).collect(),
        tools: declaring.tools,
    }
}

/// The name and the schema of a function or a freeform tool.
fn offered(tool: &Value) -> Option<(String, Value)> {
    let name = tool["name"].as_str()?.to_owned();
    match tool["type"].as_str()? {
        "function" => Some((name, tool["parameters"].clone())),
        "custom" => Some((name, input_schema())),
        _ => None,
    }
}

/// Whether the tools that an item brings must be declared like those of the request.
fn brings(item: &Item, native: &Native) -> bool {
    match item {
        Item::AdditionalTools(_) => true,
        Item::ToolSearchOutput(_) => !is_own(&Origin::new(None, TOOL_SEARCH, Kind::ToolSearch), native),
        _ => false,
    }
}

struct Declaring<'a> {
    native: &'a Native,
    search: NativeSearch,
    functions: Declaration<'a>,
    tools: Vec<Value>,
    any_kept: bool,
}

impl Declaring<'_> {
    fn all(&mut self, tools: Option<&Value>) {
        let tools = tools.and_then(Value::as_array).into_iter().flatten();
        for raw in tools.filter(|tool| tool.is_object()) {
            let tool: Tool = reading::from_value(raw).unwrap_or_default();
            match self.kept(&tool, raw) {
                Some(kept) => {
                    self.any_kept = true;
                    if !self.tools.contains(&kept) {
                        self.tools.push(kept);
                    }
                }
                None => {
                    self.functions.all(&[tool]);
                    self.take();
                    self.keep_fields(raw);
                }
            }
        }
    }

    /// The tool as it is, if the endpoint knows its type. Its name is given away.
    fn kept(&mut self, tool: &Tool, raw: &Value) -> Option<Value> {
        let native = self.native;
        let name = tool.name.as_deref().unwrap_or_default();
        let search = Origin::new(None, TOOL_SEARCH, Kind::ToolSearch);
        match tool.r#type.as_deref().unwrap_or_default() {
            "function" => None,
            "custom" if native.has(NativeTool::Custom) => {
                self.functions.names.name(&Origin::new(None, name, Kind::Custom));
                Some(raw.clone())
            }
            // Its functions keep their place, and take no flat name from another.
            "namespace" if native.has(NativeTool::Namespace) => Some(raw.clone()),
            "tool_search" if is_own(&search, native) => {
                self.functions.names.name(&search);
                Some(raw.clone())
            }
            "local_shell" if native.has(NativeTool::LocalShell) => {
                let origin = Origin::new(None, LOCAL_SHELL, Kind::LocalShell);
                self.functions.names.name(&origin);
                Some(raw.clone())
            }
            kind if is_search(kind) => self.search(tool, raw),
            "image_generation" if native.has(NativeTool::ImageGeneration) => Some(raw.clone()),
            "custom" | "namespace" | "tool_search" | "local_shell" => None,
            _ => (native.unknown == NativeUnknown::Kept).then(|| raw.clone()),
        }
    }

    /// A search of the web in the endpoint's form. Without the wish for live search no query leaves for one that has no
    /// other.
    fn search(&mut self, tool: &Tool, raw: &Value) -> Option<Value> {
        let is_live = tool.external_web_access != Some(false);
        let form = match self.search {
            NativeSearch::Whole => return Some(raw.clone()),
            NativeSearch::Plain if is_live => json!({"type": "web_search"}),
            NativeSearch::ServerTool if is_live => json!({"type": SERVER_TOOL}),
            NativeSearch::None | NativeSearch::Plain | NativeSearch::ServerTool => {
                self.functions.notes.push(Note::NoSearch);
                return None;
            }
        };
        Some(form)
    }

    /// A function that an endpoint knows as it came keeps all that was said of it.
    fn keep_fields(&mut self, raw: &Value) {
        let is_kept = self.native.unknown == NativeUnknown::Kept && raw["type"] == "function";
        if let Some(last) = self
            .tools
            .last_mut()
            .filter(|last| is_kept && last["name"] == raw["name"])
        {
            *last = raw.clone();
        }
    }

    /// Takes over what has become a function.
    fn take(&mut self) {
        let declared = std::mem::take(&mut self.functions.declared.tools);
        self.tools.extend(declared.into_iter().map(function));
    }
}

/// A function in the words of the Responses API. Without `strict` it would be strict there, which no schema of Codex is
/// made for.
fn function(tool: chat::Tool) -> Value {
    let chat::Function {
        name,
        description,
        parameters,
        strict,
    } = tool.function;
    json!({
        "type": "function",
        "name": name,
        "description": description.unwrap_or_default(),
        "parameters": parameters,
        "strict": strict.unwrap_or(false),
    })
}
