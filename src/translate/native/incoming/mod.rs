//! What has come of the items of an answer, whatever events it came in.
//!
//! Endpoints differ in what they leave out (ids, places, closing events) and in what they repeat. Each event finds the
//! item that it is about, and what is known of the item only grows.

mod fields;
mod item;

use serde_json::{Map, Value};

use crate::translate::room::{Excess, MOST_ARGUMENTS, MOST_ITEMS};
use crate::wire::responses::Streamed;

use fields::{Growth, grows, said, text, voice};

pub use item::{Item, Section, Voice};

/// The items of one answer in the order in which they began.
#[derive(Debug, Default)]
pub struct Incoming {
    items: Vec<Item>,
    /// The item that the last event was about, if it did more than begin it.
    latest: Option<usize>,
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
    ///
    /// # Errors
    ///
    /// When that makes more of the answer than can be held.
    pub fn push(&mut self, event: &Streamed) -> Result<(), Excess> {
        let kind = event.kind.as_str();
        self.latest = None;
        match kind {
            "response.output_item.added" => self.added(event),
            "response.output_item.done" => self.done(event),
            "response.content_part.added" | "response.reasoning_part.added" => {
                self.part(event, "content_index", false);
            }
            "response.content_part.done" | "response.reasoning_part.done" => self.part(event, "content_index", true),
            "response.reasoning_summary_part.added" => self.part(event, "summary_index", false),
            "response.reasoning_summary_part.done" => self.part(event, "summary_index", true),
            // crelay says by itself that the answer begins, once.
            "response.created" | "response.queued" | "response.in_progress" => {}
            _ => match grows(kind) {
                Some(growth) => self.grow(event, growth),
                None => self.pass(event),
            },
        }
        self.leave();
        self.hold()
    }

    fn hold(&self) -> Result<(), Excess> {
        let touched = self.latest.map(|latest| &self.items[latest]);
        if self.items.len() > MOST_ITEMS || touched.is_some_and(|item| item.sections.len() > MOST_ITEMS) {
            return Err(Excess::Items);
        }
        if touched.is_some_and(|item| item.text.len() > MOST_ARGUMENTS) {
            return Err(Excess::Arguments);
        }
        Ok(())
    }

    /// Some endpoints close no item. One whose text was said whole is left once something behind it is said. Where no
    /// text was said whole it waits, since some take turns between items.
    fn leave(&mut self) {
        let Some(latest) = self.latest.filter(|latest| self.items[*latest].says_something()) else {
            return;
        };
        let before = self.items.iter_mut().take(latest);
        for item in before.filter(|item| !item.is_done && !item.is_left && item.is_said()) {
            item.is_left = true;
            item.sections.iter_mut().for_each(|section| section.is_done = true);
        }
    }

    /// Takes the whole output that the last event repeats. What was told before is only completed by it.
    ///
    /// # Errors
    ///
    /// When that is more than an answer may have.
    pub fn complete(&mut self, output: &[Value]) -> Result<(), Excess> {
        if output.len() > MOST_ITEMS {
            return Err(Excess::Items);
        }
        let items: Vec<_> = output.iter().filter_map(Value::as_object).filter(is_known).collect();
        let mut repeated: Vec<_> = items.iter().map(|item| self.named_by(item)).collect();
        for (place, item) in items.into_iter().enumerate() {
            let known = repeated[place].or_else(|| self.repeated_by(place, item, &repeated));
            let known = known.unwrap_or_else(|| self.begin(item.clone(), Some(place as u64)));
            repeated[place] = Some(known);
            let known = &mut self.items[known];
            if !known.is_done {
                known.whole(item.clone());
            }
        }
        Ok(())
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

    /// The item that a whole one names by its ids.
    fn named_by(&self, item: &Map<String, Value>) -> Option<usize> {
        let ids = [text(item, "id"), text(item, "call_id")];
        let is_same = |known: &Item| known.kind == text(item, "type") && known.answers_to(ids);
        self.items.iter().position(is_same)
    }

    /// The item that a whole one without a known id repeats: some give other ids in the end, or leave items out there.
    /// What has no place in common either is the next of its kind that is not `taken`; a call that was told apart from
    /// itself would be made twice.
    fn repeated_by(&self, place: usize, item: &Map<String, Value>, taken: &[Option<usize>]) -> Option<usize> {
        let is_free =
            |number: &usize| self.items[*number].kind == text(item, "type") && !taken.contains(&Some(*number));
        let free: Vec<usize> = (0..self.items.len()).filter(is_free).collect();
        let same_index = |number: &&usize| self.items[**number].index == Some(place as u64);
        let same_index = free.iter().find(same_index);
        let same_place = || free.iter().find(|number| **number == place);
        same_index.or_else(same_place).or(free.first()).copied()
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
        let Some(item) = event.object("item").filter(is_known) else {
            return;
        };
        let id = text(item, "id");
        let index = event.index("output_index");
        // An item that only its pieces told of so far, or one that is begun once more.
        let is_same = |known: &Item| {
            let is_unnamed = known.fields.is_empty();
            let same_id = !id.is_empty() && known.id == id && (is_unnamed || known.kind == text(item, "type"));
            let same_place = index.is_some() && known.index == index && is_unnamed;
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
        let Some(item) = event.object("item").filter(is_known) else {
            return;
        };
        let index = event.index("output_index");
        let ids = [text(item, "id"), text(item, "call_id")];
        let place = self.find(ids, index, Some(text(item, "type")));
        let place = place.unwrap_or_else(|| self.begin(item.clone(), index));
        self.items[place].whole(item.clone());
        self.latest = Some(place);
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
        self.latest = Some(place);
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
                section.is_text_whole |= is_done;
            }
            None => {
                item.text.push_str(event.text("delta"));
                item.complete_text(whole);
                item.is_text_whole |= is_done;
            }
        }
    }

    /// What crelay does not look into is kept with its item. What names none is about no item, though one be open.
    fn pass(&mut self, event: &Streamed) {
        let is_named = ["item_id", "call_id"].iter().any(|id| !event.text(id).is_empty());
        if !is_named && event.index("output_index").is_none() {
            return;
        }
        if let Some(item) = self.of_event(event, None) {
            item.passed.push(event.clone());
        }
    }
}

/// Whether an item says what it is. Codex reads no event with one that does not.
fn is_known(item: &&Map<String, Value>) -> bool {
    !text(item, "type").is_empty()
}
