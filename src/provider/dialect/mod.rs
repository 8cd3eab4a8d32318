//! The axes on which the protocols differ from provider to provider. Each is a closed enum, and `translate` holds
//! one `match` for each. The defaults together are the generic dialect: what every server that was seen accepts.

mod codes;
mod conversation;
mod headers;
mod heal;
mod options;
mod reasoning;
mod search;
mod tools;
mod wire;

pub use codes::Codes;
pub use conversation::{AfterTool, EmptyContent, Images, SpecialTokens, System, ToolName};
pub use headers::{Header, HeaderValue};
pub use heal::{Grammar, Grammars};
pub use options::{LimitSent, MaxTokens, Param, ResponseFormat, StreamUsage};
pub use reasoning::{Placeholder, ReasoningRequest, Replay, ThoughtsApart};
pub use search::{NativeSearch, SERVER_TOOL, WebSearch};
pub use tools::{CallIds, Schema, ToolChoice};
pub use wire::{
    Native, NativeOrder, NativeOutputs, NativeParam, NativeReplay, NativeRoles, NativeTool, NativeUnknown, Wire,
};

use std::collections::BTreeMap;

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
    /// The provider's words for steps that it calls otherwise than Codex does.
    pub effort_words: BTreeMap<Effort, String>,
    /// How thoughts are kept apart from the answer.
    pub thoughts_apart: ThoughtsApart,
    /// How earlier reasoning goes back.
    pub replay: Replay,
    /// What stands for reasoning where there was none.
    pub placeholder: Placeholder,
    /// Which forms of `tool_choice` may be sent.
    pub tool_choice: ToolChoice,
    /// Under which name the limit of the answer is sent.
    pub max_tokens: MaxTokens,
    /// When it is sent.
    pub limit_sent: LimitSent,
    /// How many tools may be declared, if there is a limit.
    pub max_tools: Option<usize>,
    /// Which JSON schema a tool may have.
    pub schema: Schema,
    /// Which ids calls may have.
    pub call_ids: CallIds,
    /// How images are written.
    pub images: Images,
    /// What becomes of tokens of the model's format in a text.
    pub special_tokens: SpecialTokens,
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
    /// How a search of the web is asked for through Chat Completions.
    pub web_search: WebSearch,
    /// How it is asked for through the provider's own Responses endpoint.
    pub native_search: NativeSearch,
    /// Optional parameters that may be sent.
    pub params: Vec<Param>,
    /// Headers beside those of every provider.
    pub headers: Vec<Header>,
    /// The protocols that the provider speaks, the one to use first; empty: Chat Completions alone.
    pub wires: Vec<Wire>,
    /// What its Responses endpoint takes, if it has one.
    pub native: Native,
    /// Which leaked calls and thoughts are listened for.
    pub heal: Grammars,
    /// Whose codes its errors carry.
    pub codes: Codes,
    /// Parameters that the provider has refused in this run.
    pub left_out: Vec<String>,
}

impl Dialect {
    /// The provider's word for a step.
    #[must_use]
    pub fn word(&self, step: Effort) -> &str {
        self.effort_words.get(&step).map_or(step.word(), String::as_str)
    }

    /// Whether the web can be searched for the model.
    #[must_use]
    pub fn searches(&self) -> bool {
        match self.wire() {
            Wire::Chat => self.web_search != WebSearch::None,
            Wire::Responses => self.native_search != NativeSearch::None,
        }
    }

    /// The protocol in which requests are sent.
    #[must_use]
    pub fn wire(&self) -> Wire {
        self.wires.first().copied().unwrap_or_default()
    }

    /// Chooses the protocol; says whether the provider speaks it.
    #[must_use]
    pub fn speak(&mut self, wire: Wire) -> bool {
        let speaks = self.wire() == wire || self.wires.contains(&wire);
        if speaks {
            self.wires = vec![wire];
        }
        speaks
    }

    /// Whether `param` may be sent.
    #[must_use]
    pub fn takes(&self, param: Param) -> bool {
        self.params.contains(&param)
    }
}
