//! How long a provider may take and how often it is asked, as the user wants it over what the table says.

use std::time::Duration;

use serde::Deserialize;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Attempts(pub u32);

/// A time that may be none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
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

/// A timeout as it is written.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of seconds or \"never\"")]
enum Written {
    Seconds(f64),
    Word(String),
}

impl TryFrom<Written> for Timeout {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Word(word) if word == "never" => Ok(Self::Never),
            Written::Seconds(seconds) if seconds > 0.0 && seconds <= LONGEST => {
                Ok(Self::After(Duration::from_secs_f64(seconds)))
            }
            Written::Seconds(_) | Written::Word(_) => {
                Err("expected seconds, more than none and at most a week, or \"never\"")
            }
        }
    }
}

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        match seconds {
            0.0..=LONGEST => Ok(Self(Duration::from_secs_f64(seconds))),
            _ => Err("expected seconds, at most a week"),
        }
    }
}

impl TryFrom<u32> for Attempts {
    type Error = &'static str;

    fn try_from(attempts: u32) -> Result<Self, Self::Error> {
        match attempts {
            1..=100 => Ok(Self(attempts)),
            _ => Err("expected a number from 1 to 100"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::session::{Config, Error};

    fn read(text: &str) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    fn fault(text: &str) -> String {
        let error = read(text).unwrap_err().to_string();
        let (path, fault) = error.split_once(": ").unwrap();
        let place = path.split_once(", ").unwrap();
        assert!(Path::new(place.0).ends_with("config.toml"));
        format!("{}: {fault}", place.1)
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
    fn what_is_no_time_is_told_with_its_line() {
        let timeout = "line 2, key `idle`: expected seconds, more than none and at most a week, or \"never\"";
        for value in ["0", "-1", "nan", "inf", "1e9", "\"soon\""] {
            assert_eq!(fault(&format!("[timeouts]\nidle = {value}\n")), timeout, "{value}");
        }
        assert_eq!(
            fault("[timeouts]\nidle = true\n"),
            "line 2, key `idle`: expected a number of seconds or \"never\""
        );
        assert_eq!(
            fault("[retry]\nattempts = 0\n"),
            "line 2, key `attempts`: expected a number from 1 to 100"
        );
        assert_eq!(
            fault("[retry]\npause = -1\n"),
            "line 2, key `pause`: expected seconds, at most a week"
        );
    }
}
