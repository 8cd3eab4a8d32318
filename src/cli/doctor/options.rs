//! The options of `crelay doctor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::options::{self, grammars, wires};
use crate::session::{Grammar, Wire};

/// What is typed behind `crelay doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The provider: an id such as `deepseek`, `kimi` or `ollama`, or one of the configuration
    #[arg(short = 'P', long, value_name = "NAME")]
    pub provider: Option<String>,

    /// The model, as the provider spells it
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,

    /// Any Chat Completions endpoint; with `--provider`, that provider at another address
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// A file with the API key; `-` asks for it or reads a line of standard input
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// The protocol toward the provider: `chat`, or `responses` for its own Responses endpoint
    #[arg(long, value_name = "WIRE", value_parser = wires(), hide_possible_values = true)]
    pub wire: Option<Wire>,

    /// Leave calls and thoughts that leak into text as they are: all, or these, such as `dsml,think`
    #[arg(long, value_name = "MARKUP", value_parser = grammars(), hide_possible_values = true)]
    #[arg(num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    pub no_heal: Option<Vec<Grammar>>,

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
            provider: self.provider.clone(),
            model: self.model.clone(),
            base_url: self.base_url.clone(),
            key_file: self.key_file.clone(),
            wire: self.wire,
            no_heal: self.no_heal.clone(),
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

It asks six small requests, and tells at the end what they cost. Marks: ✓ is well, ! works less
well, ✗ must be put right, - was not looked at.

Exit codes: 0 if a session would work, 1 if not.";
