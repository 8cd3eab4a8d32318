//! What tests share: a strict mock provider, folders of their own, processes that end with the test, the real Codex.

pub mod check;
pub mod echo;
mod gate;
mod guards;
mod history;
mod home;
mod installed;
pub mod native;
pub mod packages;
mod process;
mod provider;
mod refusals;
pub mod rules;
mod terminal;
mod tls;
mod turn;

pub use gate::Gate;
pub use home::Home;
pub use installed::Codex;
pub use native::{NativeProvider, NativeRules};
pub use process::{Ended, Process};
pub use provider::{Provider, Recorded};
pub use rules::Rules;
pub use terminal::Terminal;
pub use tls::{Authority, Door, Identity};
pub use turn::{Turn, call, calls, given, reasoning, refuse, refuse_with, text};

/// How long a test waits for what must come. Nothing is meant to take nearly as long; a machine may be busy.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
