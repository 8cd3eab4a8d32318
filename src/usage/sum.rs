//! Turns, and what they come to.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::wire::responses::{Status, Usage};

use super::cost::Cost;

/// Token counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Of requests, cached ones included.
    #[serde(default)]
    pub input: u64,
    /// Of these, those that the provider had in its cache.
    #[serde(default)]
    pub cached: u64,
    /// Of answers, reasoning included.
    #[serde(default)]
    pub output: u64,
    /// Of these, reasoning.
    #[serde(default)]
    pub reasoning: u64,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As the provider meant it.
    Completed,
    /// By a limit or a filter.
    Incomplete,
    /// By a failure.
    Failed,
    /// The client hung up, or the relay stopped.
    Left,
}

/// One turn, from the request to its last event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The answer's id.
    pub id: String,
    /// Who was asked, by id; or the bare address.
    pub provider: String,
    /// The model, as the provider spells it.
    pub model: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the provider counted.
    pub tokens: Tokens,
    /// What it cost.
    pub cost: Cost,
    /// How long it took.
    pub seconds: f64,
    /// How long it took until the answer began, if it did.
    pub first_token: Option<f64>,
    /// How often a request was sent once more.
    pub retries: u64,
    /// How many calls were put right.
    pub healed: u64,
}

/// What turns come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Sum {
    /// How many there were.
    pub requests: u64,
    /// How many of them failed.
    pub failed: u64,
    /// What the providers counted.
    pub tokens: Tokens,
    /// What they cost.
    pub cost: Cost,
    /// How long they took, in seconds, one by one.
    pub seconds: f64,
    /// How long it took until answers began, in seconds.
    pub first_token: Mean,
    /// How often a request was sent once more.
    pub retries: u64,
    /// How many calls were put right.
    pub healed: u64,
}

/// A mean of numbers that are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    /// The mean, if there are any.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }

    fn add(&mut self, number: f64) {
        self.sum += number;
        self.count += 1;
    }
}

/// Only the mean, or null.
impl Serialize for Mean {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl Sum {
    /// Adds a turn.
    pub fn add(&mut self, turn: &Turn) {
        self.requests += 1;
        self.failed += u64::from(turn.outcome == Outcome::Failed);
        self.tokens += turn.tokens;
        self.cost += turn.cost;
        self.seconds += turn.seconds;
        if let Some(first) = turn.first_token {
            self.first_token.add(first);
        }
        self.retries += turn.retries;
        self.healed += turn.healed;
    }
}

impl Tokens {
    /// Which part of what was sent the provider had in its cache, from 0 to 1; `None` if nothing was counted.
    #[must_use]
    pub fn cache_rate(&self) -> Option<f64> {
        (self.input > 0).then(|| self.cached as f64 / self.input as f64)
    }
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        // Each count is believed up to a limit, so sums of a lifetime fit; a file may say anything.
        self.input = self.input.saturating_add(other.input);
        self.cached = self.cached.saturating_add(other.cached);
        self.output = self.output.saturating_add(other.output);
        self.reasoning = self.reasoning.saturating_add(other.reasoning);
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input_tokens,
            cached: usage.input_tokens_details.cached_tokens,
            output: usage.output_tokens,
            reasoning: usage.output_tokens_details.reasoning_tokens,
        }
    }
}

impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        match status {
            Status::Completed => Self::Completed,
            Status::Incomplete => Self::Incomplete,
            Status::Failed | Status::InProgress => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_add_up() {
        let turn = |outcome, first_token| Turn {
            id: "resp_1".to_owned(),
            provider: "p".to_owned(),
            model: "m".to_owned(),
            outcome,
            tokens: Tokens {
                input: 100,
                cached: 25,
                output: 10,
                reasoning: 5,
            },
            cost: Cost {
                told: 0.5,
                computed: 0.25,
                unknown: 1,
            },
            seconds: 2.0,
            first_token,
            retries: 1,
            healed: 2,
        };
        let mut sum = Sum::default();
        assert_eq!((sum.tokens.cache_rate(), sum.first_token.value()), (None, None));
        sum.add(&turn(Outcome::Completed, Some(1.0)));
        sum.add(&turn(Outcome::Left, None));
        sum.add(&turn(Outcome::Failed, Some(2.0)));
        assert_eq!((sum.requests, sum.failed, sum.retries, sum.healed), (3, 1, 3, 6));
        assert_eq!(sum.tokens.cache_rate(), Some(0.25));
        assert_eq!((sum.cost.dollars(), sum.cost.unknown), (2.25, 3));
        assert_eq!((sum.seconds, sum.first_token.value()), (6.0, Some(1.5)));
    }
}
