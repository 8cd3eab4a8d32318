//! Halves of surrogate pairs: JSON can spell them, and no text can hold them.

use std::borrow::Cow;

/// What stands in the place of half a character.
const REPLACEMENT: &str = "\\ufffd";

/// `json` with every escape of half a surrogate pair replaced by that of U+FFFD. Proxies written in JavaScript cut texts
/// between the halves of a character (`JSON.stringify` writes the halves as escapes); without this, everything that
/// stands in the same text would be lost with them.
#[must_use]
pub fn replaced(json: &str) -> Cow<'_, str> {
    let mut whole = String::new();
    let mut rest = json;
    let mut at = 0;
    while let Some(found) = rest[at..].find('\\') {
        let start = at + found;
        at = match unit(&rest[start..]) {
            Some(0xd800..=0xdbff) if matches!(unit(&rest[start + 6..]), Some(0xdc00..=0xdfff)) => start + 12,
            Some(0xd800..=0xdfff) => {
                whole.push_str(&rest[..start]);
                whole.push_str(REPLACEMENT);
                rest = &rest[start + 6..];
                0
            }
            // The next character is escaped, whatever it is.
            _ => start + 1 + rest[start + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    match whole.is_empty() {
        true => Cow::Borrowed(json),
        false => Cow::Owned(whole + rest),
    }
}

/// The unit of UTF-16 that the escape at the start of `json` spells.
fn unit(json: &str) -> Option<u16> {
    let digits = json.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_characters_are_replaced_and_whole_ones_stay() {
        for (json, expected) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDE00b""#, r#""\ufffdb""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#""\n\ud800é\u00e9""#, r#""\n\ufffdé\u00e9""#),
            (r"\ud8", r"\ud8"),
            (r"\é\", r"\é\"),
        ] {
            assert_eq!(replaced(json), expected, "{json}");
        }
    }
}
