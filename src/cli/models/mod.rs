//! `crelay models`: what a provider's models can, and what they cost.

mod furnish;

pub(super) use furnish::{furnished, instructions, prepared};
