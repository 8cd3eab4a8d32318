//! How an error becomes words, a hint and an exit code.

#![forbid(unsafe_code)]

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::plain;

/// Our own failures.
pub const FAILURE: u8 = 125;
/// Codex was found but cannot be run.
pub const NOT_RUNNABLE: u8 = 126;
/// Codex was not found.
pub const NOT_FOUND: u8 = 127;
/// The command line was wrong; clap's own exit code.
pub const USAGE: u8 = 2;

/// What the user reads: a sentence, its causes and one hint that helps.
#[derive(Debug)]
pub struct Report {
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
    code: u8,
}

impl Report {
    /// A failure of our own, in lower case and without a full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            source: None,
            code: FAILURE,
        }
    }

    /// Adds what the user can do; what can be typed stands in backticks.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds what lies beneath; it is printed as `caused by`.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the user can do, if anything is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Ends the process with another code than 125.
    #[must_use]
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// The sentence with its causes, in one line, for where it stands among other words.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.lines().join(": ")
    }

    /// The sentence, and each cause by itself; but what the system said stands behind what it was said to, without the
    /// number that means nothing to whoever reads it.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.message.clone()];
        for cause in self.causes() {
            let words = cause.downcast_ref::<io::Error>().and_then(system_words);
            match (words, lines.last_mut()) {
                (Some(words), Some(line)) => {
                    let _ = write!(line, ": {words}");
                }
                _ => lines.push(cause.to_string()),
            }
        }
        lines
    }

    fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first = self.source.as_deref().map(|error| error as &(dyn Error + 'static));
        std::iter::successors(first, |error| (*error).source())
    }

    /// The code that the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Report {
    /// The whole text, without a final newline.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut formatter = Showable(formatter);
        write!(formatter, "error: {}", self.lines().join("\n  caused by: "))?;
        if let Some(hint) = &self.hint {
            write!(formatter, "\n\nhint: {hint}")?;
        }
        Ok(())
    }
}

/// The code with which a shell ends that found no such program, and the one of a program that it may not run (POSIX,
/// Shell Command Language, 2.8.2).
const NOT_FOUND_BY_SHELL: i32 = 127;
const NOT_RUNNABLE_BY_SHELL: i32 = 126;

/// How a program ended that did not end well, as it stands behind its name.
#[must_use]
pub fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, Some(signal)) => match Signal::try_from(signal) {
            Ok(signal) => format!("was ended by {signal}"),
            Err(_) => format!("was ended by signal {signal}"),
        },
        (None, None) => "did not end well".to_owned(),
    }
}

/// How a line for a shell ended that did not end well, as it stands behind its name.
#[must_use]
pub fn ended_in_shell(status: ExitStatus) -> String {
    match status.code() {
        Some(NOT_FOUND_BY_SHELL) => "names a program that was not found".to_owned(),
        Some(NOT_RUNNABLE_BY_SHELL) => "names a program that cannot be run".to_owned(),
        _ => ended(status),
    }
}

/// What `error` says, as it stands within a sentence.
#[must_use]
pub fn words(error: &io::Error) -> String {
    system_words(error).unwrap_or_else(|| error.to_string())
}

/// The system's words for `error`, if they are, as they stand within a sentence.
fn system_words(error: &io::Error) -> Option<String> {
    let number = error.raw_os_error()?;
    let words = error.to_string();
    let words = words.strip_suffix(&format!(" (os error {number})"))?;
    let first = words.chars().next()?;
    let rest = &words[first.len_utf8()..];
    Some(match rest.starts_with(char::is_lowercase) {
        true => format!("{}{rest}", first.to_lowercase()),
        false => words.to_owned(),
    })
}

/// What helps when a limit of this machine or this user is reached; `None` if `error` says something else.
#[must_use]
pub fn exhausted(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error().map(Errno::from_raw)? {
        Errno::EMFILE => Some("allow more open files with `ulimit -n 1024`"),
        Errno::ENFILE => Some("close programs: this machine has no open file left"),
        Errno::EAGAIN => Some("close programs, or allow more processes with `ulimit -u`"),
        Errno::ENOMEM => Some("close programs: this machine has no memory left"),
        Errno::EFBIG => Some("allow larger files with `ulimit -f unlimited`"),
        Errno::E2BIG => Some("give Codex a long task on standard input: `crelay exec - <FILE`"),
        Errno::EADDRINUSE => Some("close programs: no port of this machine is free"),
        Errno::EADDRNOTAVAIL => Some("bring the loopback interface up with `ip link set lo up`"),
        _ => None,
    }
}

/// A word as it would be typed in a shell: in quotes if a shell saw more in it than letters.
#[must_use]
pub fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Writes what was typed or configured so that it moves no terminal: what would is shown as an escape, so that it can
/// be found and corrected; but line ends as they are, because lists have them.
struct Showable<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Showable<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_hostile = |letter: char| letter != '\n' && plain::is_hostile(letter);
        for piece in text.split_inclusive(is_hostile) {
            let end = piece.chars().next_back().filter(|letter| is_hostile(*letter));
            self.0.write_str(piece.strip_suffix(is_hostile).unwrap_or(piece))?;
            end.map_or(Ok(()), |letter| write!(self.0, "{}", letter.escape_default()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_only_if_a_shell_would_see_more_in_it() {
        for (word, expected) in [
            ("exec", "exec"),
            ("-c", "-c"),
            ("a=b", "a=b"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(OsStr::new(word)), expected);
        }
    }

    #[test]
    fn a_report_reads_as_sentence_causes_and_hint() {
        let cause = std::io::Error::other("no such file");
        let report = Report::new("cannot read `a.toml`")
            .source(cause)
            .hint("run `crelay codex`");
        let text = "error: cannot read `a.toml`\n  caused by: no such file\n\nhint: run `crelay codex`";
        assert_eq!(report.to_string(), text);
        assert_eq!(report.exit_code(), FAILURE);
    }

    #[test]
    fn what_the_system_said_ends_the_sentence_that_it_was_said_to() {
        let missing = || std::io::Error::from_raw_os_error(2);
        let report = Report::new("cannot read `a.toml`").source(missing());
        assert_eq!(
            report.to_string(),
            "error: cannot read `a.toml`: no such file or directory"
        );
        assert_eq!(report.sentence(), "cannot read `a.toml`: no such file or directory");
    }

    #[test]
    fn how_a_program_ended_is_told_in_words() {
        // As `wait` tells: the code in the higher byte, a signal in the lower.
        for (status, alone, in_shell) in [
            (3 << 8, "ended with code 3", "ended with code 3"),
            (126 << 8, "ended with code 126", "names a program that cannot be run"),
            (127 << 8, "ended with code 127", "names a program that was not found"),
            (9, "was ended by SIGKILL", "was ended by SIGKILL"),
        ] {
            let status = ExitStatus::from_raw(status);
            assert_eq!((&*ended(status), &*ended_in_shell(status)), (alone, in_shell));
        }
    }

    #[test]
    fn what_was_typed_moves_no_terminal() {
        let cause = std::io::Error::other("\u{9b}2J");
        let report = Report::new("`a\u{1b}[2J\u{7}` is\nnone\r")
            .source(cause)
            .hint("\tb\u{202e}c");
        let text = "error: `a\\u{1b}[2J\\u{7}` is\nnone\\r\n  caused by: \\u{9b}2J\n\nhint: \\tb\\u{202e}c";
        assert_eq!(report.to_string(), text);
    }
}
