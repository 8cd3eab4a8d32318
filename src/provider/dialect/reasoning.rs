//! How a model is asked to think, and how it is shown what it thought.

use serde::{Deserialize, Serialize};

/// How reasoning is asked for. Where there is a switch, `none` of the ladder turns it off; a ladder without `none`
/// never does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
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
    /// `thinking: {type, keep: "all"}` (Kimi K2.6 keeps earlier reasoning only so); there are no steps.
    ThinkingKeepAll,
    /// `thinking: {type}`, where thinking is `adaptive` and never `enabled` (MiniMax); there are no steps.
    ThinkingAdaptive,
    /// `enable_thinking`, `preserve_thinking` and `reasoning_effort`.
    EnableThinking,
    /// `enable_thinking`, `preserve_thinking` and, for the lower steps, `thinking_budget`.
    EnableThinkingBudget,
    /// `enable_thinking`, and the step as `chat_template_kwargs: {reasoning_effort}` (LM Studio).
    EnableThinkingTemplate,
    /// `reasoning: {effort}`.
    Object,
    /// `reasoning: {enabled}`; there are no steps.
    ObjectSwitch,
    /// `chat_template_kwargs: {enable_thinking}`; there are no steps.
    TemplateSwitch,
    /// `chat_template_kwargs: {thinking, enable_thinking}`, since templates know the one or the other; no steps.
    TemplateSwitches,
    /// `chat_template_kwargs: {thinking_mode}`; there are no steps.
    TemplateMode,
    /// `chat_template_kwargs: {enable_thinking, preserve_thinking, reasoning_effort}`.
    TemplateEffort,
}

impl ReasoningRequest {
    /// Whether it can say how hard to think, and not only whether to.
    #[must_use]
    pub fn has_steps(self) -> bool {
        match self {
            Self::Silent
            | Self::ThinkingSwitch
            | Self::ThinkingKeepAll
            | Self::ThinkingAdaptive
            | Self::ObjectSwitch
            | Self::TemplateSwitch
            | Self::TemplateSwitches
            | Self::TemplateMode => false,
            Self::Effort
            | Self::Thinking
            | Self::ThinkingKept
            | Self::EnableThinking
            | Self::EnableThinkingBudget
            | Self::EnableThinkingTemplate
            | Self::Object
            | Self::TemplateEffort => true,
        }
    }
}

/// How the provider is told to keep thoughts apart from the words of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThoughtsApart {
    /// It does so by itself.
    #[default]
    Unasked,
    /// `reasoning_split: true`; each piece of thoughts may then begin with all of them so far.
    ReasoningSplit,
    /// `reasoning_format: "parsed"`.
    ReasoningFormat,
}

/// How earlier reasoning goes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replay {
    /// Not at all.
    #[default]
    Never,
    /// As `reasoning_content`, where there was any.
    Content,
    /// As `reasoning_content` on every assistant message; where there was none, the placeholder stands for it.
    ContentAlways,
    /// As `reasoning`, where there was any.
    Reasoning,
    /// As `reasoning_details`, verbatim; as `reasoning` where only text is known.
    Details,
    /// As a `thinking` part of the content.
    ThinkingPart,
    /// Not as text; only `extra_content` goes back with the calls that it came with (Gemini's thought signatures).
    /// Calls that came without, from another provider's model, get Google's word for a signature that is not to be
    /// checked.
    ExtraContent,
}

/// What stands for thoughts where there were none, and the provider wants some with every message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placeholder {
    /// `""`.
    #[default]
    Empty,
    /// `" "`, where an empty field counts as missing.
    Space,
    /// A sentence, where no placeholder is known to be taken.
    Words,
}
