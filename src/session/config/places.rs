//! Where in the file each key stands.

use std::collections::BTreeMap;
use std::fmt;

use toml_edit::{Item, Key, TableLike};

/// A place in a text, as editors count: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The line.
    pub line: usize,
    column: usize,
}

impl Place {
    /// Where the byte at `offset` stands.
    pub fn new(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

/// The place of each key, by its whole name: that of what is said there, but of a table that of its own name.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(BTreeMap<String, Place>);

impl Places {
    /// Reads the places of all keys of `table`, which was read from `text`.
    pub fn of(text: &str, table: &dyn TableLike) -> Self {
        let mut places = Self::default();
        places.note(text, &mut Vec::new(), table);
        places
    }

    fn note<'a>(&mut self, text: &str, path: &mut Vec<&'a str>, table: &'a dyn TableLike) {
        for (name, item) in table.iter() {
            path.push(name);
            let value = item.as_value().filter(|value| !value.is_inline_table());
            let span = value.and_then(toml_edit::Value::span);
            if let Some(span) = span.or_else(|| table.key(name).and_then(Key::span)) {
                self.0
                    .insert(dotted(path.iter().copied()), Place::new(text, span.start));
            }
            if let Some(inner) = Item::as_table_like(item) {
                self.note(text, path, inner);
            }
            path.pop();
        }
    }

    /// Where the key of this path stands; or else the nearest of the tables that it would be in.
    pub fn find(&self, path: &[&str]) -> Option<Place> {
        let mut paths = (1..=path.len())
            .rev()
            .map(|length| dotted(path[..length].iter().copied()));
        paths.find_map(|key| self.0.get(&key).copied())
    }

    /// Where the key of this whole name stands.
    pub fn exact(&self, key: &str) -> Option<Place> {
        self.0.get(key).copied()
    }
}

/// The whole name of a key, as it can be written in TOML.
pub(in crate::session) fn dotted<'a>(path: impl Iterator<Item = &'a str>) -> String {
    let is_bare = |name: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        !name.is_empty() && name.bytes().all(is_plain)
    };
    let words: Vec<String> = path
        .map(|name| match is_bare(name) {
            true => name.to_owned(),
            false => format!("\"{}\"", name.replace('\\', r"\\").replace('"', "\\\"")),
        })
        .collect();
    words.join(".")
}
