//! The Responses API: the request that Codex sends and the events that it reads.
//!
//! Requests are read generously, and an item of a type that is not known here is kept as it came. Answers are written
//! as the public specification says.

mod answer;
mod compacted;
mod encoder;
mod event;
mod item;
mod repeated;
mod request;
mod streamed;

pub use answer::*;
pub use compacted::*;
pub use encoder::Encoder;
pub use event::*;
pub use item::*;
pub use repeated::Repeated;
pub use request::*;
pub use streamed::Streamed;
