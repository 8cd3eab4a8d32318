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

/// The line of a finding, and what helps on the next; folded where a line is longer than `width`.
#[must_use]
pub fn line(finding: &Finding, is_coloured: bool, width: Option<usize>) -> String {
    let (mark, colour) = match finding.verdict {
        Verdict::Passed => ("✓", "32"),
        Verdict::Warned => ("!", "33"),
        Verdict::Failed => ("✗", "31"),
        Verdict::Unchecked => ("-", "2"),
    };
    let mark = painted(mark, colour, is_coloured);
    let words = folded(&finding.words, COLUMN + 2, width);
    let mut line = format!("{mark} {:<COLUMN$}{words}\n", finding.check.name());
    if let Some(hint) = &finding.hint {
        let label = painted("hint:", "1;36", is_coloured);
        let hint = folded(&format!("hint: {hint}"), COLUMN + 2, width);
        let hint = hint.replacen("hint:", &label, 1);
        line.push_str(&format!("  {:<COLUMN$}{hint}\n", ""));
    }
    line
}

/// A narrower column is no column: what stands there is left to the terminal.
const NARROWEST: usize = 20;

/// `words` in lines that are at most as long as leaves them `width` columns with `indent` before each: at blanks, for a
/// terminal would break inside of words.
fn folded(words: &str, indent: usize, width: Option<usize>) -> String {
    let Some(room) = width.and_then(|width| width.checked_sub(indent)) else {
        return words.to_owned();
    };
    if room < NARROWEST {
        return words.to_owned();
    }
    let mut text = String::new();
    let mut column = 0;
    for word in words.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            text.push_str(&format!("\n{:indent$}", ""));
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// The lines of checks that are not made, for one reason.
#[must_use]
pub fn rest(checks: &[Check], reason: &str, is_coloured: bool, width: Option<usize>) -> String {
    let mark = painted("-", "2", is_coloured);
    let names: Vec<&str> = checks.iter().map(|check| check.name()).collect();
    let names = folded(&names.join(", "), COLUMN + 2, width);
    let reason = folded(reason, COLUMN + 2, width);
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
pub fn end(examination: &Examination, is_coloured: bool, width: Option<usize>) -> String {
    let mut text = "\n".to_owned();
    if let Some(subject) = &examination.provider {
        text.push_str(&spoken(subject, width));
        text.push('\n');
    }
    let (words, colour) = match examination.works {
        true => ("a session would work", "1;32"),
        false => ("a session would not work", "1;31"),
    };
    let mut last = words.to_owned();
    if let Some(used) = examination.used.filter(|used| used.requests > 0) {
        let requests = plural(used.requests + used.retries, "small request", "small requests");
        let input = tokens(used.tokens.input);
        let output = tokens(used.tokens.output);
        last.push_str(&format!("; this took {requests}, {input} tokens in, {output} out"));
        if !used.cost.is_unknown() {
            last.push_str(&format!(", {}", dollars(used.cost.dollars())));
        }
    }
    let last = folded(&last, 0, width);
    // Only a terminal of twenty columns folds within them, and shows them without colour.
    text.push_str(&last.replacen(words, &painted(words, colour, is_coloured), 1));
    text.push('\n');
    text
}

fn spoken(subject: &Subject, width: Option<usize>) -> String {
    let wire = format!("  {:<COLUMN$}{}\n", "wire", subject.wire);
    let dialect = match subject.axes.len() {
        0 => "the usual one".to_owned(),
        many => {
            let many = plural(many as u64, "difference", "differences");
            format!("{many} from the usual; `--json` tells them")
        }
    };
    let dialect = folded(&dialect, COLUMN + 2, width);
    format!("{wire}  {:<COLUMN$}{dialect}\n", "dialect")
}

#[cfg(test)]
mod tests;
