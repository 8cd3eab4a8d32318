//! Text passes the healer on its way into the turn.
//!
//! Words and thoughts go on at once. A healed call waits for the end of the answer: only then is it known whether the
//! answer made calls in the proper way as well, beside which markup is a repetition that must not be run twice. It
//! costs no time that counts, since calls are what an answer ends with, and an answer that is cut makes no healed call.

use serde_json::Value;

use crate::translate::heal::{Found, Healer, Note};
use crate::wire::chat::{FunctionDelta, ToolCallDelta};
use crate::wire::responses::Event;

use super::Turn;
use super::open::Voice;

impl Turn {
    /// What was healed since this was asked last, for the log.
    pub fn take_healed(&mut self) -> Vec<Note> {
        self.healer.take_notes()
    }

    /// Lets the healer find what it can, and says, thinks or keeps it.
    pub(super) fn heal(&mut self, step: impl FnOnce(&mut Healer, &mut Vec<Found>), out: &mut Vec<Event>) {
        let mut found = std::mem::take(&mut self.found);
        step(&mut self.healer, &mut found);
        for piece in found.drain(..) {
            match piece {
                Found::Text(text) => self.say(text, Voice::Text, out),
                Found::Thought(thought) => {
                    // White space before a thought belongs to the markup.
                    self.held.clear();
                    self.think(&thought, true, out);
                }
                Found::Call(call) => self.healed.push(call),
            }
        }
        self.found = found;
    }

    /// The text is over: says what was held back, and makes the calls that were healed if none was proper.
    pub(super) fn end_healing(&mut self, out: &mut Vec<Event>) {
        self.heal(Healer::finish, out);
        let healed = std::mem::take(&mut self.healed);
        if self.calls.len() > 0 {
            self.healer.leaves_out(healed.len());
            return;
        }
        for call in healed {
            let function = FunctionDelta {
                name: Some(call.name),
                arguments: Some(Value::String(call.arguments)),
            };
            let delta = ToolCallDelta {
                function: Some(function),
                ..ToolCallDelta::default()
            };
            self.call(delta, out);
        }
    }
}
