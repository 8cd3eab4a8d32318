//! The text of a freeform tool, out of the JSON that the provider wraps it in, while that is still coming.

use serde_json::Value;

/// Reads `{"input": "…"}` piece by piece and gives the text as it becomes certain.
///
/// Anything else, such as another field first, is left to [`whole`] when the call is complete.
#[derive(Debug, Default)]
pub struct Reader {
    state: State,
    /// What was read of an escape, backslash included.
    escape: String,
    /// The first half of a character that JSON writes in two escapes.
    surrogate: Option<u16>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Object,
    Key(usize),
    Colon,
    Quote,
    Text,
    End,
    Other,
}

const KEY: &[char] = &['"', 'i', 'n', 'p', 'u', 't', '"'];

impl Reader {
    /// Takes the next piece of JSON and gives the text that it adds.
    pub fn push(&mut self, piece: &str) -> String {
        let mut text = String::new();
        for character in piece.chars() {
            self.step(character, &mut text);
        }
        text
    }

    fn step(&mut self, character: char, text: &mut String) {
        let blank = character.is_ascii_whitespace();
        self.state = match (self.state, character) {
            (State::Text, _) => return self.text(character, text),
            (State::End | State::Other, _) => return,
            (State::Key(0) | State::Object | State::Colon | State::Quote, _) if blank => return,
            (State::Object, '{') => State::Key(0),
            (State::Key(at), _) if character == KEY[at] && at + 1 == KEY.len() => State::Colon,
            (State::Key(at), _) if character == KEY[at] => State::Key(at + 1),
            (State::Colon, ':') => State::Quote,
            (State::Quote, '"') => State::Text,
            _ => State::Other,
        };
    }

    fn text(&mut self, character: char, text: &mut String) {
        if self.escape.is_empty() {
            match character {
                '"' => self.state = State::End,
                '\\' => self.escape.push(character),
                _ => text.push(character),
            }
            return;
        }
        self.escape.push(character);
        let unicode = self.escape.starts_with("\\u");
        if unicode && self.escape.len() < 6 {
            return;
        }
        let escape = std::mem::take(&mut self.escape);
        match (unicode, character) {
            (true, _) => self.unicode(&escape, text),
            (false, 'n') => text.push('\n'),
            (false, 't') => text.push('\t'),
            (false, 'r') => text.push('\r'),
            (false, 'b') => text.push('\u{8}'),
            (false, 'f') => text.push('\u{c}'),
            (false, _) => text.push(character),
        }
    }

    fn unicode(&mut self, escape: &str, text: &mut String) {
        let unit = u16::from_str_radix(&escape[2..], 16).unwrap_or(0xfffd);
        if (0xd800..0xdc00).contains(&unit) {
            self.surrogate = Some(unit);
            return;
        }
        let units = self.surrogate.take().into_iter().chain([unit]);
        text.extend(char::decode_utf16(units).map(|decoded| decoded.unwrap_or('\u{fffd}')));
    }
}

/// The text of `{"input": "…"}` in which line breaks stand as they are, which is no JSON.
pub fn loose(arguments: &str) -> Option<String> {
    let mut reader = Reader::default();
    let text = reader.push(arguments);
    (reader.state == State::End).then_some(text)
}

/// The text of a complete call, from whichever shape the model gave it: `{"input": "…"}`, an object with one string
/// field of another name, a JSON string, or the bare text.
pub fn whole(arguments: &str) -> String {
    match serde_json::from_str(arguments) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(fields)) => {
            let mut texts = fields.values().filter_map(Value::as_str);
            match (fields.get("input").and_then(Value::as_str), texts.next(), texts.next()) {
                (Some(input), _, _) => input.to_owned(),
                (None, Some(only), None) => only.to_owned(),
                _ => arguments.to_owned(),
            }
        }
        _ => arguments.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_shape_of_a_complete_call_gives_its_text() {
        assert_eq!(whole(r#"{"input": "a\nb"}"#), "a\nb");
        assert_eq!(whole(r#"{"patch": "a"}"#), "a");
        assert_eq!(whole(r#""a""#), "a");
        assert_eq!(whole("*** Begin Patch"), "*** Begin Patch");
        assert_eq!(whole(r#"{"a": "1", "b": "2"}"#), r#"{"a": "1", "b": "2"}"#);
    }

    #[test]
    fn another_shape_gives_nothing_early() {
        let mut reader = Reader::default();
        assert_eq!(reader.push(r#"{"patch": "a"}"#), "");
        assert_eq!(Reader::default().push("*** Begin"), "");
    }

    #[test]
    fn a_character_in_two_escapes_is_one() {
        assert_eq!(Reader::default().push(r#"{"input":"\ud83d\ude00 \/ \"é"#), "😀 / \"é");
    }

    proptest! {
        #[test]
        fn text_in_pieces_adds_up_to_the_whole(text in any::<String>(), size in 1_usize..9, spaced in any::<bool>()) {
            let json = serde_json::to_string(&text).unwrap();
            let json = if spaced { format!(" {{ \"input\" : {json} }}") } else { format!("{{\"input\":{json}}}") };
            let characters: Vec<char> = json.chars().collect();
            let mut reader = Reader::default();
            let read: String = characters
                .chunks(size)
                .map(|piece| reader.push(&piece.iter().collect::<String>()))
                .collect();
            prop_assert_eq!(&read, &text);
            prop_assert_eq!(&whole(&json), &text);
        }
    }
}
