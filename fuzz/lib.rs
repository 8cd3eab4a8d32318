//! What must hold for any input at all. The targets are run here by libFuzzer and in `tests/it/fuzz.rs` over their seeds;
//! the laws that they hold to are those of `tests/it/laws`.

pub mod laws;
pub mod targets;
