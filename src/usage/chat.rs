//! Token counts of Chat Completions, in whatever spelling.

use crate::wire::chat;
use crate::wire::responses::{InputTokensDetails, OutputTokensDetails, Usage};

/// The largest count that is believed; sums of a few stay numbers that every reader can hold.
pub(super) const MOST: u64 = 1 << 50;

/// The counts in the spelling of the Responses API.
#[must_use]
pub fn of_chat(chat: &chat::Usage) -> Usage {
    let believed = |count: Option<u64>| count.unwrap_or(0).min(MOST);
    let input = believed(chat.prompt_tokens);
    let said = believed(chat.completion_tokens);
    let reasoning = believed(Some(chat.reasoning()));
    let total = chat.total_tokens.map_or(input + said, |total| total.min(MOST));
    // xAI counts reasoning beside the answer, the others inside it; the total tells.
    let beside = reasoning > 0 && total == input + said + reasoning;
    let output = if beside { said + reasoning } else { said };
    Usage {
        input_tokens: input,
        input_tokens_details: InputTokensDetails {
            // Mistral counts more that was cached than was sent (seen 2026-02).
            cached_tokens: input.min(chat.cached()),
            cache_write_tokens: believed(Some(chat.cache_writes())),
        },
        output_tokens: output,
        output_tokens_details: OutputTokensDetails {
            reasoning_tokens: reasoning,
        },
        total_tokens: total.max(input + output),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Input, cached, output, reasoning and total tokens.
    fn counts(chat: Value) -> [u64; 5] {
        let usage = of_chat(&serde_json::from_value(chat).unwrap());
        [
            usage.input_tokens,
            usage.input_tokens_details.cached_tokens,
            usage.output_tokens,
            usage.output_tokens_details.reasoning_tokens,
            usage.total_tokens,
        ]
    }

    #[test]
    fn tokens_are_counted_under_every_name() {
        let cached = |spelling: Value| {
            let mut usage = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14});
            usage
                .as_object_mut()
                .unwrap()
                .extend(spelling.as_object().unwrap().clone());
            counts(usage)
        };
        for spelling in [
            json!({"prompt_tokens_details": {"cached_tokens": 4}}),
            json!({"prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 5}),
            json!({"cached_tokens": 4}),
            json!({"cache_read_input_tokens": 4}),
            json!({"num_cached_tokens": 4}),
            json!({"cachedContentTokenCount": 4}),
            json!({"prompt_tokens_details": null, "cached_tokens": 4}),
            json!({"prompt_tokens_details": {"cached_tokens": 4}, "cached_tokens": 2}),
        ] {
            assert_eq!(cached(spelling.clone()), [9, 4, 5, 0, 14], "{spelling}");
        }
        for spelling in [
            json!({"completion_tokens_details": {"reasoning_tokens": 3}}),
            json!({"completion_tokens_details": {}, "reasoning_tokens": 3}),
            json!({"reasoning_tokens": 3}),
        ] {
            assert_eq!(cached(spelling.clone()), [9, 0, 5, 3, 14], "{spelling}");
        }
        assert_eq!(cached(json!({"total_tokens": null})), [9, 0, 5, 0, 14]);
        assert_eq!(cached(json!({"prompt_tokens": "9"})), [0, 0, 5, 0, 14]);
    }

    #[test]
    fn no_more_was_cached_than_was_sent() {
        assert_eq!(
            counts(json!({"prompt_tokens": 10, "num_cached_tokens": 64})),
            [10, 10, 0, 0, 10]
        );
    }

    #[test]
    fn what_was_put_into_the_cache_is_counted_apart() {
        for spelling in [
            json!({"prompt_tokens_details": {"cache_write_tokens": 7}}),
            json!({"prompt_tokens_details": {"cache_creation_input_tokens": 7}}),
            json!({"prompt_tokens_details": {"cache_creation_tokens": 7}}),
            json!({"cache_creation_input_tokens": 7}),
        ] {
            let chat = serde_json::from_value(spelling.clone()).unwrap();
            let details = of_chat(&chat).input_tokens_details;
            assert_eq!(
                (details.cached_tokens, details.cache_write_tokens),
                (0, 7),
                "{spelling}"
            );
        }
    }

    #[test]
    fn reasoning_that_is_counted_beside_the_answer_belongs_to_it() {
        let beside = json!({"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 17,
            "completion_tokens_details": {"reasoning_tokens": 3}});
        assert_eq!(counts(beside), [9, 0, 8, 3, 17]);
    }

    #[test]
    fn counts_beyond_belief_do_not_overflow() {
        let huge = json!({"prompt_tokens": u64::MAX, "completion_tokens": u64::MAX, "reasoning_tokens": u64::MAX});
        assert_eq!(counts(huge), [MOST, 0, MOST, MOST, 2 * MOST]);
    }
}
