//! What is told while it is found.

use std::io::{self, IsTerminal, Write};

use crate::doctor::{Check, Examination, Finding, text};
use crate::plain;
use crate::report::Report;

/// Where findings are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    is_json: bool,
    /// Whether somebody watches, in colour, on something that can take words back.
    is_lively: bool,
}

impl Screen {
    /// On standard output. `no_color` and `terminal` are what the variables of these names say.
    pub fn new(is_json: bool, no_color: bool, is_dumb: bool) -> Self {
        Self {
            is_json,
            is_lively: !is_json && !no_color && !is_dumb && io::stdout().is_terminal(),
        }
    }

    /// Somebody is asked now.
    pub fn begin(self, check: Check) -> Result<(), Report> {
        match self.is_lively {
            true => write(&text::waiting(check)),
            false => Ok(()),
        }
    }

    /// This was found.
    pub fn tell(self, finding: &Finding) -> Result<(), Report> {
        if self.is_json {
            return Ok(());
        }
        let shown = Finding {
            words: plain::line(&finding.words),
            hint: finding.hint.as_deref().map(plain::line),
            ..finding.clone()
        };
        let back = if self.is_lively { "\r\u{1b}[K" } else { "" };
        write(&format!("{back}{}", text::line(&shown, self.is_lively)))
    }

    /// These are not looked at, for one reason.
    pub fn rest(self, checks: &[Check], reason: &str) -> Result<(), Report> {
        if self.is_json || checks.is_empty() {
            return Ok(());
        }
        write(&text::rest(checks, reason, self.is_lively))
    }

    /// That was all.
    pub fn end(self, examination: &Examination) -> Result<(), Report> {
        match self.is_json {
            // Of our own types; text in them is escaped.
            true => write(&format!(
                "{}\n",
                serde_json::to_string_pretty(examination).unwrap_or_default()
            )),
            false => write(&text::end(examination, self.is_lively)),
        }
    }
}

fn write(text: &str) -> Result<(), Report> {
    let mut output = io::stdout().lock();
    crate::cli::printed(output.write_all(text.as_bytes()).and_then(|()| output.flush())).map(drop)
}
