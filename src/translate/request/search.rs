//! A search of the web becomes the provider's own.
//!
//! Codex offers the tool unless its configuration says otherwise, and tells by `external_web_access` whether the user
//! turned on live search or has only OpenAI's index in mind (seen on 0.134 to 0.169). Nobody else has such an index, so
//! without that word no query leaves for a search engine.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, SERVER_TOOL, WebSearch};
use crate::wire::responses::{Request, Tool};

use super::Note;
use crate::translate::names::Tools;

/// The built-in function that searches.
pub const ECHOED: &str = "$web_search";

/// The type of its tool and of its calls.
pub const BUILT_IN: &str = "builtin_function";

/// Whether a tool of this type searches the web; OpenAI's types carry dates and stages.
pub fn is_search(kind: &str) -> bool {
    kind.starts_with("web_search")
}

/// What became of a search.
#[derive(Debug, Default)]
pub struct Search {
    /// Whether it was asked for.
    pub is_on: bool,
    /// The tool that asks for it, where an option does not.
    pub tool: Option<Value>,
}

/// Asks for a search where the user wants one and the dialect has one.
pub fn ask(
    dialect: &Dialect,
    request: &Request,
    names: &mut Tools,
    options: &mut Map<String, Value>,
    notes: &mut Vec<Note>,
) -> Search {
    let is_offered = |tool: &&Tool| tool.r#type.as_deref().is_some_and(is_search);
    let Some(tool) = request.tools.iter().find(is_offered) else {
        return Search::default();
    };
    let size = tool.search_context_size.as_ref();
    let mut put = |name: &str, value: Value| {
        options.insert(name.to_owned(), value);
        None
    };
    let tool = match form(dialect, request, tool) {
        WebSearch::None => {
            notes.push(Note::NoSearch);
            return Search::default();
        }
        WebSearch::Tool => Some(settings("search_pro")),
        WebSearch::ToolPrime => Some(settings("search-prime")),
        WebSearch::ServerTool => {
            let mut server = json!({"type": SERVER_TOOL});
            if let Some(size) = size {
                server["parameters"] = json!({"search_context_size": size});
            }
            Some(server)
        }
        WebSearch::BrowserSearch => Some(json!({"type": "browser_search"})),
        WebSearch::Echo => {
            names.host(ECHOED);
            Some(json!({"type": BUILT_IN, "function": {"name": ECHOED}}))
        }
        WebSearch::EnableSearch => put("enable_search", json!(true)),
        WebSearch::Object => put(
            "web_search",
            json!({"enable": true, "enable_citation": true, "enable_trace": true}),
        ),
        WebSearch::Options => {
            let size = size.map(|size| json!({"search_context_size": size}));
            put("web_search_options", size.unwrap_or_else(|| json!({})))
        }
    };
    Search { is_on: true, tool }
}

/// A tool with settings. Without `search_result` the answer does not tell what was found.
fn settings(engine: &str) -> Value {
    let settings = json!({"enable": true, "search_engine": engine, "search_result": true});
    json!({"type": "web_search", "web_search": settings})
}

/// The dialect's form, unless this request must not search.
fn form(dialect: &Dialect, request: &Request, tool: &Tool) -> WebSearch {
    // What must call a certain function, or nothing, does not search.
    let is_free = match &request.tool_choice {
        Some(Value::String(word)) => word != "none",
        Some(Value::Object(named)) => named.get("type").and_then(Value::as_str).is_some_and(is_search),
        _ => true,
    };
    let format = request.text.as_ref().and_then(|text| text.format.as_ref());
    let is_formatted = format.is_some_and(|format| format.r#type.as_deref().is_some_and(|kind| kind != "text"));
    match dialect.web_search {
        _ if !is_free || tool.external_web_access == Some(false) => WebSearch::None,
        WebSearch::BrowserSearch if is_formatted => WebSearch::None,
        form => form,
    }
}
