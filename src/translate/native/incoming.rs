//! What has come of the items of an answer, whatever events it came in.
//!
//! Endpoints differ in what they leave out (ids, places, closing events) and in what they repeat. Each event finds the
//! item that it is about, and what is known of the item only grows.

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use crate::wire::responses::Streamed;

/// The items of one answer in the order in which they began.
#[derive(Debug, Default)]
pub struct Incoming {
    items: Vec<Item>,
}

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
    index: Option<u64>,
    id: String,
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
    /// What of the text are words, once it is healed, and how much of it was.
    pub healed: Option<(String, usize)>,
    /// The part as it was last told.
    pub part: Map<String, Value>,
    /// Whether nothing more will come of it.
    pub is_done: bool,
}

impl Incoming {
    /// The item at a place.
    pub fn get(&self, place: usize) -> Option<&Item> {
        self.items.get(place)
    }

    /// The same, to take from it.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut Item> {
        self.items.get_mut(place)
    }

    /// Takes an event.
    pub fn push(&mut self, event: &Streamed) {
        let kind = event.kind.as_str();
        match kind {
            "response.output_item.added" => self.added(event),
            "response.output_item.done" => self.done(event),
            "response.content_part.added" | "response.reasoning_part.added" => {
                self.part(event, "content_index", false);
            }
            "response.content_part.done" | "response.reasoning_part.done" => self.part(event, "content_index", true),
            "response.reasoning_summary_part.added" => self.part(event, "summary_index", false),
            "response.reasoning_summary_part.done" => self.part(event, "summary_index", true),
            _ => match grows(kind) {
                Some(growth) => self.grow(event, growth),
                None => self.pass(event),
            },
        }
    }

    /// Takes the whole output that the last event repeats. What was told before is only completed by it.
    pub fn complete(&mut self, output: &[Value]) {
        for (place, item) in output.iter().enumerate() {
            let Value::Object(item) = item else {
                continue;
            };
            let known = self.place_of_whole(place, item);
            let known = known.unwrap_or_else(|| self.begin(item.clone(), Some(place as u64)));
            let known = &mut self.items[known];
            if !known.is_done {
                known.whole(item.clone());
            }
        }
    }

    /// Nothing more will come: what was not closed is whole as it is.
    pub fn close(&mut self) {
        for item in &mut self.items {
            item.is_done = true;
        }
    }

    /// The same, but for a call that was cut.
    pub fn close_whole(&mut self) {
        for item in &mut self.items {
            item.is_done |= !item.is_call() || item.is_whole();
        }
    }

    /// Whether the answer makes any call.
    pub fn any_call(&self) -> bool {
        self.items.iter().any(Item::is_call)
    }

    /// Whether every call has come whole.
    pub fn calls_are_whole(&self) -> bool {
        self.items.iter().all(|item| !item.is_call() || item.is_whole())
    }

    fn place_of_whole(&self, place: usize, item: &Map<String, Value>) -> Option<usize> {
        let id = text(item, "id");
        let same_id = self.items.iter().position(|known| !id.is_empty() && known.id == id);
        let same_index = || self.items.iter().position(|known| known.index == Some(place as u64));
        let same_place = || (place < self.items.len()).then_some(place);
        let found = same_id.or_else(same_index).or_else(same_place)?;
        (self.items[found].kind == text(item, "type")).then_some(found)
    }

    fn begin(&mut self, fields: Map<String, Value>, index: Option<u64>) -> usize {
        let mut item = Item {
            kind: text(&fields, "type").to_owned(),
            id: text(&fields, "id").to_owned(),
            index,
            ..Item::default()
        };
        item.fields = fields;
        self.items.push(item);
        self.items.len() - 1
    }

    fn added(&mut self, event: &Streamed) {
        let Some(item) = event.object("item") else {
            return;
        };
        let id = text(item, "id");
        let index = event.index("output_index");
        // An item that only its pieces told of so far.
        let is_same = |known: &Item| {
            let same_id = !id.is_empty() && known.id == id;
            let same_place = index.is_some() && known.index == index && known.fields.is_empty();
            !known.is_done && (same_id || same_place)
        };
        let place = match self.items.iter().rposition(is_same) {
            Some(place) => {
                self.items[place].name(item);
                place
            }
            None => self.begin(item.clone(), index),
        };
        self.items[place].begun(item);
    }

    fn done(&mut self, event: &Streamed) {
        let Some(item) = event.object("item") else {
            return;
        };
        let index = event.index("output_index");
        let ids = [text(item, "id"), text(item, "call_id")];
        let place = self.find(ids, index, Some(text(item, "type")));
        let place = place.unwrap_or_else(|| self.begin(item.clone(), index));
        self.items[place].whole(item.clone());
    }

    /// The item that ids or a place mean; else the last of its kind that is not done.
    fn find(&self, ids: [&str; 2], index: Option<u64>, kind: Option<&str>) -> Option<usize> {
        let is_kind = |item: &Item| kind.is_none_or(|kind| item.kind == kind);
        let by_id = self
            .items
            .iter()
            .rposition(|item| is_kind(item) && item.answers_to(ids));
        let by_index = || {
            let same = |item: &Item| is_kind(item) && !item.is_done && item.index == index;
            self.items.iter().rposition(same).filter(|_| index.is_some())
        };
        let last = || {
            let last = self.items.iter().rposition(|item| is_kind(item) && !item.is_done);
            last.filter(|_| index.is_none())
        };
        by_id.or_else(by_index).or_else(last)
    }

    fn of_event(&mut self, event: &Streamed, kind: Option<&str>) -> Option<&mut Item> {
        let ids = [event.text("item_id"), event.text("call_id")];
        let index = event.index("output_index");
        let place = match (self.find(ids, index, kind), kind) {
            (Some(place), _) => place,
            (None, Some(kind)) => {
                // Nobody said that it begins.
                let place = self.begin(Map::new(), index);
                kind.clone_into(&mut self.items[place].kind);
                event.text("item_id").clone_into(&mut self.items[place].id);
                place
            }
            (None, None) => return None,
        };
        self.items.get_mut(place).filter(|item| !item.is_done)
    }

    fn part(&mut self, event: &Streamed, field: &str, is_done: bool) {
        let Some(part) = event.object("part") else {
            return;
        };
        let Some(voice) = voice(text(part, "type")) else {
            return;
        };
        let kind = if matches!(voice, Voice::Text | Voice::Refusal) {
            "message"
        } else {
            "reasoning"
        };
        let index = event.index(field).unwrap_or_default();
        if let Some(item) = self.of_event(event, Some(kind)) {
            let section = item.section(voice, index);
            section.part.clone_from(part);
            section.complete(said(part));
            section.is_done |= is_done;
        }
    }

    fn grow(&mut self, event: &Streamed, growth: Growth) {
        let is_done = event.kind.ends_with(".done");
        let Some(item) = self.of_event(event, Some(growth.kind)) else {
            return;
        };
        let whole = if is_done { event.text(growth.whole) } else { "" };
        match growth.voice {
            Some((voice, field)) => {
                let section = item.section(voice, event.index(field).unwrap_or_default());
                section.text.push_str(event.text("delta"));
                // The part is closed by an event of its own, which tells what it cites.
                section.complete(whole);
            }
            None => {
                item.text.push_str(event.text("delta"));
                item.complete_text(whole);
                item.is_text_whole |= is_done;
            }
        }
    }

    /// What crelay does not look into is kept with its item.
    fn pass(&mut self, event: &Streamed) {
        if let Some(item) = self.of_event(event, None) {
            item.passed.push(event.clone());
        }
    }
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
        self.sections.iter().all(|section| section.words().trim().is_empty())
    }

    /// A field of the item.
    pub fn field(&self, name: &str) -> &str {
        text(&self.fields, name)
    }

    fn answers_to(&self, ids: [&str; 2]) -> bool {
        let call_id = self.field("call_id");
        ids.iter().filter(|id| !id.is_empty()).any(|id| {
            // Ollama names the item of a call in its pieces after the call (omp #2715).
            self.id == *id || (!call_id.is_empty() && (call_id == *id || id.strip_prefix("fc_") == Some(call_id)))
        })
    }

    fn name(&mut self, item: &Map<String, Value>) {
        text(item, "id").clone_into(&mut self.id);
        text(item, "type").clone_into(&mut self.kind);
        self.fields = item.clone();
    }

    /// The beginning may hold all there is.
    fn begun(&mut self, item: &Map<String, Value>) {
        let given = given(item);
        if !given.is_empty() && self.text.is_empty() {
            self.text = given;
        }
    }

    /// The item as it was told whole. What came in pieces is completed by it, and never taken back.
    fn whole(&mut self, item: Map<String, Value>) {
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

    fn complete_text(&mut self, whole: &str) {
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

    fn section(&mut self, voice: Voice, index: u64) -> &mut Section {
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
            part: Map::new(),
            is_done: false,
        }
    }

    /// The text as it is told.
    pub fn words(&self) -> &str {
        self.healed.as_ref().map_or(&self.text, |(words, _)| words)
    }

    /// The whole text adds what is missing; where it says something else, what was streamed counts.
    fn complete(&mut self, whole: &str) {
        if let Some(rest) = whole.strip_prefix(&self.text) {
            self.text.push_str(rest);
        }
    }
}

/// How an event adds to the text of an item.
struct Growth {
    kind: &'static str,
    voice: Option<(Voice, &'static str)>,
    whole: &'static str,
}

fn grows(event: &str) -> Option<Growth> {
    let stem = event.strip_suffix(".delta").or_else(|| event.strip_suffix(".done"))?;
    let section = |kind, voice, field, whole| Growth {
        kind,
        voice: Some((voice, field)),
        whole,
    };
    let call = |kind, whole| Growth {
        kind,
        voice: None,
        whole,
    };
    Some(match stem {
        "response.output_text" => section("message", Voice::Text, "content_index", "text"),
        "response.refusal" => section("message", Voice::Refusal, "content_index", "refusal"),
        "response.reasoning_text" | "response.reasoning" => {
            section("reasoning", Voice::Thought, "content_index", "text")
        }
        "response.reasoning_summary_text" | "response.reasoning_summary" => {
            section("reasoning", Voice::Summary, "summary_index", "text")
        }
        "response.function_call_arguments" => call("function_call", "arguments"),
        "response.custom_tool_call_input" => call("custom_tool_call", "input"),
        _ => return None,
    })
}

fn voice(part: &str) -> Option<Voice> {
    Some(match part {
        "output_text" | "text" => Voice::Text,
        "refusal" => Voice::Refusal,
        "summary_text" => Voice::Summary,
        "reasoning_text" | "reasoning" => Voice::Thought,
        _ => return None,
    })
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What a part says.
fn said(part: &Map<String, Value>) -> &str {
    let said = ["text", "refusal"].iter().map(|name| text(part, name));
    said.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Arguments or input, in whatever shape: some write an object where its text belongs.
fn given(item: &Map<String, Value>) -> String {
    let given = ["arguments", "input"].iter().find_map(|name| item.get(*name));
    match given {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Object(_) | Value::Array(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// The parts of an item. Zhipu writes a single one without its list (litellm 1.109.1, read 2026-11).
fn parts(item: &Map<String, Value>, field: &str) -> Vec<Map<String, Value>> {
    match item.get(field) {
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.as_object().cloned()).collect(),
        Some(Value::Object(part)) => vec![part.clone()],
        Some(Value::String(text)) => vec![Map::from_iter([
            ("type".to_owned(), json!("output_text")),
            ("text".to_owned(), json!(text)),
        ])],
        _ => Vec::new(),
    }
}
