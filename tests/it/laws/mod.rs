//! What holds for every turn, recorded or made up.
//!
//! One terminal event and nothing after; each item opened once and closed once, one at a time; deltas add up; what the
//! provider said is what Codex hears, voice by voice; completed only if the provider said so; bytes split anywhere
//! give the same, cut anywhere still give a lawful turn; turn n's messages are a byte-for-byte prefix of turn n+1's.

mod conversations;
mod dialects;
mod generated;
pub mod heal;
pub mod heard;
pub mod native;
mod native_generated;
pub mod obeyed;
pub mod offered;
mod play;
mod recorded;
mod recordings;
pub mod said;

pub use conversations::captures;
pub use heard::{End, Heard, hear};
pub use native::native_recordings;
pub use play::{Frame, decode, frames, play, play_bytes, play_native, play_native_bytes};
pub use recorded::{Exchange, Kind, exchanges, shared};
pub use recordings::recordings;

use proptest::test_runner::{Config, RngSeed};

/// So many made-up cases, the same in every run.
pub fn cases(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(0x00c0_de0f),
        failure_persistence: None,
        ..Config::default()
    }
}
