//! A conversation that is longer than the model can read: Codex is made to sum it up, and the turn goes on.
//!
//! Told by its code that a context is full, Codex ends the turn and sends its user away. It sums up by itself only when
//! the counts of an answer say that its window is full. So such a failure becomes an answer without a word whose counts
//! say so, after which Codex goes on (seen on 0.134, 0.150 and 0.169). If the summary is too long as well, or Codex did
//! not sum up, the next failure stays one.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::translate::Reader;
use crate::wire::responses::{Event, Input, Item, Request, Response, Status, Usage};

/// What counts as a full window where nobody knows how large it is: the one that Codex takes an unknown model to have.
const WINDOW: u64 = 272_000;

/// Most threads that are known to be full. Whoever is made to sum up is answered within minutes, or gives up.
const MOST: usize = 1024;

/// The threads that were made to sum up, and have had no answer since; the oldest first.
///
/// Of a key its hash alone is kept: it is the client's and may be of any length. Two threads of one key, as of two
/// Codex that go on with the same conversation, are one here: then a failure may be told that would have been summed
/// up, or a conversation is summed up once more for each answer to the other.
#[derive(Debug, Default)]
pub struct Full(Mutex<VecDeque<u64>>);

/// One turn of a thread.
#[derive(Debug, Clone)]
pub struct Thread {
    full: Arc<Full>,
    /// The hash of its key. Without one, what happened before is not known, and nothing is done.
    key: Option<u64>,
    window: u64,
    /// Whether tools are offered. Where none are, Codex sums up just now, or asks for a title.
    may_go_on: bool,
}

impl Full {
    /// The thread of `request`, whose model has a `window` of so many tokens.
    pub fn thread(self: &Arc<Self>, request: &Request<'_>, reader: Reader, window: Option<u64>) -> Thread {
        let has_tools = !request.tools.is_empty() || brings_tools(&request.input);
        Thread {
            full: Arc::clone(self),
            key: request.prompt_cache_key.as_deref().map(hash),
            window: window.unwrap_or(WINDOW),
            may_go_on: has_tools && reader == Reader::Codex,
        }
    }

    /// Notes that a thread is full; whether it was not before.
    fn note(&self, key: u64) -> bool {
        let mut known = self.lock();
        if known.contains(&key) {
            return false;
        }
        if known.len() == MOST {
            known.pop_front();
        }
        known.push_back(key);
        true
    }

    fn forget(&self, key: u64) {
        self.lock().retain(|known| *known != key);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<u64>> {
        // What is in it is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Thread {
    /// The event as Codex is to see it.
    pub fn pass(&self, event: Event) -> Event {
        let Some(key) = self.key.filter(|_| self.may_go_on) else {
            return event;
        };
        match event {
            Event::Failed(response) if is_full(&response) && self.full.note(key) => {
                tracing::warn!("the conversation is too long for the model: Codex sums it up");
                Event::Completed(self.without_a_word(response))
            }
            // Something was answered, and be it cut by a limit: there was room for it.
            Event::Completed(_) | Event::Incomplete(_) => {
                self.full.forget(key);
                event
            }
            _ => event,
        }
    }

    fn without_a_word(&self, response: Response) -> Response {
        Response {
            status: Status::Completed,
            completed_at: Some(response.created_at),
            error: None,
            usage: Some(Usage {
                input_tokens: self.window,
                total_tokens: self.window,
                ..Usage::default()
            }),
            end_turn: Some(false),
            ..response
        }
    }
}

/// Whether tools are in the conversation itself (Responses Lite).
fn brings_tools(input: &Input<'_>) -> bool {
    match input {
        Input::Text(_) => false,
        Input::Items(items) => items.iter().any(|item| matches!(item, Item::AdditionalTools(_))),
    }
}

/// Whether nothing was said because there was no room for it.
fn is_full(response: &Response) -> bool {
    let is_overflow = |code: &str| code == "context_length_exceeded";
    response.output.is_empty() && response.error.as_ref().is_some_and(|error| is_overflow(&error.code))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::wire::responses::ResponseError;

    fn response(code: Option<&str>) -> Response {
        let error = code.map(|code| ResponseError {
            code: code.to_owned(),
            message: String::new(),
        });
        Response {
            id: "resp_1".to_owned(),
            object: "response",
            created_at: 1,
            completed_at: None,
            status: Status::Failed,
            error,
            incomplete_details: None,
            model: "m".to_owned(),
            output: Vec::new(),
            usage: None,
            end_turn: None,
            echo: serde_json::Map::new(),
        }
    }

    fn thread(full: &Arc<Full>, request: Value, reader: Reader) -> Thread {
        let request = request.to_string();
        full.thread(&serde_json::from_str(&request).unwrap(), reader, Some(1000))
    }

    fn asked() -> Value {
        json!({"prompt_cache_key": "t", "input": "hi", "tools": [{"type": "function", "name": "f"}]})
    }

    #[test]
    fn a_full_context_is_told_as_a_full_answer_once_until_one_comes() {
        let full = Arc::new(Full::default());
        let failed = || Event::Failed(response(Some("context_length_exceeded")));
        let thread = thread(&full, asked(), Reader::Codex);
        let Event::Completed(told) = thread.pass(failed()) else {
            panic!("it failed");
        };
        assert_eq!((told.error, told.end_turn), (None, Some(false)));
        assert_eq!(told.usage.map(|usage| usage.total_tokens), Some(1000));
        assert_eq!(thread.pass(failed()), failed());
        for answer in [Event::Completed, Event::Incomplete] {
            thread.pass(answer(response(None)));
            assert!(matches!(thread.pass(failed()), Event::Completed(_)));
            assert_eq!(thread.pass(failed()), failed());
        }
        // What broke in another way was no answer.
        let broken = Event::Failed(response(Some("server_error")));
        assert_eq!(thread.pass(broken.clone()), broken);
        assert_eq!(thread.pass(failed()), failed());
    }

    #[test]
    fn a_crowd_of_full_threads_takes_no_more_room_than_it_may() {
        let full = Arc::new(Full::default());
        let overflow = |number: usize| {
            let mut request = asked();
            request["prompt_cache_key"] = format!("{number} {}", "k".repeat(1000)).into();
            let thread = thread(&full, request, Reader::Codex);
            thread.pass(Event::Failed(response(Some("context_length_exceeded"))))
        };
        for number in 0..2 * MOST {
            assert!(matches!(overflow(number), Event::Completed(_)));
        }
        assert_eq!(full.lock().len(), MOST);
        // The last is known, the first is not any more.
        assert!(matches!(overflow(2 * MOST - 1), Event::Failed(_)));
        assert!(matches!(overflow(0), Event::Completed(_)));
    }

    #[test]
    fn whoever_cannot_go_on_is_told_the_failure() {
        let full = Arc::new(Full::default());
        let failed = |code| Event::Failed(response(Some(code)));
        let overflow = "context_length_exceeded";
        for (request, reader, code) in [
            // A summary is being made, or a title.
            (json!({"prompt_cache_key": "t", "input": "hi"}), Reader::Codex, overflow),
            (
                json!({"input": "hi", "tools": [{"type": "function"}]}),
                Reader::Codex,
                overflow,
            ),
            (asked(), Reader::Other, overflow),
            (asked(), Reader::Codex, "server_error"),
        ] {
            let event = thread(&full, request, reader).pass(failed(code));
            assert_eq!(event, failed(code));
        }
    }
}
