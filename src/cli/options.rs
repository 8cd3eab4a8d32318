//! crelay's own options, and where they end and Codex's arguments begin.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::session::{self, ModelMap};

use super::auth::options as auth;
use super::completions;
use super::configuration::options as configuration;
use super::doctor::options as doctor;
use super::models::options as models;
use super::providers::options as providers;
use super::recording;
use super::replay;
use super::serve::options as serve;
use super::shim::options as shim;
use super::usage;
use super::wished::{Beside, Wished};

/// Runs the OpenAI Codex CLI on models of other providers.
#[derive(Debug, Parser)]
#[command(name = "crelay", version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{MORE}"), max_term_width = 100)]
pub(super) struct Crelay {
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Run Codex: its TUI, or whatever its own arguments say
    #[command(disable_help_flag = true, after_help = CODEX_EXAMPLES)]
    Codex(Options),
    /// Run one task without the TUI: `codex exec`
    #[command(disable_help_flag = true, after_help = EXEC_EXAMPLES)]
    Exec(Options),
    /// Serve the Responses API to IDE extensions, SDKs and other clients, without starting Codex
    #[command(after_help = serve::EXAMPLES)]
    Serve(Box<serve::Options>),
    /// Keep API keys in the system's keyring, and tell which there are
    #[command(after_help = auth::EXAMPLES)]
    Auth {
        #[command(subcommand)]
        action: auth::Action,
    },
    /// Tell who there is, whose keys there are, and whether they are accepted
    #[command(after_help = providers::EXAMPLES)]
    Providers(providers::Options),
    /// Tell whether a session would work: Codex, key, provider, and what the model can do
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Options),
    /// Tell which models a provider has, what each can, and what it costs
    #[command(after_help = models::EXAMPLES)]
    Models(models::Options),
    /// Show, check and write the configuration
    #[command(after_help = configuration::EXAMPLES)]
    Config {
        #[command(subcommand)]
        action: configuration::Action,
    },
    /// Make a command that behaves as Codex on a provider, for editors and SDKs
    #[command(disable_help_flag = true, after_help = shim::EXAMPLES, override_usage = shim::USAGE)]
    #[command(mut_arg("dry_run", |argument| argument.hide(true)), mut_arg("arguments", |argument| argument.hide(true)))]
    #[command(mut_arg("record", |argument| argument.hide(true)), mut_arg("redact", |argument| argument.hide(true)))]
    #[command(mut_arg("help", |argument| argument.help("Print this")))]
    Shim(Box<shim::Options>),
    /// Play a recording back: is it translated as it was?
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::Options),
    /// Tell what was used: requests, tokens and cost
    #[command(after_help = usage::EXAMPLES)]
    Usage(usage::Options),
    /// Print a script that lets a shell complete crelay's words, and Codex's behind them
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Options),
}

#[derive(Debug, Default, Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub wished: Wished,

    #[command(flatten)]
    pub also: Beside,

    /// Answer what Codex or a project asks of FROM, in which `*` stands for any text, with TO; may be repeated
    #[arg(long, value_name = "FROM=TO")]
    pub model_map: Vec<ModelMap>,

    /// Let this model find titles for threads; small ones are faster at that, and cost less
    #[arg(long, value_name = "NAME")]
    pub small_model: Option<String>,

    /// The Codex to run [env: CRELAY_CODEX]
    #[arg(long, value_name = "PATH", conflicts_with = "install_codex")]
    pub codex: Option<PathBuf>,

    /// Install the Codex that crelay is tested with for crelay alone, and run that
    #[arg(long)]
    pub install_codex: bool,

    /// Log sizes, times, status and errors to this file, never keys [env: CRELAY_LOG, which may also say how much:
    /// `debug`]
    #[arg(long, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// Begin no further turn when the session has cost so many dollars
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    pub max_cost: Option<f64>,

    /// Do not tell at the end what was used
    #[arg(short, long)]
    pub quiet: bool,

    /// Write what was used to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,

    /// End when nobody reads standard output any more: for a program that may die while it runs crelay
    #[arg(long)]
    pub while_read: bool,

    #[command(flatten)]
    pub recording: recording::Options,

    /// Say what would be run, and start nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Print this, then Codex's own help
    #[arg(short, long)]
    pub help: bool,

    /// As what a shim was called that stands for all this.
    #[arg(long, hide = true, value_name = "NAME")]
    pub called: Option<String>,

    /// Codex's own arguments, from the first that is not one of the options above
    #[arg(value_name = "CODEX ARGS")]
    pub arguments: Vec<OsString>,
}

const EXAMPLES: &str = "\
Examples:
  crelay exec --provider demo \"show me\"      without key or network, in a Git repository
  crelay auth set deepseek                   or: export DEEPSEEK_API_KEY=…
  crelay codex                               the TUI on the provider whose key is there
  crelay codex -P deepseek resume --last     all that follows crelay's own options is Codex's
  crelay exec -P kimi \"fix the tests\"        one task, then exit
  crelay doctor -P kimi                      would a session work?
  crelay codex --base-url http://localhost:8000/v1 -m my-model

See `crelay help codex` for all options.";

const MORE: &str = "\
Environment:
  CRELAY_PROVIDER   the provider without --provider
  CRELAY_API_KEY    the key of an address without a provider
  CRELAY_CODEX      the Codex to run
  CRELAY_LOG        the file to log to
  CRELAY_OFFLINE    if set, nobody beyond this machine is asked for lists of models
  NO_COLOR          no colours
  and the variable of each provider's key, such as DEEPSEEK_API_KEY

Exit codes:
  Codex's own, and 128 and the number of the signal that ended it. Of crelay: 2 for a line that
  cannot be understood, 126 and 127 for a Codex that cannot be run or found, 125 for the rest.";

const CODEX_EXAMPLES: &str = "\
Examples:
  crelay codex -P deepseek
  crelay codex -P kimi -m kimi-k3.1-pro exec --json \"task\"
  crelay codex -P mistral -- --search \"…\"     `--` ends crelay's own options by hand

Without --provider: CRELAY_PROVIDER, `default_provider` of the configuration, or the one provider \
whose key is in the environment.";

const EXEC_EXAMPLES: &str = "\
Examples:
  crelay exec \"write hello.py and run it\"     in a Git repository
  crelay exec --skip-git-repo-check \"task\"    Codex wants this anywhere else
  crelay exec -P groq --json \"task\"           what is not crelay's is `codex exec`'s

Without --provider: CRELAY_PROVIDER, `default_provider` of the configuration, or the one provider \
whose key is in the environment.";

/// A port of TCP.
pub(super) fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "write a number from 0 to 65535")
}

/// An amount that can be spent.
fn dollars(text: &str) -> Result<f64, &'static str> {
    let amount = text.parse().ok().filter(|amount| session::is_amount(*amount));
    amount.ok_or("write it like `2` or `0.50`")
}

/// All that can be typed.
pub(super) fn command() -> clap::Command {
    let mut command = Crelay::command();
    command.build();
    command
}

/// Reads the command line of this process.
pub(super) fn parse(mut typed: Vec<OsString>) -> Result<Crelay, clap::Error> {
    let command = command();
    if let Some(place) = place_of_help(&command, &typed) {
        // clap's own `help` knows neither, and there is only one thing that can be meant.
        let (words, asked) = typed.split_at(place);
        let asked = asked.iter().filter(|word| *word != "--help" && *word != "-h");
        typed = words.iter().chain(asked).cloned().collect();
    }
    let verb = typed.get(1).filter(|word| *word == "codex" || *word == "exec");
    if let Some(verb) = verb.and_then(|word| command.find_subcommand(word)) {
        let end = own_end(verb, &typed);
        // clap would look for its options behind a foreign one as well, and take `-mX` for foreign.
        if typed.get(end).is_some_and(|word| word != "--") {
            typed.insert(end, "--".into());
        }
    }
    Crelay::try_parse_from(typed)
}

/// Where the command `help` stands, of crelay or one of its commands.
fn place_of_help(command: &clap::Command, typed: &[OsString]) -> Option<usize> {
    let mut command = command;
    for (place, word) in typed.iter().enumerate().skip(1) {
        command = command.find_subcommand(word)?;
        if word == "help" {
            return Some(place);
        }
    }
    None
}

/// The place of the first word that is neither an option of `verb` nor the value of one.
pub(super) fn own_end(verb: &clap::Command, typed: &[OsString]) -> usize {
    let mut place = 2;
    while let Some(word) = typed.get(place) {
        let Some(words) = own_words(verb, &word.to_string_lossy()) else {
            break;
        };
        place += words;
    }
    place.min(typed.len())
}

/// How many words the option `word` takes, itself included; `None` if `verb` has no such option.
pub(super) fn own_words(verb: &clap::Command, word: &str) -> Option<usize> {
    let (name, has_value) = if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long
            .split_once('=')
            .map_or((long, None), |(name, value)| (name, Some(value)));
        (name.to_owned(), value.is_some())
    } else {
        let mut letters = word.strip_prefix('-')?.chars();
        (letters.next()?.to_string(), letters.next().is_some())
    };
    let is_named = |argument: &&clap::Arg| match name.chars().count() {
        1 => argument.get_short().is_some_and(|letter| name.starts_with(letter)),
        _ => argument.get_long() == Some(&name),
    };
    let argument = verb.get_arguments().find(is_named)?;
    match (argument.get_action().takes_values(), has_value) {
        (true, false) if argument.is_require_equals_set() => Some(1),
        (true, false) => Some(2),
        (true, true) | (false, false) => Some(1),
        // A switch takes no value: the word is something else.
        (false, true) => None,
    }
}

/// Prints the options of `verb`.
pub(super) fn print_help(verb: &str) -> io::Result<()> {
    let mut command = command();
    match command.find_subcommand_mut(verb) {
        Some(verb) => verb.print_help(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Grammar;

    /// Provider, model and Codex's arguments.
    fn parsed(line: &str) -> (Option<String>, Option<String>, Vec<OsString>) {
        let typed = ["crelay"].into_iter().chain(line.split(' ')).map(OsString::from);
        match parse(typed.collect()).unwrap().verb.unwrap() {
            Verb::Codex(options) | Verb::Exec(options) => {
                (options.wished.provider, options.wished.model, options.arguments)
            }
            other => panic!("{line} is {other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Crelay::command().debug_assert();
    }

    #[test]
    fn what_follows_crelays_own_options_is_codexs() {
        let table = [
            ("codex -P x resume --last", Some("x"), None, "resume --last"),
            ("codex -Px -my exec -P z -m w", Some("x"), Some("y"), "exec -P z -m w"),
            ("codex --provider=x --model y -- -m z", Some("x"), Some("y"), "-m z"),
            ("codex -P=x resume", Some("x"), None, "resume"),
            ("exec --json -m y task", None, None, "--json -m y task"),
            ("exec -- --weird", None, None, "--weird"),
            ("exec task -- --help", None, None, "task -- --help"),
            ("exec -- -- --help", None, None, "-- --help"),
            ("codex -c model=x -P y", None, None, "-c model=x -P y"),
            ("codex -- -P y", None, None, "-P y"),
            ("codex --dry-run --key-file - -", None, None, "-"),
            ("codex --dry-run=yes", None, None, "--dry-run=yes"),
            ("codex --no-heal resume", None, None, "resume"),
            ("codex --no-heal=dsml,think -Px resume", Some("x"), None, "resume"),
            ("codex --version", None, None, "--version"),
            ("codex -V", None, None, "-V"),
            ("codex -hV", None, None, "-hV"),
            ("codex exec --help", None, None, "exec --help"),
            ("codex --provider-x", None, None, "--provider-x"),
        ];
        for (line, provider, model, arguments) in table {
            let expected: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
            let expected = (provider.map(str::to_owned), model.map(str::to_owned), expected);
            assert_eq!(parsed(line), expected, "{line}");
        }
    }

    #[test]
    fn markup_is_named_behind_an_equals_sign_or_all_is_meant() {
        let no_heal = |word: &str| {
            let typed = ["crelay", "codex", word].map(OsString::from).into();
            match parse(typed).map(|parsed| parsed.verb.unwrap()) {
                Ok(Verb::Codex(options) | Verb::Exec(options)) => Ok(options.wished.no_heal),
                Ok(other) => panic!("{word} is {other:?}"),
                Err(error) => Err(error.to_string()),
            }
        };
        assert_eq!(no_heal("--dry-run"), Ok(None));
        assert_eq!(no_heal("--no-heal"), Ok(Some(Vec::new())));
        assert_eq!(
            no_heal("--no-heal=dsml,think"),
            Ok(Some(vec![Grammar::Dsml, Grammar::Think]))
        );
        let error = no_heal("--no-heal=dsml,thinks").unwrap_err();
        assert!(error.contains("'thinks'"), "{error}");
    }

    #[test]
    fn help_about_a_verb_is_not_help_of_codex() {
        let typed = ["crelay", "help", "codex"].map(OsString::from).into();
        let kind = parse(typed).map(|_| ()).map_err(|error| error.kind());
        assert_eq!(kind, Err(clap::error::ErrorKind::DisplayHelp));
    }

    #[test]
    fn help_is_there_for_every_command_and_for_itself() {
        for line in [
            "help --help",
            "help -h",
            "help auth set --help",
            "auth help --help",
            "shim list --help",
            "shim remove -h",
            "serve stop --help",
        ] {
            let typed = ["crelay"].into_iter().chain(line.split(' ')).map(OsString::from);
            let kind = parse(typed.collect()).map(|_| ()).map_err(|error| error.kind());
            assert_eq!(kind, Err(clap::error::ErrorKind::DisplayHelp), "{line}");
        }
    }

    #[test]
    fn a_value_that_is_missing_is_an_error() {
        for line in [&["crelay", "codex", "-P"][..], &["crelay", "codex", "-m", "--json"]] {
            let typed = line.iter().map(OsString::from).collect();
            assert!(parse(typed).is_err(), "{line:?}");
        }
    }
}
