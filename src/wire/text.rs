//! A text that passes through: it stays in the form in which it came, as long as nobody has to read it.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memmem};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::halves::Halves;
use super::lenient::Lenient;

/// A text of a conversation. Nearly all bytes of a request are such texts, and most go out as they came in: they are
/// neither copied nor spelt anew.
#[derive(Clone)]
pub struct Text<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Plain(Cow<'a, str>),
    /// A JSON string without escapes by number, so that what it spells can be looked for in it as it is.
    Json(&'a RawValue),
}

impl<'a> Text<'a> {
    /// A text in JSON; `None` if it is something else. Halves of characters are replaced.
    #[must_use]
    pub fn of(raw: &'a RawValue) -> Option<Self> {
        let json = raw.get();
        if !json.starts_with('"') {
            return None;
        }
        if memmem::find(json.as_bytes(), b"\\u").is_some() {
            let text = serde_json::from_str(&Halves::default().joined(json)).ok()?;
            return Some(Self(Form::Plain(Cow::Owned(text))));
        }
        Some(Self(Form::Json(raw)))
    }

    /// What it says.
    #[must_use]
    pub fn get(&self) -> Cow<'_, str> {
        match &self.0 {
            Form::Plain(text) => Cow::Borrowed(text),
            Form::Json(raw) => read(raw),
        }
    }

    /// The same, for good.
    #[must_use]
    pub fn into_string(self) -> String {
        match self.0 {
            Form::Plain(text) => text.into_owned(),
            Form::Json(raw) => read(raw).into_owned(),
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Form::Plain(text) => text.is_empty(),
            Form::Json(raw) => raw.get() == r#""""#,
        }
    }

    /// Whether it holds `part`, which has no character that JSON escapes.
    #[must_use]
    pub fn holds(&self, part: &str) -> bool {
        match &self.0 {
            Form::Plain(text) => text.contains(part),
            Form::Json(raw) => memmem::find(raw.get().as_bytes(), part.as_bytes()).is_some(),
        }
    }
}

/// A JSON string that is known to be one.
fn read(raw: &RawValue) -> Cow<'_, str> {
    let json = raw.get();
    let inside = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inside.filter(|inside| memchr(b'\\', inside.as_bytes()).is_none()) {
        Some(plain) => Cow::Borrowed(plain),
        None => Cow::Owned(serde_json::from_str(json).unwrap_or_default()),
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self(Form::Plain(Cow::Borrowed("")))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Form::Plain(Cow::Owned(text)))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Form::Plain(Cow::Borrowed(text)))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.get(), formatter)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Plain(text) => serializer.serialize_str(text),
            Form::Json(raw) => raw.serialize(serializer),
        }
    }
}

/// From JSON that stays in memory, and not from a [`serde_json::Value`].
impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)?.ok_or_else(|| D::Error::custom("it is no text"))
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Text<'a> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Self::of(Deserialize::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_out_as_it_came_and_can_be_read() {
        for (json, text) in [
            (r#""""#, ""),
            (r#""plain é""#, "plain é"),
            (r#""a \"b\"\n\t\\""#, "a \"b\"\n\t\\"),
            (r#""a\/b""#, "a/b"),
        ] {
            let read: Text = serde_json::from_str(json).unwrap();
            assert_eq!(read.get(), text, "{json}");
            assert_eq!(read, Text::from(text));
            assert_eq!(read.is_empty(), text.is_empty());
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
            assert_eq!(serde_json::to_value(&read).unwrap(), text);
            assert_eq!(read.into_string(), text);
        }
    }

    #[test]
    fn what_is_escaped_by_number_is_spelt_out() {
        let read: Text = serde_json::from_str(r#""\u003c|end|> \u00e9 \ud83d\ude00 \ud83d""#).unwrap();
        assert!(read.holds("<|end|>"));
        assert_eq!(serde_json::to_string(&read).unwrap(), "\"<|end|> é 😀 \"");
    }

    #[test]
    fn what_is_no_text_is_none() {
        for json in ["1", "null", "[]", r#"{"a":"b"}"#] {
            assert!(serde_json::from_str::<Text>(json).is_err(), "{json}");
        }
    }
}
