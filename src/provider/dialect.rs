//! The axes on which Chat Completions differ from provider to provider. Each is a closed enum, and `translate` holds
//! one `match` for each. The defaults together are the generic dialect: what every server that was seen accepts.

use serde::Deserialize;

use super::effort::Effort;

/// All axes for one model of one provider.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dialect {
    /// Roles of instructions.
    pub system: System,
    /// How reasoning is asked for.
    pub reasoning: ReasoningRequest,
    /// The efforts that the provider knows, lowest first; empty: nothing is sent.
    pub efforts: Vec<Effort>,
    /// How earlier reasoning goes back.
    pub replay: Replay,
    /// Which forms of `tool_choice` may be sent.
    pub tool_choice: ToolChoice,
    /// Under which name the limit of the answer is sent.
    pub max_tokens: MaxTokens,
    /// Which JSON schema a tool may have.
    pub schema: Schema,
    /// Which ids calls may have.
    pub call_ids: CallIds,
    /// How images are written.
    pub images: Images,
    /// What stands for the content of an assistant message that only calls.
    pub empty_content: EmptyContent,
    /// What must stand between a tool message and a user message.
    pub after_tool: AfterTool,
    /// Whether a tool message carries the tool's name.
    pub tool_name: ToolName,
    /// Whether usage must be asked for.
    pub stream_usage: StreamUsage,
    /// Which `response_format` is known.
    pub response_format: ResponseFormat,
    /// Optional parameters that may be sent.
    pub params: Vec<Param>,
}

/// Roles of instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// One leading `system` message; later instructions are user messages that say what they are.
    #[default]
    Leading,
    /// `system` anywhere.
    Anywhere,
    /// `developer` anywhere.
    Developer,
}

/// How reasoning is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasoningRequest {
    /// Nothing is sent.
    #[default]
    Silent,
    /// `reasoning_effort`.
    Effort,
    /// `thinking: {type}` that switches, and `reasoning_effort`.
    Thinking,
    /// `thinking: {type, clear_thinking: false}` and `reasoning_effort` (GLM keeps earlier reasoning only so).
    ThinkingKept,
    /// `thinking: {type}` alone; there are no steps.
    ThinkingSwitch,
    /// `enable_thinking`, `preserve_thinking` and `reasoning_effort`.
    EnableThinking,
    /// `reasoning: {effort}`.
    Object,
}

/// How earlier reasoning goes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replay {
    /// Not at all.
    #[default]
    Never,
    /// As `reasoning_content`, where there was any.
    Content,
    /// As `reasoning_content` on every assistant message, empty where there was none.
    ContentAlways,
    /// As `reasoning`, where there was any.
    Reasoning,
    /// As `reasoning_details`, verbatim; as `reasoning` where only text is known.
    Details,
    /// As a `thinking` part of the content.
    ThinkingPart,
    /// Not as text; only `extra_content` goes back with the calls that it came with (Gemini's thought signatures).
    ExtraContent,
}

/// Which forms of `tool_choice` may be sent. `auto` is the default everywhere and never sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChoice {
    /// `none` alone; a forced choice is left to the model.
    None,
    /// `none` and `required`; a named tool becomes `required` with only that tool offered.
    #[default]
    Required,
    /// All, in OpenAI's form.
    Named,
    /// All; `required` is spelled `any`.
    Any,
}

/// Under which name the limit of the answer is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokens {
    /// `max_tokens`.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// Which JSON schema a tool may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schema {
    /// As it came; boolean subschemas become objects, which is the same and known to more servers.
    #[default]
    Plain,
    /// Moonshot's flavour.
    Moonshot,
    /// No `$id`, `$schema`, `$ref` or `additionalProperties: false`.
    Mistral,
    /// No union at the root.
    Xai,
}

/// Which ids calls may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallIds {
    /// As they came, if they are made of at most 40 characters of `[A-Za-z0-9_.:-]`; else shortened.
    #[default]
    Plain,
    /// Exactly nine letters and digits.
    Nine,
}

/// How images are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// `{"url": …}`.
    #[default]
    Url,
    /// `{"url": …, "detail": …}`.
    Detail,
    /// The address itself.
    Bare,
}

/// What stands for the content of an assistant message that only calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyContent {
    /// `""`.
    #[default]
    Text,
    /// `null`.
    Null,
    /// The field is left out.
    Absent,
}

/// What must stand between a tool message and a user message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterTool {
    /// Nothing.
    #[default]
    Anything,
    /// An assistant message.
    Assistant,
}

/// Whether a tool message carries the tool's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolName {
    /// No.
    #[default]
    Absent,
    /// Yes.
    Present,
}

/// Whether usage must be asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamUsage {
    /// `stream_options: {include_usage: true}`.
    #[default]
    Asked,
    /// It comes by itself, and the option is not known.
    Given,
}

/// Which `response_format` is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseFormat {
    /// `json_schema`.
    JsonSchema,
    /// `json_object`; the schema stands in a sentence.
    #[default]
    JsonObject,
    /// None; the schema stands in a sentence.
    Sentence,
}

/// An optional parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Param {
    /// `parallel_tool_calls`.
    ParallelToolCalls,
    /// `prompt_cache_key`.
    PromptCacheKey,
    /// `service_tier`.
    ServiceTier,
    /// `strict` of a function.
    Strict,
    /// `temperature` and `top_p`.
    Sampling,
    /// `verbosity`.
    Verbosity,
    /// `metadata`.
    Metadata,
    /// `safety_identifier` and `user`.
    Identity,
    /// `tool_stream`, without which GLM sends arguments in one piece.
    ToolStream,
}

impl Dialect {
    /// Whether `param` may be sent.
    #[must_use]
    pub fn takes(&self, param: Param) -> bool {
        self.params.contains(&param)
    }
}
