//! The answer: the response object and its items, as Codex reads them.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Repeated;

/// The answer, as the specification's `response` object; also the body of an answer that is not streamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// `resp_…`.
    pub id: String,
    /// Always `response`.
    pub object: &'static str,
    /// Seconds since 1970.
    pub created_at: u64,
    /// Seconds since 1970, once it is completed.
    pub completed_at: Option<u64>,
    /// `in_progress`, `completed`, `failed` or `incomplete`.
    pub status: Status,
    /// Why it failed.
    pub error: Option<ResponseError>,
    /// Why it is incomplete.
    pub incomplete_details: Option<IncompleteDetails>,
    /// The model that was asked for.
    pub model: String,
    /// Every item that was closed, in order.
    pub output: Vec<OutputItem>,
    /// Token counts; null while the answer is in progress or when the provider gave none.
    pub usage: Option<Usage>,
    /// False makes Codex ask at once for more (seen on 0.169); not part of the specification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_turn: Option<bool>,
    /// The request's parameters, for clients that expect them back.
    #[serde(flatten)]
    pub echo: Map<String, Value>,
}

/// State of an answer or of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not yet ended.
    InProgress,
    /// Ended as the provider meant it.
    Completed,
    /// Ended by a failure.
    Failed,
    /// Cut by a limit or a filter.
    Incomplete,
}

/// Why an answer failed. The code decides what Codex does (seen on 0.169: `invalid_prompt` shows the message and stops;
/// `context_length_exceeded` compacts; `rate_limit_exceeded` waits for `try again in Ns`; unknown codes are retried).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseError {
    /// Machine's word.
    pub code: String,
    /// People's words.
    pub message: String,
}

/// Why an answer is incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IncompleteDetails {
    /// `max_output_tokens` or `content_filter`.
    pub reason: &'static str,
}

/// Token counts, as the Responses API spells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    pub input_tokens: u64,
    /// Of these, cached.
    pub input_tokens_details: InputTokensDetails,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// Of these, reasoning.
    pub output_tokens_details: OutputTokensDetails,
    /// Their sum.
    pub total_tokens: u64,
}

/// Details of `input_tokens`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InputTokensDetails {
    /// Tokens that the provider had in its cache.
    pub cached_tokens: u64,
    /// Tokens that the provider put into its cache; not part of the specification, and asked for by OpenAI's own types
    /// (`openai` 3.54 for Python).
    pub cache_write_tokens: u64,
}

/// Details of `output_tokens`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OutputTokensDetails {
    /// Tokens spent on reasoning.
    pub reasoning_tokens: u64,
}

/// An item of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputItem {
    /// What the model said.
    Message {
        /// `msg_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// Always `assistant`.
        role: &'static str,
        /// Text and refusals.
        content: Vec<OutputPart>,
    },
    /// What the model thought.
    Reasoning {
        /// `rs_…`.
        id: String,
        /// What is shown of it.
        summary: Vec<SummaryPart>,
        /// What crelay wants back.
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
    },
    /// A call of a function.
    FunctionCall {
        /// `fc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// The function's own name.
        name: String,
        /// The namespace that the function stands in; Codex wants it apart from the name.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// JSON, as text.
        arguments: String,
    },
    /// A call of a freeform tool.
    CustomToolCall {
        /// `ctc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// The tool's name.
        name: String,
        /// The namespace that the tool stands in.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// The text that the tool gets.
        input: String,
    },
    /// A search for tools, which Codex does itself.
    ToolSearchCall {
        /// `tsc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// Always `client`.
        execution: &'static str,
        /// What is looked for, an object.
        arguments: Value,
    },
    /// A search that the provider did. Codex shows and keeps it, without the pages (seen on 0.134 to 0.169); it is not
    /// part of the open specification.
    WebSearchCall {
        /// `ws_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// What was searched for.
        action: SearchAction,
    },
    /// A call of Codex's shell in its oldest form.
    LocalShellCall {
        /// `lsc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// `{"type":"exec","command":[…],…}`.
        action: Value,
    },
    /// An item of a Responses endpoint, as it came but for what was put right.
    #[serde(untagged)]
    Raw(Map<String, Value>),
}

/// What a search did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SearchAction {
    /// It asked a search engine.
    Search {
        /// In these words; empty where the provider does not tell them.
        query: String,
    },
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputPart {
    /// Text.
    OutputText {
        /// The text.
        text: Repeated,
        /// Citations.
        annotations: Vec<Annotation>,
    },
    /// A refusal.
    Refusal {
        /// Its words.
        refusal: String,
    },
    /// A part as a Responses endpoint wrote it.
    #[serde(untagged)]
    Raw(Map<String, Value>),
}

impl OutputPart {
    /// The words of a text; `None` for a refusal.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::OutputText { text, .. } => Some(text),
            Self::Refusal { .. } => None,
            Self::Raw(fields) => fields.get("text").and_then(Value::as_str),
        }
    }
}

/// A citation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Annotation {
    /// A page of the web.
    UrlCitation {
        /// The citation's first character in the text.
        start_index: u64,
        /// Its last.
        end_index: u64,
        /// The page's address.
        url: String,
        /// Its title.
        title: String,
    },
}

/// A part of what is shown of reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SummaryPart {
    /// Text.
    SummaryText {
        /// The text.
        text: String,
    },
}
