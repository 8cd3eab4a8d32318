//! The events of a streamed answer. Their names stand in [`Event::name`] and nowhere else.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Annotation, OutputItem, OutputPart, Response, SummaryPart};
use crate::wire::sse;

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
    /// The text of the part cites a page.
    OutputTextAnnotationAdded(AnnotationEvent),
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
    /// Whatever else a Responses endpoint tells of an item.
    Passed(Passed),
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

/// A citation of an open text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationEvent {
    /// The message that cites.
    pub item_id: String,
    /// The message's place in the output.
    pub output_index: usize,
    /// The part's place in the message.
    pub index: usize,
    /// The citation's place among the part's.
    pub annotation_index: usize,
    /// The citation.
    pub annotation: Annotation,
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

/// An event as a Responses endpoint wrote it, with the item's place put right.
#[derive(Debug, Clone, PartialEq)]
pub struct Passed {
    name: String,
    /// All fields but its name and number.
    pub fields: Map<String, Value>,
}

impl Passed {
    /// An event with a name; `None` if the name is none. It becomes a line of the frame, and one with a break in it
    /// could say anything in crelay's place.
    #[must_use]
    pub fn new(name: &str, fields: Map<String, Value>) -> Option<Self> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        name.bytes().all(is_letter).then(|| Self {
            name: name.to_owned(),
            fields,
        })
    }
}

impl Event {
    /// The event's name on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Created(_) => "response.created",
            Self::InProgress(_) => "response.in_progress",
            Self::OutputItemAdded(_) => "response.output_item.added",
            Self::OutputItemDone(_) => "response.output_item.done",
            Self::ContentPartAdded(_) => "response.content_part.added",
            Self::ContentPartDone(_) => "response.content_part.done",
            Self::OutputTextDelta(_) => "response.output_text.delta",
            Self::OutputTextDone(_) => "response.output_text.done",
            Self::OutputTextAnnotationAdded(_) => "response.output_text.annotation.added",
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
            Self::Passed(passed) => &passed.name,
            Self::Keepalive => "keepalive",
            Self::Completed(_) => "response.completed",
            Self::Failed(_) => "response.failed",
            Self::Incomplete(_) => "response.incomplete",
        }
    }

    /// The finished answer, if nothing may follow.
    #[must_use]
    pub fn ending(&self) -> Option<&Response> {
        match self {
            Self::Completed(response) | Self::Failed(response) | Self::Incomplete(response) => Some(response),
            _ => None,
        }
    }

    /// Whether nothing may follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.ending().is_some()
    }
}

/// Writes events as frames and numbers them.
#[derive(Debug, Default)]
pub struct Encoder {
    sequence: u64,
    log_probabilities: bool,
}

impl Encoder {
    /// The next event has number 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for clients of which some want a list of log probabilities beside every text, however empty it is
    /// (OpenAI's own types, `openai` 3.54 for Python). Codex reads none.
    #[must_use]
    pub fn with_log_probabilities() -> Self {
        Self {
            sequence: 0,
            log_probabilities: true,
        }
    }

    /// Appends `event` to `out` as one frame.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        let numbered = Numbered {
            event,
            sequence: self.sequence,
            log_probabilities: self.log_probabilities,
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
    log_probabilities: bool,
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
            Event::OutputTextAnnotationAdded(event) => {
                map.serialize_entry("item_id", &event.item_id)?;
                map.serialize_entry("output_index", &event.output_index)?;
                map.serialize_entry("content_index", &event.index)?;
                map.serialize_entry("annotation_index", &event.annotation_index)?;
                map.serialize_entry("annotation", &event.annotation)?;
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
            Event::Passed(passed) => {
                for (name, value) in &passed.fields {
                    map.serialize_entry(name, value)?;
                }
            }
            Event::Keepalive => {}
        }
        if self.log_probabilities && matches!(self.event, Event::OutputTextDelta(_) | Event::OutputTextDone(_)) {
            map.serialize_entry("logprobs", &[(); 0])?;
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
