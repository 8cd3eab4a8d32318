//! Whether, and when, a request is tried again, by crelay or by whoever asked it: a pure decision. Nothing here waits.
//!
//! Only a request whose answer has not begun is ever tried again by crelay; the caller sees to that.

use std::time::Duration;

use super::failure::{Class, Failure};

/// Nobody is asked to wait longer: Codex waits as long as it is told, without a way out for a script and with little to
/// see in the TUI. The windows of limits that pass are a minute long nearly everywhere; what takes more is a plan's.
pub const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// How often and how long a request is tried. Codex tries again by itself, and tells its user meanwhile, so both are
/// small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts, the first included.
    pub attempts: u32,
    /// From the first attempt to the start of the last.
    pub budget: Duration,
    /// The longest pause after the first attempt; it doubles with every further one.
    pub pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            budget: Duration::from_secs(30),
            pause: Duration::from_secs(1),
        }
    }
}

/// What is known when an attempt has failed.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// 1 for the first.
    pub number: u32,
    /// Since the first attempt began.
    pub elapsed: Duration,
    /// How it failed.
    pub failure: &'a Failure,
    /// A random number, so that many sessions do not come back at the same moment.
    pub jitter: u8,
}

impl Policy {
    /// How long to wait before the next attempt; `None` gives up. Any moment until the longest pause is as good as
    /// another ("full jitter"), after the time that the provider names: it is not asked sooner.
    #[must_use]
    pub fn pause_after(&self, attempt: Attempt<'_>) -> Option<Duration> {
        if attempt.number >= self.attempts || !attempt.failure.class.passes() {
            return None;
        }
        let longest = self.pause.saturating_mul(2_u32.saturating_pow(attempt.number - 1));
        let spread = longest.mul_f64(f64::from(attempt.jitter) / 255.0);
        let pause = attempt.failure.retry_after.unwrap_or_default().saturating_add(spread);
        (attempt.elapsed.saturating_add(pause) <= self.budget).then_some(pause)
    }
}

impl Class {
    /// Whether the same request may well succeed a moment later.
    #[must_use]
    pub fn passes(self) -> bool {
        match self {
            Self::RateLimit
            | Self::Overloaded
            | Self::Server
            | Self::Unreachable
            | Self::Silent
            | Self::Cut
            | Self::Malformed => true,
            Self::Auth
            | Self::Balance
            | Self::Quota
            | Self::Filter
            | Self::Model
            | Self::Address
            | Self::Elsewhere
            | Self::Request
            | Self::Overflow
            | Self::NotRunning
            | Self::Untrusted
            | Self::Endless
            | Self::Excess
            | Self::Setup => false,
        }
    }

    /// How long to wait where the provider does not say. Codex asks twice more, so a limit a minute is over by then.
    fn usual_wait(self) -> Duration {
        Duration::from_secs(match self {
            Self::RateLimit => 30,
            Self::Overloaded => 10,
            _ => 5,
        })
    }
}

impl Failure {
    /// After how long it is worth asking again, once crelay itself has given up; `None` for what does not pass, or not
    /// so soon that anybody would wait for it.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        let wait = self.retry_after.unwrap_or(self.class.usual_wait());
        (self.class.passes() && wait <= LONGEST_WAIT).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        attempts: 3,
        budget: Duration::from_secs(20),
        pause: Duration::from_millis(500),
    };

    fn failure(class: Class, retry_after: Option<u64>) -> Failure {
        let mut failure = Failure::new(class, "");
        failure.retry_after = retry_after.map(Duration::from_secs);
        failure
    }

    fn pause(number: u32, elapsed: u64, failure: &Failure, jitter: u8) -> Option<u128> {
        let elapsed = Duration::from_secs(elapsed);
        let attempt = Attempt {
            number,
            elapsed,
            failure,
            jitter,
        };
        POLICY.pause_after(attempt).map(|pause| pause.as_millis())
    }

    #[test]
    fn pauses_double_and_spread_and_end_with_the_attempts() {
        let server = failure(Class::Server, None);
        assert_eq!(pause(1, 0, &server, 0), Some(0));
        assert_eq!(pause(1, 0, &server, 51), Some(100));
        assert_eq!(pause(1, 0, &server, 255), Some(500));
        assert_eq!(pause(2, 1, &server, 0), Some(0));
        assert_eq!(pause(2, 1, &server, 255), Some(1000));
        assert_eq!(pause(3, 2, &server, 0), None);
    }

    #[test]
    fn a_time_that_the_provider_names_is_kept_if_the_budget_allows() {
        let limited = failure(Class::RateLimit, Some(7));
        assert_eq!(pause(1, 0, &limited, 0), Some(7000));
        assert_eq!(pause(1, 0, &limited, 255), Some(7500));
        assert_eq!(pause(1, 14, &limited, 0), None);
        assert_eq!(pause(1, 0, &failure(Class::RateLimit, Some(21)), 0), None);
        assert_eq!(pause(1, 0, &failure(Class::RateLimit, Some(0)), 255), Some(500));
        assert_eq!(pause(1, 0, &failure(Class::RateLimit, Some(u64::MAX)), 255), None);
    }

    #[test]
    fn what_will_not_pass_is_not_tried_again() {
        for class in [
            Class::Auth,
            Class::Balance,
            Class::Model,
            Class::Request,
            Class::Overflow,
        ] {
            assert_eq!(pause(1, 0, &failure(class, Some(1)), 0), None, "{class:?}");
        }
        for class in [Class::Address, Class::NotRunning, Class::Excess, Class::Setup] {
            assert_eq!(pause(1, 0, &failure(class, None), 0), None, "{class:?}");
        }
    }

    #[test]
    fn whoever_asked_is_told_to_wait_as_long_as_anybody_would() {
        let wait = |class, retry_after| failure(class, retry_after).wait().map(|wait| wait.as_secs());
        assert_eq!(wait(Class::RateLimit, Some(300)), Some(300));
        assert_eq!(wait(Class::RateLimit, Some(301)), None);
        assert_eq!(wait(Class::RateLimit, None), Some(30));
        assert_eq!(wait(Class::Overloaded, None), Some(10));
        assert_eq!(wait(Class::Cut, None), Some(5));
        assert_eq!(wait(Class::Quota, Some(1)), None);
        assert_eq!(wait(Class::Auth, None), None);
    }
}
