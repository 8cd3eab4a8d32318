//! Reads a document of TOML into types, and knows of each fault where it stands. `toml_edit` reads it, too, but tells
//! faults in serde's words, and only the innermost key.

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use toml_edit::{Item, Key, TableLike, Value};

use super::fault::{Fault, alternatives};

/// Reads a whole table.
pub(super) fn read<'a, T: Deserialize<'a>>(table: &'a dyn TableLike) -> Result<T, Fault> {
    T::deserialize(Node::Table(table))
}

/// Something that a key stands for.
#[derive(Clone, Copy)]
enum Node<'a> {
    Value(&'a Value),
    Table(&'a dyn TableLike),
    Tables(&'a toml_edit::ArrayOfTables),
}

impl<'a> Node<'a> {
    /// Nothing if nothing stands there, which no document that was read holds.
    fn of(item: &'a Item) -> Option<Self> {
        Some(match item {
            Item::None => return None,
            Item::Value(Value::InlineTable(table)) => Self::Table(table),
            Item::Value(value) => Self::Value(value),
            Item::Table(table) => Self::Table(table),
            Item::ArrayOfTables(tables) => Self::Tables(tables),
        })
    }

    fn of_element(value: &'a Value) -> Self {
        match value {
            Value::InlineTable(table) => Self::Table(table),
            value => Self::Value(value),
        }
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self {
            Self::Value(Value::String(text)) => visitor.visit_borrowed_str(text.value()),
            Self::Value(Value::Integer(number)) => visitor.visit_i64(*number.value()),
            Self::Value(Value::Float(number)) => visitor.visit_f64(*number.value()),
            Self::Value(Value::Boolean(word)) => visitor.visit_bool(*word.value()),
            Self::Value(Value::Datetime(_)) => Err(Fault::invalid_type(de::Unexpected::Other("a date"), &visitor)),
            Self::Value(Value::Array(array)) => {
                let elements: Vec<_> = array
                    .iter()
                    .map(|value| (Self::of_element(value), start(value.span())))
                    .collect();
                visitor.visit_seq(Elements(elements.into_iter()))
            }
            Self::Value(Value::InlineTable(table)) => visitor.visit_map(Entries::new(table)),
            Self::Table(table) => visitor.visit_map(Entries::new(table)),
            Self::Tables(tables) => {
                let elements: Vec<_> = tables
                    .iter()
                    .map(|table| (Self::Table(table), start(table.span())))
                    .collect();
                visitor.visit_seq(Elements(elements.into_iter()))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self {
            Self::Value(Value::String(text)) => {
                let word: StrDeserializer<'_, Fault> = text.value().as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            _ => Err(Fault::custom(format!("expected {}", alternatives(words)))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

fn start(span: Option<std::ops::Range<usize>>) -> Option<usize> {
    span.map(|span| span.start)
}

/// The elements of a list, each with where it stands.
struct Elements<'a>(std::vec::IntoIter<(Node<'a>, Option<usize>)>);

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some((node, at)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(node).map(Some).map_err(|fault| fault.within(at))
    }
}

/// The keys of a table and what they stand for.
struct Entries<'a> {
    table: &'a dyn TableLike,
    entries: Box<dyn Iterator<Item = (&'a str, &'a Item)> + 'a>,
    current: Option<(&'a str, &'a Item)>,
}

impl<'a> Entries<'a> {
    fn new(table: &'a dyn TableLike) -> Self {
        Self {
            table,
            entries: table.iter(),
            current: None,
        }
    }

    fn at(&self, name: &str) -> Option<usize> {
        start(self.table.key(name).and_then(Key::span))
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next();
        let Some((name, _)) = self.current else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, Fault> = name.into_deserializer();
        let key = seed.deserialize(key);
        key.map(Some).map_err(|fault| fault.under(name, self.at(name)))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let current = self.current.take();
        let (name, node) = current
            .and_then(|(name, item)| Some((name, Node::of(item)?)))
            .ok_or_else(|| Fault::custom("is asked for before its key"))?;
        seed.deserialize(node).map_err(|fault| {
            let value = match node {
                Node::Value(value) => start(value.span()),
                // A header is what a table is known by.
                Node::Table(_) | Node::Tables(_) => None,
            };
            fault.under(name, value.or_else(|| self.at(name)))
        })
    }
}
