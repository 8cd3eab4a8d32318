//! What has been served, in numbers: the one place where turns are added up, for whoever tells of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use crate::session::Endpoint;
use crate::usage::{Outcome, Sum, Turn};

use super::metrics;

/// Upper bounds in seconds of the classes in which turns are counted by their length.
pub const BOUNDS: [f64; 10] = [0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];

/// Of how many models turns are added up apart.
const MOST_PARTS: usize = 256;

/// The numbers since the start.
#[derive(Debug, Default)]
pub struct Ledger {
    numbers: Mutex<Numbers>,
    /// Who wants to know of each turn.
    turns: Option<UnboundedSender<Turn>>,
}

/// The same, to be read.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Requests by place and status.
    pub requests: BTreeMap<(&'static str, u16), u64>,
    /// Connections that are open.
    pub connections: u64,
    /// Turns that are being answered.
    pub open: u64,
    /// Turns by how they ended.
    pub turns: BTreeMap<Outcome, u64>,
    /// What the ended ones come to.
    pub sum: Sum,
    /// The same by provider and model, of as many as there is room for: clients may make names up.
    pub parts: BTreeMap<(String, String), Sum>,
    /// How many turns were in which class of [`BOUNDS`]; longer ones are in none.
    pub lengths: [u64; BOUNDS.len()],
}

/// A connection that is counted as open until this is dropped.
pub struct Connected(Arc<Ledger>);

impl Ledger {
    /// Tells `turns` of each turn when it has ended.
    pub fn telling(turns: UnboundedSender<Turn>) -> Self {
        Self {
            turns: Some(turns),
            ..Self::default()
        }
    }

    /// Counts a request to `place` that was answered with `status`.
    pub fn answered(&self, place: &'static str, status: u16) {
        *self.numbers().requests.entry((place, status)).or_default() += 1;
    }

    /// A connection is taken.
    pub fn connect(self: &Arc<Self>) -> Connected {
        self.numbers().connections += 1;
        Connected(Arc::clone(self))
    }

    /// A turn begins.
    pub fn open(&self) {
        self.numbers().open += 1;
    }

    /// It has ended.
    pub fn close(&self, turn: Turn) {
        let mut numbers = self.numbers();
        numbers.open -= 1;
        *numbers.turns.entry(turn.outcome).or_default() += 1;
        if let Some(class) = BOUNDS.iter().position(|bound| turn.seconds <= *bound) {
            numbers.lengths[class] += 1;
        }
        numbers.sum.add(&turn);
        let whose = (turn.provider.clone(), turn.model.clone());
        if numbers.parts.len() < MOST_PARTS || numbers.parts.contains_key(&whose) {
            numbers.parts.entry(whose).or_default().add(&turn);
        }
        drop(numbers);
        if let Some(turns) = &self.turns {
            // Who no longer listens need not know.
            let _ = turns.send(turn);
        }
    }

    /// What all turns that have ended come to.
    pub fn sum(&self) -> Sum {
        self.numbers().sum
    }

    /// The same by provider and model.
    pub fn parts(&self) -> BTreeMap<(String, String), Sum> {
        self.numbers().parts.clone()
    }

    /// All numbers, in Prometheus's text format.
    pub fn write(&self, endpoint: &Endpoint) -> String {
        metrics::write(&self.numbers(), endpoint)
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.numbers().connections -= 1;
    }
}
