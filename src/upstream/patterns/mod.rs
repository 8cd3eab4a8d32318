//! What providers write when something is wrong, and which class that is. Statuses alone do not tell: a full context
//! comes as 400, 413, 422 or 500, an empty account as 400, 401, 402, 403 or 429.
//!
//! The rows are data and stand in [`table`]; here is how a row is read.

mod table;

use crate::session::Codes;

use super::complaint::Complaint;
use super::failure::Class;

/// One thing that providers say. All that a row names must be there; what it leaves empty says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it means.
    class: Class,
    /// Whoever writes codes of this kind; `None` is anybody.
    who: Option<Codes>,
    /// With one of these statuses alone.
    statuses: &'static [u16],
    /// One of these codes or types, in lower case and whole.
    codes: &'static [&'static str],
    /// One of these in the words, in lower case. `*` is any text and `#` a number.
    words: &'static [&'static str],
    /// Only where nothing is said at all.
    is_silent: bool,
    /// Who says so, and where that is known from.
    source: &'static str,
}

impl Row {
    const fn new(class: Class) -> Self {
        Self {
            class,
            who: None,
            statuses: &[],
            codes: &[],
            words: &[],
            is_silent: false,
            source: "",
        }
    }

    const fn words(class: Class, words: &'static [&'static str], source: &'static str) -> Self {
        let mut row = Self::new(class);
        row.words = words;
        row.source = source;
        row
    }

    const fn codes(class: Class, codes: &'static [&'static str], source: &'static str) -> Self {
        let mut row = Self::new(class);
        row.codes = codes;
        row.source = source;
        row
    }

    const fn of(mut self, who: Codes) -> Self {
        self.who = Some(who);
        self
    }

    const fn at(mut self, statuses: &'static [u16]) -> Self {
        self.statuses = statuses;
        self
    }

    fn means(&self, who: Codes, status: Option<u16>, complaint: &Complaint) -> bool {
        let says = |pattern: &&str| complaint.texts.iter().any(|text| holds(text, pattern));
        self.who.is_none_or(|speaker| speaker == who)
            && (self.statuses.is_empty() || status.is_some_and(|status| self.statuses.contains(&status)))
            && (self.codes.is_empty() || complaint.codes.iter().any(|code| self.codes.contains(&code.as_str())))
            && (self.words.is_empty() || self.words.iter().any(says))
            && (!self.is_silent || complaint.is_silent())
    }
}

/// The class that a complaint means, if it means one.
pub fn class(who: Codes, status: Option<u16>, complaint: &Complaint) -> Option<Class> {
    let row = table::ROWS.iter().find(|row| row.means(who, status, complaint))?;
    Some(row.class)
}

/// Whether `pattern`, in which `*` is any text and `#` a number, is somewhere in `text`.
pub fn holds(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern.split('*').all(|piece| {
        let end = find(rest, piece);
        rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
        end.is_some()
    })
}

/// Where the first place of `piece` in `text` ends.
fn find(text: &str, piece: &str) -> Option<usize> {
    let first = piece.split('#').next().unwrap_or_default();
    let mut starts = text.match_indices(first).map(|(start, _)| start);
    starts.find_map(|start| Some(start + follow(&text[start..], piece)?))
}

/// How long `piece` is at the start of `text`.
fn follow(text: &str, piece: &str) -> Option<usize> {
    let mut rest = text;
    for (number, literal) in piece.split('#').enumerate() {
        if number > 0 {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
            if after.len() == rest.len() {
                return None;
            }
            rest = after;
        }
        rest = rest.strip_prefix(literal)?;
    }
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests;
