//! Which protocols a provider speaks, and in which respects Responses endpoints differ from the public specification.

use serde::{Deserialize, Serialize};

/// A protocol toward the provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Chat Completions: requests and answers are translated.
    #[default]
    Chat,
    /// The provider's own Responses endpoint: both are passed through with repair.
    Responses,
}

impl Wire {
    /// The word that is typed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Chat, Self::Responses]
            .into_iter()
            .find(|wire| wire.word() == word)
    }
}

/// What a Responses endpoint takes. The defaults together are what every one takes: functions, messages and the
/// parameters that no model can do without.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Native {
    /// Roles of instructions.
    pub roles: NativeRoles,
    /// Types of tools, with their items, beside functions. Others are rewritten as functions or left out.
    pub tools: Vec<NativeTool>,
    /// Optional parameters that may be sent.
    pub params: Vec<NativeParam>,
    /// How earlier reasoning goes back.
    pub replay: NativeReplay,
    /// How the items of one answer must follow each other.
    pub order: NativeOrder,
    /// What a tool's output may be.
    pub outputs: NativeOutputs,
    /// What is done with items and parameters that crelay does not know.
    pub unknown: NativeUnknown,
}

impl Native {
    /// Whether tools of this type, and their items, may be sent.
    #[must_use]
    pub fn has(&self, tool: NativeTool) -> bool {
        self.tools.contains(&tool)
    }

    /// Whether `param` may be sent.
    #[must_use]
    pub fn takes(&self, param: NativeParam) -> bool {
        self.params.contains(&param)
    }
}

/// Roles of instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeRoles {
    /// Leading ones stand in `instructions`; later ones are user messages that say what they are.
    #[default]
    Instructions,
    /// `system` anywhere.
    System,
    /// As they came: `developer`.
    Developer,
}

/// A type of tool beside `function`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NativeTool {
    /// Freeform tools.
    Custom,
    /// Functions in namespaces.
    Namespace,
    /// The search for tools, which Codex does itself.
    ToolSearch,
    /// Codex's shell in its oldest form.
    LocalShell,
    /// Pictures that the provider makes.
    ImageGeneration,
}

/// An optional parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NativeParam {
    /// `store`, which is then always false: crelay keeps what must be kept.
    Store,
    /// `include`, with the reasoning that only its maker can read.
    Include,
    /// `reasoning.summary`.
    Summary,
    /// `reasoning.effort: none`.
    EffortNone,
    /// `parallel_tool_calls`.
    ParallelToolCalls,
    /// `prompt_cache_key`.
    PromptCacheKey,
    /// `text.verbosity`.
    Verbosity,
    /// `temperature` and `top_p`.
    Sampling,
    /// `metadata`.
    Metadata,
    /// `service_tier`.
    ServiceTier,
    /// `safety_identifier` and `user`.
    Identity,
    /// `phase` of an assistant message.
    Phase,
}

/// How earlier reasoning goes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeReplay {
    /// As this very model of this provider wrote it; what others thought is left out.
    #[default]
    Verbatim,
    /// The same, and before every answer that calls: what others thought as `reasoning_text`, empty where there was
    /// none.
    Text,
    /// Not at all.
    Never,
}

/// How the items of one answer must follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeOrder {
    /// Thoughts and words, then calls, then their outputs in the same order, and nothing between.
    #[default]
    Strict,
    /// As they came; only outputs that come late move up.
    Kept,
}

/// What a tool's output may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeOutputs {
    /// Text; images follow in a user message.
    #[default]
    Text,
    /// Parts.
    Parts,
}

/// What is done with items and parameters that crelay does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeUnknown {
    /// They are left out.
    #[default]
    LeftOut,
    /// They are passed on.
    Kept,
}
