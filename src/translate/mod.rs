//! One protocol into the other, both ways, without I/O, clock or randomness.
//!
//! [`request()`] turns a Responses request into a Chat Completions request. A [`Turn`] turns the chunks of the answer
//! into events. What the two share is the [`Context`] of the request.
//! [`native`] does the same for providers that speak the Responses API themselves, and an [`Exchange`] is either.
//! [`Compaction`] makes a request for a summary of another, and a short conversation of its answer.

#![forbid(unsafe_code)]

pub mod compaction;
mod echo;
mod exchange;
pub mod heal;
pub mod names;
pub mod native;
pub mod reasoning;
mod request;
mod room;
mod turn;

pub use compaction::Compaction;
pub use echo::echo;
pub use exchange::{Exchange, Question, Reading};
pub use request::{Context, Note, Outbound, Target, headers, request};
pub use room::{Excess, Fault};
pub use turn::{Opening, Reader, Turn};
