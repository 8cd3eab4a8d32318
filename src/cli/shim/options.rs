//! The options of `crelay shim`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

use crate::cli::options;

/// What is typed behind `crelay shim`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[group(skip)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    pub action: Option<Action>,

    /// What the command will be called; `codex` is possible
    #[arg(value_name = "NAME", required_unless_present = "help")]
    pub name: Option<String>,

    /// The folder for the link [default: ~/.local/bin]
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,

    #[command(flatten)]
    pub own: options::Options,
}

/// What else can be done with shims.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// List them
    List {
        /// Print this
        #[arg(short, long, action = ArgAction::Help)]
        help: Option<bool>,
    },
    /// Remove one
    Remove {
        /// Which
        name: String,

        /// Print this
        #[arg(short, long, action = ArgAction::Help)]
        help: Option<bool>,
    },
}

pub(in crate::cli) const USAGE: &str = "\
crelay shim NAME [OPTIONS]
       crelay shim list
       crelay shim remove NAME";

pub(in crate::cli) const EXAMPLES: &str = "\
Examples:
  crelay shim codex-deepseek -P deepseek       then: codex-deepseek, codex-deepseek exec \"task\"
  crelay shim codex -P kimi --dir ~/shims      with `~/shims` first on PATH, `codex` itself
  crelay shim list
  crelay shim remove codex-deepseek

All that follows the name when it is called is Codex's. Editors and SDKs that ask for the path of \
Codex (`codexPathOverride`, for one) take that of the link. They may start it without the variables \
of your shell: a key that `crelay auth set` keeps, or `--key-file FILE`, is found all the same. \
Which shim is meant, crelay sees from the name by which it is called.";

/// Words of Codex's that were typed where only crelay's own belong.
pub(super) fn foreign(options: &Options) -> Option<&OsString> {
    options.own.arguments.first()
}

/// The options among `typed`, a command line from its first word, as they are kept: without the name and the folder.
pub(super) fn kept(typed: &[OsString]) -> Vec<OsString> {
    let command = options::command();
    let Some(verb) = command.find_subcommand("shim") else {
        return Vec::new();
    };
    let mut kept = Vec::new();
    let mut rest = typed.get(2..).unwrap_or_default();
    while let Some(word) = rest.first() {
        let text = word.to_string_lossy();
        let taken = options::own_words(verb, &text);
        let (words, behind) = rest.split_at(taken.unwrap_or(1).min(rest.len()));
        let is_folder = text == "--dir" || text.starts_with("--dir=");
        if taken.is_some() && !is_folder {
            kept.extend_from_slice(words);
        }
        rest = behind;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_folder_are_not_among_what_is_kept() {
        for (line, expected) in [
            ("shim a", ""),
            ("shim a -P deepseek", "-P deepseek"),
            ("shim -Pdeepseek --dir x a --model=m", "-Pdeepseek --model=m"),
            ("shim --dir=x --no-heal a --wire chat", "--no-heal --wire chat"),
        ] {
            let typed: Vec<OsString> = ["crelay"]
                .into_iter()
                .chain(line.split(' '))
                .map(OsString::from)
                .collect();
            let words = kept(&typed).join(std::ffi::OsStr::new(" "));
            assert_eq!(words, expected, "{line}");
        }
    }
}
