//! The faults of the provider, by where they lie.

mod bodies;
mod breaks;
mod lines;
mod pieces;
mod sizes;
mod statuses;
mod words;

use super::fault::Fault;

pub use statuses::faults as statuses;

pub fn all() -> Vec<Fault> {
    [
        words::faults(),
        breaks::faults(),
        pieces::faults(),
        sizes::faults(),
        bodies::faults(),
        lines::faults(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The start of a text, where it stands for all of it.
fn start(text: &str) -> String {
    text.chars().take(40).collect()
}
