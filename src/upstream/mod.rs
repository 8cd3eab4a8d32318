//! One HTTP client toward the provider; the pure decision whether to retry.
//!
//! A [`Client`] sends a translated request and gives the [`Answer`], which reads itself into [`Piece`]s: what was
//! said in the protocol of the request, and how it ended. Everything that can go wrong on the way is a [`Failure`],
//! which knows its class and its words, but not how Codex is told: that is the relay's.

#![forbid(unsafe_code)]

mod answer;
mod chunks;
mod client;
mod clock;
mod complaint;
mod events;
mod failure;
mod inflow;
mod meter;
mod packing;
mod patterns;
mod proof;
mod repair;
mod rest;
mod retry;
mod tells;
mod tls;
mod wait;
mod words;

use std::time::Duration;

use crate::session::{Attempts, Patience, Seconds, Timeout};

pub use answer::{Answer, Piece, Speech};
pub use client::{Client, Opening, Proxy, Request};
pub use failure::{Class, Failure};
pub use meter::Meter;
pub use retry::{LONGEST_WAIT, Policy};
pub use tells::Question;
pub use wait::shown as lasting;

/// How long a server on this machine may read before it says a word. A long prompt takes it many minutes without a
/// graphics card; whatever takes longer than this has stopped.
const FIRST_WORD_NEARBY: Duration = Duration::from_secs(3600);

/// How long the provider may take; `None` is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Option<Duration>,
    /// From the request to the first word of the answer.
    pub first: Option<Duration>,
    /// From word to word. Comments and empty chunks, with which providers keep the line open, are no words.
    pub idle: Option<Duration>,
    /// For the rest of an answer whose status is an error. The status is there already, and says most of it.
    pub refusal: Duration,
    /// From the first attempt to the last word.
    pub total: Option<Duration>,
    /// After how long a silence the other end of a connection is asked whether it is there, and how often then. One
    /// that does not answer three times is gone.
    pub probe: Duration,
    /// How often and how long a request is tried.
    pub retry: Policy,
    /// Whether pieces of a text that come at once may become one.
    pub joins: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(15)),
            first: Some(Duration::from_secs(300)),
            idle: Some(Duration::from_secs(300)),
            refusal: Duration::from_secs(5),
            // Long answers are what models of today are for.
            total: None,
            probe: Duration::from_secs(15),
            retry: Policy::default(),
            joins: true,
        }
    }
}

impl Limits {
    /// What `patience` says, else what is usual, which for the first word of a server on this machine (`is_local`) is
    /// an hour.
    #[must_use]
    pub fn suiting(patience: Patience, is_local: bool) -> Self {
        let Patience { timeouts, retry } = patience;
        let usual = Self::default();
        let usual_first = if is_local { Some(FIRST_WORD_NEARBY) } else { usual.first };
        let chosen = |wished: Option<Timeout>, usual| wished.map_or(usual, Timeout::duration);
        Self {
            connect: chosen(timeouts.connect, usual.connect),
            first: chosen(timeouts.first, usual_first),
            idle: chosen(timeouts.idle, usual.idle),
            refusal: usual.refusal,
            total: chosen(timeouts.total, usual.total),
            probe: usual.probe,
            joins: usual.joins,
            retry: Policy {
                attempts: retry
                    .attempts
                    .map_or(usual.retry.attempts, |Attempts(attempts)| attempts),
                budget: retry.budget.map_or(usual.retry.budget, |Seconds(budget)| budget),
                pause: retry.pause.map_or(usual.retry.pause, |Seconds(pause)| pause),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_counts_before_what_is_usual() {
        assert_eq!(Limits::suiting(Patience::default(), false), Limits::default());
        assert_eq!(
            Limits::suiting(Patience::default(), true).first,
            Some(FIRST_WORD_NEARBY)
        );
        let mut patience = Patience::default();
        patience.timeouts.first = Some(Timeout::After(Duration::from_secs(7)));
        patience.timeouts.idle = Some(Timeout::Never);
        patience.retry.attempts = Some(Attempts(9));
        let limits = Limits::suiting(patience, true);
        assert_eq!(limits.first, Some(Duration::from_secs(7)));
        assert_eq!((limits.idle, limits.retry.attempts), (None, 9));
        assert_eq!(limits.connect, Limits::default().connect);
    }
}
