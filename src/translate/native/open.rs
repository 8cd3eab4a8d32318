//! What is told of the item that is open, from its first event to its last.

use serde_json::{Map, Value, json};

use crate::translate::names::Origin;
use crate::translate::reasoning::{Own, Thoughts};
use crate::translate::turn::open::Place;
use crate::translate::turn::open_call::OpenCall;
use crate::wire::responses::{Event, ItemEvent, OutputItem, OutputPart, PartEvent, Passed, Piece, Status, SummaryPart};

use super::incoming::{Item, Section, Voice};

/// What an item says of itself before it is closed, in the specification's words.
const AT_WORK: [&str; 4] = ["in_progress", "searching", "interpreting", "generating"];

/// The item that events are about at the moment.
#[derive(Debug)]
pub enum Open {
    /// Thoughts.
    Reasoning(Parts),
    /// Words.
    Message(Parts),
    /// A call, and how much of its arguments was told.
    Call(OpenCall, usize),
    /// Anything else.
    Other(Place),
}

/// Parts that are told one after the other.
#[derive(Debug)]
pub struct Parts {
    place: Place,
    /// Whose parts are told, and whether refusals are words.
    voice: Voice,
    refusals_are_words: bool,
    told: Vec<Told>,
}

/// One part, as far as it was told.
#[derive(Debug)]
struct Told {
    /// Which of the item's sections it tells.
    section: usize,
    text: String,
    is_closed: bool,
}

impl Open {
    /// Opens thoughts; `None` as long as there is nothing to tell. What their maker alone can read is told when it is
    /// whole.
    pub fn reasoning(place: Place, item: &Item, out: &mut Vec<Event>) -> Self {
        let shown = item.sections.iter().find(|section| !section.words().is_empty());
        let parts = Parts {
            place,
            voice: shown.map_or(Voice::Summary, |section| section.voice),
            refusals_are_words: false,
            told: Vec::new(),
        };
        let item = OutputItem::Reasoning {
            id: parts.place.id.clone(),
            summary: Vec::new(),
            encrypted_content: None,
        };
        out.push(Event::OutputItemAdded(parts.item(item)));
        Self::Reasoning(parts)
    }

    /// Opens a message. Codex knows no part for refusals and would drop the whole message.
    pub fn message(place: Place, refusals_are_words: bool, item: &Item, out: &mut Vec<Event>) -> Self {
        let parts = Parts {
            place,
            voice: Voice::Text,
            refusals_are_words,
            told: Vec::new(),
        };
        let fields = parts.message(item, Status::InProgress, Vec::new());
        out.push(Event::OutputItemAdded(parts.item(fields)));
        Self::Message(parts)
    }

    /// Opens a call.
    pub fn call(
        place: Place,
        number: usize,
        item: &Item,
        call_id: String,
        origin: Origin,
        out: &mut Vec<Event>,
    ) -> Self {
        let call = OpenCall::open(place, number, call_id, origin, out);
        let call = match item.kind.as_str() {
            "custom_tool_call" => call.bare(),
            _ => call,
        };
        Self::Call(call, 0)
    }

    /// Opens anything else.
    pub fn other(place: Place, item: &Item, out: &mut Vec<Event>) -> Self {
        let item = OutputItem::Raw(named(&item.fields, &place));
        out.push(Event::OutputItemAdded(ItemEvent {
            output_index: place.index,
            item,
        }));
        Self::Other(place)
    }

    /// Tells what has come since.
    pub fn grow(&mut self, item: &mut Item, out: &mut Vec<Event>) {
        match self {
            Self::Reasoning(parts) | Self::Message(parts) => parts.grow(item, out),
            Self::Call(call, told) => {
                let rest = item.text.get(*told..).unwrap_or_default().to_owned();
                *told = item.text.len();
                if !rest.is_empty() {
                    call.append(&rest, out);
                }
            }
            Self::Other(_) => {}
        }
        let place = self.place().clone();
        for event in item.passed.drain(..) {
            out.extend(passed(&event.kind, event.fields, &place).map(Event::Passed));
        }
    }

    /// Closes the item; `thoughts` is what must come back of thoughts beside the item itself.
    pub fn close(self, item: &Item, by: &str, continues: bool, out: &mut Vec<Event>) -> OutputItem {
        match self {
            Self::Reasoning(parts) => parts.close_reasoning(item, by, continues, out),
            Self::Message(parts) => parts.close_message(item, out),
            Self::Call(call, _) => call.close(&item.text, out),
            Self::Other(place) => {
                let whole = OutputItem::Raw(closed(named(&item.fields, &place)));
                out.push(Event::OutputItemDone(ItemEvent {
                    output_index: place.index,
                    item: whole.clone(),
                }));
                whole
            }
        }
    }

    fn place(&self) -> &Place {
        match self {
            Self::Reasoning(parts) | Self::Message(parts) => &parts.place,
            Self::Call(call, _) => call.place(),
            Self::Other(place) => place,
        }
    }
}

impl Parts {
    fn item(&self, item: OutputItem) -> ItemEvent {
        ItemEvent {
            output_index: self.place.index,
            item,
        }
    }

    fn piece(&self, index: usize, text: &str) -> Piece {
        Piece {
            item_id: self.place.id.clone(),
            output_index: self.place.index,
            index,
            text: text.to_owned(),
        }
    }

    fn part<P>(&self, index: usize, part: P) -> PartEvent<P> {
        PartEvent {
            item_id: self.place.id.clone(),
            output_index: self.place.index,
            index,
            part,
        }
    }

    fn tells(&self, section: &Section) -> bool {
        let is_word = |voice| matches!(voice, Voice::Text | Voice::Refusal);
        section.voice == self.voice || (is_word(self.voice) && is_word(section.voice))
    }

    /// Tells the parts one after the other; the next begins when the one before is done. A part whose words are known
    /// late is told late: what was told has its place.
    fn grow(&mut self, item: &Item, out: &mut Vec<Event>) {
        while let Some(place) = self.growing().or_else(|| self.begin(item, out)) {
            let section = &item.sections[place];
            let index = self.told.len() - 1;
            let told = &mut self.told[index].text;
            let rest = section.words().get(told.len()..).unwrap_or_default();
            if !rest.is_empty() {
                told.push_str(rest);
                out.push(self.delta(section.voice, self.piece(index, rest)));
            }
            if !section.is_done {
                return;
            }
            self.end(section, out);
        }
    }

    /// The section of the part that is being told.
    fn growing(&self) -> Option<usize> {
        self.told.last().filter(|told| !told.is_closed).map(|told| told.section)
    }

    /// Begins the part of the first section that has words and was not told.
    fn begin(&mut self, item: &Item, out: &mut Vec<Event>) -> Option<usize> {
        let is_new = |place: &usize| self.told.iter().all(|told| told.section != *place);
        let has_words = |place: &usize| {
            let section = &item.sections[*place];
            self.tells(section) && !section.words().is_empty()
        };
        let place = (0..item.sections.len()).filter(is_new).find(has_words)?;
        let (index, section) = (self.told.len(), &item.sections[place]);
        out.push(match section.voice {
            Voice::Summary | Voice::Thought => {
                Event::ReasoningSummaryPartAdded(self.part(index, summary(String::new())))
            }
            Voice::Text | Voice::Refusal => {
                Event::ContentPartAdded(self.part(index, self.word(section, String::new(), &Map::new())))
            }
        });
        self.told.push(Told {
            section: place,
            text: String::new(),
            is_closed: false,
        });
        Some(place)
    }

    /// Ends the last part.
    fn end(&mut self, section: &Section, out: &mut Vec<Event>) {
        let index = self.told.len() - 1;
        let told = &mut self.told[index];
        told.is_closed = true;
        let text = told.text.clone();
        let piece = self.piece(index, &text);
        match section.voice {
            Voice::Summary | Voice::Thought => {
                out.push(Event::ReasoningSummaryTextDone(piece));
                out.push(Event::ReasoningSummaryPartDone(self.part(index, summary(text))));
            }
            Voice::Refusal if !self.refusals_are_words => {
                out.push(Event::RefusalDone(piece));
                out.push(Event::ContentPartDone(
                    self.part(index, self.word(section, text, &section.part)),
                ));
            }
            Voice::Text | Voice::Refusal => {
                out.push(Event::OutputTextDone(piece));
                out.push(Event::ContentPartDone(
                    self.part(index, self.word(section, text, &section.part)),
                ));
            }
        }
    }

    fn delta(&self, voice: Voice, piece: Piece) -> Event {
        match voice {
            Voice::Summary | Voice::Thought => Event::ReasoningSummaryTextDelta(piece),
            Voice::Refusal if !self.refusals_are_words => Event::RefusalDelta(piece),
            Voice::Text | Voice::Refusal => Event::OutputTextDelta(piece),
        }
    }

    /// A part of a message; citations and the like stay as they came.
    fn word(&self, section: &Section, text: String, part: &Map<String, Value>) -> OutputPart {
        if section.voice == Voice::Refusal && !self.refusals_are_words {
            return OutputPart::Refusal { refusal: text };
        }
        let mut fields = Map::from_iter([
            ("type".to_owned(), json!("output_text")),
            ("text".to_owned(), json!(text)),
        ]);
        fields.insert("annotations".to_owned(), json!([]));
        for (name, value) in part {
            if !matches!(name.as_str(), "type" | "text" | "refusal") && !value.is_null() {
                fields.insert(name.clone(), value.clone());
            }
        }
        OutputPart::Raw(fields)
    }

    fn message(&self, item: &Item, status: Status, content: Vec<OutputPart>) -> OutputItem {
        let mut fields = Map::from_iter([
            ("type".to_owned(), json!("message")),
            ("id".to_owned(), json!(self.place.id)),
            ("status".to_owned(), json!(status)),
            ("role".to_owned(), json!("assistant")),
            ("content".to_owned(), json!(content)),
        ]);
        for (name, value) in &item.fields {
            if !fields.contains_key(name) && !value.is_null() {
                fields.insert(name.clone(), value.clone());
            }
        }
        OutputItem::Raw(fields)
    }

    /// Ends the last part if it has not ended.
    fn end_last(&mut self, item: &Item, out: &mut Vec<Event>) {
        if let Some(place) = self.growing() {
            self.end(&item.sections[place], out);
        }
    }

    fn close_message(mut self, item: &Item, out: &mut Vec<Event>) -> OutputItem {
        self.end_last(item, out);
        let told = self.told.iter();
        let parts = told.map(|told| (&item.sections[told.section], told.text.clone()));
        let content = parts.map(|(section, text)| self.word(section, text, &section.part));
        let whole = self.message(item, Status::Completed, content.collect());
        out.push(Event::OutputItemDone(self.item(whole.clone())));
        whole
    }

    fn close_reasoning(mut self, item: &Item, by: &str, continues: bool, out: &mut Vec<Event>) -> OutputItem {
        self.end_last(item, out);
        let texts = self.told.iter().map(|told| told.text.clone());
        let texts: Vec<String> = texts.collect();
        let thoughts = Thoughts {
            text: texts.join("\n\n"),
            continues,
            // Of an item that was not closed only the beginning is known.
            own: item.is_done.then(|| Own {
                by: by.to_owned(),
                item: item.fields.clone(),
            }),
            ..Thoughts::default()
        };
        let whole = OutputItem::Reasoning {
            id: self.place.id.clone(),
            summary: texts.into_iter().map(summary).collect(),
            encrypted_content: Some(thoughts.seal()),
        };
        out.push(Event::OutputItemDone(self.item(whole.clone())));
        whole
    }
}

fn summary(text: String) -> SummaryPart {
    SummaryPart::SummaryText { text }
}

/// The fields of an item under the id that it has here.
fn named(fields: &Map<String, Value>, place: &Place) -> Map<String, Value> {
    let mut named = fields.clone();
    named.insert("id".to_owned(), json!(place.id));
    named
}

/// The fields of an item of which nothing more will come: where nobody closed it, it still says that it is at work.
fn closed(mut fields: Map<String, Value>) -> Map<String, Value> {
    let status = fields.get("status").and_then(Value::as_str);
    if status.is_some_and(|status| AT_WORK.contains(&status)) {
        fields.insert("status".to_owned(), json!(Status::Completed));
    }
    fields
}

/// An event with the item's place and id as they are here.
fn passed(kind: &str, fields: Map<String, Value>, place: &Place) -> Option<Passed> {
    let mut passed = Map::from_iter([
        ("item_id".to_owned(), json!(place.id)),
        ("output_index".to_owned(), json!(place.index)),
    ]);
    for (name, value) in fields {
        if !matches!(name.as_str(), "type" | "sequence_number" | "item_id" | "output_index") {
            passed.insert(name, value);
        }
    }
    Passed::new(kind, passed)
}
