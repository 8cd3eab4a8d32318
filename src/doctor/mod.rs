//! Whether a session would work: what is looked at, what is asked of the provider, and what follows from the answers.
//!
//! [`Check`] is the list of all that is looked at, and each check comes to one [`Finding`]. [`machine`] judges what was
//! found on this machine, [`account`] what the provider tells of itself. Then [`Probe`]s are asked: small turns as
//! Codex would ask them, which [`Line`] sends through a relay of the session's own, so that they pass all that a
//! session's pass. What was [`Heard`] is judged without knowing how it came. An [`Examination`] gathers the findings
//! and becomes [`text`] or JSON, which `schema.json` describes.
//!
//! All of it is pure but [`Line`], which alone talks to anybody.

#![forbid(unsafe_code)]

pub mod account;
mod ask;
mod check;
mod document;
mod heard;
mod image;
mod judge;
mod line;
pub mod machine;
pub mod text;

pub use ask::Probe;
pub use check::{Check, Finding, Verdict};
pub use document::{Codex, Examination, Key, Subject};
pub use heard::{End, Heard, Listener};
pub use line::Line;
