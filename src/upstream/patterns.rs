//! What providers write when something is wrong, and which class that is. Statuses alone do not tell: a full context
//! comes as 400, 413, 422 or 500, an empty account as 401, 402, 403 or 429.

use super::failure::Class;

/// Pieces of text, in lower case, and what they mean. The first match counts.
const PATTERNS: &[(Class, &[&str])] = &[
    // OpenAI's word for an empty account stands on DashScope for a limit per minute, told apart by the help page.
    (Class::RateLimit, &["error-code#token-limit"]),
    (
        Class::Balance,
        &[
            "insufficient balance",
            "insufficient credits",
            "insufficient_quota",
            "run out of credits",
            "spending-limit",
            "accountoverdueerror",
            "arrearage",
            "余额不足",
            "\"code\":\"1113\"",
        ],
    ),
    // These stand before the overflow: "too many tokens per minute" is no full context.
    (
        Class::RateLimit,
        &["rate limit", "rate_limit", "too many requests", "throttling"],
    ),
    (
        Class::Overflow,
        &[
            "context_length_exceeded",
            "exceeds the context window",
            "maximum context length",
            "exceeded model token limit",
            "prompt too long",
            "prompt exceeds max length",
            "range of input length should be",
            "context window exceeds limit",
            "reduce the length of the messages",
            "maximum prompt length is",
            "longer than the model's context length",
            "input token count",
            "exceeds the available context size",
            "greater than the context length",
            "contextwindowexceedederror",
            "context window exceeded",
            "model_context_window_exceeded",
        ],
    ),
    (
        Class::Model,
        &[
            "model not exist",
            "model_not_found",
            "not found the model",
            "unknown model",
            "invalid model",
            "no such model",
            "is not a valid model",
        ],
    ),
    (
        Class::Auth,
        &[
            "invalid api key",
            "incorrect api key",
            "invalid_api_key",
            "api key not valid",
        ],
    ),
    (
        Class::Overloaded,
        &[
            "overloaded",
            "server_busy",
            "high demand",
            "no capacity",
            "insufficient_system_resource",
        ],
    ),
];

/// The class that the words of a provider mean, if they mean one.
pub fn class(text: &str) -> Option<Class> {
    let text = text.to_lowercase();
    let known = PATTERNS
        .iter()
        .find(|(_, pieces)| pieces.iter().any(|piece| text.contains(piece)));
    known.map(|(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_known_providers_are_understood() {
        for (text, expected) in [
            ("Insufficient Balance", Some(Class::Balance)),
            ("余额不足或无可用资源包,请充值。", Some(Class::Balance)),
            (
                "You exceeded your current quota (insufficient_quota)",
                Some(Class::Balance),
            ),
            (
                "insufficient_quota … https://help.aliyun.com/error-code#token-limit",
                Some(Class::RateLimit),
            ),
            (
                "This model's maximum context length is 65536 tokens",
                Some(Class::Overflow),
            ),
            (
                "Rate limit reached: maximum context length per minute",
                Some(Class::RateLimit),
            ),
            (
                "Your request exceeded model token limit: 262144 (requested: 300000)",
                Some(Class::Overflow),
            ),
            ("Model Not Exist", Some(Class::Model)),
            (
                "The engine is currently overloaded, please try again later",
                Some(Class::Overloaded),
            ),
            ("Incorrect API key provided", Some(Class::Auth)),
            ("unknown variant `image_url`, expected `text`", None),
            ("", None),
        ] {
            assert_eq!(class(text), expected, "{text}");
        }
    }

    #[test]
    fn every_pattern_is_lower_case_and_first_of_its_kind() {
        for (expected, pieces) in PATTERNS {
            for piece in *pieces {
                assert_eq!(*piece, piece.to_lowercase());
                assert_eq!(class(piece), Some(*expected), "{piece}");
            }
        }
    }
}
