//! What was found, as people read it.

use crate::usage::{dollars, plural, tokens};

use super::check::{Check, Finding, Verdict};
use super::document::{Examination, Subject};

/// Where the words of a line begin.
const COLUMN: usize = 16;

/// The line of a check that is on its way; nothing of it stays.
#[must_use]
pub fn waiting(check: Check) -> String {
    format!("  {:<COLUMN$}…", check.name())
}

/// The line of a finding, and what helps on the next.
#[must_use]
pub fn line(finding: &Finding, is_coloured: bool) -> String {
    let (mark, colour) = match finding.verdict {
        Verdict::Passed => ("✓", "32"),
        Verdict::Warned => ("!", "33"),
        Verdict::Failed => ("✗", "31"),
        Verdict::Unchecked => ("-", "2"),
    };
    let mark = painted(mark, colour, is_coloured);
    let mut line = format!("{mark} {:<COLUMN$}{}\n", finding.check.name(), finding.words);
    if let Some(hint) = &finding.hint {
        let label = painted("hint:", "1;36", is_coloured);
        line.push_str(&format!("  {:<COLUMN$}{label} {hint}\n", ""));
    }
    line
}

/// The lines of checks that are not made, for one reason.
#[must_use]
pub fn rest(checks: &[Check], reason: &str, is_coloured: bool) -> String {
    let mark = painted("-", "2", is_coloured);
    let names: Vec<&str> = checks.iter().map(|check| check.name()).collect();
    let names = names.join(", ");
    format!("{mark} {:<COLUMN$}{reason}\n  {:<COLUMN$}{names}\n", "not checked", "")
}

fn painted(text: &str, colour: &str, is_coloured: bool) -> String {
    match is_coloured {
        true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}

/// What stands under the findings: how the provider is spoken to, and whether a session would work.
#[must_use]
pub fn end(examination: &Examination, is_coloured: bool) -> String {
    let mut text = "\n".to_owned();
    if let Some(subject) = &examination.provider {
        text.push_str(&spoken(subject));
        text.push('\n');
    }
    let (words, colour) = match examination.works {
        true => ("a session would work", "1;32"),
        false => ("a session would not work", "1;31"),
    };
    text.push_str(&painted(words, colour, is_coloured));
    if let Some(used) = examination.used.filter(|used| used.requests > 0) {
        let requests = plural(used.requests + used.retries, "small request", "small requests");
        let input = tokens(used.tokens.input);
        let output = tokens(used.tokens.output);
        text.push_str(&format!("; this took {requests}, {input} tokens in, {output} out"));
        if !used.cost.is_unknown() {
            text.push_str(&format!(", {}", dollars(used.cost.dollars())));
        }
    }
    text.push('\n');
    text
}

fn spoken(subject: &Subject) -> String {
    let wire = format!("  {:<COLUMN$}{}\n", "wire", subject.wire);
    let dialect = match subject.axes.len() {
        0 => "the usual one".to_owned(),
        many => {
            let many = plural(many as u64, "difference", "differences");
            format!("{many} from the usual; `--json` tells them")
        }
    };
    format!("{wire}  {:<COLUMN$}{dialect}\n", "dialect")
}

#[cfg(test)]
mod tests;
