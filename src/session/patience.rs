//! How long a provider may take and how often it is asked, as the user wants it over what the table says.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

use super::number::{number, whole};

/// No time that is configured is longer; what is meant to be is `"never"`.
const LONGEST: f64 = 7.0 * 24.0 * 3600.0;

/// `[timeouts]` of the configuration. What is absent is as crelay has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Option<Timeout>,
    /// From the request to the first word of the answer.
    pub first: Option<Timeout>,
    /// From word to word.
    pub idle: Option<Timeout>,
    /// From the request to the last word.
    pub total: Option<Timeout>,
}

/// A time after which something is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// After so long.
    After(Duration),
    /// Not at all.
    Never,
}

/// `[retry]` of the configuration: what becomes of a request that failed in a way that passes, before any word of its
/// answer came. What is absent is as crelay has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// How often it is sent, the first time included.
    pub attempts: Option<Attempts>,
    /// From the first attempt to the start of the last.
    pub budget: Option<Seconds>,
    /// The longest pause after the first attempt; it doubles with every further one.
    pub pause: Option<Seconds>,
}

/// How often something is tried: at least once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts(pub u32);

/// A time that may be none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub Duration);

/// Both, for one provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Patience {
    /// How long it may take.
    pub timeouts: Timeouts,
    /// How often it is asked.
    pub retry: Retry,
}

impl Patience {
    /// What is absent here is as `other` has it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (timeouts, retry) = (self.timeouts, self.retry);
        Self {
            timeouts: Timeouts {
                connect: timeouts.connect.or(other.timeouts.connect),
                first: timeouts.first.or(other.timeouts.first),
                idle: timeouts.idle.or(other.timeouts.idle),
                total: timeouts.total.or(other.timeouts.total),
            },
            retry: Retry {
                attempts: retry.attempts.or(other.retry.attempts),
                budget: retry.budget.or(other.retry.budget),
                pause: retry.pause.or(other.retry.pause),
            },
        }
    }
}

impl Timeout {
    /// The time, if there is one.
    #[must_use]
    pub fn duration(self) -> Option<Duration> {
        match self {
            Self::After(duration) => Some(duration),
            Self::Never => None,
        }
    }
}

impl<'de> Deserialize<'de> for Timeout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads a timeout as it is written.
struct Written;

impl Visitor<'_> for Written {
    type Value = Timeout;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("seconds, more than 0 and at most a week, or `\"never\"`")
    }

    #[expect(clippy::cast_precision_loss, reason = "a week is far from where it begins")]
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Timeout, E> {
        after(seconds as f64).ok_or_else(|| E::invalid_value(Unexpected::Signed(seconds), &self))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Timeout, E> {
        after(seconds).ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Timeout, E> {
        match word {
            "never" => Ok(Timeout::Never),
            _ => Err(E::invalid_value(Unexpected::Str(word), &self)),
        }
    }
}

fn after(seconds: f64) -> Option<Timeout> {
    let is_fair = seconds > 0.0 && seconds <= LONGEST;
    is_fair.then(|| Timeout::After(Duration::from_secs_f64(seconds)))
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = number(deserializer, "seconds, 0 or more and at most a week", |seconds| {
            (0.0..=LONGEST).contains(&seconds).then_some(seconds)
        });
        Ok(Self(Duration::from_secs_f64(seconds?)))
    }
}

impl<'de> Deserialize<'de> for Attempts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let attempts = whole(deserializer, "a whole number from 1 to 100", |attempts| {
            (1..=100).contains(&attempts)
        })?;
        u32::try_from(attempts).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Config;

    fn read(text: &str) -> Result<Config, crate::session::Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    fn fault(text: &str) -> String {
        let error = read(text).unwrap_err().to_string();
        let (_, fault) = error.split_once("config.toml:").unwrap();
        fault.to_owned()
    }

    #[test]
    fn what_a_provider_has_of_its_own_counts_before_what_is_for_all() {
        let config = read(
            "[timeouts]\nfirst = 5\nidle = \"never\"\n[retry]\nattempts = 7\n\
             [providers.slow.timeouts]\nfirst = 90.5\n[providers.slow.retry]\nbudget = 0\n",
        )
        .unwrap();
        let after = |seconds| Some(Timeout::After(Duration::from_secs_f64(seconds)));
        let slow = config.patience("slow");
        assert_eq!(slow.timeouts.first, after(90.5));
        assert_eq!(slow.timeouts.idle, Some(Timeout::Never));
        assert_eq!(slow.timeouts.connect, None);
        assert_eq!(slow.retry.attempts, Some(Attempts(7)));
        assert_eq!(slow.retry.budget, Some(Seconds(Duration::ZERO)));
        assert_eq!(config.patience("another").timeouts.first, after(5.0));
        assert_eq!(config.patience("another").retry.budget, None);
    }

    #[test]
    fn what_is_no_time_is_told_with_its_place() {
        for (value, told) in [
            ("0", "0"),
            ("-1", "-1"),
            ("nan", "NaN"),
            ("inf", "inf"),
            ("1e9", "1000000000"),
            ("\"soon\"", "this text"),
            ("true", "`true`"),
        ] {
            let expected = "seconds, more than 0 and at most a week, or `\"never\"`";
            assert_eq!(
                fault(&format!("[timeouts]\nidle = {value}\n")),
                format!("2:8: `timeouts.idle` must be {expected}, not {told}")
            );
        }
        for (text, told) in [
            (
                "[retry]\nattempts = 0\n",
                "2:12: `retry.attempts` must be a whole number from 1 to 100, not 0",
            ),
            (
                "[retry]\nattempts = \"3\"\n",
                "2:12: `retry.attempts` must be a whole number from 1 to 100, not text",
            ),
            (
                "retry.attempts = 1.5\n",
                "1:18: `retry.attempts` must be a whole number from 1 to 100, not 1.5",
            ),
            (
                "[providers.a.retry]\npause = -1\n",
                "2:9: `providers.a.retry.pause` must be seconds, 0 or more and at most a week, not -1",
            ),
        ] {
            assert_eq!(fault(text), told);
        }
    }
}
