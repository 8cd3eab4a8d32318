//! What is wrong with one key, in words for who wrote it: serde's own name types of Rust and list every field.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::session::nearest::nearest;
use crate::session::secret::resembles_key;

use super::places::dotted;

/// A fault of the configuration, on its way from the key to who can tell the line.
#[derive(Debug)]
pub(super) struct Fault {
    /// The key and the tables that it is in, the outermost first.
    path: Vec<String>,
    /// Where in the text, in bytes.
    at: Option<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Nothing has this name; these are the names there.
    Unknown { name: String, names: Vec<&'static str> },
    /// One of these words was expected.
    Word { word: String, words: Vec<&'static str> },
    /// What stands there is something else than what belongs there.
    Value { expected: String, given: String },
    /// Something that must be there is not.
    Missing(&'static str),
    /// In the words of a type of ours.
    Other(String),
}

impl Fault {
    /// The same, of something in `key`, unless where it stands is known more closely already.
    pub fn under(mut self, key: &str, at: Option<usize>) -> Self {
        self.path.insert(0, key.to_owned());
        self.within(at)
    }

    /// The same, of something that stands at `at`, unless that is known more closely already.
    pub fn within(mut self, at: Option<usize>) -> Self {
        self.at = self.at.or(at);
        self
    }

    /// Where in the text it is, in bytes.
    pub fn at(&self) -> usize {
        self.at.unwrap_or(0)
    }

    /// What helps, if anything is known to.
    pub fn hint(&self) -> Option<String> {
        let (typed, names) = match &self.kind {
            Kind::Unknown { name, names } => (name, names),
            Kind::Word { word, words } => (word, words),
            _ => return None,
        };
        if let Some(meant) = nearest(typed, names.iter().copied()) {
            return Some(format!("did you mean `{meant}`?"));
        }
        match self.kind {
            Kind::Unknown { .. } if is_of_a_key(typed) => Some(
                "keys do not belong here: `crelay auth set PROVIDER` keeps one, `key_env` names the variable of another"
                    .to_owned(),
            ),
            Kind::Unknown { .. } => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("there are {}", names.join(", ")))
            }
            _ => None,
        }
    }
}

/// Whether somebody wants to write down an API key under this name.
fn is_of_a_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    resembles_key(name) || lower.ends_with("key") || lower.ends_with("token")
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = dotted(self.path.iter().map(String::as_str));
        match &self.kind {
            Kind::Unknown { name, .. } if resembles_key(name) => {
                formatter.write_str("there is no setting of that name, which looks like a key")
            }
            Kind::Unknown { .. } => write!(formatter, "there is no setting `{key}`"),
            Kind::Word { word, words } => {
                write!(formatter, "`{key}` must be {}", alternatives(words))?;
                match resembles_key(word) {
                    true => Ok(()),
                    false => write!(formatter, ", not `{word}`"),
                }
            }
            Kind::Value { expected, given } => write!(formatter, "`{key}` must be {expected}, not {given}"),
            Kind::Missing(name) => write!(formatter, "`{key}` lacks `{name}`"),
            Kind::Other(words) => match words.strip_prefix("expected ") {
                Some(expected) => write!(formatter, "`{key}` must be {expected}"),
                None => write!(formatter, "`{key}` {words}"),
            },
        }
    }
}

impl std::error::Error for Fault {}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self {
            path: Vec::new(),
            at: None,
            kind,
        }
    }
}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Kind::Other(message.to_string()).into()
    }

    fn invalid_type(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let given = match given {
            Unexpected::Bool(word) => format!("`{word}`"),
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number".to_owned(),
            Unexpected::Str(_) => "text".to_owned(),
            Unexpected::Map => "a table".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            other => other.to_string(),
        };
        let expected = in_words(expected);
        Kind::Value { expected, given }.into()
    }

    fn invalid_value(given: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let mut expected = in_words(expected);
        let given = match given {
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Signed(number) => {
                // Only a number that may not be negative is refused for what it is.
                if expected == WHOLE {
                    expected.push_str(", 0 or more");
                }
                number.to_string()
            }
            Unexpected::Float(number) => number.to_string(),
            // It may be secret.
            Unexpected::Str(_) => "this text".to_owned(),
            _ => "this".to_owned(),
        };
        Kind::Value { expected, given }.into()
    }

    fn unknown_field(name: &str, names: &'static [&'static str]) -> Self {
        let name = name.to_owned();
        Kind::Unknown {
            name,
            names: names.to_vec(),
        }
        .into()
    }

    fn unknown_variant(word: &str, words: &'static [&'static str]) -> Self {
        let word = word.to_owned();
        Kind::Word {
            word,
            words: words.to_vec(),
        }
        .into()
    }

    fn missing_field(name: &'static str) -> Self {
        Kind::Missing(name).into()
    }
}

const WHOLE: &str = "a whole number";

/// What a type says that it expects, without Rust's names for it.
fn in_words(expected: &dyn Expected) -> String {
    let said = expected.to_string();
    match said.as_str() {
        "a string" | "path string" | "string or map" => "text in quotation marks",
        "a boolean" => "`true` or `false`",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => WHOLE,
        "f32" | "f64" => "a number",
        "a sequence" => "a list such as `[\"one\", \"two\"]`",
        "a map" => "a table",
        structure if structure.starts_with("struct ") => "a table",
        own => own,
    }
    .to_owned()
}

/// The words that may stand there.
pub(super) fn alternatives(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        words => words.concat(),
    }
}

/// What is wrong with a text that is no TOML, given what its parser says of it.
pub(super) fn of_syntax(message: &str) -> String {
    match message.split(',').next().unwrap_or_default() {
        "duplicate key" => "this key stands there twice".to_owned(),
        "string values must be quoted" => "text must stand in quotation marks".to_owned(),
        _ => format!("this is no TOML: {}", message.trim_end().replace('\n', " ")),
    }
}
