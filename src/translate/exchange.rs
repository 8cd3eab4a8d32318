//! One exchange in the protocol that the model speaks: the request as it goes out, and how its answer is read.
//! Here, and nowhere else, the two protocols part.

use serde_json::Value;

use crate::provider::dialect::{Codes, Wire};
use crate::wire::Said;
use crate::wire::responses::{self, Event, ResponseError};

use super::request::{self, Note, Target};
use super::room::{Fault, Room};
use super::turn::{self, Opening};
use super::{Context, heal, native};

/// What a client asks.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The request, as far as crelay knows its fields.
    pub request: &'a responses::Request<'a>,
    /// The same request with all fields as they came, for an endpoint that may know them.
    pub whole: &'a dyn Fn() -> Value,
    /// Who is asked: the provider's name, under which its own reasoning is known again.
    pub asked: &'a str,
}

/// A request that can be sent, and what is needed to understand the answer.
#[derive(Debug)]
pub struct Exchange {
    /// The protocol.
    pub wire: Wire,
    /// Headers that the dialect wants beside those of every provider.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: Vec<u8>,
    /// Whose codes an error would carry.
    pub codes: Codes,
    /// What was left out or put differently, for the log.
    pub notes: Vec<Note>,
    context: Either,
}

#[derive(Debug)]
enum Either {
    Chat(Context),
    Native(native::Context),
}

/// One answer while it comes in. Ends by [`Reading::finish`] or [`Reading::fail`], once.
#[derive(Debug)]
pub struct Reading {
    room: Room,
    turn: Turn,
}

#[derive(Debug)]
enum Turn {
    /// Of chunks.
    Chat(Box<turn::Turn>),
    /// Of events.
    Native(Box<native::Turn>),
}

impl Exchange {
    /// Puts a question in the words of the model. Never fails: what has no counterpart is left out and noted.
    #[must_use]
    pub fn of(target: Target<'_>, question: &Question<'_>) -> Self {
        let wire = target.dialect.wire();
        match wire {
            Wire::Chat => {
                let outbound = request::request(target, question.request);
                Self {
                    wire,
                    headers: outbound.headers,
                    body: written(&outbound.body),
                    codes: target.dialect.codes,
                    notes: outbound.notes,
                    context: Either::Chat(outbound.context),
                }
            }
            Wire::Responses => {
                let outbound = native::request(target, question);
                Self {
                    wire,
                    headers: outbound.headers,
                    body: written(&outbound.body),
                    codes: target.dialect.codes,
                    notes: outbound.notes,
                    context: Either::Native(outbound.context),
                }
            }
        }
    }

    /// Whether the answer may be one after which the turn [goes on](Reading::follow_up).
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        match &self.context {
            Either::Chat(context) => context.may_go_on(),
            Either::Native(_) => false,
        }
    }

    /// Whether pieces of one text may come as one.
    #[must_use]
    pub fn joins(&self) -> bool {
        match &self.context {
            Either::Chat(context) => !context.thoughts_grow,
            Either::Native(_) => false,
        }
    }

    /// The turn that reads the answer; appends its first events.
    pub fn open(self, opening: Opening, out: &mut Vec<Event>) -> Reading {
        Reading {
            room: Room::default(),
            turn: match self.context {
                Either::Chat(context) => Turn::Chat(Box::new(turn::Turn::open(opening, context, out))),
                Either::Native(context) => Turn::Native(Box::new(native::Turn::open(opening, context, out))),
            },
        }
    }
}

/// Serialising our own types into memory cannot fail: every map key is a string.
fn written(body: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

impl Reading {
    /// Says `words` of crelay's own to the reader, as a thought that no provider ever reads. Only before anything was
    /// [pushed](Reading::push), and once.
    pub fn notice(&mut self, words: &str, out: &mut Vec<Event>) {
        match &mut self.turn {
            Turn::Chat(turn) => turn.notice(words, out),
            Turn::Native(turn) => turn.notice(words, out),
        }
    }

    /// Takes what the provider says next and appends the events that it makes. What belongs to the other protocol says
    /// nothing.
    ///
    /// # Errors
    ///
    /// When the provider says that something went wrong, or says too much; the turn must then be
    /// [failed](Reading::fail).
    pub fn push(&mut self, said: Said, out: &mut Vec<Event>) -> Result<(), Fault> {
        self.room.take(&said)?;
        match (&mut self.turn, said) {
            (Turn::Chat(turn), Said::Chunk(chunk)) => turn.push(*chunk, out),
            (Turn::Native(turn), Said::Event(event)) => turn.push(*event, out),
            _ => Ok(()),
        }
    }

    /// The provider wrote `[DONE]`, or what says the same.
    pub fn done(&mut self) {
        match &mut self.turn {
            Turn::Chat(turn) => turn.done(),
            // The last event says it.
            Turn::Native(_) => {}
        }
    }

    /// Whether the provider has said how the answer ends.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        match &self.turn {
            Turn::Chat(turn) => turn.is_ended(),
            Turn::Native(turn) => turn.is_ended(),
        }
    }

    /// What is to follow the input of the request that the turn answers, if the provider wants to hear of it again
    /// before it is finished: a JSON array of items.
    pub fn follow_up(&mut self, out: &mut Vec<Event>) -> Option<String> {
        match &mut self.turn {
            Turn::Chat(turn) => turn.follow_up(out),
            Turn::Native(_) => None,
        }
    }

    /// Whether the provider has said that the answer is whole, or cut by the limit that was set for it.
    #[must_use]
    pub fn is_told_whole(&self) -> bool {
        match &self.turn {
            Turn::Chat(turn) => turn.is_told_whole(),
            // Nothing is read after the event that says it.
            Turn::Native(_) => false,
        }
    }

    /// What was healed since this was asked last, for the log.
    pub fn take_healed(&mut self) -> Vec<heal::Note> {
        match &mut self.turn {
            Turn::Chat(turn) => turn.take_healed(),
            Turn::Native(turn) => turn.take_healed(),
        }
    }

    /// The stream ended at `now`, in seconds since 1970. Completed only if the provider said so, else failed. Gives
    /// what was healed at the end.
    pub fn finish(self, now: u64, out: &mut Vec<Event>) -> Vec<heal::Note> {
        match self.turn {
            Turn::Chat(turn) => turn.finish(now, out),
            Turn::Native(turn) => turn.finish(now, out),
        }
    }

    /// Something went wrong. What is open stays unclosed, so that Codex never takes a cut call for a whole one.
    pub fn fail(self, error: ResponseError, out: &mut Vec<Event>) {
        match self.turn {
            Turn::Chat(turn) => turn.fail(error, out),
            Turn::Native(turn) => turn.fail(error, out),
        }
    }
}
