//! Whether somebody else may be asked in the place of a provider that failed, and how long that one is then left alone:
//! a pure decision. Nothing here waits, or asks.

use std::time::Duration;

use super::failure::{Class, Failure};
use super::retry::Policy;

/// Nobody comes back sooner, whatever was named: each change of providers reads the whole conversation anew, at the
/// price of what no cache knows.
const SHORTEST: Duration = Duration::from_secs(60);

/// Nobody comes back later, whatever was named: a plan can be topped up long before its week is over, and to ask once
/// in vain takes a moment.
const LONGEST: Duration = LONG;

/// For what passes by itself, where nobody says when.
const USUAL: Duration = Duration::from_secs(5 * 60);

/// For what passes only when somebody does something, and for what takes minutes to be found out.
const LONG: Duration = Duration::from_secs(60 * 60);

/// How long a provider is asked again and waited for while somebody else could answer at once.
const HURRY: Duration = Duration::from_secs(5);

impl Class {
    /// Whether the provider has nothing left to answer with for now, so that the user is served best by another.
    ///
    /// What the user alone can put right, such as a wrong key, would go unnoticed; a request that one provider does not
    /// take as it is, or lets through no filter, is not carried to others; and a conversation that is too long is
    /// summed up.
    #[must_use]
    pub fn is_exhaustion(self) -> bool {
        match self {
            Self::Balance
            | Self::Quota
            | Self::RateLimit
            | Self::Overloaded
            | Self::Server
            | Self::Unreachable
            | Self::NotRunning
            | Self::Silent
            | Self::Cut
            | Self::Malformed => true,
            Self::Auth
            | Self::Model
            | Self::Address
            | Self::Elsewhere
            | Self::Request
            | Self::Filter
            | Self::Overflow
            | Self::Untrusted
            | Self::Endless
            | Self::Excess
            | Self::Setup => false,
        }
    }

    /// How long to leave the provider alone where nobody says it; `None` where the next request may fare better.
    fn usual_rest(self) -> Option<Duration> {
        match self {
            // To ask costs nothing, and the user starts it any moment.
            Self::NotRunning => Some(SHORTEST),
            Self::RateLimit | Self::Overloaded | Self::Server | Self::Unreachable | Self::Cut | Self::Malformed => {
                Some(USUAL)
            }
            Self::Balance
            | Self::Quota
            | Self::Silent
            | Self::Auth
            | Self::Model
            | Self::Address
            | Self::Elsewhere
            | Self::Untrusted
            | Self::Setup => Some(LONG),
            Self::Request | Self::Filter | Self::Overflow | Self::Endless | Self::Excess => None,
        }
    }
}

impl Failure {
    /// How long the provider is left alone after this, while others are there to be asked: until the moment that it
    /// names, an hour at most, or else as long as such failures last; `None` where the failure was that of this one
    /// request.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        let usual = self.class.usual_rest()?;
        Some(self.retry_after.map_or(usual, |named| named.clamp(SHORTEST, LONGEST)))
    }
}

impl Policy {
    /// The same while somebody else could answer at once: what passes within seconds is still waited for.
    #[must_use]
    pub fn hurried(self) -> Self {
        Self {
            budget: self.budget.min(HURRY),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::retry::Attempt;

    const ALL: [Class; 21] = [
        Class::Auth,
        Class::Balance,
        Class::Quota,
        Class::Model,
        Class::Address,
        Class::Elsewhere,
        Class::Request,
        Class::Filter,
        Class::Overflow,
        Class::RateLimit,
        Class::Overloaded,
        Class::Server,
        Class::Unreachable,
        Class::NotRunning,
        Class::Untrusted,
        Class::Silent,
        Class::Endless,
        Class::Cut,
        Class::Malformed,
        Class::Excess,
        Class::Setup,
    ];

    fn failure(class: Class, retry_after: Option<Duration>) -> Failure {
        let mut failure = Failure::new(class, "");
        failure.retry_after = retry_after;
        failure
    }

    fn rest(class: Class, retry_after: Option<u64>) -> Option<u64> {
        let rest = failure(class, retry_after.map(Duration::from_secs)).rest();
        rest.map(|rest| rest.as_secs())
    }

    #[test]
    fn whoever_has_nothing_to_answer_with_is_left_alone_and_what_concerns_one_request_is_not() {
        let told: Vec<_> = ALL
            .map(|class| (class, class.is_exhaustion(), rest(class, None)))
            .into();
        assert_eq!(
            told,
            [
                (Class::Auth, false, Some(3600)),
                (Class::Balance, true, Some(3600)),
                (Class::Quota, true, Some(3600)),
                (Class::Model, false, Some(3600)),
                (Class::Address, false, Some(3600)),
                (Class::Elsewhere, false, Some(3600)),
                (Class::Request, false, None),
                (Class::Filter, false, None),
                (Class::Overflow, false, None),
                (Class::RateLimit, true, Some(300)),
                (Class::Overloaded, true, Some(300)),
                (Class::Server, true, Some(300)),
                (Class::Unreachable, true, Some(300)),
                (Class::NotRunning, true, Some(60)),
                (Class::Untrusted, false, Some(3600)),
                (Class::Silent, true, Some(3600)),
                (Class::Endless, false, None),
                (Class::Cut, true, Some(300)),
                (Class::Malformed, true, Some(300)),
                (Class::Excess, false, None),
                (Class::Setup, false, Some(3600)),
            ]
        );
    }

    #[test]
    fn all_that_is_worth_asking_again_is_worth_asking_of_another() {
        for class in ALL {
            assert!(!class.passes() || class.is_exhaustion(), "{class:?}");
        }
    }

    #[test]
    fn what_the_provider_names_counts_within_reason() {
        assert_eq!(rest(Class::RateLimit, Some(7)), Some(60));
        assert_eq!(rest(Class::RateLimit, Some(90)), Some(90));
        assert_eq!(rest(Class::Quota, Some(5 * 24 * 3600)), Some(3600));
        assert_eq!(rest(Class::Quota, Some(120)), Some(120));
        assert_eq!(rest(Class::Overflow, Some(120)), None);
        let endless = failure(Class::Quota, Some(Duration::MAX));
        assert_eq!(endless.rest(), Some(LONGEST));
    }

    #[test]
    fn who_has_somebody_at_hand_waits_for_nobody_longer_than_seconds() {
        let pause = |policy: Policy, retry_after| {
            let failure = failure(Class::RateLimit, Some(Duration::from_secs(retry_after)));
            let attempt = Attempt {
                number: 1,
                elapsed: Duration::ZERO,
                failure: &failure,
                jitter: 0,
            };
            policy.pause_after(attempt).map(|pause| pause.as_secs())
        };
        let usual = Policy::default();
        assert_eq!((pause(usual, 4), pause(usual, 6)), (Some(4), Some(6)));
        assert_eq!((pause(usual.hurried(), 4), pause(usual.hurried(), 6)), (Some(4), None));
        let shorter = Policy {
            budget: Duration::from_secs(2),
            ..usual
        };
        assert_eq!(shorter.hurried(), shorter);
    }
}
