//! What was typed and is not understood, told as every other error is.

use std::error::Error as _;
use std::ffi::OsString;
use std::net::AddrParseError;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::report::{Report, USAGE};
use crate::session::{self, arguments, nearest};

use super::options::{command, own_words};

/// The words for `error`, which clap found in `typed`.
pub(super) fn report(error: &clap::Error, typed: &[OsString]) -> Report {
    let root = command();
    if matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(name)) if session::takes_key(name)) {
        return session::Error::KeyTyped.into();
    }
    let slip = Slip {
        error,
        root: &root,
        path: path(&root, typed),
        is_early: typed.get(1).is_some_and(|word| word.to_string_lossy().starts_with('-')),
    };
    Report::new(slip.message()).hint(slip.hint()).code(USAGE)
}

/// The commands that were typed, each of the one before, without crelay itself.
fn path<'a>(root: &'a Command, typed: &[OsString]) -> Vec<&'a Command> {
    let mut path = Vec::new();
    let mut innermost = root;
    let mut place = 1;
    while let Some(word) = typed.get(place) {
        let word = word.to_string_lossy();
        if let Some(inner) = innermost.find_subcommand(&*word) {
            path.push(inner);
            innermost = inner;
        }
        place += own_words(innermost, &word).unwrap_or(1);
    }
    path
}

/// What clap did not understand, and where.
struct Slip<'a> {
    error: &'a clap::Error,
    root: &'a Command,
    path: Vec<&'a Command>,
    /// Whether an option was typed before any command.
    is_early: bool,
}

impl Slip<'_> {
    fn message(&self) -> String {
        let argument = self.argument(ContextKind::InvalidArg);
        let value = self.words(ContextKind::InvalidValue).concat();
        match self.error.kind() {
            ErrorKind::InvalidSubcommand => format!("there is no command `{}`", self.invalid()),
            ErrorKind::UnknownArgument if self.invalid().starts_with('-') => {
                format!("there is no option `{}` here", self.invalid())
            }
            ErrorKind::UnknownArgument => format!("nothing like `{}` is expected here", self.invalid()),
            ErrorKind::InvalidValue if value.is_empty() => format!("the value of {argument} is missing"),
            ErrorKind::InvalidValue => format!("{argument} cannot be `{value}`"),
            ErrorKind::ValueValidation => match self.error.source() {
                Some(why) => format!("{argument} cannot be `{value}`: {}", instead(why)),
                None => format!("{argument} cannot be `{value}`"),
            },
            ErrorKind::NoEquals => format!("the value of {argument} does not stand behind `=`"),
            ErrorKind::TooManyValues => format!("`{value}` is a value too many for {argument}"),
            ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
                let wanted = [ContextKind::MinValues, ContextKind::ExpectedNumValues];
                let wanted = wanted.map(|kind| self.words(kind).concat()).concat();
                let given = self.words(ContextKind::ActualNumValues).concat();
                format!("{argument} takes {wanted} values, and {given} are given")
            }
            ErrorKind::ArgumentConflict => self.conflict(),
            ErrorKind::MissingRequiredArgument => format!("{argument} is missing"),
            ErrorKind::MissingSubcommand => "a command is missing".to_owned(),
            ErrorKind::InvalidUtf8 => "what was typed is not valid UTF-8".to_owned(),
            _ => "what was typed cannot be understood".to_owned(),
        }
    }

    fn conflict(&self) -> String {
        let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
        let one: Vec<String> = kinds.into_iter().map(|kind| self.argument(kind)).collect();
        let (one, other) = (one.concat(), self.argument(ContextKind::PriorArg));
        match one == other || other.is_empty() {
            true => format!("{one} stands there twice"),
            false => format!("{one} and {other} exclude each other"),
        }
    }

    /// One that helps.
    fn hint(&self) -> String {
        let invalid = self.invalid();
        if self.path.is_empty() && arguments::is_command(&invalid) {
            return format!("it is a command of Codex: run `crelay codex {invalid}`");
        }
        if let Some(command) = self.later(&invalid) {
            return format!("it stands behind a command: `crelay {command} {invalid} …`");
        }
        if let Some(meant) = self.meant(&invalid) {
            return format!("did you mean `{meant}`?");
        }
        if let Some(words) = self.named(&invalid) {
            return words;
        }
        let possible = self.words(ContextKind::ValidValue);
        match self.error.kind() {
            ErrorKind::InvalidValue if !possible.is_empty() => format!("it is one of {}", listed(&possible)),
            ErrorKind::ArgumentConflict => "leave one of them out".to_owned(),
            ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => {
                format!("`crelay help{}` tells which there are", self.typed_path())
            }
            _ => format!("`crelay help{}` tells what it takes", self.typed_path()),
        }
    }

    /// The command behind which an option belongs that was typed before it: the one that was typed, or the usual one.
    fn later(&self, option: &str) -> Option<&str> {
        let usual = self.root.find_subcommand("codex");
        let mut commands = self.path.first().copied().into_iter().chain(usual);
        let takes = |command: &&Command| own_words(command, option).is_some();
        commands.find(takes).filter(|_| self.is_early).map(Command::get_name)
    }

    /// How a provider is named here, where a word stands that may be one.
    fn named(&self, word: &str) -> Option<String> {
        let here = self.innermost();
        let path = self.typed_path();
        let has_option = here
            .get_arguments()
            .any(|argument| argument.get_long() == Some("provider"));
        let shows = |command: &&Command| {
            command
                .get_positionals()
                .any(|argument| argument.get_id() == "provider")
        };
        match self.error.kind() {
            ErrorKind::UnknownArgument if has_option && !word.starts_with('-') => {
                Some(format!("a provider is named with `-P`: `crelay{path} -P {word}`"))
            }
            ErrorKind::InvalidSubcommand => {
                let show = here.find_subcommand("show").filter(shows)?.get_name();
                Some(format!("to see a provider, run `crelay{path} {show} {word}`"))
            }
            _ => None,
        }
    }

    /// The command, option or value that is nearest to what was typed.
    fn meant(&self, invalid: &str) -> Option<String> {
        let here = self.innermost();
        match self.error.kind() {
            ErrorKind::InvalidSubcommand => {
                nearest(invalid, here.get_subcommands().map(Command::get_name)).map(str::to_owned)
            }
            ErrorKind::UnknownArgument => {
                let long = here.get_arguments().filter(|argument| !argument.is_hide_set());
                let meant = nearest(invalid.strip_prefix("--")?, long.filter_map(Arg::get_long))?;
                Some(format!("--{meant}"))
            }
            ErrorKind::InvalidValue => {
                let (typed, possible) = (
                    self.words(ContextKind::InvalidValue).concat(),
                    self.words(ContextKind::ValidValue),
                );
                // The first letter is seldom mistyped: who writes `ksh` or `dash` means just that.
                let begins_so = |name: &&str| name.chars().next() == typed.chars().next();
                nearest(&typed, possible.iter().map(String::as_str).filter(begins_so)).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// What stands where it cannot, as it was typed.
    fn invalid(&self) -> String {
        let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
        kinds
            .into_iter()
            .flat_map(|kind| self.words(kind))
            .next()
            .unwrap_or_default()
    }

    /// The argument that clap names, as help elsewhere in crelay spells it; several with commas.
    fn argument(&self, kind: ContextKind) -> String {
        listed(
            &self
                .words(kind)
                .iter()
                .map(|name| self.spelled(name))
                .collect::<Vec<_>>(),
        )
    }

    /// clap's `--provider <NAME>` as `--provider`, and its `<NAME>` as `NAME`.
    fn spelled(&self, name: &str) -> String {
        let commands = self.path.iter().rev();
        let mut arguments = commands.flat_map(|command| command.get_arguments());
        // One that may be left out stands in other brackets there.
        let bare = |name: &str| name.trim_matches(['<', '>', '[', ']']).to_owned();
        let is_named = |argument: &&Arg| match argument.is_positional() {
            true => bare(&argument.to_string()) == bare(name),
            false => argument.to_string() == name,
        };
        let Some(argument) = arguments.find(is_named) else {
            return name.to_owned();
        };
        match (argument.get_long(), argument.get_value_names()) {
            (Some(long), _) => format!("--{long}"),
            (None, Some([value, ..])) => value.to_string(),
            (None, _) => argument.get_id().to_string(),
        }
    }

    fn words(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            Some(ContextValue::String(word)) => vec![word.clone()],
            Some(ContextValue::Strings(words)) => words.clone(),
            Some(ContextValue::Number(number)) => vec![number.to_string()],
            _ => Vec::new(),
        }
    }

    fn innermost(&self) -> &Command {
        self.path.last().copied().unwrap_or(self.root)
    }

    fn typed_path(&self) -> String {
        let names = self.path.iter().map(|command| command.get_name());
        let names = names.filter(|name| *name != "help");
        names.map(|name| format!(" {name}")).collect()
    }
}

/// What to write instead: the words of a parser of ours, or better ones than the standard library has for users.
fn instead(why: &(dyn std::error::Error + 'static)) -> String {
    if why.is::<ParseIntError>() {
        return "write a whole number".to_owned();
    }
    match why.is::<AddrParseError>() {
        true => "write an address such as `127.0.0.1` or `::1`".to_owned(),
        false => why.to_string(),
    }
}

fn listed(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options;

    fn told(line: &str) -> String {
        let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = options::parse(typed.clone()).unwrap_err();
        report(&error, &typed).to_string()
    }

    fn expect(table: &[(&str, &str, &str)]) {
        for (line, message, hint) in table {
            assert_eq!(told(line), format!("error: {message}\n\nhint: {hint}"), "{line}");
        }
    }

    #[test]
    fn what_was_meant_is_told() {
        expect(&[
            ("crelay codxe", "there is no command `codxe`", "did you mean `codex`?"),
            ("crelay auth sett", "there is no command `sett`", "did you mean `set`?"),
            (
                "crelay resume --last",
                "there is no command `resume`",
                "it is a command of Codex: run `crelay codex resume`",
            ),
            (
                "crelay -P kimi",
                "there is no option `-P` here",
                "it stands behind a command: `crelay codex -P …`",
            ),
            (
                "crelay -P demo exec x",
                "there is no option `-P` here",
                "it stands behind a command: `crelay exec -P …`",
            ),
            (
                "crelay --json doctor -P demo",
                "there is no option `--json` here",
                "it stands behind a command: `crelay doctor --json …`",
            ),
            (
                "crelay --provider=demo",
                "there is no option `--provider` here",
                "it stands behind a command: `crelay codex --provider …`",
            ),
            (
                "crelay serve --prot 1",
                "there is no option `--prot` here",
                "did you mean `--port`?",
            ),
            (
                "crelay config print --prot=1",
                "there is no option `--prot` here",
                "did you mean `--port`?",
            ),
        ]);
    }

    #[test]
    fn what_cannot_be_is_told_with_what_can() {
        expect(&[
            (
                "crelay exec --wire grpc",
                "`--wire` cannot be `grpc`",
                "it is one of `chat`, `responses`",
            ),
            (
                "crelay exec --no-heal=dsml,thinks",
                "`--no-heal` cannot be `thinks`",
                "did you mean `think`?",
            ),
            (
                "crelay usage --by mdoel",
                "`--by` cannot be `mdoel`",
                "did you mean `model`?",
            ),
            (
                "crelay exec --model",
                "the value of `--model` is missing",
                "`crelay help exec` tells what it takes",
            ),
            (
                "crelay serve --port http",
                "`--port` cannot be `http`: write a number from 0 to 65535",
                "`crelay help serve` tells what it takes",
            ),
            (
                "crelay serve stop --port 99999",
                "`--port` cannot be `99999`: write a number from 0 to 65535",
                "`crelay help serve stop` tells what it takes",
            ),
            (
                "crelay config print --codex --port 0",
                "`--port` cannot be `0`: write the port of `crelay serve`, from 1 to 65535",
                "`crelay help config print` tells what it takes",
            ),
            (
                "crelay serve --drain x",
                "`--drain` cannot be `x`: write a whole number",
                "`crelay help serve` tells what it takes",
            ),
            (
                "crelay serve --bind foo",
                "`--bind` cannot be `foo`: write an address such as `127.0.0.1` or `::1`",
                "`crelay help serve` tells what it takes",
            ),
            (
                "crelay usage today",
                "nothing like `today` is expected here",
                "`crelay help usage` tells what it takes",
            ),
        ]);
    }

    #[test]
    fn a_key_is_not_repeated_and_no_shell_taken_for_another() {
        expect(&[
            (
                "crelay completions ksh",
                "`SHELL` cannot be `ksh`",
                "it is one of `bash`, `elvish`, `fish`, `powershell`, `zsh`",
            ),
            (
                "crelay completions zhs",
                "`SHELL` cannot be `zhs`",
                "did you mean `zsh`?",
            ),
            (
                "crelay doctor --api-key sk-0123456789 -P demo",
                "a key on the command line is shown to everybody on this machine",
                "`crelay auth set` asks for it and keeps it; `--key-file` reads it from a file",
            ),
        ]);
    }

    #[test]
    fn a_provider_that_stands_alone_is_told_where_it_belongs() {
        expect(&[
            (
                "crelay models demo",
                "nothing like `demo` is expected here",
                "a provider is named with `-P`: `crelay models -P demo`",
            ),
            (
                "crelay doctor foo",
                "nothing like `foo` is expected here",
                "a provider is named with `-P`: `crelay doctor -P foo`",
            ),
            (
                "crelay providers deepseek",
                "there is no command `deepseek`",
                "to see a provider, run `crelay providers show deepseek`",
            ),
        ]);
    }

    #[test]
    fn what_is_too_much_or_too_little_is_told() {
        expect(&[
            (
                "crelay codex --codex x --install-codex",
                "`--codex` and `--install-codex` exclude each other",
                "leave one of them out",
            ),
            (
                "crelay serve --port 1 --port 2",
                "`--port` stands there twice",
                "leave one of them out",
            ),
            (
                "crelay serve -P demo status",
                "`status` and `--provider` exclude each other",
                "leave one of them out",
            ),
            (
                "crelay shim",
                "`NAME` is missing",
                "`crelay help shim` tells what it takes",
            ),
            (
                "crelay providers show",
                "`PROVIDER` is missing",
                "`crelay help providers show` tells what it takes",
            ),
            (
                "crelay nonsense",
                "there is no command `nonsense`",
                "`crelay help` tells which there are",
            ),
            (
                "crelay help auth nonsense",
                "there is no command `nonsense`",
                "`crelay help auth` tells which there are",
            ),
        ]);
    }
}
