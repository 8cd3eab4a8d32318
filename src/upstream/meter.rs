//! What is counted and recorded of a turn, wherever it is heard. Clones share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use reqwest::header::HeaderMap;

use crate::record::Turn;
use crate::session::{Price, Wire};
use crate::usage::Count;

use super::Piece;

/// What listens to one turn.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    count: Arc<Mutex<Count>>,
    record: Turn,
}

impl Meter {
    /// Goes on with `count` and `record`.
    #[must_use]
    pub fn new(count: Count, record: Turn) -> Self {
        Self {
            count: Arc::new(Mutex::new(count)),
            record,
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn count(&self) -> Count {
        self.lock().clone()
    }

    /// A request goes out once more, because it failed before.
    pub fn retry(&self) {
        self.lock().retry();
    }

    /// What goes out from now on is asked of a model at this price.
    pub fn ask_at(&self, price: Option<Price>) {
        self.lock().ask_at(price);
    }

    /// A request goes out. Of its headers those count that are its own: others let us in.
    pub(super) fn send(&self, wire: Wire, headers: &[(String, String)], body: &Bytes) {
        self.lock().send();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        self.record.sent(wire.word(), headers, body);
    }

    /// It is answered.
    pub(super) fn answer(&self, status: u16, headers: &HeaderMap) {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        self.record.answered(status, headers);
    }

    /// This came of the answer.
    pub(super) fn receive(&self, bytes: &[u8]) {
        self.record.heard(bytes);
    }

    /// The answer is over, or has broken off.
    pub(super) fn end(&self, fault: Option<&str>) {
        self.record.over(fault);
    }

    /// This was said in it.
    pub(super) fn hear(&self, pieces: &[Piece]) {
        let mut count = self.lock();
        for piece in pieces {
            if let Piece::Said(said) = piece {
                count.hear(said);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        // What is in it is whole at any time.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
