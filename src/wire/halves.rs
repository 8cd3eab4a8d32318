//! Halves of surrogate pairs: JSON can spell them, and no text can hold them.

use std::borrow::Cow;

use memchr::memchr;

/// What stands in the place of half a character.
const REPLACEMENT: &str = "\\ufffd";

/// How many bytes the escape of a unit takes.
const ESCAPE: usize = "\\u0000".len();

/// The halves of characters in JSON documents that follow each other.
///
/// Programs written in JavaScript cut texts between the halves of a character, and `JSON.stringify` writes the halves
/// as escapes: gateways that pass arguments on in pieces of a fixed size did so until 2026-07 (openclaw #110642). No
/// parser of JSON for UTF-8 takes them, and everything that stands in the same text would be lost with them.
#[derive(Debug, Default)]
pub struct Halves {
    /// The first half of a character, with which a text has ended.
    first: Option<u16>,
}

impl Halves {
    /// `json` as every parser reads it: the first half of a character at the end of a text waits for a text in a later
    /// document that begins with the second, and is whole there; any other half becomes U+FFFD. One that waits in vain
    /// is left out.
    #[must_use]
    pub fn joined<'a>(&mut self, json: &'a str) -> Cow<'a, str> {
        let mut before = self.first.take();
        let mut whole = String::new();
        let mut copied = 0;
        for (start, unit) in halves(json) {
            whole.push_str(&json[copied..start]);
            copied = start + ESCAPE;
            match (unit, before) {
                (0xd800..=0xdbff, _) if json[copied..].starts_with('"') => self.first = Some(unit),
                (0xdc00..=0xdfff, Some(first)) if begins_text(&json[..start]) => {
                    before = None;
                    whole.push_str(&format!("\\u{first:04x}\\u{unit:04x}"));
                }
                _ => whole.push_str(REPLACEMENT),
            }
        }
        if copied == 0 {
            // What says nothing of a text in between takes nothing from it.
            self.first = before;
            return Cow::Borrowed(json);
        }
        Cow::Owned(whole + &json[copied..])
    }
}

/// The places of escapes that are half of nothing, and their units.
fn halves(json: &str) -> impl Iterator<Item = (usize, u16)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr(b'\\', &json.as_bytes()[at..])?;
            at = match unit(&json[start..]) {
                Some(0xd800..=0xdbff) if matches!(unit(&json[start + ESCAPE..]), Some(0xdc00..=0xdfff)) => {
                    start + 2 * ESCAPE
                }
                Some(half @ 0xd800..=0xdfff) => {
                    at = start + ESCAPE;
                    return Some((start, half));
                }
                // The next character is escaped, whatever it is.
                _ => start + 1 + json[start + 1..].chars().next().map_or(0, char::len_utf8),
            };
        }
    })
}

/// Whether a text begins at the end of `before`. Behind an escape nothing does but a quote that stands for itself.
fn begins_text(before: &str) -> bool {
    let escapes = before
        .strip_suffix('"')
        .map(|before| before.bytes().rev().take_while(|byte| *byte == b'\\').count());
    escapes.is_some_and(|escapes| escapes % 2 == 0)
}

/// The unit of UTF-16 that the escape at the start of `json` spells.
fn unit(json: &str) -> Option<u16> {
    let digits = json.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn halves_of_characters_are_replaced_and_whole_ones_stay() {
        for (json, expected) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""a\ud83db""#, r#""a\ufffdb""#),
            (r#""\uDE00b""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d ""#, r#""\ufffd\ufffd ""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800 ""#, r#""\\\ufffd ""#),
            (r#""\n\ud800é\u00e9""#, r#""\n\ufffdé\u00e9""#),
            (r"\ud8", r"\ud8"),
            (r"\é\", r"\é\"),
        ] {
            assert_eq!(Halves::default().joined(json), expected, "{json}");
        }
    }

    #[test]
    fn a_half_waits_for_the_text_that_begins_with_the_other() {
        for (documents, expected) in [
            (
                vec![r#""a\ud83d""#, r#""\ude00b""#],
                vec![r#""a""#, r#""\ud83d\ude00b""#],
            ),
            (
                vec![r#""\ud83d""#, "{}", r#""\ude00\ud83d""#, r#""\ude01""#],
                vec![r#""""#, "{}", r#""\ud83d\ude00""#, r#""\ud83d\ude01""#],
            ),
            // Only the next one that holds a half can be its other.
            (
                vec![r#""\ud83d""#, r#""a\ude00""#, r#""\ude00""#],
                vec![r#""""#, r#""a\ufffd""#, r#""\ufffd""#],
            ),
            // A quote inside of a text is no beginning of one.
            (vec![r#""\ud83d""#, r#""\"\ude00""#], vec![r#""""#, r#""\"\ufffd""#]),
            (
                vec![r#""\ud83d""#, r#""\\"\ude00"#],
                vec![r#""""#, r#""\\"\ud83d\ude00"#],
            ),
        ] {
            let mut halves = Halves::default();
            let joined: Vec<_> = documents.into_iter().map(|json| halves.joined(json)).collect();
            assert_eq!(joined, expected);
        }
    }

    /// As `JSON.stringify` writes a piece of a text.
    fn written(units: &[u16]) -> String {
        let escaped: String = char::decode_utf16(units.iter().copied())
            .map(|unit| match unit {
                Ok(character) => {
                    let json = Value::from(character.to_string()).to_string();
                    json[1..json.len() - 1].to_owned()
                }
                Err(half) => format!("\\u{:04x}", half.unpaired_surrogate()),
            })
            .collect();
        format!(r#"{{"delta":{{"content":"{escaped}"}},"index":0}}"#)
    }

    proptest! {
        #[test]
        fn a_text_that_is_cut_anywhere_between_its_units_is_heard_as_it_was(
            text in r#"[a-c"\\😀🦀é\n]{0,24}"#,
            size in 1..9_usize,
        ) {
            let units: Vec<u16> = text.encode_utf16().collect();
            let mut halves = Halves::default();
            let mut heard = String::new();
            for piece in units.chunks(size) {
                let json = written(piece);
                let piece: Value = serde_json::from_str(&halves.joined(&json)).unwrap();
                heard += piece["delta"]["content"].as_str().unwrap();
            }
            prop_assert_eq!(heard, text);
        }
    }
}
