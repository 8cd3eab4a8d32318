//! The Responses API: the request that Codex sends and the events that it reads.
//!
//! Requests are read generously, and an item of a type that is not known here is kept as it came. Events are written
//! as the public specification says; their names stand in [`Event::name`] and nowhere else.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{lenient, sse};

/// The body of `POST /v1/responses`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Request {
    /// The model that is asked for.
    #[serde(default, deserialize_with = "lenient::option")]
    pub model: Option<String>,
    /// The base prompt, from Codex up to 0.155; later it is the first developer message.
    #[serde(default, deserialize_with = "lenient::option")]
    pub instructions: Option<String>,
    /// The conversation.
    #[serde(default)]
    pub input: Input,
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
}

/// A string or items.
#[derive(Debug, Clone)]
pub enum Input {
    /// One user message.
    Text(String),
    /// The conversation, oldest first.
    Items(Vec<Item>),
}

impl Default for Input {
    fn default() -> Self {
        Self::Items(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map(Self::Text),
            Some(b'[') => serde_json::from_str(raw.get()).map(Self::Items),
            Some(b'n') => Ok(Self::default()),
            _ => return Err(serde::de::Error::custom("`input` is neither text nor a list of items")),
        }
        .map_err(serde::de::Error::custom)
    }
}

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
    /// The functions of a namespace.
    #[serde(default, deserialize_with = "lenient::list")]
    pub tools: Vec<Tool>,
}

/// An item of the conversation.
#[derive(Debug, Clone)]
pub enum Item {
    /// Words of a developer, a user or the model.
    Message(Message),
    /// What the model thought.
    Reasoning(ReasoningItem),
    /// A call of a function.
    FunctionCall(FunctionCall),
    /// What a function answered.
    FunctionCallOutput(CallOutput),
    /// A call of a freeform tool.
    CustomToolCall(CustomToolCall),
    /// What a freeform tool answered.
    CustomToolCallOutput(CallOutput),
    /// Any other type, as it came.
    Unknown {
        /// Its `type`, empty if it has none.
        r#type: String,
        /// The whole item.
        raw: Box<RawValue>,
    },
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, deserialize_with = "lenient::option")]
    r#type: Option<String>,
    #[serde(default, deserialize_with = "lenient::option")]
    role: Option<String>,
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get();
        let tag: Tag = serde_json::from_str(json).map_err(serde::de::Error::custom)?;
        let item = match tag.r#type.as_deref() {
            // The specification lets a message leave out its type.
            Some("message") => serde_json::from_str(json).map(Self::Message),
            None if tag.role.is_some() => serde_json::from_str(json).map(Self::Message),
            Some("reasoning") => serde_json::from_str(json).map(Self::Reasoning),
            Some("function_call") => serde_json::from_str(json).map(Self::FunctionCall),
            Some("function_call_output") => serde_json::from_str(json).map(Self::FunctionCallOutput),
            Some("custom_tool_call") => serde_json::from_str(json).map(Self::CustomToolCall),
            Some("custom_tool_call_output") => serde_json::from_str(json).map(Self::CustomToolCallOutput),
            _ => {
                let r#type = tag.r#type.unwrap_or_default();
                return Ok(Self::Unknown { r#type, raw });
            }
        };
        item.map_err(serde::de::Error::custom)
    }
}

/// Words of a developer, a user or the model.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Message {
    /// `developer`, `system`, `user` or `assistant`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub role: Option<String>,
    /// A string or parts.
    #[serde(default)]
    pub content: Content,
}

/// A string or parts; null is no parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Parts, in order.
    Parts(Vec<ContentPart>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Parts(Vec::new())
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get();
        Ok(match json.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(json).map_err(serde::de::Error::custom)?),
            Some(b'[') => Self::Parts(serde_json::from_str(json).map_err(serde::de::Error::custom)?),
            Some(b'n') => Self::default(),
            // Some clients send an object as a tool's output; its JSON is its text.
            _ => Self::Text(json.to_owned()),
        })
    }
}

/// A part of a message or of a tool's output.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct ContentPart {
    /// `input_text`, `output_text`, `input_image`, `refusal`, …
    #[serde(default, deserialize_with = "lenient::option")]
    pub r#type: Option<String>,
    /// The text of a text part.
    #[serde(default, deserialize_with = "lenient::option")]
    pub text: Option<String>,
    /// The words of a `refusal`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub refusal: Option<String>,
    /// Address or data URL of an `input_image`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub image_url: Option<String>,
    /// `low`, `high` or `auto`.
    #[serde(default, deserialize_with = "lenient::option")]
    pub detail: Option<String>,
    /// Plain text of the model under another name (Codex's sub-agents, second version).
    #[serde(default, deserialize_with = "lenient::option")]
    pub encrypted_content: Option<String>,
}

/// What the model thought.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ReasoningItem {
    /// What was shown of it.
    #[serde(default, deserialize_with = "lenient::list")]
    pub summary: Vec<ContentPart>,
    /// The raw thoughts, where they were given.
    #[serde(default, deserialize_with = "lenient::list")]
    pub content: Vec<ContentPart>,
    /// Opaque to Codex; crelay keeps here what the provider needs back.
    #[serde(default, deserialize_with = "lenient::option")]
    pub encrypted_content: Option<String>,
}

/// A call of a function.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FunctionCall {
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
    #[serde(default, deserialize_with = "lenient::option")]
    pub arguments: Option<String>,
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
pub struct CallOutput {
    /// The call that is answered.
    #[serde(default, deserialize_with = "lenient::option")]
    pub call_id: Option<String>,
    /// A string or parts.
    #[serde(default)]
    pub output: Content,
}

/// The answer, as the specification's `response` object; also the body of an answer that is not streamed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// `resp_…`.
    pub id: String,
    /// Always `response`.
    pub object: &'static str,
    /// Seconds since 1970.
    pub created_at: u64,
    /// `in_progress`, `completed`, `failed` or `incomplete`.
    pub status: Status,
    /// Why it failed.
    pub error: Option<ResponseError>,
    /// Why it is incomplete.
    pub incomplete_details: Option<IncompleteDetails>,
    /// The model that was asked for.
    pub model: String,
    /// Every item that was closed, in order.
    pub output: Vec<OutputItem>,
    /// Token counts; null while the answer is in progress or when the provider gave none.
    pub usage: Option<Usage>,
}

/// State of an answer or of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not yet ended.
    InProgress,
    /// Ended as the provider meant it.
    Completed,
    /// Ended by a failure.
    Failed,
    /// Cut by a limit or a filter.
    Incomplete,
}

/// Why an answer failed. The code decides what Codex does (seen on 0.169: `invalid_prompt` shows the message and stops;
/// `context_length_exceeded` compacts; `rate_limit_exceeded` waits for `try again in Ns`; unknown codes are retried).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseError {
    /// Machine's word.
    pub code: String,
    /// People's words.
    pub message: String,
}

/// Why an answer is incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IncompleteDetails {
    /// `max_output_tokens` or `content_filter`.
    pub reason: &'static str,
}

/// Token counts, as the Responses API spells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    pub input_tokens: u64,
    /// Of these, cached.
    pub input_tokens_details: InputTokensDetails,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// Of these, reasoning.
    pub output_tokens_details: OutputTokensDetails,
    /// Their sum.
    pub total_tokens: u64,
}

/// Details of `input_tokens`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InputTokensDetails {
    /// Tokens that the provider had in its cache.
    pub cached_tokens: u64,
}

/// Details of `output_tokens`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OutputTokensDetails {
    /// Tokens spent on reasoning.
    pub reasoning_tokens: u64,
}

/// An item of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputItem {
    /// What the model said.
    Message {
        /// `msg_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// Always `assistant`.
        role: &'static str,
        /// Text and refusals.
        content: Vec<OutputPart>,
    },
    /// What the model thought.
    Reasoning {
        /// `rs_…`.
        id: String,
        /// What is shown of it.
        summary: Vec<SummaryPart>,
        /// What crelay wants back.
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
    },
    /// A call of a function.
    FunctionCall {
        /// `fc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// The function's own name.
        name: String,
        /// The namespace that the function stands in; Codex wants it apart from the name.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// JSON, as text.
        arguments: String,
    },
    /// A call of a freeform tool.
    CustomToolCall {
        /// `ctc_…`.
        id: String,
        /// State of the item.
        status: Status,
        /// The provider's id of the call.
        call_id: String,
        /// The tool's name.
        name: String,
        /// The namespace that the tool stands in.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// The text that the tool gets.
        input: String,
    },
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputPart {
    /// Text.
    OutputText {
        /// The text.
        text: String,
        /// Citations.
        annotations: Vec<Annotation>,
    },
    /// A refusal.
    Refusal {
        /// Its words.
        refusal: String,
    },
}

/// A citation. None is made yet; the field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Annotation {}

/// A part of what is shown of reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SummaryPart {
    /// Text.
    SummaryText {
        /// The text.
        text: String,
    },
}

/// One event of a streamed answer. `sequence_number` is added by [`Encoder`].
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The answer has begun.
    Created(Response),
    /// The provider is at work.
    InProgress(Response),
    /// An item opens.
    OutputItemAdded(ItemEvent),
    /// An item is closed; only such items count for Codex.
    OutputItemDone(ItemEvent),
    /// A part of a message opens.
    ContentPartAdded(PartEvent<OutputPart>),
    /// A part of a message is closed.
    ContentPartDone(PartEvent<OutputPart>),
    /// More text.
    OutputTextDelta(Piece),
    /// All text of the part.
    OutputTextDone(Piece),
    /// More of a refusal.
    RefusalDelta(Piece),
    /// All of the refusal.
    RefusalDone(Piece),
    /// A part of a summary opens.
    ReasoningSummaryPartAdded(PartEvent<SummaryPart>),
    /// A part of a summary is closed.
    ReasoningSummaryPartDone(PartEvent<SummaryPart>),
    /// More of the summary.
    ReasoningSummaryTextDelta(Piece),
    /// All text of the summary.
    ReasoningSummaryTextDone(Piece),
    /// More of a function's arguments.
    FunctionCallArgumentsDelta(Piece),
    /// All arguments.
    FunctionCallArgumentsDone(Piece),
    /// More of a freeform tool's input.
    CustomToolCallInputDelta(Piece),
    /// All of the input.
    CustomToolCallInputDone(Piece),
    /// Nothing new; feeds Codex's idle timer, which comments do not (seen on 0.169).
    Keepalive,
    /// The end, as the provider meant it.
    Completed(Response),
    /// The end, by a failure.
    Failed(Response),
    /// The end, by a limit or a filter.
    Incomplete(Response),
}

/// An item opens or closes.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemEvent {
    /// Its place in the output.
    pub output_index: usize,
    /// The item as it is now.
    pub item: OutputItem,
}

/// A part opens or closes.
#[derive(Debug, Clone, PartialEq)]
pub struct PartEvent<P> {
    /// The item that it stands in.
    pub item_id: String,
    /// The item's place in the output.
    pub output_index: usize,
    /// The part's place in the item.
    pub index: usize,
    /// The part as it is now.
    pub part: P,
}

/// New text, or all text, of what is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The item that grows.
    pub item_id: String,
    /// The item's place in the output.
    pub output_index: usize,
    /// The part's place in the item; not written for calls.
    pub index: usize,
    /// The text.
    pub text: String,
}

impl Event {
    /// The event's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "response.created",
            Self::InProgress(_) => "response.in_progress",
            Self::OutputItemAdded(_) => "response.output_item.added",
            Self::OutputItemDone(_) => "response.output_item.done",
            Self::ContentPartAdded(_) => "response.content_part.added",
            Self::ContentPartDone(_) => "response.content_part.done",
            Self::OutputTextDelta(_) => "response.output_text.delta",
            Self::OutputTextDone(_) => "response.output_text.done",
            Self::RefusalDelta(_) => "response.refusal.delta",
            Self::RefusalDone(_) => "response.refusal.done",
            Self::ReasoningSummaryPartAdded(_) => "response.reasoning_summary_part.added",
            Self::ReasoningSummaryPartDone(_) => "response.reasoning_summary_part.done",
            Self::ReasoningSummaryTextDelta(_) => "response.reasoning_summary_text.delta",
            Self::ReasoningSummaryTextDone(_) => "response.reasoning_summary_text.done",
            Self::FunctionCallArgumentsDelta(_) => "response.function_call_arguments.delta",
            Self::FunctionCallArgumentsDone(_) => "response.function_call_arguments.done",
            Self::CustomToolCallInputDelta(_) => "response.custom_tool_call_input.delta",
            Self::CustomToolCallInputDone(_) => "response.custom_tool_call_input.done",
            Self::Keepalive => "keepalive",
            Self::Completed(_) => "response.completed",
            Self::Failed(_) => "response.failed",
            Self::Incomplete(_) => "response.incomplete",
        }
    }

    /// Whether nothing may follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_) | Self::Incomplete(_))
    }
}

/// Writes events as frames and numbers them.
#[derive(Debug, Default)]
pub struct Encoder {
    sequence: u64,
}

impl Encoder {
    /// The next event has number 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `event` to `out` as one frame.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        let numbered = Numbered {
            event,
            sequence: self.sequence,
        };
        // Serialising our own types into memory cannot fail: every map key is a string.
        let data = serde_json::to_vec(&numbered).unwrap_or_default();
        sse::write(event.name(), &data, out);
        self.sequence += 1;
    }
}

struct Numbered<'a> {
    event: &'a Event,
    sequence: u64,
}

impl Serialize for Numbered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.event.name())?;
        map.serialize_entry("sequence_number", &self.sequence)?;
        match self.event {
            Event::Created(response)
            | Event::InProgress(response)
            | Event::Completed(response)
            | Event::Failed(response)
            | Event::Incomplete(response) => map.serialize_entry("response", response)?,
            Event::OutputItemAdded(event) | Event::OutputItemDone(event) => {
                map.serialize_entry("output_index", &event.output_index)?;
                map.serialize_entry("item", &event.item)?;
            }
            Event::ContentPartAdded(event) | Event::ContentPartDone(event) => {
                part(&mut map, event, "content_index")?;
            }
            Event::ReasoningSummaryPartAdded(event) | Event::ReasoningSummaryPartDone(event) => {
                part(&mut map, event, "summary_index")?;
            }
            Event::OutputTextDelta(event) | Event::RefusalDelta(event) => {
                piece(&mut map, event, Some("content_index"), "delta")?;
            }
            Event::OutputTextDone(event) => piece(&mut map, event, Some("content_index"), "text")?,
            Event::RefusalDone(event) => piece(&mut map, event, Some("content_index"), "refusal")?,
            Event::ReasoningSummaryTextDelta(event) => piece(&mut map, event, Some("summary_index"), "delta")?,
            Event::ReasoningSummaryTextDone(event) => piece(&mut map, event, Some("summary_index"), "text")?,
            Event::FunctionCallArgumentsDelta(event) | Event::CustomToolCallInputDelta(event) => {
                piece(&mut map, event, None, "delta")?;
            }
            Event::FunctionCallArgumentsDone(event) => piece(&mut map, event, None, "arguments")?,
            Event::CustomToolCallInputDone(event) => piece(&mut map, event, None, "input")?,
            Event::Keepalive => {}
        }
        map.end()
    }
}

fn part<M: SerializeMap, P: Serialize>(map: &mut M, event: &PartEvent<P>, index: &'static str) -> Result<(), M::Error> {
    map.serialize_entry("item_id", &event.item_id)?;
    map.serialize_entry("output_index", &event.output_index)?;
    map.serialize_entry(index, &event.index)?;
    map.serialize_entry("part", &event.part)
}

fn piece<M: SerializeMap>(
    map: &mut M,
    event: &Piece,
    index: Option<&'static str>,
    text: &'static str,
) -> Result<(), M::Error> {
    map.serialize_entry("item_id", &event.item_id)?;
    map.serialize_entry("output_index", &event.output_index)?;
    if let Some(index) = index {
        map.serialize_entry(index, &event.index)?;
    }
    map.serialize_entry(text, &event.text)
}
