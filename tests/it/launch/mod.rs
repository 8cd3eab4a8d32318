//! Real processes, real signals, an own HOME; nothing is left.

mod ends;
pub mod fake;
#[cfg(target_os = "linux")]
pub mod faults;
mod lent;
mod real;
mod remains;
mod search;
mod stops;

pub use fake::Fake;
