//! The request. It is written exactly: field order is the order of the structs, absent fields are left out, so the same
//! conversation always has the same bytes.

use serde::Serialize;
use serde::ser::SerializeSeq;
use serde_json::Value;

use crate::wire::Text;

/// The body of `POST /chat/completions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Request<'a> {
    /// The model's name as the provider knows it.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message<'a>>,
    /// The tools that may be called.
    #[serde(skip_serializing_if = "Tools::is_empty")]
    pub tools: Tools,
    /// Always true: crelay streams, and puts whole answers together itself.
    pub stream: bool,
    /// Everything else, in the order in which the dialect wants it written.
    #[serde(flatten)]
    pub options: serde_json::Map<String, Value>,
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message<'a> {
    /// Instructions for the model, in the only role that every provider knows.
    System {
        /// Plain text.
        content: String,
    },
    /// Instructions, for the few providers that know this role.
    Developer {
        /// Plain text.
        content: String,
    },
    /// What the user said or showed.
    User {
        /// A string when it is text alone, else parts.
        content: Content<'a>,
    },
    /// What the model said and called.
    Assistant(Assistant<'a>),
    /// What a tool answered.
    Tool {
        /// The call that is answered.
        tool_call_id: String,
        /// The tool's name, where the dialect wants it.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Plain text; images travel in a user message of their own.
        content: Text<'a>,
    },
}

/// The model's earlier words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Assistant<'a> {
    /// Text, `null`, or absent, as the dialect wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    /// Reasoning under the name of the dialect, for instance `reasoning_content`.
    #[serde(flatten)]
    pub reasoning: serde_json::Map<String, Value>,
    /// The calls, all of one answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall<'a>>,
}

/// A finished call in the history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolCall<'a> {
    /// Answered by the tool message that carries the same id.
    pub id: String,
    /// Always `function`.
    pub r#type: &'static str,
    /// What was called.
    pub function: FunctionCall<'a>,
    /// Opaque data that the provider wants back with the call (Gemini's thought signature).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<Value>,
}

/// Name and arguments of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionCall<'a> {
    /// One of the names in [`Request::tools`].
    pub name: String,
    /// A JSON object, as text.
    pub arguments: Text<'a>,
}

/// A string or parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Content<'a> {
    /// Text alone.
    Text(Text<'a>),
    /// Text and images.
    Parts(Vec<Part<'a>>),
}

/// A part of a user message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part<'a> {
    /// Text.
    Text {
        /// The text.
        text: Text<'a>,
    },
    /// An image, by address or as a data URL.
    ImageUrl {
        /// The image.
        image_url: ImageUrl<'a>,
    },
}

/// Where an image is, or the image itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ImageUrl<'a> {
    /// The bare address.
    Bare(Text<'a>),
    /// With how closely to look at it.
    Object {
        /// The address.
        url: Text<'a>,
        /// `low`, `high` or `auto`.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
}

/// The tools of a request, which is one list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tools {
    /// What the provider runs itself, in its own form. It comes first, since functions may be added from turn to turn.
    pub hosted: Option<Value>,
    /// Functions.
    pub functions: Vec<Tool>,
}

impl Tools {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosted.is_none() && self.functions.is_empty()
    }
}

impl Serialize for Tools {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if let Some(hosted) = &self.hosted {
            list.serialize_element(hosted)?;
        }
        for function in &self.functions {
            list.serialize_element(function)?;
        }
        list.end()
    }
}

/// A tool that the model may call. `type` is always `function`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tool {
    /// Always `function`.
    pub r#type: &'static str,
    /// Its declaration.
    pub function: Function,
}

/// Declaration of a function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Function {
    /// Matches `^[A-Za-z][A-Za-z0-9_-]{0,63}$`, which every provider takes.
    pub name: String,
    /// For the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A JSON schema whose root is an object.
    pub parameters: Value,
    /// Whether arguments must follow the schema, where the dialect knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
}
