//! Whether, and when, a request is tried again: a pure decision. Nothing here waits.
//!
//! Only a request whose answer has not begun is ever tried again; the caller sees to that.

use std::time::Duration;

use super::failure::{Class, Failure};

/// How often and how long a request is tried. Codex tries again by itself, so both are small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts, the first included.
    pub attempts: u32,
    /// From the first attempt to the start of the last.
    pub budget: Duration,
    /// The pause after the first attempt; it doubles with every further one.
    pub pause: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            budget: Duration::from_secs(20),
            pause: Duration::from_millis(500),
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
    /// How long to wait before the next attempt; `None` gives up. A provider that names a time is not asked sooner.
    #[must_use]
    pub fn pause_after(&self, attempt: Attempt<'_>) -> Option<Duration> {
        if attempt.number >= self.attempts || !passes(attempt.failure.class) {
            return None;
        }
        let backoff = self.pause * 2_u32.saturating_pow(attempt.number - 1);
        let own = backoff.mul_f64(0.5 + f64::from(attempt.jitter) / 510.0);
        let pause = attempt.failure.retry_after.map_or(own, |asked| asked.max(own));
        (attempt.elapsed + pause <= self.budget).then_some(pause)
    }
}

/// Whether the same request may well succeed a moment later.
fn passes(class: Class) -> bool {
    match class {
        Class::RateLimit | Class::Overloaded | Class::Server | Class::Unreachable | Class::Cut => true,
        Class::Auth
        | Class::Balance
        | Class::Quota
        | Class::Filter
        | Class::Model
        | Class::Address
        | Class::Request
        | Class::Overflow
        | Class::NotRunning
        | Class::Untrusted
        | Class::Silent
        | Class::Setup => false,
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
        assert_eq!(pause(1, 0, &server, 0), Some(250));
        assert_eq!(pause(1, 0, &server, 255), Some(500));
        assert_eq!(pause(2, 1, &server, 0), Some(500));
        assert_eq!(pause(2, 1, &server, 255), Some(1000));
        assert_eq!(pause(3, 2, &server, 0), None);
    }

    #[test]
    fn a_time_that_the_provider_names_is_kept_if_the_budget_allows() {
        let limited = failure(Class::RateLimit, Some(7));
        assert_eq!(pause(1, 0, &limited, 9), Some(7000));
        assert_eq!(pause(1, 14, &limited, 9), None);
        assert_eq!(pause(1, 0, &failure(Class::RateLimit, Some(21)), 9), None);
        assert_eq!(pause(1, 0, &failure(Class::RateLimit, Some(0)), 255), Some(500));
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
        for class in [Class::Address, Class::Silent, Class::Setup] {
            assert_eq!(pause(1, 0, &failure(class, None), 0), None, "{class:?}");
        }
    }
}
