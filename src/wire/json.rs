//! JSON as it comes in: read where it stands, in one pass, by whatever can be read with serde.
//!
//! Nearly all of a conversation is text that goes on as it came. So strings are passed over eight bytes at a time, and
//! are lent to who takes them raw (a [`RawValue`](serde_json::value::RawValue)) or whole. What crelay has no use for
//! costs nobody more than itself: halves of characters are replaced, a number that no machine holds is nothing, and
//! depth has a limit only where something is made of it.
//!
//! A newtype asks as a raw value does, and an enum as nobody: neither is read, and what is to be read has none.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Error, Number, Value};

use super::escape;
use super::halves::Halves;

/// How a value asks for itself that is told apart by its `type`: it is given the fields of an object whose first that
/// is, or the text of any other value.
pub const TAGGED: &str = "crelay::tagged";

/// What an object of such a value begins with, as nearly everybody writes it.
const TAG: &str = "{\"type\":\"";

/// How deep values may stand in each other that are made into something; `serde_json` has the same limit.
const DEPTH: usize = 128;

/// Reads all of `text`.
///
/// # Errors
///
/// When it is not JSON, or not of the type's shape.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let mut json = Json::new(text);
    let read = T::deserialize(&mut json)?;
    match json.peek() {
        None => Ok(read),
        Some(_) => Err(json.error("something follows its end")),
    }
}

/// The same of a value, which is written for it: nobody reads many, and everything is read in one way.
///
/// # Errors
///
/// When it is not of the type's shape.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    from_str(&value.to_string())
}

/// The same of bytes.
///
/// # Errors
///
/// As [`from_str`], and when they are no UTF-8.
pub fn from_slice<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Error> {
    from_str(std::str::from_utf8(bytes).map_err(Error::custom)?)
}

/// A document, and how far it is read.
#[derive(Debug)]
pub struct Json<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
}

impl<'de> Json<'de> {
    /// Nothing is read of `text` yet.
    #[must_use]
    pub fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn error(&self, words: &str) -> Error {
        Error::custom(format_args!("{words} at byte {}", self.at))
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Takes the next byte that is no white space, if it is this one.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        match self.take(byte) {
            true => Ok(()),
            false => Err(self.error(&format!("expected `{}`", char::from(byte)))),
        }
    }

    /// Passes over a string, which begins here, and gives it with its quotes, and whether it has escapes.
    fn string(&mut self) -> Result<(&'de str, bool), Error> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        // Where the byte behind the last escape stands.
        let mut behind = start + 1;
        let mut at = behind;
        while at < bytes.len() {
            let mut marks = escape::marks(escape::word(&bytes[at..]));
            while marks != 0 {
                let place = at + marks.trailing_zeros() as usize / 8;
                marks &= marks - 1;
                if place < behind {
                    continue;
                }
                match bytes[place] {
                    b'"' => {
                        self.at = place + 1;
                        return Ok((&self.text[start..self.at], behind > start + 1));
                    }
                    b'\\' => match bytes.get(place + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => behind = place + 2,
                        Some(b'u') if is_unit(&bytes[place + 2..]) => behind = place + 6,
                        _ => return Err(self.error("a text has an odd escape")),
                    },
                    0..0x20 => return Err(self.error("a text has a control character")),
                    _ => {}
                }
            }
            at += 8;
        }
        Err(self.error("it ends in a text"))
    }

    /// A string that begins here, without its quotes and escapes.
    fn unescaped(&mut self) -> Result<Cow<'de, str>, Error> {
        let (json, has_escapes) = self.string()?;
        match has_escapes {
            false => Ok(Cow::Borrowed(&json[1..json.len() - 1])),
            true => serde_json::from_str(&Halves::default().joined(json)).map(Cow::Owned),
        }
    }

    /// Passes over a number or a word, which begins here.
    fn scalar(&mut self) -> Result<&'de str, Error> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            .count();
        let scalar = &rest[..length];
        if !matches!(scalar, "null" | "true" | "false") && !is_number(scalar) {
            return Err(self.error("expected a value"));
        }
        self.at += length;
        Ok(scalar)
    }

    /// Passes over the name of a field and the colon behind it.
    fn name(&mut self) -> Result<Cow<'de, str>, Error> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected the name of a field"));
        }
        let name = self.unescaped()?;
        self.expect(b':')?;
        Ok(name)
    }

    /// Passes over a value, however deep it is, and gives it as it is written.
    fn skip(&mut self) -> Result<&'de str, Error> {
        self.peek();
        let start = self.at;
        // What ends those that are open.
        let mut open = Vec::new();
        loop {
            let is_open = match self.peek() {
                Some(b'"') => self.string().map(|_| false)?,
                Some(b'{') => {
                    self.at += 1;
                    open.push(b'}');
                    !self.take_end(&mut open) && self.name().map(|_| true)?
                }
                Some(b'[') => {
                    self.at += 1;
                    open.push(b']');
                    !self.take_end(&mut open)
                }
                _ => self.scalar().map(|_| false)?,
            };
            if is_open {
                continue;
            }
            while self.take_end(&mut open) {}
            match open.last() {
                None => return Ok(&self.text[start..self.at]),
                Some(b'}') => {
                    self.expect(b',')?;
                    self.name()?;
                }
                Some(_) => self.expect(b',')?,
            }
        }
    }

    /// Takes the end of the innermost that is open, if it is here.
    fn take_end(&mut self, open: &mut Vec<u8>) -> bool {
        let is_end = open.last().is_some_and(|end| self.take(*end));
        if is_end {
            open.pop();
        }
        is_end
    }

    /// Reads what stands between brackets.
    fn within<T>(&mut self, end: u8, read: impl FnOnce(Elements<'_, 'de>) -> Result<T, Error>) -> Result<T, Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("it is nested too deep"));
        }
        let mut is_over = false;
        let read = read(Elements {
            json: self,
            end,
            is_first: true,
            is_over: &mut is_over,
        })?;
        if !is_over {
            self.expect(end)?;
        }
        self.depth -= 1;
        Ok(read)
    }
}

/// Whether `bytes` begin with the four digits of a unit of UTF-16.
fn is_unit(bytes: &[u8]) -> bool {
    bytes
        .get(..4)
        .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether JSON has such a number.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && digits(fraction) && digits(exponent)
}

impl<'de> Deserializer<'de> for &mut Json<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => match self.unescaped()? {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Some(b'{') => self.within(b'}', |fields| visitor.visit_map(fields)),
            Some(b'[') => self.within(b']', |elements| visitor.visit_seq(elements)),
            _ => match self.scalar()? {
                "null" => visitor.visit_unit(),
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                number => match serde_json::from_str::<Number>(number) {
                    Ok(number) => number.deserialize_any(visitor),
                    Err(_) => visitor.visit_unit(),
                },
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'n') => self.scalar().and_then(|_| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    /// What is wanted as it is written, for which a `RawValue` asks so: one field with the name that it gives. And what
    /// is [`TAGGED`].
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.peek();
        if name == TAGGED && self.text[self.at..].starts_with(TAG) {
            return self.deserialize_any(visitor);
        }
        let written = self.skip()?;
        if name == TAGGED {
            return visitor.visit_borrowed_str(written);
        }
        let fields = [(name, value::BorrowedStrDeserializer::new(written))];
        visitor.visit_map(value::MapDeserializer::new(fields.into_iter()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

/// What stands between brackets.
struct Elements<'a, 'de> {
    json: &'a mut Json<'de>,
    end: u8,
    is_first: bool,
    /// Whether the end was taken.
    is_over: &'a mut bool,
}

impl Elements<'_, '_> {
    /// Whether there is another.
    fn has_next(&mut self) -> Result<bool, Error> {
        if *self.is_over || self.json.take(self.end) {
            // A comma has something behind it.
            *self.is_over = true;
            return Ok(false);
        }
        if !std::mem::take(&mut self.is_first) {
            self.json.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.has_next()? {
            true => seed.deserialize(&mut *self.json).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if !self.has_next()? {
            return Ok(None);
        }
        let key = match self.json.name()? {
            Cow::Borrowed(name) => seed.deserialize(value::BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(value::StringDeserializer::new(name)),
        };
        key.map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.json)
    }
}

#[cfg(test)]
mod tests;
