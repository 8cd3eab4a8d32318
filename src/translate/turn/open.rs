//! What is open: an item of the answer, from its first event to its last. Closing consumes it, so nothing can follow.

use crate::translate::reasoning::Thoughts;
use crate::wire::responses::{
    Annotation, AnnotationEvent, Event, ItemEvent, OutputItem, OutputPart, PartEvent, Piece, SearchAction, Status,
    SummaryPart,
};

use super::open_call::OpenCall;

/// The item that events are about at the moment.
#[derive(Debug)]
pub enum Open {
    /// Thoughts.
    Reasoning(Reasoning),
    /// Words.
    Message(Message),
    /// A search that the provider does.
    Search(Searching),
    /// A call.
    Call(OpenCall),
}

/// An item's id and its place in the output.
#[derive(Debug, Clone)]
pub struct Place {
    /// `msg_…`, `rs_…`, `fc_…` or `ctc_…`.
    pub id: String,
    /// Counted from 0.
    pub index: usize,
}

impl Place {
    /// Text of the item.
    pub fn piece(&self, text: impl Into<String>) -> Piece {
        Piece {
            item_id: self.id.clone(),
            output_index: self.index,
            index: 0,
            text: text.into(),
        }
    }

    fn part<P>(&self, part: P) -> PartEvent<P> {
        PartEvent {
            item_id: self.id.clone(),
            output_index: self.index,
            index: 0,
            part,
        }
    }

    /// The item as it is now.
    pub fn item(&self, item: OutputItem) -> ItemEvent {
        ItemEvent {
            output_index: self.index,
            item,
        }
    }
}

/// Thoughts, shown as a summary: the TUI shows summaries live and hides raw reasoning (seen on 0.169).
#[derive(Debug)]
pub struct Reasoning {
    place: Place,
    text: String,
}

impl Reasoning {
    /// Opens the item; its summary opens with the first text.
    pub fn open(place: Place, out: &mut Vec<Event>) -> Self {
        let item = OutputItem::Reasoning {
            id: place.id.clone(),
            summary: Vec::new(),
            encrypted_content: None,
        };
        out.push(Event::OutputItemAdded(place.item(item)));
        Self {
            place,
            text: String::new(),
        }
    }

    /// More text.
    pub fn append(&mut self, text: &str, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() {
            let part = SummaryPart::SummaryText { text: String::new() };
            out.push(Event::ReasoningSummaryPartAdded(self.place.part(part)));
        }
        self.text.push_str(text);
        out.push(Event::ReasoningSummaryTextDelta(self.place.piece(text)));
    }

    /// Closes the item; `thoughts` is what must come back.
    pub fn close(self, thoughts: &Thoughts, out: &mut Vec<Event>) -> OutputItem {
        let mut summary = Vec::new();
        if !self.text.is_empty() {
            let part = SummaryPart::SummaryText {
                text: self.text.clone(),
            };
            out.push(Event::ReasoningSummaryTextDone(self.place.piece(self.text)));
            out.push(Event::ReasoningSummaryPartDone(self.place.part(part.clone())));
            summary.push(part);
        }
        let item = OutputItem::Reasoning {
            id: self.place.id.clone(),
            summary,
            encrypted_content: Some(thoughts.seal()),
        };
        out.push(Event::OutputItemDone(self.place.item(item.clone())));
        item
    }
}

/// The voice of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Ordinary words.
    Text,
    /// A refusal.
    Refusal,
}

impl Voice {
    fn part(self, text: String, annotations: Vec<Annotation>) -> OutputPart {
        match self {
            Self::Text => OutputPart::OutputText {
                text: text.into(),
                annotations,
            },
            Self::Refusal => OutputPart::Refusal { refusal: text },
        }
    }
}

/// Words of the model.
#[derive(Debug)]
pub struct Message {
    place: Place,
    voice: Voice,
    text: String,
}

impl Message {
    /// Opens the item and its one part.
    pub fn open(place: Place, voice: Voice, out: &mut Vec<Event>) -> Self {
        let item = OutputItem::Message {
            id: place.id.clone(),
            status: Status::InProgress,
            role: "assistant",
            content: Vec::new(),
        };
        out.push(Event::OutputItemAdded(place.item(item)));
        out.push(Event::ContentPartAdded(
            place.part(voice.part(String::new(), Vec::new())),
        ));
        Self {
            place,
            voice,
            text: String::new(),
        }
    }

    /// Whose words these are.
    pub fn voice(&self) -> Voice {
        self.voice
    }

    /// More words.
    pub fn append(&mut self, text: String, out: &mut Vec<Event>) {
        self.text.push_str(&text);
        let piece = self.place.piece(text);
        out.push(match self.voice {
            Voice::Text => Event::OutputTextDelta(piece),
            Voice::Refusal => Event::RefusalDelta(piece),
        });
    }

    /// Closes part and item; `annotations` is what the words cite, and a refusal cites nothing.
    pub fn close(self, annotations: Vec<Annotation>, out: &mut Vec<Event>) -> OutputItem {
        for (annotation_index, annotation) in annotations.iter().enumerate() {
            out.push(Event::OutputTextAnnotationAdded(AnnotationEvent {
                item_id: self.place.id.clone(),
                output_index: self.place.index,
                index: 0,
                annotation_index,
                annotation: annotation.clone(),
            }));
        }
        let part = self.voice.part(self.text.clone(), annotations);
        let piece = self.place.piece(self.text);
        out.push(match self.voice {
            Voice::Text => Event::OutputTextDone(piece),
            Voice::Refusal => Event::RefusalDone(piece),
        });
        out.push(Event::ContentPartDone(self.place.part(part.clone())));
        let item = OutputItem::Message {
            id: self.place.id.clone(),
            status: Status::Completed,
            role: "assistant",
            content: vec![part],
        };
        out.push(Event::OutputItemDone(self.place.item(item.clone())));
        item
    }
}

/// A search that goes on.
#[derive(Debug)]
pub struct Searching {
    place: Place,
    query: String,
}

impl Searching {
    /// Opens the item.
    pub fn open(place: Place, query: String, out: &mut Vec<Event>) -> Self {
        let open = Self { place, query };
        out.push(Event::OutputItemAdded(open.place.item(open.item(Status::InProgress))));
        open
    }

    /// Closes it.
    pub fn close(self, out: &mut Vec<Event>) -> OutputItem {
        let item = self.item(Status::Completed);
        out.push(Event::OutputItemDone(self.place.item(item.clone())));
        item
    }

    fn item(&self, status: Status) -> OutputItem {
        OutputItem::WebSearchCall {
            id: self.place.id.clone(),
            status,
            action: SearchAction::Search {
                query: self.query.clone(),
            },
        }
    }
}
