//! What others wrote, as a terminal may show it: text that moves no cursor, sets no title, fills no clipboard and reads
//! in the order in which it stands.
//!
//! Whatever crelay prints or logs passes here on its way out; what a provider says, also on its way to Codex.

#![forbid(unsafe_code)]

/// `text` in one line: every run of white space is one space, and there is none at its ends.
#[must_use]
pub fn line(text: &str) -> String {
    let mut line = String::new();
    strip(text, |character| {
        if !character.is_whitespace() {
            line.push(character);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    });
    line.truncate(line.trim_end().len());
    line
}

/// `text` with its lines and tabs.
#[must_use]
pub fn text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    strip(text, |character| match character {
        '\n' | '\t' => plain.push(character),
        '\u{2028}' | '\u{2029}' => plain.push(' '),
        _ if character.is_control() => {}
        _ => plain.push(character),
    });
    plain
}

/// Whether a terminal obeys the character, or reads what stands around it in another order, or shows nothing for it.
#[must_use]
pub fn is_hostile(character: char) -> bool {
    character.is_control() || is_invisible(character)
}

/// Gives what may be shown of `text`, and white space of every kind, to `keep`.
fn strip(text: &str, mut keep: impl FnMut(char)) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character.is_whitespace() || !is_hostile(character) {
            keep(character);
        } else {
            rest = behind_sequence(character, rest);
        }
    }
}

/// What turns the reading direction, or shows nothing and tells two equal looking names apart.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// What follows the sequence that `control` begins, as ECMA-48 delimits it; all of `rest` if it begins none.
fn behind_sequence(control: char, rest: &str) -> &str {
    let (kind, rest) = match control {
        '\u{1b}' => match rest.chars().next() {
            Some(kind @ ' '..='~') => (kind, &rest[1..]),
            _ => return rest,
        },
        '\u{9b}' => ('[', rest),
        '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => (']', rest),
        _ => return rest,
    };
    match kind {
        '[' => behind_control(rest),
        ']' | 'P' | 'X' | '^' | '_' => behind_string(rest),
        ' '..='/' => {
            let rest = rest.trim_start_matches(|character| (' '..='/').contains(&character));
            rest.strip_prefix(|character| ('0'..='~').contains(&character))
                .unwrap_or(rest)
        }
        _ => rest,
    }
}

/// Parameters and one letter.
fn behind_control(rest: &str) -> &str {
    let rest = rest.trim_start_matches(|character| (' '..='?').contains(&character));
    rest.strip_prefix(|character| ('@'..='~').contains(&character))
        .unwrap_or(rest)
}

/// A title, a link, a clipboard: ends with BEL or ST. One that does not end swallows nothing of what else is said.
fn behind_string(rest: &str) -> &str {
    let Some(end) = rest.find(['\u{7}', '\u{1b}', '\u{9c}', '\n']) else {
        return rest;
    };
    let end = &rest[end..];
    let behind = end.strip_prefix("\u{1b}\\").or(end.strip_prefix(['\u{7}', '\u{9c}']));
    behind.unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        for (hostile, plain) in [
            ("a\u{1b}[31mb\u{1b}[0;1mc\u{1b}[?25ld", "abcd"),
            (
                "a\u{1b}]0;title\u{7}b\u{1b}]8;;http://x\u{1b}\\c\u{1b}]52;c;aGk=\u{7}d",
                "abcd",
            ),
            (
                "a\u{1b}Pq#0\u{1b}\\b\u{1b}_x\u{7}c\u{1b}^x\u{9c}d\u{1b}Xx\u{1b}\\e",
                "abcde",
            ),
            ("a\u{9b}2Jb\u{9d}0;title\u{9c}c\u{90}q\u{1b}\\d\u{85}e", "abcd e"),
            ("a\u{1b}(0b\u{1b}cc\u{1b}#8d\u{1b}", "abcd"),
            ("a\u{0}b\u{8}c\u{7}d\u{7f}e", "abcde"),
            ("user\u{202e}cod\u{2069}\u{200f}", "usercod"),
            ("ad\u{200b}min\u{feff} \u{e0041}x\u{ad}y", "admin xy"),
            ("a\u{1b}]0;no end", "a0;no end"),
            ("a\u{1b}[31", "a"),
            ("a\u{1b}[ünd", "aünd"),
            ("[31m, ü, 语, 🦀", "[31m, ü, 语, 🦀"),
        ] {
            assert_eq!(line(hostile), plain, "{hostile:?}");
        }
    }

    #[test]
    fn a_line_is_one_and_text_keeps_its_own() {
        let hostile = " a\r\n\tb\u{2028}c \u{1b}[1m\n";
        assert_eq!(line(hostile), "a b c");
        assert_eq!(text(hostile), " a\n\tb c \n");
    }
}
