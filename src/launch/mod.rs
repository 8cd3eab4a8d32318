//! Codex as a child: find it, lend it a profile, pass on signals, clean up.
//!
//! A run goes through this room from top to bottom:
//!
//! 1. [`find`] says which Codex there is, [`install`] puts one where [`find`] looks last.
//! 2. [`sweep`] takes away what killed sessions left, and [`remembered_model`] what the user chose earlier.
//! 3. [`instructions`] asks the found Codex for its generic prompt, once for each version.
//! 4. [`lend`] writes profile and catalog; the [`Loan`] gives everything back.
//! 5. [`spawn`] starts Codex, [`Child::wait`] stays until it ends. [`direct`] steps aside instead.
//!
//! Nothing here reads the environment of this process: what is needed of it comes in as an
//! [`Environment`](crate::session::Environment).

mod catalog;
mod changes;
mod child;
mod command_line;
mod environment;
mod error;
mod find;
mod install;
mod instructions;
mod loan;
mod package;
mod profile;
mod record;
mod remains;
mod resume;
#[cfg(test)]
pub(crate) mod sample;
mod signals;
mod state;
mod sweep;
mod terminal;
mod version;

pub use catalog::write as catalog;
pub use child::{Child, direct, shield, spawn};
pub use command_line::{Line, PROVIDER_ID, TOKEN_VARIABLE};
pub use environment::for_codex;
pub use error::Error;
pub use find::{Codex, Kind, Places, find, is_crelay};
pub use install::{TESTED, install, installed, private_copy};
pub use instructions::{SHORT, instructions};
pub use loan::{Loan, Rehearsal, Terms, can_lend, lend, rehearse};
pub use profile::{Other, configured_search};
pub use remains::{Remains, remains};
pub use resume::can_resume;
pub use signals::Signals;
pub use state::remembered_model;
pub use sweep::sweep;
pub use version::{ASKED, Version};
