//! How a model is asked to think, and how it is shown what it thought.

use serde::Deserialize;

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
