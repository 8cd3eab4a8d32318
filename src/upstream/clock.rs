//! When a provider has been silent, or busy with one answer, for too long.

use std::time::Duration;

use tokio::time::Instant;

use super::failure::{Class, Failure};
use super::{Limits, wait};

/// The times of one attempt. Whoever waits for the provider does so [`within`] its deadline.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// How long the silence may be that began last, and when that is over.
    silence: Option<(Duration, Instant)>,
    idle: Option<Duration>,
    /// When the whole answer is given up, and how long it may take.
    end: Option<(Duration, Instant)>,
    has_heard: bool,
}

impl Clock {
    /// The request is about to go out; its whole answer is given up at `end`.
    pub fn start(limits: &Limits, end: Option<Instant>) -> Self {
        Self {
            silence: from_now(limits.first),
            idle: limits.idle,
            end: limits.total.zip(end),
            has_heard: false,
        }
    }

    /// A word has come.
    pub fn heard(&mut self) {
        self.silence = from_now(self.idle);
        self.has_heard = true;
    }

    /// Until when to wait.
    pub fn deadline(&self) -> Option<Instant> {
        let ends = self.silence.iter().chain(&self.end);
        ends.map(|(_, until)| *until).min()
    }

    /// What it means that the deadline came.
    pub fn failure(&self) -> Failure {
        let is_over = |(_, end): &&(Duration, Instant)| self.deadline() == Some(*end);
        if let Some((total, _)) = self.end.as_ref().filter(is_over) {
            let allowed = wait::shown(*total);
            return Failure::new(Class::Endless, format!("`timeouts.total` allows {allowed}"));
        }
        let silence = wait::shown(self.silence.unwrap_or((Duration::ZERO, Instant::now())).0);
        let words = if self.has_heard {
            format!("nothing more came for {silence}")
        } else {
            format!("no word came for {silence}")
        };
        Failure::new(Class::Silent, words)
    }
}

fn from_now(limit: Option<Duration>) -> Option<(Duration, Instant)> {
    limit.map(|limit| (limit, Instant::now() + limit))
}

/// The outcome of `future`, or `None` when `deadline` comes first.
pub async fn within<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(first: u64, idle: u64) -> Limits {
        Limits {
            first: Some(Duration::from_secs(first)),
            idle: Some(Duration::from_secs(idle)),
            ..Limits::default()
        }
    }

    /// How many whole minutes are left.
    fn minutes(clock: &Clock) -> Option<u64> {
        let left = clock.deadline()? - Instant::now();
        Some(left.as_secs().div_ceil(60))
    }

    #[test]
    fn a_word_begins_another_silence_and_moves_no_end() {
        let mut clock = Clock::start(&limits(60, 1800), None);
        assert_eq!(minutes(&clock), Some(1));
        clock.heard();
        assert_eq!(minutes(&clock), Some(30));
        assert_eq!(
            clock.failure(),
            Failure::new(Class::Silent, "nothing more came for 30m")
        );
        let total = Some(Duration::from_secs(600));
        let limits = Limits {
            total,
            ..limits(60, 1800)
        };
        let mut clock = Clock::start(&limits, total.map(|total| Instant::now() + total));
        assert_eq!(clock.failure(), Failure::new(Class::Silent, "no word came for 1m"));
        clock.heard();
        assert_eq!(minutes(&clock), Some(10));
        let words = "`timeouts.total` allows 10m";
        assert_eq!(clock.failure(), Failure::new(Class::Endless, words));
    }

    #[test]
    fn who_may_be_silent_for_ever_is_waited_for_for_ever() {
        let mut patient = Limits {
            first: None,
            ..limits(0, 1800)
        };
        assert_eq!(Clock::start(&patient, None).deadline(), None);
        patient.first = Some(Duration::from_secs(60));
        patient.idle = None;
        let mut clock = Clock::start(&patient, None);
        clock.heard();
        assert_eq!(clock.deadline(), None);
    }
}
