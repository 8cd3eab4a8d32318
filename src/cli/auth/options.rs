//! The options of `crelay auth`.

use clap::{Args, Subcommand};

/// What is typed behind `crelay auth`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Ask for a key and keep it in the system's keyring
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Tell which keys there are, where they come from, and how they end
    List {
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Keep a provider's key no longer
    Remove {
        /// The provider: an id such as `deepseek`, or one of the configuration [default: the only one whose key is
        /// kept]
        provider: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Set {
    /// The provider: an id such as `deepseek`, or one of the configuration [default: that of a session]
    pub provider: Option<String>,

    /// Keep the key in a file that only you can read, where there is no keyring
    #[arg(long)]
    pub file: bool,

    /// Keep the key without asking the provider whether it is one
    #[arg(long)]
    pub no_check: bool,

    /// A key that somebody types here is refused by us, who do not repeat it.
    #[arg(hide = true)]
    pub key: Option<String>,
}

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay auth set deepseek                   asks for the key and does not show it
  pass show deepseek | crelay auth set deepseek
  crelay auth list
  crelay auth remove deepseek

A key is looked for in this order: --key-file, the provider's variable, `key_command` of the \
configuration, the keyring or the file of `crelay auth set`.";

const SET_EXAMPLES: &str = "\
Examples:
  crelay auth set deepseek                   asks for the key and does not show it
  pass show deepseek | crelay auth set deepseek
  crelay auth set deepseek --file            for a machine without a keyring";
