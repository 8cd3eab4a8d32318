//! The options of `crelay config`.

use clap::{Args, Subcommand};

use crate::cli::options;

/// What is typed behind `crelay config`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Print where the configuration is, whether it is there or not
    Path,
    /// Print what counts, and who says so: the file, a variable, or nobody
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a configuration in which everything is explained and nothing is changed
    Init,
    /// Open the configuration in $VISUAL or $EDITOR, and check it afterwards
    Edit,
    /// Check the configuration; the exit code is 0 if nothing is wrong
    Check,
    /// Print what another program needs
    #[command(after_help = PRINT_EXAMPLES)]
    Print(Print),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Print {
    /// For Codex, before a relay that runs by itself: lines for its `config.toml`; that is what is printed anyway
    #[arg(long)]
    pub codex: bool,

    /// The model catalog instead, in JSON: the file that `model_catalog_json` names
    #[arg(long)]
    pub catalog: bool,

    /// The provider: an id such as `deepseek`, `kimi` or `ollama`, or one of the configuration
    #[arg(short = 'P', long, value_name = "NAME")]
    pub provider: Option<String>,

    /// The model, as the provider spells it
    #[arg(short, long, value_name = "NAME")]
    pub model: Option<String>,

    /// The port of `crelay serve`
    #[arg(long, value_parser = served_port, default_value_t = 4444)]
    pub port: u16,
}

/// A port that clients can be told: 0 is none, but asks for any.
fn served_port(text: &str) -> Result<u16, &'static str> {
    let port = options::port(text).ok().filter(|port| *port != 0);
    port.ok_or("write the port of `crelay serve`, from 1 to 65535")
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay config init                         writes a commented file
  crelay config edit
  crelay config show                         what counts, and who says so
  crelay config print --codex -P deepseek    for Codex before `crelay serve`";

const PRINT_EXAMPLES: &str = "\
Examples:
  crelay config print --codex -P deepseek    lines for the top of ~/.codex/config.toml
  crelay config print --catalog -P deepseek >~/.codex/crelay-models.json";
