//! What is open: an item of the answer, from its first event to its last. Closing consumes it, so nothing can follow.

use serde_json::{Map, Value, json};

use crate::translate::names::{Kind, Origin};
use crate::translate::reasoning::Thoughts;
use crate::wire::responses::{
    Annotation, AnnotationEvent, Event, ItemEvent, OutputItem, OutputPart, PartEvent, Piece, SearchAction, Status,
    SummaryPart,
};

use super::{freeform, patch};

/// Codex's tool for patches.
const PATCH_TOOL: &str = "apply_patch";

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
    fn piece(&self, text: impl Into<String>) -> Piece {
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

    fn item(&self, item: OutputItem) -> ItemEvent {
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
            Self::Text => OutputPart::OutputText { text, annotations },
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

/// A call whose arguments are coming.
#[derive(Debug)]
pub struct OpenCall {
    place: Place,
    /// Its place among the calls of the answer.
    pub call: usize,
    /// What is called.
    pub origin: Origin,
    call_id: String,
    input: Input,
    /// Whether a freeform text comes by itself, and not in the JSON of a function.
    is_bare: bool,
}

/// The text of a freeform tool while it comes.
#[derive(Debug, Default)]
struct Input {
    reader: freeform::Reader,
    /// What was read and not yet told: the beginning of a patch that may need repair.
    held: String,
    /// What was told.
    told: String,
}

impl OpenCall {
    /// Opens the item.
    pub fn open(place: Place, number: usize, call_id: String, origin: Origin, out: &mut Vec<Event>) -> Self {
        let open = Self {
            place,
            call: number,
            origin,
            call_id,
            input: Input::default(),
            is_bare: false,
        };
        out.push(Event::OutputItemAdded(
            open.place.item(open.item(Status::InProgress, String::new())),
        ));
        open
    }

    /// The same for a freeform text that comes by itself.
    pub fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// More arguments.
    pub fn append(&mut self, arguments: &str, out: &mut Vec<Event>) {
        let (text, event): (_, fn(Piece) -> Event) = match self.origin.kind {
            Kind::Function => (arguments.to_owned(), Event::FunctionCallArgumentsDelta),
            Kind::Custom => (self.told(arguments), Event::CustomToolCallInputDelta),
            // These items come whole.
            Kind::ToolSearch | Kind::LocalShell | Kind::WebSearch => return,
        };
        if !text.is_empty() {
            out.push(event(self.place.piece(text)));
        }
    }

    /// The text that a piece adds, if it can be told already. A patch whose beginning must be repaired is told whole.
    fn told(&mut self, arguments: &str) -> String {
        let input = &mut self.input;
        if self.is_bare {
            input.held.push_str(arguments);
        } else {
            input.held.push_str(&input.reader.push(arguments));
        }
        if self.origin.name == PATCH_TOOL && input.told.is_empty() && !patch::is_begun(&input.held) {
            return String::new();
        }
        let text = std::mem::take(&mut input.held);
        input.told.push_str(&text);
        text
    }

    /// Closes the item with all arguments.
    pub fn close(self, arguments: &str, out: &mut Vec<Event>) -> OutputItem {
        let freeform = || match self.is_bare {
            true => arguments.to_owned(),
            false => freeform::whole(arguments),
        };
        let text = match self.origin.kind {
            Kind::Custom if self.origin.name == PATCH_TOOL => patch::repaired(&freeform()),
            Kind::Custom => freeform(),
            // Some models call a function without parameters with nothing at all.
            _ if arguments.trim().is_empty() => "{}".to_owned(),
            _ => arguments.to_owned(),
        };
        match self.origin.kind {
            Kind::Function => out.push(Event::FunctionCallArgumentsDone(self.place.piece(text.clone()))),
            Kind::Custom => {
                let rest = text.strip_prefix(&self.input.told).filter(|rest| !rest.is_empty());
                out.extend(rest.map(|rest| Event::CustomToolCallInputDelta(self.place.piece(rest))));
                out.push(Event::CustomToolCallInputDone(self.place.piece(text.clone())));
            }
            Kind::ToolSearch | Kind::LocalShell | Kind::WebSearch => {}
        }
        let item = self.item(Status::Completed, text);
        out.push(Event::OutputItemDone(self.place.item(item.clone())));
        item
    }

    fn item(&self, status: Status, text: String) -> OutputItem {
        let id = self.place.id.clone();
        let call_id = self.call_id.clone();
        let Origin { namespace, name, kind } = self.origin.clone();
        match kind {
            Kind::Function => OutputItem::FunctionCall {
                id,
                status,
                call_id,
                name,
                namespace,
                arguments: text,
            },
            Kind::Custom => OutputItem::CustomToolCall {
                id,
                status,
                call_id,
                name,
                namespace,
                input: text,
            },
            Kind::ToolSearch => OutputItem::ToolSearchCall {
                id,
                status,
                call_id,
                execution: "client",
                arguments: Value::Object(fields(&text)),
            },
            Kind::LocalShell => OutputItem::LocalShellCall {
                id,
                status,
                call_id,
                action: shell(fields(&text)),
            },
            Kind::WebSearch => OutputItem::WebSearchCall {
                id,
                status,
                action: SearchAction::Search {
                    query: fields(&text)
                        .get("query")
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned(),
                },
            },
        }
    }
}

/// The fields of an object in text; none if it is no object.
fn fields(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// The action of a shell call. Models write the command as text as often as in a list.
fn shell(mut arguments: Map<String, Value>) -> Value {
    let command = match arguments.shift_remove("command") {
        Some(Value::String(line)) => json!(["bash", "-lc", line]),
        Some(list @ Value::Array(_)) => list,
        _ => json!([]),
    };
    let mut action = Map::from_iter([("type".to_owned(), json!("exec")), ("command".to_owned(), command)]);
    action.extend(arguments);
    Value::Object(action)
}
