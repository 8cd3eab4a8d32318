//! Codex's own arguments, as far as they decide the session.

use std::ffi::OsString;

/// What follows crelay's own options, and what crelay had to understand of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// What reaches Codex, unchanged and in order; only a `-p`/`--profile` is taken out, because crelay merges it.
    pub given: Vec<OsString>,
    /// What Codex is asked to be.
    pub command: Command,
    /// The model of `-m`, `--model` or `-c model=…`; the last one counts.
    pub model: Option<String>,
    /// The user's own profile.
    pub profile: Option<String>,
}

/// What Codex is asked to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Command {
    /// The TUI: no subcommand, `resume` or `fork`. Takes `--no-daemon` (from 0.156) and `-p` (from 0.134).
    #[default]
    Interactive,
    /// `exec`, `review` and others that take `-p` at root level (from 0.134).
    Runtime,
    /// Talks to a model but refuses `-p`: `app-server`, `mcp-server`, `exec-server`, …
    Server,
    /// Never talks to a model: crelay steps aside.
    Direct,
}
