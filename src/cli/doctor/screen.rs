//! What is told while it is found.

use std::io::{self, IsTerminal, Write};

use terminal_size::{Width, terminal_size};

use crate::doctor::{Check, Examination, Finding, text};
use crate::plain;
use crate::report::Report;

/// Where findings are told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    is_json: bool,
    /// Whether somebody watches, in colour, on something that can take words back.
    is_lively: bool,
    /// Columns that a line may have, where somebody watches.
    width: Option<usize>,
}

impl Screen {
    /// On standard output. `no_color` and `terminal` are what the variables of these names say.
    pub fn new(is_json: bool, no_color: bool, is_dumb: bool) -> Self {
        let is_terminal = !is_json && io::stdout().is_terminal();
        let width = terminal_size().map(|(Width(columns), _)| columns.into());
        Self {
            is_json,
            is_lively: is_terminal && !no_color && !is_dumb,
            width: width.filter(|_| is_terminal),
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
        write(&format!("{back}{}", text::line(&shown, self.is_lively, self.width)))
    }

    /// These are not looked at, for one reason.
    pub fn rest(self, checks: &[Check], reason: &str) -> Result<(), Report> {
        if self.is_json || checks.is_empty() {
            return Ok(());
        }
        write(&text::rest(checks, reason, self.is_lively, self.width))
    }

    /// That was all.
    pub fn end(self, examination: &Examination) -> Result<(), Report> {
        match self.is_json {
            // Of our own types, which can be written.
            true => write(&format!(
                "{}\n",
                escaped(&serde_json::to_string_pretty(examination).unwrap_or_default())
            )),
            false => write(&text::end(examination, self.is_lively, self.width)),
        }
    }
}

/// JSON in which no control character stands as it is: serde_json leaves those from U+007F on, and a path may have
/// them.
fn escaped(json: &str) -> String {
    let letters = json.chars().map(|letter| match letter {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    letters.collect()
}

fn write(text: &str) -> Result<(), Report> {
    let mut output = io::stdout().lock();
    crate::cli::printed(output.write_all(text.as_bytes()).and_then(|()| output.flush())).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_stands_in_json_as_it_is() {
        let json = serde_json::to_string("/a\u{9b}2J\u{7f}\u{1b}ä").unwrap();
        let shown = escaped(&json);
        assert_eq!(shown, "\"/a\\u009b2J\\u007f\\u001bä\"");
        assert_eq!(
            serde_json::from_str::<String>(&shown).unwrap(),
            "/a\u{9b}2J\u{7f}\u{1b}ä"
        );
    }
}
