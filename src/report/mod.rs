//! How an error becomes words, a hint and an exit code.

use std::error::Error;
use std::fmt;

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

    /// Ends the process with another code than 125.
    #[must_use]
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
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
        write!(formatter, "error: {}", self.message)?;
        let mut cause = self.source.as_deref().map(|error| error as &dyn Error);
        while let Some(error) = cause {
            write!(formatter, "\n  caused by: {error}")?;
            cause = error.source();
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "\n\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
