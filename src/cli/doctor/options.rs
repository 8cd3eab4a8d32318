//! The options of `crelay doctor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::options;
use crate::cli::wished::Wished;

/// What is typed behind `crelay doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    pub wished: Wished,

    /// The Codex to look for [env: CRELAY_CODEX]
    #[arg(long, value_name = "PATH")]
    pub codex: Option<PathBuf>,

    /// Log sizes, times, status and errors to this file, never keys [env: CRELAY_LOG]
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// How long each check may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub timeout: Duration,

    /// Print JSON, as `src/doctor/schema.json` of crelay's source describes it
    #[arg(long)]
    pub json: bool,
}

impl Options {
    /// The same for a session.
    pub fn of_session(&self) -> options::Options {
        options::Options {
            wished: self.wished.clone(),
            codex: self.codex.clone(),
            log_file: self.log_file.clone(),
            ..options::Options::default()
        }
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds
        .map(Duration::from_secs)
        .ok_or("write whole seconds, from 1 to 3600")
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay doctor                            the provider that a session would have
  crelay doctor -P demo                    without key or network
  crelay doctor -P kimi -m kimi-k3.1-pro --json
  crelay doctor --base-url http://localhost:8000/v1 -m my-model

It asks at most six small requests, and tells at the end what they cost. Marks: ✓ is well, \
! works less well, ✗ must be put right, - was not looked at.

Exit codes: 0 if a session would work, 1 if not.";
