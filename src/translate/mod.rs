//! One protocol into the other, both ways, without I/O, clock or randomness.
//!
//! [`request()`] turns a Responses request into a Chat Completions request. A [`Turn`] turns the chunks of the answer
//! into events. What the two share is the [`Context`] of the request.

mod echo;
pub mod names;
pub mod reasoning;
mod request;
mod turn;

pub use echo::echo;
pub use request::{Context, Note, Outbound, Target, request};
pub use turn::{Opening, Reader, Turn};
