//! Finished answers, for clients that refer to them. They live as long as the session, in memory and within limits; the
//! oldest goes first. Codex sends its whole conversation with every request, and nothing of it is kept here.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::wire::responses;

use super::measure::Measure;

/// The answers of a session.
pub struct Store {
    most: usize,
    room: usize,
    kept: Mutex<Kept>,
}

/// Oldest first.
#[derive(Default)]
struct Kept {
    answers: VecDeque<Arc<Answer>>,
    bytes: usize,
}

/// One finished answer.
pub struct Answer {
    id: String,
    /// The response object, as it was given.
    pub response: Bytes,
    /// All items up to its end, as they came: the elements of a JSON array. Every answer has its own copy, so that the
    /// limit counts what memory holds.
    pub conversation: String,
}

/// What becomes of an answer when it is finished: it is counted, and kept with what it follows if it may be.
pub struct Memo {
    measure: Arc<Measure>,
    kept: Option<(Arc<Store>, String)>,
}

impl Store {
    /// Keeps at most so many answers in at most so many bytes.
    pub fn new(most: usize, room: usize) -> Self {
        Self {
            most,
            room,
            kept: Mutex::default(),
        }
    }

    /// Whether anything is kept at all.
    pub fn is_open(&self) -> bool {
        self.most > 0
    }

    /// The answer with this id, if it is still kept.
    pub fn find(&self, id: &str) -> Option<Arc<Answer>> {
        self.kept().answers.iter().find(|answer| answer.id == id).cloned()
    }

    /// Forgets an answer; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        let mut kept = self.kept();
        let Some(position) = kept.answers.iter().position(|answer| answer.id == id) else {
            return false;
        };
        let removed = kept.answers.remove(position);
        kept.bytes -= removed.map_or(0, |answer| answer.size());
        true
    }

    fn keep(&self, answer: Answer) {
        let mut kept = self.kept();
        kept.bytes += answer.size();
        kept.answers.push_back(Arc::new(answer));
        while kept.answers.len() > self.most || kept.bytes > self.room {
            let oldest = kept.answers.pop_front();
            kept.bytes -= oldest.map_or(0, |answer| answer.size());
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says nothing of what was said.
impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Answer {
    fn size(&self) -> usize {
        self.id.len() + self.response.len() + self.conversation.len()
    }
}

impl Memo {
    /// For an answer that is only counted.
    pub fn new(measure: Arc<Measure>) -> Self {
        Self { measure, kept: None }
    }

    /// For the answer to `conversation`, which `store` keeps.
    #[must_use]
    pub fn kept_in(self, store: Arc<Store>, conversation: String) -> Self {
        Self {
            kept: Some((store, conversation)),
            ..self
        }
    }

    /// Keeps the answer, which is finished.
    pub fn keep(self, response: &responses::Response) {
        self.measure.end(response);
        let Some((store, mut conversation)) = self.kept else {
            return;
        };
        // Serialising our own types into memory cannot fail: every map key is a string.
        for json in response.output.iter().flat_map(serde_json::to_string) {
            append(&mut conversation, &json);
        }
        store.keep(Answer {
            id: response.id.clone(),
            response: serde_json::to_vec(response).unwrap_or_default().into(),
            conversation,
        });
    }
}

/// Appends elements to those of a JSON array.
pub fn append(elements: &mut String, more: &str) {
    if !elements.is_empty() && !more.is_empty() {
        elements.push(',');
    }
    elements.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(id: &str, bytes: usize) -> Answer {
        Answer {
            id: id.to_owned(),
            response: Bytes::new(),
            conversation: "x".repeat(bytes - id.len()),
        }
    }

    fn ids(store: &Store) -> Vec<String> {
        store.kept().answers.iter().map(|answer| answer.id.clone()).collect()
    }

    #[test]
    fn the_oldest_goes_first_by_number_and_by_size() {
        let store = Store::new(2, 100);
        for id in ["a", "b", "c"] {
            store.keep(answer(id, 10));
        }
        assert_eq!(ids(&store), ["b", "c"]);
        store.keep(answer("d", 90));
        assert_eq!(ids(&store), ["c", "d"]);
        store.keep(answer("e", 11));
        assert_eq!(ids(&store), ["e"]);
        store.keep(answer("f", 101));
        assert_eq!(ids(&store), Vec::<String>::new());
        assert_eq!(store.kept().bytes, 0);
    }

    #[test]
    fn what_is_removed_makes_room() {
        let store = Store::new(2, 100);
        store.keep(answer("a", 60));
        assert!(store.remove("a"));
        assert!(!store.remove("a"));
        store.keep(answer("b", 60));
        store.keep(answer("c", 40));
        assert_eq!(ids(&store), ["b", "c"]);
        assert!(store.find("a").is_none());
        assert!(store.find("b").is_some());
    }
}
