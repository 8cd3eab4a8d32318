//! What something cost: as the provider told it, or else by the price that is known of the model.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::provider::Price;

use super::sum::Tokens;

/// What something cost, in dollars of the USA.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// As providers told it.
    #[serde(default)]
    pub told: f64,
    /// By prices that crelay knows. They may have changed, and discounts by the hour or the length are not in them.
    #[serde(default)]
    pub computed: f64,
    /// How many requests cost what nobody knows: there is no price, or the provider gave no counts.
    #[serde(default)]
    pub unknown: u64,
}

impl Cost {
    /// All that is known of it.
    #[must_use]
    pub fn dollars(&self) -> f64 {
        self.told + self.computed
    }

    /// Whether nothing of it is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unknown > 0 && self.dollars() == 0.0
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.told += other.told;
        self.computed += other.computed;
        self.unknown += other.unknown;
    }
}

/// What so many tokens cost at `price`. Cached ones cost as much as others where nothing else is known, and so do those
/// that were put into the cache.
pub(super) fn at(price: Price, tokens: Tokens) -> f64 {
    let cached = tokens.cached.min(tokens.input);
    let fresh = (tokens.input - cached) as f64;
    let dollars =
        fresh * price.input + cached as f64 * price.cached.unwrap_or(price.input) + tokens.output as f64 * price.output;
    dollars / 1e6
}

/// How many of xAI's ticks make a dollar: by its prices of 2026-11, an answer of Grok 4.3 that told 6618500 ticks cost
/// 0.00066185 dollars.
const TICKS: f64 = 1e10;

/// What a provider tells beside its counts, if it tells and makes sense: a number (OpenRouter, Avian), an object
/// (Perplexity), or ticks (xAI); each seen in 2026.
pub(super) fn told(cost: Option<&Value>, ticks: Option<f64>, own_key: Option<f64>) -> Option<f64> {
    let dollars = match cost {
        Some(Value::Object(parts)) => parts.get("total_cost").and_then(Value::as_f64),
        Some(cost) => cost.as_f64(),
        None => None,
    };
    // What OpenRouter asks for passing on with one's own key of another's stands beside what that one asks.
    let dollars = dollars.map(|dollars| dollars + own_key.unwrap_or_default());
    let dollars = dollars.or(ticks.map(|ticks| ticks / TICKS))?;
    (dollars.is_finite() && dollars >= 0.0).then_some(dollars)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKENS: Tokens = Tokens {
        input: 1_000_000,
        cached: 400_000,
        output: 100_000,
        reasoning: 50_000,
    };

    #[test]
    fn a_price_is_that_of_a_million_tokens() {
        let price = |cached| Price {
            input: 2.0,
            output: 10.0,
            cached,
        };
        assert_eq!(at(price(Some(0.5)), TOKENS), 1.2 + 0.2 + 1.0);
        assert_eq!(at(price(None), TOKENS), 2.0 + 1.0);
        let odd = Tokens {
            cached: u64::MAX,
            ..TOKENS
        };
        assert_eq!(at(price(Some(0.0)), odd), 1.0);
    }

    #[test]
    fn what_providers_tell_is_read_in_each_of_their_ways() {
        assert_eq!(told(Some(&json!(0.000_104)), None, None), Some(0.000_104));
        assert_eq!(told(Some(&json!(0.01)), None, Some(0.2)), Some(0.01 + 0.2));
        let parts = json!({"input_tokens_cost": 0.00001, "request_cost": 0.005, "total_cost": 0.00502});
        assert_eq!(told(Some(&parts), None, None), Some(0.005_02));
        assert_eq!(told(None, Some(6_618_500.0), None), Some(0.000_661_85));
        for nonsense in [json!("much"), json!(-1), json!({"diem": 0.1}), json!(null)] {
            assert_eq!(told(Some(&nonsense), None, None), None, "{nonsense}");
        }
        assert_eq!(told(None, None, None), None);
    }
}
