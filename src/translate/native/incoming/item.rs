//! One item, as far as it has come: what is known of it only grows.

use std::cell::Cell;

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::wire::responses::Streamed;

use super::fields::{given, parts, said, text, voice};

/// One item, as far as it has come.
#[derive(Debug, Default)]
pub struct Item {
    /// `message`, `reasoning`, `function_call`, …
    pub kind: String,
    /// The item as it was last told, without what came in pieces.
    pub fields: Map<String, Value>,
    /// Texts of a message or of thoughts.
    pub sections: Vec<Section>,
    /// Arguments or input of a call.
    pub text: String,
    /// Whether the arguments were told whole.
    pub is_text_whole: bool,
    /// Events that are passed on as they are.
    pub passed: Vec<Streamed>,
    /// Whether nothing more will come of it.
    pub is_done: bool,
    /// Whether nobody closed it, but nothing more is told of it.
    pub is_left: bool,
    pub(super) index: Option<u64>,
    pub(super) id: String,
}

/// Whose text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Words.
    Text,
    /// A refusal.
    Refusal,
    /// Thoughts in a provider's summary.
    Summary,
    /// Thoughts as they were thought.
    Thought,
}

/// One part of a message or of thoughts.
#[derive(Debug)]
pub struct Section {
    /// Whose text it is.
    pub voice: Voice,
    /// Its place among the parts of its kind, as the endpoint counts.
    index: u64,
    /// The text so far.
    pub text: String,
    /// What became of the text, once it is healed.
    pub healed: Option<Mended>,
    /// How many bytes of the words are known to be white, of those that were healed or of the others.
    blank: Cell<(bool, usize)>,
    /// The part as it was last told.
    pub part: Map<String, Value>,
    /// Whether the text was told whole.
    pub(super) is_text_whole: bool,
    /// Whether nothing more will come of it.
    pub is_done: bool,
}

/// A text that is healed.
#[derive(Debug, Default)]
pub struct Mended {
    /// What of it are words.
    pub words: String,
    /// How many bytes of it were healed.
    pub known: usize,
    /// Whether nothing more was to come of it.
    pub is_over: bool,
}

impl Item {
    /// Whether it calls a tool of the client.
    pub fn is_call(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "function_call" | "custom_tool_call" | "tool_search_call" | "local_shell_call"
        )
    }

    /// Whether nothing is missing of it: it was closed, or its arguments are whole.
    pub fn is_whole(&self) -> bool {
        let is_json = || serde_json::from_str::<IgnoredAny>(&self.text).is_ok();
        self.is_done || self.is_text_whole || (self.kind == "function_call" && is_json())
    }

    /// Whether all its text is white, if it has any.
    pub fn is_blank(&self) -> bool {
        self.sections.iter().all(Section::is_blank)
    }

    /// Whether all its text was said whole, though nobody closed it.
    pub(super) fn is_said(&self) -> bool {
        match self.kind.as_str() {
            "message" | "reasoning" => {
                let is_whole = |section: &Section| section.is_done || section.is_text_whole;
                !self.is_blank() && self.sections.iter().all(is_whole)
            }
            _ => self.is_text_whole && !self.field("name").is_empty(),
        }
    }

    /// Whether any of it has come but its beginning.
    pub(super) fn says_something(&self) -> bool {
        self.is_done || !self.text.is_empty() || !self.is_blank()
    }

    /// A field of the item.
    pub fn field(&self, name: &str) -> &str {
        text(&self.fields, name)
    }

    pub(super) fn answers_to(&self, ids: [&str; 2]) -> bool {
        let call_id = self.field("call_id");
        ids.iter().filter(|id| !id.is_empty()).any(|id| {
            // Ollama names the item of a call in its pieces after the call (omp #2715).
            self.id == *id || (!call_id.is_empty() && (call_id == *id || id.strip_prefix("fc_") == Some(call_id)))
        })
    }

    pub(super) fn name(&mut self, item: &Map<String, Value>) {
        text(item, "id").clone_into(&mut self.id);
        text(item, "type").clone_into(&mut self.kind);
        self.fields = item.clone();
    }

    /// The beginning may hold all there is.
    pub(super) fn begun(&mut self, item: &Map<String, Value>) {
        let given = given(item);
        if !given.is_empty() && self.text.is_empty() {
            self.text = given;
        }
    }

    /// The item as it was told whole. What came in pieces is completed by it, and never taken back.
    pub(super) fn whole(&mut self, item: Map<String, Value>) {
        self.is_done = !matches!(text(&item, "status"), "incomplete" | "in_progress") || !self.is_call();
        self.complete_text(&given(&item));
        for (field, fallback) in [("content", None), ("summary", Some(Voice::Summary))] {
            for (index, part) in parts(&item, field).into_iter().enumerate() {
                let Some(voice) = voice(text(&part, "type")).or(fallback) else {
                    continue;
                };
                let place = self.place_of(voice, index);
                let section = &mut self.sections[place];
                section.complete(said(&part));
                section.part = part;
            }
        }
        self.sections.iter_mut().for_each(|section| section.is_done = true);
        self.fields = item;
        for field in ["content", "summary"] {
            if let Some(part @ Value::Object(_)) = self.fields.get(field) {
                let list = json!([part]);
                self.fields.insert(field.to_owned(), list);
            }
        }
        if self.kind == "reasoning" {
            // It goes back like this, and must be what the specification says.
            self.fields.entry("summary").or_insert_with(|| json!([]));
        }
    }

    pub(super) fn complete_text(&mut self, whole: &str) {
        if let Some(rest) = whole.strip_prefix(&self.text) {
            self.text.push_str(rest);
        } else if !whole.is_empty() && serde_json::from_str::<IgnoredAny>(&self.text).is_err() {
            whole.clone_into(&mut self.text);
        }
    }

    /// The section at a place of a whole item. Endpoints count parts in different ways while they come: only the order
    /// counts.
    fn place_of(&mut self, voice: Voice, index: usize) -> usize {
        let is_thought = matches!(voice, Voice::Summary | Voice::Thought);
        let alike = |section: &Section| match is_thought {
            true => section.voice == voice,
            false => matches!(section.voice, Voice::Text | Voice::Refusal),
        };
        let mut known = self.sections.iter().enumerate().filter(|(_, section)| alike(section));
        if let Some((place, _)) = known.nth(index) {
            return place;
        }
        self.sections.push(Section::new(voice, index as u64));
        self.sections.len() - 1
    }

    pub(super) fn section(&mut self, voice: Voice, index: u64) -> &mut Section {
        let known = self
            .sections
            .iter()
            .position(|section| section.voice == voice && section.index == index);
        let place = known.unwrap_or_else(|| {
            self.sections.push(Section::new(voice, index));
            self.sections.len() - 1
        });
        &mut self.sections[place]
    }
}

impl Section {
    fn new(voice: Voice, index: u64) -> Self {
        Self {
            voice,
            index,
            text: String::new(),
            healed: None,
            blank: Cell::default(),
            part: Map::new(),
            is_text_whole: false,
            is_done: false,
        }
    }

    /// The text as it is told.
    pub fn words(&self) -> &str {
        self.healed.as_ref().map_or(&self.text, |mended| &mended.words)
    }

    /// Whether all words are white. They only grow, so that those before need not be looked at again.
    fn is_blank(&self) -> bool {
        let words = self.words();
        let is_healed = self.healed.is_some();
        let (of_healed, known) = self.blank.get();
        let known = if of_healed == is_healed { known } else { 0 };
        let rest = words[known..].trim_start();
        self.blank.set((is_healed, words.len() - rest.len()));
        rest.is_empty()
    }

    /// The whole text adds what is missing; where it says something else, what was streamed counts.
    pub(super) fn complete(&mut self, whole: &str) {
        if let Some(rest) = whole.strip_prefix(&self.text) {
            self.text.push_str(rest);
        }
    }
}
