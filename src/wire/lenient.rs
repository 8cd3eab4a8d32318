//! Reads a field whose shape is not what was asked for as if it were absent. In one pass: what is odd is skipped where
//! it stands, and nothing is looked at twice.

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What can be read of anything. Of the shapes of JSON, those count that a type overrides; all others, null among them,
/// are nothing.
pub trait Lenient<'de>: Sized {
    /// Reads a value, whatever it is; fails only where the document itself is broken.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }

    /// Of `true` or `false`.
    fn of_bool(_: bool) -> Option<Self> {
        None
    }

    /// Of a number without a sign or a fraction.
    fn of_natural(_: u64) -> Option<Self> {
        None
    }

    /// Of a negative number without a fraction.
    fn of_integer(_: i64) -> Option<Self> {
        None
    }

    /// Of any other number.
    fn of_fraction(_: f64) -> Option<Self> {
        None
    }

    /// Of a text.
    fn of_text(_: &str) -> Option<Self> {
        None
    }

    /// Of a list.
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// Of an object.
    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// The value of a field, for serde's `deserialize_with`.
pub fn option<'de, D: Deserializer<'de>, T: Lenient<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::read(deserializer)
}

/// The elements that can be read; an absent, null or odd list is empty.
pub fn list<'de, D: Deserializer<'de>, T: Lenient<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::read(deserializer)?.unwrap_or_default())
}

/// Structs whose own fields are all read so.
macro_rules! object {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {$(
        impl<'de $(: $life, $life)?> $crate::wire::lenient::Lenient<'de> for $name $(<$life>)? {
            fn of_object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
                let fields = serde::de::value::MapAccessDeserializer::new(object);
                serde::Deserialize::deserialize(fields).map(Some)
            }
        }
    )+};
}
pub(super) use object;

struct Reader<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Reader<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(T::of_bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<T>, E> {
        Ok(T::of_natural(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<T>, E> {
        Ok(T::of_integer(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<T>, E> {
        Ok(T::of_fraction(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        Ok(T::of_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<T>, A::Error> {
        T::of_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Option<T>, A::Error> {
        T::of_object(object)
    }
}

impl<'de, T: Lenient<'de>> DeserializeSeed<'de> for Reader<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer)
    }
}

impl Lenient<'_> for bool {
    fn of_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient<'_> for u64 {
    fn of_natural(number: u64) -> Option<Self> {
        Some(number)
    }
}

impl Lenient<'_> for i64 {
    fn of_natural(number: u64) -> Option<Self> {
        number.try_into().ok()
    }

    fn of_integer(number: i64) -> Option<Self> {
        Some(number)
    }
}

#[expect(clippy::cast_precision_loss, reason = "JSON's numbers have no other precision")]
impl Lenient<'_> for f64 {
    fn of_natural(number: u64) -> Option<Self> {
        Some(number as Self)
    }

    fn of_integer(number: i64) -> Option<Self> {
        Some(number as Self)
    }

    fn of_fraction(number: f64) -> Option<Self> {
        Some(number)
    }
}

impl Lenient<'_> for Number {
    fn of_natural(number: u64) -> Option<Self> {
        Some(number.into())
    }

    fn of_integer(number: i64) -> Option<Self> {
        Some(number.into())
    }

    fn of_fraction(number: f64) -> Option<Self> {
        Self::from_f64(number)
    }
}

impl Lenient<'_> for String {
    fn of_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl<'de> Lenient<'de> for Value {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

impl<'de> Lenient<'de> for Map<String, Value> {
    fn of_object<A: MapAccess<'de>>(object: A) -> Result<Option<Self>, A::Error> {
        serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(object)).map(Some)
    }
}

/// What is large and seldom there, so that what holds it is small.
impl<'de, T: Lenient<'de>> Lenient<'de> for Box<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(T::read(deserializer)?.map(Self::new))
    }
}

impl<'de, T: Lenient<'de>> Lenient<'de> for Vec<T> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut read = Self::new();
        while let Some(element) = list.next_element_seed(Reader(PhantomData))? {
            read.extend(element);
        }
        Ok(Some(read))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Outer {
        #[serde(default, deserialize_with = "option")]
        text: Option<String>,
        #[serde(default, deserialize_with = "option")]
        natural: Option<u64>,
        #[serde(default, deserialize_with = "option")]
        integer: Option<i64>,
        #[serde(default, deserialize_with = "option")]
        fraction: Option<f64>,
        #[serde(default, deserialize_with = "option")]
        is: Option<bool>,
        #[serde(default, deserialize_with = "option")]
        any: Option<Value>,
        #[serde(default, deserialize_with = "option")]
        object: Option<Map<String, Value>>,
        #[serde(default, deserialize_with = "option")]
        inner: Option<Inner>,
        #[serde(default, deserialize_with = "list")]
        inners: Vec<Inner>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    struct Inner {
        #[serde(default, deserialize_with = "option")]
        text: Option<String>,
    }

    object!(Inner);

    fn inner(text: &str) -> Inner {
        Inner {
            text: Some(text.to_owned()),
        }
    }

    const ALL: [&str; 9] = [
        "text", "natural", "integer", "fraction", "is", "any", "object", "inner", "inners",
    ];

    /// All fields with the same value, and behind them one that must be read in any case.
    fn read(value: &str) -> Outer {
        let fields: Vec<String> = ALL.iter().map(|name| format!(r#""{name}": {value}"#)).collect();
        let json = format!(r#"{{"before": {value}, {}, "behind": {value}}}"#, fields.join(","));
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
    }

    #[test]
    fn a_field_is_read_in_its_own_shape_and_absent_in_every_other() {
        let any = |json: &str| Some(serde_json::from_str(json).unwrap());
        let odd = |json: &str| Outer {
            any: any(json),
            ..Outer::default()
        };
        assert_eq!(read("null"), Outer::default());
        assert_eq!(
            read("true"),
            Outer {
                is: Some(true),
                ..odd("true")
            }
        );
        let number = Outer {
            natural: Some(7),
            integer: Some(7),
            fraction: Some(7.0),
            ..odd("7")
        };
        assert_eq!(read("7"), number);
        let number = Outer {
            integer: Some(-7),
            fraction: Some(-7.0),
            ..odd("-7")
        };
        assert_eq!(read("-7"), number);
        let number = Outer {
            fraction: Some(0.5),
            ..odd("0.5")
        };
        assert_eq!(read("0.5"), number);
        let text = Outer {
            text: Some("a\n\u{e9}".to_owned()),
            ..odd(r#""a\n\u00e9""#)
        };
        assert_eq!(read(r#""a\n\u00e9""#), text);
        let list = r#"[{"text": "a"}, 1, null, [{"text": "b"}], {"text": {}}, {"text": "c", "more": [[{}]]}]"#;
        let elements = Outer {
            inners: vec![inner("a"), Inner::default(), inner("c")],
            ..odd(list)
        };
        assert_eq!(read(list), elements);
        let object = r#"{"text": "a", "other": {"text": ["b"]}}"#;
        let fields = Outer {
            object: Some(serde_json::from_str(object).unwrap()),
            inner: Some(inner("a")),
            ..odd(object)
        };
        assert_eq!(read(object), fields);
    }

    #[test]
    fn a_broken_document_is_an_error_wherever_it_breaks() {
        for json in [
            r#"{"text": "a"#,
            r#"{"inner": {"text": 1, }"#,
            r#"{"inners": [1, 2"#,
            r#"{"natural": [}]}"#,
            r#"{"text": nul}"#,
        ] {
            assert!(serde_json::from_str::<Outer>(json).is_err(), "{json}");
        }
    }
}
