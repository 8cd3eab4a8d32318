//! The items of a conversation, as Codex sends them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Tool;
use crate::wire::json::Json;
use crate::wire::{Text, json, lenient};

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
    /// Any other type; empty if it has none.
    Unknown(String),
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

/// From JSON that stays in memory, and not from a [`Value`]: texts stay where they are.
impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(json::TAGGED, Reader(PhantomData))
    }
}

impl<'de: 'a, 'a> Item<'a> {
    /// Reads the fields of an item of a type.
    fn read<D: Deserializer<'de>>(kind: &str, fields: D) -> Result<Self, D::Error> {
        match kind {
            "message" => Deserialize::deserialize(fields).map(Self::Message),
            "reasoning" => Deserialize::deserialize(fields).map(Self::Reasoning),
            "function_call" => Deserialize::deserialize(fields).map(Self::FunctionCall),
            "function_call_output" => Deserialize::deserialize(fields).map(Self::FunctionCallOutput),
            "custom_tool_call" => Deserialize::deserialize(fields).map(Self::CustomToolCall),
            "custom_tool_call_output" => Deserialize::deserialize(fields).map(Self::CustomToolCallOutput),
            "local_shell_call" => Deserialize::deserialize(fields).map(Self::LocalShellCall),
            "tool_search_call" => Deserialize::deserialize(fields).map(Self::ToolSearchCall),
            "tool_search_output" => Deserialize::deserialize(fields).map(Self::ToolSearchOutput),
            "additional_tools" => Deserialize::deserialize(fields).map(Self::AdditionalTools),
            "agent_message" => Deserialize::deserialize(fields).map(Self::AgentMessage),
            "compaction" | "context_compaction" | "compaction_summary" => {
                Deserialize::deserialize(fields).map(Self::Compaction)
            }
            _ => IgnoredAny::deserialize(fields).map(|_| Self::Unknown(kind.to_owned())),
        }
    }
}

/// What tells an item's type where that does not stand first.
#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient::option")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    role: Option<String>,
}

struct Reader<'a>(PhantomData<Item<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for Reader<'a> {
    type Value = Item<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item of the conversation")
    }

    /// Of fields of which the first is the type.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Item<'a>, A::Error> {
        let tag = fields.next_entry::<IgnoredAny, String>()?;
        let kind = tag.map(|(_, kind)| kind).unwrap_or_default();
        let mut item = Item::read(&kind, MapAccessDeserializer::new(fields))?;
        if let Item::Compaction(item) = &mut item {
            item.r#type = Some(kind);
        }
        Ok(item)
    }

    /// Of any other value, whatever stands first in it.
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Item<'a>, E> {
        let tag: Tag = json::from_str(text).map_err(E::custom)?;
        let kind = match tag {
            // The specification lets a message leave out its type.
            Tag { r#type: None, role } => role.map(|_| "message".to_owned()),
            Tag { r#type, .. } => r#type,
        };
        Item::read(&kind.unwrap_or_default(), &mut Json::new(text)).map_err(E::custom)
    }

    /// Of a value that somebody else reads.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item<'a>, D::Error> {
        let raw: &'a RawValue = Deserialize::deserialize(deserializer)?;
        self.visit_borrowed_str(raw.get())
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
        if let Some(text) = Text::of(raw) {
            return Ok(Self::Text(text));
        }
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'[') => Self::Parts(json::from_str(text).map_err(serde::de::Error::custom)?),
            Some(b'n') => Self::default(),
            // Some clients send an object as a tool's output; its JSON is its text.
            _ => Self::Text(text.into()),
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
