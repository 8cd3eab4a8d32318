//! What was typed and is not understood, told as every other error is.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Command, CommandFactory};

use crate::report::{Report, USAGE};
use crate::session::arguments;

use super::options::{Crelay, own_words};

/// The words for `error`, which clap found in `typed`.
pub(super) fn report(error: &clap::Error, typed: &[OsString]) -> Report {
    let mut command = Crelay::command();
    command.build();
    let first = typed.get(1).map(|word| word.to_string_lossy()).unwrap_or_default();
    Report::new(message(error))
        .hint(hint(error, &command, &first))
        .code(USAGE)
}

/// The first paragraph, with what can be typed in backticks.
fn message(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().take_while(|line| !line.is_empty());
    let paragraph: Vec<&str> = lines.map(str::trim).collect();
    let paragraph = paragraph.join(" ");
    let sentence = paragraph.strip_prefix("error: ").unwrap_or(&paragraph);
    sentence.replace('\'', "`")
}

fn hint(error: &clap::Error, command: &Command, first: &str) -> String {
    let verb = command.find_subcommand(first);
    let codex = command.find_subcommand("codex");
    if verb.is_none() && arguments::is_command(first) {
        return format!("it is a command of Codex: run `crelay codex {first}`");
    }
    if codex.is_some_and(|codex| own_words(codex, first).is_some()) {
        return format!("it stands behind a command: `crelay codex {first} …`");
    }
    let suggested = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let meant = suggested.into_iter().find_map(|kind| match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) => words.first().cloned(),
        _ => None,
    });
    match (meant, verb) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(verb)) => format!("`crelay help {}` tells what it takes", verb.get_name()),
        (None, None) => "`crelay help` tells what there is".to_owned(),
    }
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

    #[test]
    fn what_was_meant_is_told() {
        for (line, expected) in [
            (
                "crelay codxe",
                "error: unrecognized subcommand `codxe`\n\nhint: did you mean `codex`?",
            ),
            (
                "crelay resume --last",
                "error: unrecognized subcommand `resume`\n\nhint: it is a command of Codex: run `crelay codex resume`",
            ),
            (
                "crelay -P kimi",
                "error: unexpected argument `-P` found\n\nhint: it stands behind a command: `crelay codex -P …`",
            ),
            (
                "crelay serve --prot 1",
                "error: unexpected argument `--prot` found\n\nhint: did you mean `--port`?",
            ),
            (
                "crelay exec --wire grpc",
                "error: invalid value `grpc` for `--wire <WIRE>` [possible values: chat, responses]\n\nhint: `crelay help \
                 exec` tells what it takes",
            ),
            (
                "crelay completions tcsh",
                "error: invalid value `tcsh` for `<SHELL>` [possible values: bash, elvish, fish, powershell, zsh]\n\nhint: \
                 did you mean `zsh`?",
            ),
            (
                "crelay exec --model",
                "error: a value is required for `--model <NAME>` but none was supplied\n\nhint: `crelay help exec` tells \
                 what it takes",
            ),
            (
                "crelay nonsense",
                "error: unrecognized subcommand `nonsense`\n\nhint: `crelay help` tells what there is",
            ),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
