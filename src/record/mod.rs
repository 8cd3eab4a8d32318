//! What travelled, written down while it does: what a client asked, what was sent for it, what came back, and what the
//! client was told. A line of JSON for each piece, so that a recording can be read whose writer was killed.
//!
//! Neither keys nor tokens are in it, and where that is wished no texts either.

#![forbid(unsafe_code)]

mod line;
mod read;
mod recorder;
mod redact;

pub use line::{Bytes, Head, Headers};
pub use read::{Attempt, Error, Exchange, Recording, Told, read};
pub use recorder::{Recorder, Turn};
