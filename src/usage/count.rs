//! What one turn takes of the provider, attempt by attempt: an attempt that failed may have been counted all the same.

use serde_json::{Map, Value};

use crate::provider::Price;
use crate::wire::{Said, chat};

use super::cost::{self, Cost};
use super::sum::Tokens;
use super::{of_chat, of_responses};

/// What a turn has taken so far.
#[derive(Debug, Clone, Default)]
pub struct Count {
    price: Option<Price>,
    at_hand: Attempt,
    tokens: Tokens,
    cost: Cost,
    retries: u64,
}

/// The attempt at hand. Counts that come again count instead of those before them.
#[derive(Debug, Clone, Copy, Default)]
struct Attempt {
    is_answered: bool,
    tokens: Option<Tokens>,
    told: Option<f64>,
}

impl Count {
    /// Of a model at this price, if one is known.
    #[must_use]
    pub fn at(price: Option<Price>) -> Self {
        Self {
            price,
            ..Self::default()
        }
    }

    /// A request goes out.
    pub fn send(&mut self) {
        let attempt = std::mem::take(&mut self.at_hand);
        self.tokens += attempt.tokens.unwrap_or_default();
        self.cost += attempt.cost(self.price);
    }

    /// It goes out once more, because it failed before.
    pub fn retry(&mut self) {
        self.retries += 1;
    }

    /// What goes out from now on is asked of a model at this price.
    pub fn ask_at(&mut self, price: Option<Price>) {
        self.send();
        self.price = price;
    }

    /// The provider said something.
    pub fn hear(&mut self, said: &Said) {
        self.at_hand.is_answered = true;
        match said {
            Said::Chunk(chunk) => {
                if let Some(usage) = usage(chunk) {
                    let details = usage.cost_details.as_ref();
                    let own_key = details.and_then(|details| details.upstream_inference_cost);
                    self.at_hand.tokens = Some(of_chat(usage).into());
                    self.at_hand.told = cost::told(
                        usage.cost.as_ref(),
                        usage.cost_in_usd_ticks,
                        own_key.filter(|_| usage.is_byok == Some(true)),
                    );
                }
            }
            Said::Event(event) => {
                if let Some(usage) = event.object("response").and_then(|response| response.get("usage")) {
                    self.hear_usage(usage);
                }
            }
        }
    }

    fn hear_usage(&mut self, usage: &Value) {
        let Some(counts) = of_responses(usage) else { return };
        let number = |fields: &Map<String, Value>, name: &str| fields.get(name).and_then(Value::as_f64);
        let fields = usage.as_object();
        let details = fields.and_then(|fields| fields.get("cost_details")?.as_object());
        let is_own = fields.is_some_and(|fields| fields.get("is_byok").is_some_and(|own| *own == Value::Bool(true)));
        self.at_hand.tokens = Some(counts.into());
        self.at_hand.told = cost::told(
            fields.and_then(|fields| fields.get("cost")),
            fields.and_then(|fields| number(fields, "cost_in_usd_ticks")),
            details
                .and_then(|details| number(details, "upstream_inference_cost"))
                .filter(|_| is_own),
        );
    }

    /// Tokens, cost and retries of all attempts.
    #[must_use]
    pub fn total(&self) -> (Tokens, Cost, u64) {
        let mut whole = self.clone();
        whole.send();
        (whole.tokens, whole.cost, whole.retries)
    }
}

impl Attempt {
    fn cost(self, price: Option<Price>) -> Cost {
        match (self.told, self.tokens, price) {
            (Some(told), _, _) => Cost {
                told,
                ..Cost::default()
            },
            (None, Some(tokens), Some(price)) => Cost {
                computed: cost::at(price, tokens),
                ..Cost::default()
            },
            (None, None, Some(price)) if price.is_nothing() => Cost::default(),
            _ => Cost {
                unknown: u64::from(self.is_answered),
                ..Cost::default()
            },
        }
    }
}

/// The counts of a chunk, in whichever of their places.
fn usage(chunk: &chat::Chunk) -> Option<&chat::Usage> {
    let in_choice = || chunk.choices.iter().find_map(|choice| choice.usage.as_deref());
    let in_groq = || chunk.x_groq.as_ref()?.usage.as_deref();
    chunk.usage.as_deref().or_else(in_choice).or_else(in_groq)
}

#[cfg(test)]
mod tests {
    use crate::wire::responses::Streamed;

    use super::*;

    const PRICE: Price = Price {
        input: 1.0,
        output: 2.0,
        cached: Some(0.0),
    };

    fn chunk(json: &str) -> Said {
        Said::Chunk(Box::new(chat::chunk(json).unwrap()))
    }

    #[test]
    fn the_last_counts_of_an_attempt_count_and_attempts_add_up() {
        let mut count = Count::at(Some(PRICE));
        for output in [1, 5] {
            count.send();
            let words = r#"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":10,"completion_tokens":1}}"#;
            count.hear(&chunk(words));
            let counts = format!(r#"{{"choices":[],"usage":{{"prompt_tokens":10,"completion_tokens":{output}}}}}"#);
            count.hear(&chunk(&counts));
            count.hear(&chunk(r#"{"choices":[{"delta":{}}]}"#));
        }
        count.retry();
        let (tokens, cost, retries) = count.total();
        assert_eq!((tokens.input, tokens.output, retries), (20, 6, 1));
        assert!((cost.computed * 1e6 - 32.0).abs() < 1e-9, "{cost:?}");
        assert_eq!((cost.told, cost.unknown), (0.0, 0));
    }

    #[test]
    fn what_one_model_has_taken_costs_its_own_price_when_another_goes_on() {
        let mut count = Count::at(Some(PRICE));
        let counts = chunk(r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1}}"#);
        count.send();
        count.hear(&counts);
        count.ask_at(Some(Price {
            input: 100.0,
            output: 0.0,
            cached: None,
        }));
        count.send();
        count.hear(&counts);
        let (tokens, cost, _) = count.total();
        assert_eq!((tokens.input, tokens.output), (20, 2));
        assert!((cost.computed * 1e6 - 1012.0).abs() < 1e-9, "{cost:?}");
    }

    #[test]
    fn what_the_provider_tells_counts_before_any_price() {
        let mut count = Count::at(Some(PRICE));
        count.send();
        count.hear(&chunk(
            r#"{"usage":{"prompt_tokens":10,"cost":0.5,"is_byok":false,"cost_details":{"upstream_inference_cost":0.5}}}"#,
        ));
        count.send();
        count.hear(&chunk(
            r#"{"usage":{"prompt_tokens":10,"cost":0.1,"is_byok":true,"cost_details":{"upstream_inference_cost":2}}}"#,
        ));
        count.send();
        let data =
            r#"{"type":"response.completed","response":{"usage":{"input_tokens":3,"cost_in_usd_ticks":10000000000}}}"#;
        count.hear(&Said::Event(Box::new(Streamed::read(None, data).unwrap())));
        let (tokens, cost, _) = count.total();
        assert_eq!(tokens.input, 23);
        assert_eq!((cost.told, cost.computed), (0.5 + 2.1 + 1.0, 0.0));
    }

    #[test]
    fn an_answer_without_counts_or_without_a_price_costs_what_nobody_knows() {
        let words = chunk(r#"{"choices":[{"delta":{"content":"a"}}]}"#);
        let counts = chunk(r#"{"usage":{"prompt_tokens":10}}"#);
        let unknown = |price, said: &[&Said]| {
            let mut count = Count::at(price);
            count.send();
            said.iter().for_each(|said| count.hear(said));
            count.total().1.unknown
        };
        assert_eq!(unknown(Some(PRICE), &[&words]), 1);
        assert_eq!(unknown(None, &[&words, &counts]), 1);
        assert_eq!(unknown(Some(PRICE), &[&words, &counts]), 0);
        // Nothing was answered, so nothing is asked for it.
        assert_eq!(unknown(None, &[]), 0);
        let nothing = Price {
            input: 0.0,
            output: 0.0,
            cached: None,
        };
        assert_eq!(unknown(Some(nothing), &[&words]), 0);
    }
}
