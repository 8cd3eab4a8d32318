//! The options of `crelay providers`.

use clap::{Args, Subcommand};

/// What is typed behind `crelay providers`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    pub action: Option<Action>,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Tell all that is known of one: address, key, models, and in what it differs from others
    Show {
        /// The provider: an id such as `deepseek`, or one of the configuration
        provider: String,

        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask whether keys are accepted: those of the providers that are named, or all that there are
    #[command(after_help = TEST)]
    Test {
        /// The providers: ids such as `deepseek`, or of the configuration
        provider: Vec<String>,

        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay providers                           all, with the key that counts
  crelay providers show deepseek
  crelay providers test                      asks each for a list, or for one token
  crelay providers test deepseek kimi";

const TEST: &str = "\
Exit code 0 means that a key was accepted and none was refused; of providers that are named, that \
each accepts its key or needs none. It is 125 otherwise, also if nobody could be asked.";
