//! What an error says, wherever a provider puts it: its codes, its words, the fields that it blames.
//!
//! Only what the provider itself says counts. Fields that repeat the request or the model (`input`, `ctx`,
//! `failed_generation`, …) are not read: somebody's text about a rate limit is no rate limit.

use serde_json::Value;

use crate::wire::sse::{Decoder, Frame};

use super::words;

/// How deep errors lie in each other: a gateway's, its provider's, and theirs as text.
const DEPTH: usize = 10;

/// An error, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// The words that are shown.
    pub message: String,
    /// A status that stands in the error itself, as a number in a field of that meaning: other numbers may be anything.
    pub status: Option<u16>,
    /// Codes, types and reasons, in lower case; numbers as text.
    pub codes: Vec<String>,
    /// All that is said, in lower case.
    pub texts: Vec<String>,
    /// Fields of the request that are blamed, as they are written.
    pub fields: Vec<String>,
    /// Those of them that are not known at all.
    pub unknown: Vec<String>,
    /// When to come back, as it is written: `32s`, `602639`, a time.
    pub waits: Vec<String>,
    /// Whether it is a web page.
    pub is_page: bool,
}

impl Complaint {
    /// Reads the body of an error answer: JSON, a web page, or words.
    pub fn of_body(body: &[u8]) -> Self {
        let text = unframed(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => Self {
                message: words::of_text(&text),
                ..Self::of_value(&value)
            },
            Err(_) => Self {
                is_page: text.starts_with('<'),
                ..Self::of_text(&words::of_text(&text))
            },
        }
    }

    /// Reads an error object.
    pub fn of_value(value: &Value) -> Self {
        let mut complaint = Self {
            message: words::message(value).unwrap_or_default(),
            status: status(value),
            ..Self::default()
        };
        complaint.read(value, DEPTH);
        complaint
    }

    /// Reads words.
    pub fn of_text(text: &str) -> Self {
        Self {
            message: text.to_owned(),
            texts: vec![text.to_lowercase()],
            ..Self::default()
        }
    }

    /// Whether nothing at all is said.
    pub fn is_silent(&self) -> bool {
        self.message.trim().is_empty() && self.codes.is_empty()
    }

    fn read(&mut self, value: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match value {
            Value::String(text) => match serde_json::from_str::<Value>(text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => self.read(&inner, depth),
                _ => self.texts.push(text.to_lowercase()),
            },
            Value::Array(list) => list.iter().for_each(|element| self.read(element, depth)),
            Value::Object(object) => {
                if object.get("type").is_some_and(|kind| kind == "extra_forbidden") {
                    self.unknown.extend(object.get("loc").and_then(location));
                }
                for (name, value) in object {
                    self.field(name, value, depth);
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, name: &str, value: &Value, depth: usize) {
        match name {
            "error" | "errors" | "message" | "detail" | "details" | "msg" | "error_msg" | "status_msg" | "raw"
            | "metadata" | "base_resp" | "innererror" | "headers" | "violations" => self.read(value, depth),
            "code" | "type" | "status" | "status_code" | "error_code" | "error_type" | "reason" => {
                self.codes.extend(plain(value).map(|code| code.to_lowercase()));
            }
            // Which of Gemini's limits was reached: a minute's or a day's.
            "quotaId" => self.texts.extend(value.as_str().map(str::to_lowercase)),
            "param" => self.fields.extend(value.as_str().map(str::to_owned)),
            "loc" => self.fields.extend(location(value)),
            // Gemini; what Codex's own service says; OpenRouter repeats the headers of its answer.
            "retryDelay" | "quotaResetDelay" | "retry_after" | "resets_in_seconds" | "resets_at"
            | "X-RateLimit-Reset" => self.waits.extend(plain(value)),
            _ => {}
        }
    }
}

/// The text of a body; LiteLLM sends the error of a request that was to be streamed as an event, whatever the status
/// says (seen on 1.106).
fn unframed(body: &[u8]) -> String {
    let mut first = None;
    if body.starts_with(b"data:") || body.starts_with(b"event:") {
        let mut hear = |frame: Frame<'_>| {
            first.get_or_insert_with(|| frame.data.trim().to_owned());
        };
        let mut decoder = Decoder::new();
        // What came before a frame that is too large is enough.
        let _ = decoder.push(body, &mut hear);
        decoder.finish(&mut hear);
    }
    first.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned())
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where pydantic found something: `["body", "messages", 2, "assistant", "name"]` becomes `messages.2.assistant.name`.
pub fn location(value: &Value) -> Option<String> {
    let steps: Vec<String> = value.as_array()?.iter().filter_map(plain).collect();
    let steps = steps.strip_prefix(&["body".to_owned()]).unwrap_or(&steps);
    (!steps.is_empty()).then(|| steps.join("."))
}

fn status(value: &Value) -> Option<u16> {
    // Gemini's compatible endpoint wraps its error into a list.
    let value = value.get(0).unwrap_or(value);
    let objects = value.get("error").into_iter().chain([value]);
    let fields = ["status", "code", "status_code"];
    let mut found = objects.flat_map(|object| fields.iter().filter_map(|field| object.get(*field)));
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    found.find_map(|value| {
        let status = u16::try_from(number(value)?).ok()?;
        (400..600).contains(&status).then_some(status)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_said_is_found_wherever_it_stands() {
        let wrapped = json!({"error": {"message": "Provider returned error", "code": 400, "metadata": {
            "provider_name": "Acme",
            "raw": "{\"error\":{\"message\":\"No Space\",\"code\":\"Context_Full\"}}"}}});
        let complaint = Complaint::of_value(&wrapped);
        assert_eq!(complaint.message, "No Space");
        assert_eq!(complaint.status, Some(400));
        assert_eq!(complaint.codes, ["400", "context_full"]);
        assert_eq!(complaint.texts, ["provider returned error", "no space"]);
        let inside = json!({"choices": null, "base_resp": {"status_code": 1008, "status_msg": "Insufficient balance"}});
        let complaint = Complaint::of_value(&inside);
        assert_eq!(complaint.message, "Insufficient balance");
        assert_eq!((complaint.codes, complaint.status), (vec!["1008".to_owned()], None));
    }

    #[test]
    fn what_repeats_the_request_or_the_model_is_not_read() {
        let complaint = Complaint::of_value(&json!({
            "detail": [{"type": "missing", "loc": ["body", "messages", 2, "name"], "msg": "Field required",
                "input": {"message": "rate limit", "code": "insufficient_quota"}, "ctx": {"error": "rate limit"}}],
            "failed_generation": "{\"message\":\"rate limit\"}",
        }));
        assert_eq!(complaint.texts, ["field required"]);
        assert_eq!(complaint.codes, ["missing"]);
        assert_eq!(complaint.fields, ["messages.2.name"]);
    }

    #[test]
    fn a_status_is_a_number_of_that_range_in_a_field_of_that_name() {
        for (error, status) in [
            (json!({"code": 429, "message": "slow"}), Some(429)),
            (json!({"error": {"code": "429", "message": "slow"}}), Some(429)),
            (
                json!({"error": {"status_code": 400, "code": "tool_use_failed"}}),
                Some(400),
            ),
            (json!({"code": 1302, "message": "a 429 b"}), None),
            (json!({"error": {"code": "1302"}}), None),
            (
                json!([{"error": {"code": 400, "status": "INVALID_ARGUMENT"}}]),
                Some(400),
            ),
            (json!("429 Too Many Requests"), None),
        ] {
            assert_eq!(Complaint::of_value(&error).status, status, "{error}");
        }
    }

    #[test]
    fn a_body_without_json_is_words() {
        let complaint = Complaint::of_body(b"  Too Many Requests\n");
        assert_eq!(complaint.texts, ["too many requests"]);
        let page = Complaint::of_body(b"<html><head><title>Log in</title></head><body>rate limit</body></html>");
        assert_eq!(page.texts, ["log in"]);
        assert!(Complaint::of_body(b" ").is_silent());
        let framed = Complaint::of_body(b"data: {\"error\":{\"message\":\"No\",\"code\":\"500\"}}\n\ndata: [DONE]\n\n");
        assert_eq!((framed.message.as_str(), framed.status), ("No", Some(500)));
    }

    #[test]
    fn errors_that_lie_in_themselves_end() {
        let mut error = json!("deep");
        for _ in 0..100 {
            error = json!({"error": error});
        }
        assert_eq!(Complaint::of_value(&error).texts, Vec::<String>::new());
    }
}
