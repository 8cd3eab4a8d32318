//! The chunks of an answer. They are read from anyone: every field may be missing, null or odd.

use serde::Deserialize;
use serde::de::SeqAccess;
use serde_json::Value;

use crate::wire::found::{Annotation, ExecutedTool, Page};
use crate::wire::{json, lenient};

/// One piece of a streamed answer, or a whole answer (then `message` stands where `delta` does).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Chunk {
    /// Only the first is read: crelay never asks for several.
    #[serde(default, deserialize_with = "lenient::list")]
    pub choices: Vec<Choice>,
    /// Token counts; in the last chunk, in a chunk after it, or in every one.
    #[serde(default, deserialize_with = "lenient::option")]
    pub usage: Option<Box<Usage>>,
    /// Groq's place for the same counts.
    #[serde(default, deserialize_with = "lenient::option")]
    pub x_groq: Option<Groq>,
    /// Perplexity's and Qianfan's list of what was found, often in every chunk.
    #[serde(default, deserialize_with = "lenient::list")]
    pub search_results: Vec<Page>,
    /// GLM's list of the same.
    #[serde(default, deserialize_with = "lenient::list")]
    pub web_search: Vec<Page>,
    /// Addresses that are cited (Perplexity, xAI).
    #[serde(default, deserialize_with = "lenient::list")]
    pub citations: Vec<Value>,
    /// An error inside an answer that began well. Any shape; null is no error.
    #[serde(default, deserialize_with = "lenient::option")]
    pub error: Option<Value>,
    /// MiniMax's place for an error; also there, with the code 0, where all is well.
    #[serde(default, deserialize_with = "lenient::option")]
    pub base_resp: Option<BaseResponse>,
}

/// MiniMax's verdict on a request.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct BaseResponse {
    /// 0 is well.
    #[serde(default, deserialize_with = "lenient::option")]
    pub status_code: Option<i64>,
}

impl BaseResponse {
    /// Whether something is wrong.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.status_code.is_some_and(|code| code != 0)
    }
}

/// Groq's extension of a chunk.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Groq {
    /// As [`Chunk::usage`].
    #[serde(default, deserialize_with = "lenient::option")]
    pub usage: Option<Box<Usage>>,
}

/// The answer, or what is new of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Choice {
    /// Which of several answers; missing or -1 with some providers.
    #[serde(default, deserialize_with = "lenient::option")]
    pub index: Option<i64>,
    /// What is new.
    #[serde(default, deserialize_with = "lenient::option")]
    pub delta: Option<Delta>,
    /// The whole answer, where a provider does not stream although it was asked to.
    #[serde(default, deserialize_with = "lenient::option")]
    pub message: Option<Box<Delta>>,
    /// Why the answer ended. An empty string is no reason.
    #[serde(default, deserialize_with = "lenient::option")]
    pub finish_reason: Option<String>,
    /// Moonshot's place for the token counts.
    #[serde(default, deserialize_with = "lenient::option")]
    pub usage: Option<Box<Usage>>,
}

/// What is new of an answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Delta {
    /// Text, or Mistral's list of parts.
    #[serde(default, deserialize_with = "lenient::option")]
    pub content: Option<DeltaContent>,
    /// Reasoning, as DeepSeek and most others spell it.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning_content: Option<String>,
    /// Reasoning, as OpenRouter, Groq and newer vLLM spell it.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning: Option<String>,
    /// Reasoning, as a few gateways spell it.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning_text: Option<String>,
    /// OpenRouter's structured reasoning, with what must be sent back.
    #[serde(default, deserialize_with = "lenient::list")]
    pub reasoning_details: Vec<serde_json::Map<String, Value>>,
    /// A refusal in words.
    #[serde(default, deserialize_with = "lenient::option")]
    pub refusal: Option<String>,
    /// What is cited.
    #[serde(default, deserialize_with = "lenient::list")]
    pub annotations: Vec<Annotation>,
    /// Tools that the provider itself ran.
    #[serde(default, deserialize_with = "lenient::list")]
    pub executed_tools: Vec<ExecutedTool>,
    /// Calls, or pieces of them.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tool_calls: Vec<ToolCallDelta>,
    /// The one call of servers that never learned of `tool_calls`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub function_call: Option<FunctionDelta>,
}

/// Text, or parts.
#[derive(Debug, Clone, PartialEq)]
pub enum DeltaContent {
    /// Text.
    Text(String),
    /// Mistral: `{"type":"text"}` and `{"type":"thinking"}`.
    Parts(Vec<DeltaPart>),
}

impl<'de> lenient::Lenient<'de> for DeltaContent {
    fn of_text(text: &str) -> Option<Self> {
        Some(Self::Text(text.to_owned()))
    }

    fn of_list<A: SeqAccess<'de>>(parts: A) -> Result<Option<Self>, A::Error> {
        Ok(Vec::of_list(parts)?.map(Self::Parts))
    }
}

lenient::object!(
    BaseResponse,
    Choice,
    CompletionDetails,
    CostDetails,
    Delta,
    DeltaPart,
    FunctionDelta,
    Groq,
    PromptDetails,
    ToolCallDelta,
    Usage,
);

/// A part of Mistral's content.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct DeltaPart {
    /// `text`, `thinking`, `reference`, …
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// Text of a `text` part.
    #[serde(default, deserialize_with = "lenient::option")]
    pub text: Option<String>,
    /// A string, or a list of text parts.
    #[serde(default, deserialize_with = "lenient::option")]
    pub thinking: Option<Value>,
}

/// A call, or a piece of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ToolCallDelta {
    /// Which call; missing, repeated or negative with some providers.
    #[serde(default, deserialize_with = "lenient::option")]
    pub index: Option<i64>,
    /// In the first piece, in every piece, or never.
    #[serde(default, deserialize_with = "lenient::option")]
    pub id: Option<String>,
    /// Name and arguments.
    #[serde(default, deserialize_with = "lenient::option")]
    pub function: Option<FunctionDelta>,
    /// Opaque data that the provider wants back with the call.
    #[serde(default, deserialize_with = "lenient::option")]
    pub extra_content: Option<Value>,
}

/// Name and arguments, or pieces of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct FunctionDelta {
    /// Whole wherever it was seen; some providers repeat it in every piece.
    #[serde(default, deserialize_with = "lenient::option")]
    pub name: Option<String>,
    /// A piece of JSON text, or (MiniMax) the object itself.
    #[serde(default, deserialize_with = "lenient::option")]
    pub arguments: Option<Value>,
}

/// Token counts under every name that was seen.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    #[serde(default, deserialize_with = "lenient::option")]
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    #[serde(default, deserialize_with = "lenient::option")]
    pub completion_tokens: Option<u64>,
    /// Their sum.
    #[serde(default, deserialize_with = "lenient::option")]
    pub total_tokens: Option<u64>,
    /// `cached_tokens`, `cache_write_tokens`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub prompt_tokens_details: Option<PromptDetails>,
    /// `reasoning_tokens`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's name for cached tokens.
    #[serde(default, deserialize_with = "lenient::option")]
    pub prompt_cache_hit_tokens: Option<u64>,
    /// Moonshot's name for cached tokens.
    #[serde(default, deserialize_with = "lenient::option")]
    pub cached_tokens: Option<u64>,
    /// Anthropic's name for cached tokens, through gateways (Venice and Doubleword, seen 2026).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cache_read_input_tokens: Option<u64>,
    /// Mistral's name for cached tokens (seen 2026).
    #[serde(default, deserialize_with = "lenient::option")]
    pub num_cached_tokens: Option<u64>,
    /// Gemini's name for cached tokens, through gateways (omp 18.2.11).
    #[serde(default, rename = "cachedContentTokenCount", deserialize_with = "lenient::option")]
    pub cached_content_token_count: Option<u64>,
    /// Anthropic's name for tokens that were put into the cache, through gateways (Vercel and Doubleword, seen 2026).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cache_creation_input_tokens: Option<u64>,
    /// Mistral and a few gateways give reasoning tokens at the top.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning_tokens: Option<u64>,
    /// What the answer cost: dollars (OpenRouter), or an object (Perplexity).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cost: Option<Value>,
    /// Parts of it (OpenRouter).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cost_details: Option<CostDetails>,
    /// Whether OpenRouter passed on with the user's own key of somebody else's.
    #[serde(default, deserialize_with = "lenient::option")]
    pub is_byok: Option<bool>,
    /// xAI's way to tell what the answer cost.
    #[serde(default, deserialize_with = "lenient::option")]
    pub cost_in_usd_ticks: Option<f64>,
}

/// Details of `cost`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CostDetails {
    /// What is paid to whoever answered, in dollars.
    #[serde(default, deserialize_with = "lenient::option")]
    pub upstream_inference_cost: Option<f64>,
}

/// Details of `prompt_tokens`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct PromptDetails {
    /// Tokens that the provider had in its cache.
    #[serde(default, deserialize_with = "lenient::option")]
    pub cached_tokens: Option<u64>,
    /// Tokens that the provider put into its cache, where that is told.
    #[serde(default, deserialize_with = "lenient::option")]
    pub cache_write_tokens: Option<u64>,
    /// DashScope's name for the same (omp 18.2.11).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cache_creation_input_tokens: Option<u64>,
    /// Gateways in front of Anthropic write it so (from memory).
    #[serde(default, deserialize_with = "lenient::option")]
    pub cache_creation_tokens: Option<u64>,
}

/// Details of `completion_tokens`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CompletionDetails {
    /// Tokens spent on reasoning.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning_tokens: Option<u64>,
}

impl ToolCallDelta {
    /// Whether nothing is said of any call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let function = self.function.as_ref();
        let name = function.and_then(|function| function.name.as_deref());
        let arguments = function.and_then(|function| function.arguments.as_ref());
        let texts = [self.id.as_deref(), name, arguments.and_then(Value::as_str)];
        let is_object = arguments.is_some_and(|arguments| !arguments.is_string() && !arguments.is_null());
        !is_object && self.extra_content.is_none() && texts.into_iter().flatten().all(str::is_empty)
    }
}

impl Usage {
    /// Cached tokens under whichever name they came.
    #[must_use]
    pub fn cached(&self) -> u64 {
        self.prompt_tokens_details
            .as_ref()
            .and_then(|details| details.cached_tokens)
            .or(self.prompt_cache_hit_tokens)
            .or(self.cached_tokens)
            .or(self.cache_read_input_tokens)
            .or(self.num_cached_tokens)
            .or(self.cached_content_token_count)
            .unwrap_or(0)
    }

    /// Tokens that were put into the cache.
    #[must_use]
    pub fn cache_writes(&self) -> u64 {
        self.prompt_tokens_details
            .as_ref()
            .and_then(|details| {
                let own = details.cache_write_tokens.or(details.cache_creation_input_tokens);
                own.or(details.cache_creation_tokens)
            })
            .or(self.cache_creation_input_tokens)
            .unwrap_or(0)
    }

    /// Reasoning tokens under whichever name they came.
    #[must_use]
    pub fn reasoning(&self) -> u64 {
        self.completion_tokens_details
            .as_ref()
            .and_then(|details| details.reasoning_tokens)
            .or(self.reasoning_tokens)
            .unwrap_or(0)
    }
}

/// Reads the data of one frame.
///
/// # Errors
///
/// When it is not a JSON object.
pub fn chunk(data: &str) -> Result<Chunk, serde_json::Error> {
    // Where a name stands twice, the later counts, as with every parser that our providers tested with.
    json::from_str(data).or_else(|_| json::from_value(&json::from_str(data)?))
}
