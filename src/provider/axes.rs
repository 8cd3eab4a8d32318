//! The axes that a stanza of the table names, and how they are laid over others.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::dialect::{self, Dialect};
use super::effort::Effort;

/// Each axis as a stanza may name it, and one way to lay all of them over a dialect.
macro_rules! axes {
    ($($name:ident: $axis:ty,)*) => {
        /// The axes that a stanza names.
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Axes {
            $(pub $name: Option<$axis>,)*
        }

        impl Axes {
            /// Puts what is named over `dialect`.
            pub fn apply(&self, dialect: &mut Dialect) {
                $(if let Some(value) = &self.$name {
                    dialect.$name.clone_from(value);
                })*
            }

            /// Each axis of `dialect`, spelled as a stanza would.
            pub fn spelled(dialect: &Dialect) -> Vec<(&'static str, Value)> {
                vec![$((stringify!($name), serde_json::to_value(&dialect.$name).unwrap_or_default()),)*]
            }
        }
    };
}

axes! {
    system: dialect::System,
    reasoning: dialect::ReasoningRequest,
    efforts: Vec<Effort>,
    effort_words: BTreeMap<Effort, String>,
    thoughts_apart: dialect::ThoughtsApart,
    replay: dialect::Replay,
    placeholder: dialect::Placeholder,
    tool_choice: dialect::ToolChoice,
    max_tokens: dialect::MaxTokens,
    limit_sent: dialect::LimitSent,
    max_tools: Option<usize>,
    schema: dialect::Schema,
    call_ids: dialect::CallIds,
    images: dialect::Images,
    special_tokens: dialect::SpecialTokens,
    empty_content: dialect::EmptyContent,
    after_tool: dialect::AfterTool,
    tool_name: dialect::ToolName,
    stream_usage: dialect::StreamUsage,
    response_format: dialect::ResponseFormat,
    web_search: dialect::WebSearch,
    native_search: dialect::NativeSearch,
    params: Vec<dialect::Param>,
    headers: Vec<dialect::Header>,
    wires: Vec<dialect::Wire>,
    native: dialect::Native,
    heal: dialect::Grammars,
    codes: dialect::Codes,
}
