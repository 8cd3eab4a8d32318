//! What is counted of a turn, wherever it is heard. Clones share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::usage::Count;

use super::Piece;

/// The count of one turn.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Count>>);

impl Meter {
    /// Goes on with `count`.
    #[must_use]
    pub fn new(count: Count) -> Self {
        Self(Arc::new(Mutex::new(count)))
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

    /// A request goes out.
    pub(super) fn send(&self) {
        self.lock().send();
    }

    /// These came.
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
