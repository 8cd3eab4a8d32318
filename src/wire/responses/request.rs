//! The body of a request, apart from its items.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Content, Item, Message};
use crate::wire::lenient;

/// The body of `POST /v1/responses`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Request<'a> {
    /// The model that is asked for.
    #[serde(default, deserialize_with = "lenient::option")]
    pub model: Option<String>,
    /// The base prompt, from Codex up to 0.155; later it is the first developer message.
    #[serde(default, deserialize_with = "lenient::option")]
    pub instructions: Option<String>,
    /// The conversation.
    #[serde(borrow, default)]
    pub input: Input<'a>,
    /// The tools; their types are read by the translator.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tools: Vec<Tool>,
    /// `"auto"`, `"none"`, `"required"`, or an object that names a tool.
    #[serde(default, deserialize_with = "lenient::option")]
    pub tool_choice: Option<Value>,
    /// Whether several calls may come in one answer.
    #[serde(default, deserialize_with = "lenient::option")]
    pub parallel_tool_calls: Option<bool>,
    /// Effort and summary.
    #[serde(default, deserialize_with = "lenient::option")]
    pub reasoning: Option<Reasoning>,
    /// Format and verbosity of the answer.
    #[serde(default, deserialize_with = "lenient::option")]
    pub text: Option<TextOptions>,
    /// Events, or one whole answer.
    #[serde(default, deserialize_with = "lenient::option")]
    pub stream: Option<bool>,
    /// Most tokens of the answer, reasoning included.
    #[serde(default, deserialize_with = "lenient::option")]
    pub max_output_tokens: Option<u64>,
    /// Sampling temperature.
    #[serde(default, deserialize_with = "lenient::option")]
    pub temperature: Option<serde_json::Number>,
    /// Nucleus sampling.
    #[serde(default, deserialize_with = "lenient::option")]
    pub top_p: Option<serde_json::Number>,
    /// Codex's thread id.
    #[serde(default, deserialize_with = "lenient::option")]
    pub prompt_cache_key: Option<String>,
    /// The tier that is asked for.
    #[serde(default, deserialize_with = "lenient::option")]
    pub service_tier: Option<String>,
    /// Whatever the client notes down with the request.
    #[serde(default, deserialize_with = "lenient::option")]
    pub metadata: Option<Value>,
    /// Who asks, for the provider's watch over abuse.
    #[serde(default, deserialize_with = "lenient::option")]
    pub safety_identifier: Option<String>,
    /// The older name of the same.
    #[serde(default, deserialize_with = "lenient::option")]
    pub user: Option<String>,
    /// The answer that this request follows.
    #[serde(default, deserialize_with = "lenient::option")]
    pub previous_response_id: Option<String>,
    /// Whether the answer may be kept; absent is yes.
    #[serde(default, deserialize_with = "lenient::option")]
    pub store: Option<bool>,
}

/// A string or items.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// One user message.
    Text(String),
    /// The conversation, oldest first.
    Items(Vec<Item<'a>>),
}

impl<'a> Input<'a> {
    /// The conversation, whichever form it came in.
    #[must_use]
    pub fn into_items(self) -> Vec<Item<'a>> {
        match self {
            Self::Items(items) => items,
            Self::Text(text) => vec![Item::Message(Message {
                role: Some("user".to_owned()),
                content: Content::Text(text.into()),
            })],
        }
    }
}

impl Default for Input<'_> {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

/// Reads the elements as they come: a copy of the whole list would be the largest that there is of a request.
impl<'de: 'a, 'a> Deserialize<'de> for Input<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

struct Reader<'a>(PhantomData<Input<'a>>);

impl<'de: 'a, 'a> Visitor<'de> for Reader<'a> {
    type Value = Input<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of items as `input`")
    }

    fn visit_unit<E>(self) -> Result<Input<'a>, E> {
        Ok(Input::default())
    }

    fn visit_str<E>(self, text: &str) -> Result<Input<'a>, E> {
        Ok(Input::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Input<'a>, E> {
        Ok(Input::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Input<'a>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Input::Items(items))
    }
}

lenient::object!(Reasoning, TextFormat, TextOptions, Tool);

/// What reasoning is asked for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Reasoning {
    /// In Codex's words: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub effort: Option<String>,
}

/// Format and verbosity.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct TextOptions {
    /// `text`, `json_object` or `json_schema`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub format: Option<TextFormat>,
    /// `low`, `medium`, `high`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub verbosity: Option<String>,
}

/// The format of the answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct TextFormat {
    /// `text`, `json_object` or `json_schema`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// Name of the schema.
    #[serde(default, deserialize_with = "lenient::option")]
    pub name: Option<String>,
    /// The schema.
    #[serde(default, deserialize_with = "lenient::option")]
    pub schema: Option<Value>,
    /// Whether it must be followed.
    #[serde(default, deserialize_with = "lenient::option")]
    pub strict: Option<bool>,
}

/// A tool that Codex offers. Which of the fields mean something depends on `type`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Tool {
    /// `function`, `custom`, `namespace`, `web_search`, …
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// Name of the function, the custom tool or the namespace.
    #[serde(default, deserialize_with = "lenient::option")]
    pub name: Option<String>,
    /// For the model.
    #[serde(default, deserialize_with = "lenient::option")]
    pub description: Option<String>,
    /// JSON schema of a function.
    #[serde(default, deserialize_with = "lenient::option")]
    pub parameters: Option<Value>,
    /// Whether arguments must follow the schema.
    #[serde(default, deserialize_with = "lenient::option")]
    pub strict: Option<bool>,
    /// `{"type":"grammar","syntax":…,"definition":…}` of a custom tool.
    #[serde(default, deserialize_with = "lenient::option")]
    pub format: Option<Value>,
    /// Whether a search of the web may reach out, or only look into an index; Codex always says so.
    #[serde(default, deserialize_with = "lenient::option")]
    pub external_web_access: Option<bool>,
    /// How much of what is found a search of the web shows the model: `low`, `medium` or `high`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub search_context_size: Option<String>,
    /// The functions of a namespace.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tools: Vec<Tool>,
}
