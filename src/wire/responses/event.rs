//! The events of a streamed answer. Their names stand in [`Event::name`] and nowhere else.

use serde_json::{Map, Value};

use super::{Annotation, OutputItem, OutputPart, Response, SummaryPart};

/// One event of a streamed answer. `sequence_number` is added by [`Encoder`](super::Encoder).
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

    /// The text that it tells of.
    pub(super) fn piece(&self) -> Option<&Piece> {
        match self {
            Self::OutputTextDelta(piece)
            | Self::OutputTextDone(piece)
            | Self::RefusalDelta(piece)
            | Self::RefusalDone(piece)
            | Self::ReasoningSummaryTextDelta(piece)
            | Self::ReasoningSummaryTextDone(piece)
            | Self::FunctionCallArgumentsDelta(piece)
            | Self::FunctionCallArgumentsDone(piece)
            | Self::CustomToolCallInputDelta(piece)
            | Self::CustomToolCallInputDone(piece) => Some(piece),
            _ => None,
        }
    }

    /// The names of the fields with the part's place, which calls do not have, and with the text.
    pub(super) fn fields_of_piece(&self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::OutputTextDelta(_) | Self::RefusalDelta(_) => (Some("content_index"), "delta"),
            Self::OutputTextDone(_) => (Some("content_index"), "text"),
            Self::RefusalDone(_) => (Some("content_index"), "refusal"),
            Self::ReasoningSummaryTextDelta(_) => (Some("summary_index"), "delta"),
            Self::ReasoningSummaryTextDone(_) => (Some("summary_index"), "text"),
            Self::FunctionCallArgumentsDone(_) => (None, "arguments"),
            Self::CustomToolCallInputDone(_) => (None, "input"),
            _ => (None, "delta"),
        }
    }

    /// Whether nothing may follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.ending().is_some()
    }
}
