//! The part of `tests/it/laws` that needs nothing but crelay.

#[path = "../tests/it/laws/heard.rs"]
pub mod heard;
#[path = "../tests/it/laws/obeyed.rs"]
pub mod obeyed;
#[path = "../tests/it/laws/offered.rs"]
pub mod offered;
#[path = "../tests/it/laws/play.rs"]
mod play;
#[path = "../tests/it/laws/said.rs"]
pub mod said;

pub use heard::{End, hear};
pub use play::{decode, frames, play, play_bytes, play_native, play_native_bytes};
