//! A thought in the text, from its mark to its end.

use super::Found;

/// What a thought begins and ends with that began in the prompt; a few hosts repeat its beginning.
const PREFILLED: (&str, &str) = ("<think>", "</think>");

/// A thought that is open.
#[derive(Debug)]
pub struct Thought {
    end: &'static str,
    /// Whether anything of it was told; the white space that it begins with is not.
    pub has_begun: bool,
    /// Everything so far, of a thought that began in the prompt: without an end it was the answer.
    pub kept: Option<String>,
}

impl Thought {
    /// One that ends with `end`.
    pub fn until(end: &'static str) -> Self {
        Self {
            end,
            has_begun: false,
            kept: None,
        }
    }

    /// One that began in the prompt.
    pub fn prefilled() -> Self {
        Self {
            kept: Some(String::new()),
            ..Self::until(PREFILLED.1)
        }
    }

    /// Tells what of `rest` is sure; gives how many bytes were read and whether the thought has ended.
    pub fn read(&mut self, rest: &str, is_whole: bool, out: &mut Vec<Found>) -> (usize, bool) {
        if self.kept.is_some() && !self.has_begun {
            let blank = rest.len() - rest.trim_start().len();
            let begun = &rest[blank..];
            if begun.starts_with(PREFILLED.0) {
                return (blank + PREFILLED.0.len(), false);
            }
            if PREFILLED.0.starts_with(begun) && !is_whole {
                return (blank, false);
            }
        }
        let (length, has_ended) = up_to(Some(self.end), rest, is_whole);
        self.tell(&rest[..length - if has_ended { self.end.len() } else { 0 }], out);
        (length, has_ended)
    }

    /// Tells `text`.
    pub fn tell(&mut self, text: &str, out: &mut Vec<Found>) {
        let text = if self.has_begun { text } else { text.trim_start() };
        if text.is_empty() {
            return;
        }
        self.has_begun = true;
        if let Some(kept) = &mut self.kept {
            kept.push_str(text);
        }
        out.push(Found::Thought(text.to_owned()));
    }
}

/// How many bytes of `rest` stand before the end of `literal`, and whether that is there. What may be its beginning is
/// not counted.
pub fn up_to(literal: Option<&str>, rest: &str, is_whole: bool) -> (usize, bool) {
    let Some(literal) = literal else {
        return (rest.len(), false);
    };
    if let Some(place) = rest.find(literal) {
        return (place + literal.len(), true);
    }
    let begun = (1..literal.len()).rev().find(|length| {
        let start = literal.get(..*length);
        start.is_some_and(|start| rest.ends_with(start))
    });
    (rest.len() - begun.filter(|_| !is_whole).unwrap_or(0), false)
}
