//! Words of a message pass the healer before they are told.
//!
//! A thought that stands before them becomes an item of its own, told before the message begins. Healed calls wait for
//! the end of the answer and are items behind all others, if it made no call in the proper way.

use crate::translate::heal::{self, Found, Healer, Note};
use crate::translate::reasoning::Thoughts;
use crate::translate::turn::open::Reasoning;
use crate::translate::turn::open_call::{OpenCall, prefix};
use crate::wire::responses::Event;

use super::incoming::{Item, Voice};
use super::turn::Turn;

/// The healer of one answer, and what it has found.
#[derive(Debug)]
pub struct Healed {
    pub healer: Healer,
    /// Calls that are made at the end.
    pub calls: Vec<heal::Call>,
    /// Thoughts that no item has told.
    thoughts: String,
    /// The item that tells them.
    open: Option<(Reasoning, String)>,
}

impl Healed {
    pub fn new(healer: Healer) -> Self {
        Self {
            healer,
            calls: Vec::new(),
            thoughts: String::new(),
            open: None,
        }
    }

    /// Heals what came of the words of a message since.
    pub fn take(&mut self, item: &mut Item) {
        let is_done = item.is_done;
        for section in item.sections.iter_mut().filter(|section| section.voice == Voice::Text) {
            let mended = section.healed.get_or_insert_default();
            let mut found = Vec::new();
            let rest = section.text.get(mended.known..).unwrap_or_default();
            if !rest.is_empty() {
                mended.known = section.text.len();
                mended.is_over = false;
                self.healer.push(rest.to_owned(), &mut found);
            }
            // Once: what is held back after it belongs to the next.
            if (section.is_done || is_done) && !std::mem::replace(&mut mended.is_over, true) {
                self.healer.finish(&mut found);
            }
            for found in found {
                match found {
                    Found::Text(text) => mended.words.push_str(&text),
                    Found::Thought(thought) => self.thoughts.push_str(&thought),
                    Found::Call(call) => self.calls.push(call),
                }
            }
        }
    }
}

impl Turn {
    /// What was healed since this was asked last, for the log.
    pub fn take_healed(&mut self) -> Vec<Note> {
        self.healed.healer.take_notes()
    }

    /// Tells thoughts that were found in the words of a message, as long as nothing else is open.
    pub(super) fn tell_thoughts(&mut self, out: &mut Vec<Event>) {
        if self.healed.thoughts.is_empty() || self.open.is_some() {
            return;
        }
        let told = std::mem::take(&mut self.healed.thoughts);
        let (mut reasoning, text) = match self.healed.open.take() {
            Some(open) => open,
            None => (Reasoning::open(self.place("rs"), out), String::new()),
        };
        reasoning.append(&told, out);
        self.healed.open = Some((reasoning, text + &told));
    }

    /// Closes the item of such thoughts.
    pub(super) fn close_thoughts(&mut self, out: &mut Vec<Event>) {
        let Some((reasoning, text)) = self.healed.open.take() else {
            return;
        };
        let thoughts = Thoughts {
            text,
            continues: !self.response.output.is_empty(),
            ..Thoughts::default()
        };
        let item = reasoning.close(&thoughts, out);
        self.response.output.push(item);
    }

    /// Makes the calls that were healed, if the answer made none in the proper way.
    pub(super) fn make_healed(&mut self, out: &mut Vec<Event>) {
        self.tell_thoughts(out);
        self.close_thoughts(out);
        let calls = std::mem::take(&mut self.healed.calls);
        if self.incoming.any_call() {
            self.healed.healer.leaves_out(calls.len());
            return;
        }
        for call in calls {
            let origin = self.tools.origin(&call.name);
            let place = self.place(prefix(origin.kind));
            let call_id = self.call_id("");
            self.call_ids.push(call_id.clone());
            let mut open = OpenCall::open(place, self.next, call_id, origin, out);
            open.append(&call.arguments, out);
            let item = open.close(&call.arguments, out);
            self.response.output.push(item);
        }
    }
}
