//! Numbers of the configuration, and what is said where another stands than can be meant.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// Reads a number of which `read` makes something; `expected` tells of which it can.
///
/// # Errors
///
/// When something else stands there, or `read` makes nothing of it.
pub(super) fn number<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    read: fn(f64) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(Number { expected, read })
}

/// Reads a whole number of `range`, as [`number`] does.
///
/// # Errors
///
/// When something else stands there.
pub(super) fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
    expected: &'static str,
    is_fair: fn(u64) -> bool,
) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Whole { expected, is_fair })
}

struct Number<T> {
    expected: &'static str,
    read: fn(f64) -> Option<T>,
}

impl<T> Visitor<'_> for Number<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "nothing is meant that takes more than 52 bits"
    )]
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        (self.read)(number as f64).ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        (self.read)(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }
}

struct Whole {
    expected: &'static str,
    is_fair: fn(u64) -> bool,
}

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        let fair = u64::try_from(number).ok().filter(|number| (self.is_fair)(*number));
        fair.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<u64, E> {
        Err(E::invalid_value(Unexpected::Float(number), &self))
    }
}
