//! Whether JSON that comes in pieces is whole, without reading it again with each of them.

use std::cell::Cell;

use serde::de::IgnoredAny;

/// The longest text beside an object, a list and a string that counts as a value: no number needs more, and it must be
/// read again with each piece.
const LONGEST_SCALAR: usize = 64;

/// How deep a text of JSON stands in lists and objects. What it says is looked at once, when it seems to be over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nesting {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    /// Whether the first value is one with an end of its own.
    is_closed_by_mark: bool,
    has_begun: bool,
    /// Whether the first value has ended, as far as marks tell.
    has_ended: bool,
    /// Whether anything stands behind it.
    is_broken: bool,
    /// What was found when it was looked at.
    is_json: Cell<Option<bool>>,
}

impl Nesting {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        piece.bytes().for_each(|byte| self.step(byte));
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.after_backslash => self.after_backslash = false,
                b'\\' => self.after_backslash = true,
                b'"' => {
                    self.in_string = false;
                    self.has_ended = self.depth == 0;
                }
                _ => {}
            }
            return;
        }
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return;
        }
        self.is_broken |= self.has_ended;
        if !std::mem::replace(&mut self.has_begun, true) {
            self.is_closed_by_mark = matches!(byte, b'"' | b'{' | b'[');
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.has_ended = self.depth == 0;
            }
            _ => {}
        }
    }

    /// Whether `text`, which is all that was pushed, is a whole value.
    pub fn is_over(&self, text: &str) -> bool {
        let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
        if !self.is_closed_by_mark {
            return text.len() <= LONGEST_SCALAR && is_json();
        }
        if !self.has_ended || self.is_broken {
            return false;
        }
        // Only white space can follow without breaking it.
        let known = self.is_json.get().unwrap_or_else(is_json);
        self.is_json.set(Some(known));
        known
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_over(text: &str, size: usize) -> bool {
        let mut nesting = Nesting::default();
        let mut come = String::new();
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            let piece: String = piece.iter().collect();
            nesting.push(&piece);
            come.push_str(&piece);
            // That it was asked on the way changes nothing.
            nesting.is_over(&come);
        }
        nesting.is_over(&come)
    }

    proptest! {
        #[test]
        fn it_is_over_when_it_can_be_read_whole(
            text in r#"[ ]{0,2}([{\[\]}",:1a\\ ]{0,9}|\{"a": ?"[^"\\]{0,4}(\\"|\\\\|\})?"\}|\[[0-9],"\]"\])[ \n]{0,2}[}1]?"#,
            size in 1_usize..4,
        ) {
            let expected = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(is_over(&text, size), expected, "{:?}", text);
        }
    }

    #[test]
    fn an_endless_number_is_no_value() {
        assert!(is_over("12", 1));
        assert!(!is_over(&"1".repeat(65), 1));
    }
}
