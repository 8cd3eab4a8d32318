//! Reads markup of which the end may not have come yet.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

/// Why a reader stopped before a call was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// So far it is a call; nothing more can be told before this literal has come (an empty one: any more text).
    More(&'static str),
    /// It is no call.
    No,
    /// It is the markup of a call that cannot be made: up to this literal, all of it is text.
    Foreign(&'static str),
}

impl Stop {
    /// What it means once the name of the call was read: what is no call is then a broken one.
    pub fn inside(self, closer: &'static str) -> Self {
        match self {
            Self::No => Self::Foreign(closer),
            other => other,
        }
    }
}

/// What was read, or why not.
pub type Read<T> = Result<T, Stop>;

/// The longest word that is tried for the name of a tool: 64 characters and what pollutes it.
const LONGEST_WORD: usize = 96;

/// A place in text.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// Whether the answer is over, so that nothing will follow the text.
    is_whole: bool,
}

impl<'a> Cursor<'a> {
    /// The beginning of `text`.
    pub fn new(text: &'a str, is_whole: bool) -> Self {
        Self { text, at: 0, is_whole }
    }

    /// Bytes that were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn more<T>(&self, awaited: &'static str) -> Read<T> {
        Err(if self.is_whole { Stop::No } else { Stop::More(awaited) })
    }

    /// Whether `literal` stands here; an end in the middle of it leaves that open.
    pub fn sees(&self, literal: &str) -> Read<bool> {
        let rest = self.rest();
        if rest.len() < literal.len() && literal.starts_with(rest) && !self.is_whole {
            return self.more("");
        }
        Ok(rest.starts_with(literal))
    }

    /// Whether `literal` stood here, and was read.
    pub fn takes(&mut self, literal: &str) -> Read<bool> {
        let is_here = self.sees(literal)?;
        if is_here {
            self.at += literal.len();
        }
        Ok(is_here)
    }

    /// Reads `literal`, which must stand here.
    pub fn literal(&mut self, literal: &str) -> Read<()> {
        if self.takes(literal)? { Ok(()) } else { Err(Stop::No) }
    }

    /// Reads the first of `literals` that stands here, if any does; gives its place among them. One that another begins
    /// with comes behind it.
    pub fn any(&mut self, literals: &[&str]) -> Read<Option<usize>> {
        for (place, literal) in literals.iter().enumerate() {
            if self.takes(literal)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Reads white space, if there is any. Also `\n` in two characters, as GLM 4.5 writes it at times (SGLang 0.5.23).
    pub fn space(&mut self) -> Read<()> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.at += blank;
            if self.rest().is_empty() {
                return if self.is_whole { Ok(()) } else { self.more("") };
            }
            if !self.takes("\\n")? {
                return Ok(());
            }
        }
    }

    /// Whether the answer ends here.
    pub fn is_over(&self) -> Read<bool> {
        if self.rest().is_empty() && !self.is_whole {
            return self.more("");
        }
        Ok(self.rest().is_empty())
    }

    /// Reads one character of what ends with `end`.
    pub fn character(&mut self, end: &'static str) -> Read<char> {
        let Some(character) = self.rest().chars().next() else {
            return self.more(end);
        };
        self.at += character.len_utf8();
        Ok(character)
    }

    /// Reads up to the first of `literals`, each of which must be followed by a `>` or end with one, and begin with `<`
    /// or a line break.
    pub fn before(&mut self, literals: &[&str]) -> Read<&'a str> {
        let rest = self.rest();
        let first = rest.match_indices(['<', '\n']).map(|(place, _)| place);
        let mut places = first.filter(|place| literals.iter().any(|literal| rest[*place..].starts_with(literal)));
        match places.next() {
            Some(length) => {
                self.at += length;
                Ok(&rest[..length])
            }
            None => self.more(">"),
        }
    }

    /// Reads up to `literal` and past it; gives what stands before.
    pub fn until(&mut self, literal: &'static str) -> Read<&'a str> {
        match self.rest().find(literal) {
            Some(length) => {
                let before = &self.rest()[..length];
                self.at += length + literal.len();
                Ok(before)
            }
            None => self.more(literal),
        }
    }

    /// Reads up to a character, which stays, within the length of a word.
    pub fn word(&mut self, is_part: fn(char) -> bool) -> Read<&'a str> {
        let rest = self.rest();
        let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        if length == rest.len() && length <= LONGEST_WORD {
            return self.more("");
        }
        if length == 0 || length > LONGEST_WORD {
            return Err(Stop::No);
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// Reads a word of the characters that names of tools have, also polluted ones such as `functions.f:0`.
    pub fn name(&mut self) -> Read<&'a str> {
        self.word(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ':'))
    }

    /// Reads the name of an argument.
    pub fn key(&mut self) -> Read<&'a str> {
        self.word(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '$'))
    }

    /// Reads a JSON object or array; gives its text.
    pub fn json(&mut self) -> Read<&'a str> {
        let rest = self.rest();
        let closer = match rest.chars().next() {
            None => return self.more(""),
            Some('{') => "}",
            Some('[') => "]",
            Some(_) => return Err(Stop::No),
        };
        let mut values = Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {}
            Some(Err(error)) if error.is_eof() => return self.more(closer),
            _ => return Err(Stop::No),
        }
        let length = values.byte_offset();
        self.at += length;
        Ok(&rest[..length])
    }

    /// Reads a JSON object.
    pub fn object(&mut self) -> Read<serde_json::Map<String, Value>> {
        serde_json::from_str(self.json()?).map_err(|_| Stop::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_still_become_a_literal_asks_for_more() {
        assert_eq!(Cursor::new("<to", false).literal("<tool>"), Err(Stop::More("")));
        assert_eq!(Cursor::new("<to", true).literal("<tool>"), Err(Stop::No));
        assert_eq!(Cursor::new("<ta", false).literal("<tool>"), Err(Stop::No));
        assert_eq!(Cursor::new("", false).any(&["a", "b"]), Err(Stop::More("")));
        assert_eq!(Cursor::new("<b", false).any(&["<a", "<b"]), Ok(Some(1)));
    }

    #[test]
    fn a_value_ends_where_its_json_ends() {
        let mut cursor = Cursor::new(r#"{"a": "}"} rest"#, false);
        assert_eq!(cursor.json(), Ok(r#"{"a": "}"}"#));
        assert_eq!(cursor.rest(), " rest");
        assert_eq!(Cursor::new(r#"{"a": "}"#, false).json(), Err(Stop::More("}")));
        assert_eq!(Cursor::new(r#"{"a": "}"#, true).json(), Err(Stop::No));
        assert_eq!(Cursor::new(r"{a}", false).json(), Err(Stop::No));
    }

    #[test]
    fn a_word_ends_before_what_cannot_be_in_a_name() {
        let mut cursor = Cursor::new("functions.f:0<|", false);
        assert_eq!(cursor.name(), Ok("functions.f:0"));
        assert_eq!(Cursor::new("f", false).name(), Err(Stop::More("")));
        assert_eq!(Cursor::new(" f", false).name(), Err(Stop::No));
        assert_eq!(Cursor::new(&"f".repeat(97), false).name(), Err(Stop::No));
    }
}
