//! Everything of a request that is neither message, tool nor reasoning.

use serde::{Deserialize, Serialize};

/// Under which name the limit of the answer is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokens {
    /// `max_tokens`.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

/// When the limit of the answer is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitSent {
    /// When the request has one.
    #[default]
    Asked,
    /// Always: the model's own where the request has none.
    Always,
}

/// Whether usage must be asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamUsage {
    /// `stream_options: {include_usage: true}`.
    #[default]
    Asked,
    /// It comes by itself, and the option is not known.
    Given,
}

/// Which `response_format` is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseFormat {
    /// `json_schema`, also beside tools.
    JsonSchema,
    /// `json_schema`; beside tools the schema stands in a sentence.
    JsonSchemaAlone,
    /// `json_object`; the schema stands in a sentence, and beside tools nothing else does.
    #[default]
    JsonObject,
    /// None; the schema stands in a sentence.
    Sentence,
}

/// An optional parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
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
