//! Token counts of a Responses endpoint, in whatever spelling.

use serde_json::Value;

use crate::wire::responses::{InputTokensDetails, OutputTokensDetails, Usage};

use super::chat::MOST;

/// Reads the counts; `None` if there are none. Codex takes an answer with broken ones for a broken answer.
#[must_use]
pub fn of_responses(usage: &Value) -> Option<Usage> {
    let usage = usage.as_object()?;
    let count = |value: Option<&Value>| {
        let value = value?;
        let whole = value.as_u64().or_else(|| Some(value.as_f64()?.max(0.0) as u64))?;
        Some(whole.min(MOST))
    };
    let first = |names: &[&str]| names.iter().find_map(|name| count(usage.get(*name)));
    let detail = |places: &[&str], name: &str| {
        let mut places = places.iter().filter_map(|place| usage.get(*place));
        places.find_map(|details| count(details.get(name))).unwrap_or_default()
    };
    let input = first(&["input_tokens", "prompt_tokens"]);
    let output = first(&["output_tokens", "completion_tokens"]);
    if input.is_none() && output.is_none() {
        return None;
    }
    let (input, output) = (input.unwrap_or_default(), output.unwrap_or_default());
    let of_input = ["input_tokens_details", "prompt_tokens_details"];
    let of_output = ["output_tokens_details", "completion_tokens_details"];
    Some(Usage {
        input_tokens: input,
        input_tokens_details: InputTokensDetails {
            cached_tokens: detail(&of_input, "cached_tokens").min(input),
            cache_write_tokens: detail(&of_input, "cache_write_tokens"),
        },
        output_tokens: output,
        output_tokens_details: OutputTokensDetails {
            reasoning_tokens: detail(&of_output, "reasoning_tokens"),
        },
        total_tokens: first(&["total_tokens"]).unwrap_or_default().max(input + output),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_counted_under_every_name_and_nonsense_is_none() {
        let counts = |value: Value| {
            let usage = of_responses(&value)?;
            Some([
                usage.input_tokens,
                usage.input_tokens_details.cached_tokens,
                usage.output_tokens,
                usage.output_tokens_details.reasoning_tokens,
                usage.total_tokens,
            ])
        };
        let whole = json!({"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 14});
        assert_eq!(counts(whole), Some([9, 4, 5, 3, 14]));
        let other = json!({"prompt_tokens": 9.0, "completion_tokens": 5, "input_tokens_details": null,
            "prompt_tokens_details": {"cached_tokens": 4}});
        assert_eq!(counts(other), Some([9, 4, 5, 0, 14]));
        let more = json!({"input_tokens": 9, "input_tokens_details": {"cached_tokens": 64}});
        assert_eq!(counts(more), Some([9, 9, 0, 0, 9]));
        assert_eq!(counts(json!({"input_tokens": "many"})), None);
        assert_eq!(
            counts(json!({"input_tokens": u64::MAX, "output_tokens": -1})),
            Some([MOST, 0, 0, 0, MOST])
        );
        assert_eq!(counts(Value::Null), None);
    }
}
