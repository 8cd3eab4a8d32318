//! The items of a conversation, as Codex sends them.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Tool;
use crate::wire::{Text, lenient};

/// An item of the conversation.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// Words of a developer, a user or the model.
    Message(Message<'a>),
    /// What the model thought.
    Reasoning(ReasoningItem<'a>),
    /// A call of a function.
    FunctionCall(FunctionCall<'a>),
    /// What a function answered.
    FunctionCallOutput(CallOutput<'a>),
    /// A call of a freeform tool.
    CustomToolCall(CustomToolCall),
    /// What a freeform tool answered.
    CustomToolCallOutput(CallOutput<'a>),
    /// A call of Codex's shell in its oldest form.
    LocalShellCall(LocalShellCall),
    /// A search for tools that were not offered from the start.
    ToolSearchCall(ToolSearchCall),
    /// The tools that a search found; from here on they can be called.
    ToolSearchOutput(ToolSearchOutput),
    /// Tools that arrive in the conversation instead of [`Request::tools`](super::Request::tools) (Responses Lite).
    AdditionalTools(AdditionalTools),
    /// Words of one agent to another.
    AgentMessage(AgentMessage<'a>),
    /// A summary of what was said before.
    Compaction(CompactionItem),
    /// Any other type, as it came.
    Unknown {
        /// Its `type`, empty if it has none.
        r#type: String,
        /// The whole item.
        raw: &'a RawValue,
    },
}

impl Item<'_> {
    /// The id of a call, empty where it has none; `None` if this is no call.
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        let call_id = match self {
            Self::FunctionCall(call) => &call.call_id,
            Self::CustomToolCall(call) => &call.call_id,
            Self::LocalShellCall(call) => &call.call_id,
            Self::ToolSearchCall(call) => &call.call_id,
            _ => return None,
        };
        Some(call_id.as_deref().unwrap_or_default())
    }

    /// The id of the call that is answered, empty where it has none; `None` if this is no output.
    #[must_use]
    pub fn answered(&self) -> Option<&str> {
        let call_id = match self {
            Self::FunctionCallOutput(output) | Self::CustomToolCallOutput(output) => &output.call_id,
            Self::ToolSearchOutput(output) => &output.call_id,
            _ => return None,
        };
        Some(call_id.as_deref().unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient::option")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    role: Option<String>,
}

impl Tag {
    /// The tag of an item. Nearly everybody writes it first.
    fn of(json: &str) -> Result<Self, serde_json::Error> {
        let first = json.strip_prefix(r#"{"type":""#).and_then(|rest| rest.split_once('"'));
        match first.filter(|(kind, _)| !kind.contains('\\')) {
            Some((kind, _)) => Ok(Self {
                r#type: Some(kind.to_owned()),
                role: None,
            }),
            None => serde_json::from_str(json),
        }
    }
}

/// From JSON that stays in memory, and not from a [`Value`]: texts stay where they are.
impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'a RawValue = Deserialize::deserialize(deserializer)?;
        let json = raw.get();
        let tag = Tag::of(json).map_err(serde::de::Error::custom)?;
        let item = match tag.r#type.as_deref() {
            // The specification lets a message leave out its type.
            Some("message") => serde_json::from_str(json).map(Self::Message),
            None if tag.role.is_some() => serde_json::from_str(json).map(Self::Message),
            Some("reasoning") => serde_json::from_str(json).map(Self::Reasoning),
            Some("function_call") => serde_json::from_str(json).map(Self::FunctionCall),
            Some("function_call_output") => serde_json::from_str(json).map(Self::FunctionCallOutput),
            Some("custom_tool_call") => serde_json::from_str(json).map(Self::CustomToolCall),
            Some("custom_tool_call_output") => serde_json::from_str(json).map(Self::CustomToolCallOutput),
            Some("local_shell_call") => serde_json::from_str(json).map(Self::LocalShellCall),
            Some("tool_search_call") => serde_json::from_str(json).map(Self::ToolSearchCall),
            Some("tool_search_output") => serde_json::from_str(json).map(Self::ToolSearchOutput),
            Some("additional_tools") => serde_json::from_str(json).map(Self::AdditionalTools),
            Some("agent_message") => serde_json::from_str(json).map(Self::AgentMessage),
            Some("compaction" | "context_compaction" | "compaction_summary") => {
                serde_json::from_str(json).map(Self::Compaction)
            }
            _ => {
                let r#type = tag.r#type.unwrap_or_default();
                return Ok(Self::Unknown { r#type, raw });
            }
        };
        item.map_err(serde::de::Error::custom)
    }
}

lenient::object!(ContentPart<'a>);

/// Words of a developer, a user or the model.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Message<'a> {
    /// `developer`, `system`, `user` or `assistant`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub role: Option<String>,
    /// A string or parts.
    #[serde(borrow, default)]
    pub content: Content<'a>,
}

/// A string or parts; null is no parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'a> {
    /// Text alone.
    Text(Text<'a>),
    /// Parts, in order.
    Parts(Vec<ContentPart<'a>>),
}

impl Default for Content<'_> {
    fn default() -> Self {
        Self::Parts(Vec::new())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &'a RawValue = Deserialize::deserialize(deserializer)?;
        let json = raw.get();
        if let Some(text) = Text::of(raw) {
            return Ok(Self::Text(text));
        }
        Ok(match json.as_bytes().first() {
            Some(b'[') => Self::Parts(serde_json::from_str(json).map_err(serde::de::Error::custom)?),
            Some(b'n') => Self::default(),
            // Some clients send an object as a tool's output; its JSON is its text.
            _ => Self::Text(json.into()),
        })
    }
}

/// A part of a message or of a tool's output.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ContentPart<'a> {
    /// `input_text`, `output_text`, `input_image`, `refusal`, …
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// The text of a text part.
    #[serde(borrow, default, deserialize_with = "lenient::option")]
    pub text: Option<Text<'a>>,
    /// The words of a `refusal`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub refusal: Option<String>,
    /// Address or data URL of an `input_image`.
    #[serde(borrow, default, deserialize_with = "lenient::option")]
    pub image_url: Option<Text<'a>>,
    /// `low`, `high` or `auto`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub detail: Option<String>,
    /// Name of an `input_file`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub filename: Option<String>,
    /// Data URL or base64 of an `input_file`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub file_data: Option<String>,
    /// Address of an `input_file`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub file_url: Option<String>,
    /// Plain text of the model under another name (Codex's sub-agents, second version).
    #[serde(default, deserialize_with = "lenient::option")]
    pub encrypted_content: Option<String>,
}

/// What the model thought.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ReasoningItem<'a> {
    /// What was shown of it.
    #[serde(borrow, default, deserialize_with = "lenient::list")]
    pub summary: Vec<ContentPart<'a>>,
    /// The raw thoughts, where they were given.
    #[serde(borrow, default, deserialize_with = "lenient::list")]
    pub content: Vec<ContentPart<'a>>,
    /// Opaque to Codex; crelay keeps here what the provider needs back.
    #[serde(default, deserialize_with = "lenient::option")]
    pub encrypted_content: Option<String>,
}

/// A call of a function.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FunctionCall<'a> {
    /// Answered by the output that carries the same id.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// The function's own name.
    #[serde(default, deserialize_with = "lenient::option")]
    pub name: Option<String>,
    /// The namespace that the function stands in.
    #[serde(default, deserialize_with = "lenient::option")]
    pub namespace: Option<String>,
    /// JSON, as text.
    #[serde(borrow, default, deserialize_with = "lenient::option")]
    pub arguments: Option<Text<'a>>,
}

/// A call of a freeform tool.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CustomToolCall {
    /// Answered by the output that carries the same id.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// The tool's name.
    #[serde(default, deserialize_with = "lenient::option")]
    pub name: Option<String>,
    /// The namespace that the tool stands in.
    #[serde(default, deserialize_with = "lenient::option")]
    pub namespace: Option<String>,
    /// The text that the tool gets.
    #[serde(default, deserialize_with = "lenient::option")]
    pub input: Option<String>,
}

/// What a tool answered.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CallOutput<'a> {
    /// The call that is answered.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// A string or parts.
    #[serde(borrow, default)]
    pub output: Content<'a>,
}

/// A call of Codex's shell in its oldest form.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LocalShellCall {
    /// Answered by the output that carries the same id.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// `{"type":"exec","command":[…],…}`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub action: Option<Value>,
}

/// A search for tools.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ToolSearchCall {
    /// Answered by the output that carries the same id.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// What is looked for, an object.
    #[serde(default, deserialize_with = "lenient::option")]
    pub arguments: Option<Value>,
}

/// What a search for tools found.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ToolSearchOutput {
    /// The search that is answered.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// The tools.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tools: Vec<Tool>,
}

/// Tools that arrive in the conversation.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AdditionalTools {
    /// The tools.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tools: Vec<Tool>,
}

/// Words of one agent to another.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AgentMessage<'a> {
    /// Who speaks, for instance `/root/sub_one`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub author: Option<String>,
    /// Who is spoken to.
    #[serde(default, deserialize_with = "lenient::option")]
    pub recipient: Option<String>,
    /// What is said; the task of a sub-agent stands in `encrypted_content`, and is plain text.
    #[serde(borrow, default)]
    pub content: Content<'a>,
}

/// A summary of what was said before, in the form of who made it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CompactionItem {
    /// `compaction`, or what Codex calls it.
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// The summary, opaque to clients.
    #[serde(default, deserialize_with = "lenient::option")]
    pub encrypted_content: Option<String>,
}
