//! What a round does, in words that provider and client share.

use std::fmt;
use std::str::FromStr;

/// One answer of the provider. It travels as the first message, which every relay passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How many deltas.
    pub deltas: u32,
    /// Microseconds from one to the next; 0 sends them as fast as they are taken.
    pub pace: u32,
    /// Microseconds until the first.
    pub first: u32,
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "bench-{}-{}-{}", self.deltas, self.pace, self.first)
    }
}

impl FromStr for Answer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut numbers = text.strip_prefix("bench-").ok_or(())?.split('-').map(str::parse::<u32>);
        let mut next = || numbers.next().and_then(Result::ok).ok_or(());
        Ok(Self {
            deltas: next()?,
            pace: next()?,
            first: next()?,
        })
    }
}

/// What the client does in one round.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// What is answered each time.
    pub answer: Answer,
    /// How many turns run at once, each on a connection of its own.
    pub streams: u32,
    /// How many turns each of them has, one after the other.
    pub turns: u32,
    /// Bytes of a request.
    pub bytes: usize,
}

impl Round {
    /// As arguments of the client.
    pub fn arguments(&self) -> [String; 4] {
        [
            self.answer.to_string(),
            self.streams.to_string(),
            self.turns.to_string(),
            self.bytes.to_string(),
        ]
    }

    /// From the arguments of the client.
    pub fn read(arguments: &[String]) -> Option<Self> {
        let [answer, streams, turns, bytes] = arguments else {
            return None;
        };
        Some(Self {
            answer: answer.parse().ok()?,
            streams: streams.parse().ok()?,
            turns: turns.parse().ok()?,
            bytes: bytes.parse().ok()?,
        })
    }
}
