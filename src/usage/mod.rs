//! What was used: token counts in whatever spelling, what they cost, and their sums.
//!
//! A [`Count`] hears all that the provider says during one turn, whichever attempt says it. With how the turn went it
//! makes a [`Turn`], and turns make a [`Sum`]. Receipt, statistics, metrics and log are all written from these two.
//!
//! Nothing here keeps or writes anything, and nothing tells what was said.

#![forbid(unsafe_code)]

mod chat;
mod cost;
mod count;
mod day;
mod responses;
mod sum;
mod words;

pub use chat::of_chat;
pub use cost::Cost;
pub use count::Count;
pub use day::Day;
pub use responses::of_responses;
pub use sum::{Mean, Outcome, Sum, Tokens, Turn};
pub use words::{dollars, percent, plural, rounded, tokens};
