//! How the web is searched for a model. Nobody but OpenAI has an index that is searched without reaching out, so a
//! search is always live, and asked for only where the user turned it on.

use serde::{Deserialize, Serialize};

/// The type of OpenRouter's own tool, which the model calls when it needs it; its older `plugins` search with every
/// request, and put what they find before the conversation
/// (<https://openrouter.ai/docs/guides/features/server-tools/web-search>, read 2026-11).
pub const SERVER_TOOL: &str = "openrouter:web_search";

/// How a search is asked for through Chat Completions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebSearch {
    /// There is none.
    #[default]
    None,
    /// A tool `web_search` with settings; what was found stands in `web_search` beside the choices.
    Tool,
    /// The same, with the engine that Z.AI's international service has.
    ToolPrime,
    /// `enable_search: true`; what was found is not told.
    EnableSearch,
    /// A tool of the type [`SERVER_TOOL`]; what was found stands in `annotations`.
    ServerTool,
    /// A tool `browser_search`, not beside a format of the answer; what was found stands in `executed_tools`.
    BrowserSearch,
    /// An object `web_search: {enable}`; what was found stands in `search_results`.
    Object,
    /// `web_search_options: {}`; what was found stands in `annotations` or `search_results`.
    Options,
    /// A built-in function `$web_search`, which the model calls and whose arguments go back as its output.
    Echo,
}

/// How a search is asked for through the provider's own Responses endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeSearch {
    /// There is none: the tool is left out.
    #[default]
    None,
    /// `{"type": "web_search"}` and nothing else, where live search was asked for.
    Plain,
    /// A tool of the type [`SERVER_TOOL`], where live search was asked for.
    ServerTool,
    /// The tool as it came, which is how OpenAI knows it.
    Whole,
}
