//! Which words may follow on a line of crelay's, read off its commands.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, ValueHint};

use crate::cli::options::{own_end, own_words};

/// A word that may stand where the line is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub word: String,
    /// What it means, in a few words; may be empty.
    pub about: String,
}

/// What may stand there beside the words that are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Further {
    /// Nothing.
    Nothing,
    /// Any file.
    Files,
    /// What Codex takes, whose own words begin with this one of the line.
    Codex { verb: String, start: usize },
}

/// Names that only the table and the configuration know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    Providers,
    /// Of this provider, or of the one that would be taken.
    Models(Option<&'a str>),
}

/// What may stand in place of the last word of `line`, the first of which is `crelay`.
pub(super) fn candidates(
    root: &Command,
    line: &[OsString],
    names: &dyn Fn(Wanted<'_>) -> Vec<Candidate>,
) -> (Further, Vec<Candidate>) {
    let words: Vec<String> = line.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let Some((typed, before)) = words.split_last() else {
        return (Further::Nothing, Vec::new());
    };
    let mut asked = Asked {
        command: root,
        typed,
        provider: None,
        names,
    };
    let mut positionals = 0;
    let mut place = 1;
    while let Some(word) = before.get(place) {
        if let Some(count) = own_words(asked.command, word) {
            let (name, inline) = split(word);
            let option = option(asked.command, name);
            if place + count > before.len() {
                return option.map_or((Further::Nothing, Vec::new()), |option| asked.values(option, "", typed));
            }
            if option.is_some_and(|option| option.get_id() == "provider") {
                asked.provider = inline.or(before.get(place + 1).map(String::as_str));
            }
            place += count;
        } else if asked.passes_on() {
            break;
        } else {
            match asked.command.find_subcommand(word) {
                Some(inner) => asked.command = inner,
                None => positionals += 1,
            }
            place += 1;
        }
    }
    if asked.passes_on() {
        return asked.with_codex(line, before);
    }
    asked.here(positionals)
}

/// Where on the line it is asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    command: &'a Command,
    /// What there is of the word.
    typed: &'a str,
    /// The provider that the line names.
    provider: Option<&'a str>,
    names: &'a dyn Fn(Wanted<'_>) -> Vec<Candidate>,
}

impl Asked<'_> {
    /// Whether what is not the command's own is Codex's.
    fn passes_on(&self) -> bool {
        self.command
            .get_positionals()
            .any(|argument| argument.get_id() == "arguments")
    }

    /// Behind `codex` and `exec`: their own options up to the first word that is none, and all that is Codex's.
    fn with_codex(self, line: &[OsString], before: &[String]) -> (Further, Vec<Candidate>) {
        let end = own_end(self.command, &line[..before.len()]);
        let is_ended = before.get(end).is_some();
        let start = end + usize::from(before.get(end).is_some_and(|word| word == "--"));
        // Codex knows no names of the provider's models.
        let previous = before.last().map(String::as_str);
        let model = self
            .command
            .get_arguments()
            .find(|argument| argument.get_id() == "model");
        if let (true, Some("-m" | "--model"), Some(model)) = (is_ended, previous, model) {
            return self.values(model, "", self.typed);
        }
        let own = match (is_ended, split(self.typed)) {
            (true, _) => Vec::new(),
            (false, (name, Some(value))) => match option(self.command, name) {
                Some(option) => return self.values(option, &format!("{name}="), value),
                None => Vec::new(),
            },
            (false, _) => self.options(),
        };
        let verb = self.command.get_name().to_owned();
        (Further::Codex { verb, start }, own)
    }

    /// What any other command takes next, behind so many words that are no options.
    fn here(self, positionals: usize) -> (Further, Vec<Candidate>) {
        if let (name, Some(value)) = split(self.typed)
            && let Some(option) = option(self.command, name)
        {
            return self.values(option, &format!("{name}="), value);
        }
        if self.typed.starts_with('-') {
            return (Further::Nothing, self.options());
        }
        let inner = self.command.get_subcommands().filter(|inner| !inner.is_hide_set());
        let mut words: Vec<Candidate> = inner
            .map(|inner| candidate(inner.get_name(), inner.get_about()))
            .filter(|inner| inner.word.starts_with(self.typed))
            .collect();
        let mut further = Further::Nothing;
        if let Some(positional) = self.positional(positionals).filter(|next| !next.is_hide_set()) {
            let (files, values) = self.values(positional, "", self.typed);
            words.extend(values);
            further = files;
        }
        (further, words)
    }

    /// The positional that stands behind so many others; the last takes all that follow if it takes several.
    fn positional(&self, place: usize) -> Option<&Arg> {
        let last = self.command.get_positionals().last();
        let endless = last.filter(|last| matches!(last.get_action(), ArgAction::Append));
        self.command.get_positionals().nth(place).or(endless)
    }

    fn options(self) -> Vec<Candidate> {
        let options = self.command.get_arguments().filter(|other| !other.is_positional());
        let words = options.filter(|option| !option.is_hide_set()).flat_map(|option| {
            let long = option.get_long().map(|name| format!("--{name}"));
            let short = option.get_short().map(|letter| format!("-{letter}"));
            long.into_iter()
                .chain(short)
                .map(|word| candidate(&word, option.get_help()))
        });
        words
            .filter(|option| self.typed.starts_with('-') && option.word.starts_with(self.typed))
            .collect()
    }

    /// Values of `argument` that begin with `typed`; `before` stands before them in the same word.
    fn values(self, argument: &Arg, before: &str, typed: &str) -> (Further, Vec<Candidate>) {
        let mut known = match argument.get_id().as_str() {
            "provider" | "also" | "fallback" => (self.names)(Wanted::Providers),
            "model" | "small_model" => (self.names)(Wanted::Models(self.provider)),
            _ => {
                let values = argument.get_possible_values();
                let shown = values.iter().filter(|value| !value.is_hide_set());
                shown
                    .map(|value| candidate(value.get_name(), value.get_help()))
                    .collect()
            }
        };
        // Only the last of a list is being typed.
        let list = argument
            .get_value_delimiter()
            .and_then(|comma| typed.rfind(comma))
            .map_or("", |comma| &typed[..=comma]);
        known.iter_mut().for_each(|value| value.word.insert_str(0, list));
        known.retain(|value| value.word.starts_with(typed));
        known.iter_mut().for_each(|value| value.word.insert_str(0, before));
        let further = match argument.get_value_hint() {
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath => Further::Files,
            _ => Further::Nothing,
        };
        (further, known)
    }
}

/// The name of an option, and the value that stands in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=').filter(|_| word.starts_with("--")) {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}

fn option<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let is_named = |argument: &&Arg| match name.strip_prefix("--") {
        Some(long) => argument.get_long() == Some(long),
        None => {
            let letter = name.strip_prefix('-').and_then(|letters| letters.chars().next());
            letter.is_some() && argument.get_short() == letter
        }
    };
    command.get_arguments().find(is_named)
}

/// With the first clause of what help says.
fn candidate(word: &str, about: Option<&clap::builder::StyledStr>) -> Candidate {
    let about = about.map(ToString::to_string).unwrap_or_default();
    let clause = about.split([':', ';', '\n']).next().unwrap_or_default();
    Candidate {
        word: word.to_owned(),
        about: clause.to_owned(),
    }
}

#[cfg(test)]
mod tests;
