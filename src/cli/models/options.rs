//! The options of `crelay models`.

use std::path::PathBuf;

use clap::Args;

/// What is typed behind `crelay models`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The provider: an id such as `deepseek`, `kimi` or `ollama`, or one of the configuration
    #[arg(short = 'P', long, value_name = "NAME")]
    pub provider: Option<String>,

    /// Any Chat Completions endpoint; with `--provider`, that provider at another address
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// A file with the API key; `-` asks for it or reads a line of standard input
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// Ask again, though what is kept is not old
    #[arg(long)]
    pub refresh: bool,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay models                     of the provider that a session would take
  crelay models -P openrouter
  crelay models --refresh           asks again; else at most once an hour
  crelay models -P kimi --json      with who says what

Prices are dollars for a million tokens ($/M): of the question, of the answer, and of what the \
provider had cached of the question. Models that Codex cannot work with are left out.";
