//! What a provider wrote becomes words that can be shown: one line, bounded, without secrets and without anything that
//! moves a terminal. They are found first, as they came, and made showable last, in [`shown`].

use serde_json::Value;

use crate::plain;
use crate::session::Hiding;

use super::complaint::location;

/// Most characters of a provider's words that are shown.
const LENGTH: usize = 500;

/// The words of an error answer: the message of its JSON, the title of its web page, or its text.
pub fn of_text(text: &str) -> String {
    let text = text.trim();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return message(&value).unwrap_or_else(|| text.to_owned());
    }
    if text.starts_with('<') {
        return title(text).unwrap_or_else(|| "a web page".to_owned());
    }
    text.to_owned()
}

/// The message in an error object, wherever providers put it.
pub fn message(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        // Gemini's compatible endpoint wraps its error into a list; FastAPI lists what it did not understand.
        Value::Array(list) => list.first().and_then(message),
        Value::Object(object) => {
            // OpenRouter's own message is "Provider returned error"; what the provider said is here.
            if let Some(raw) = object.get("metadata").and_then(|metadata| metadata.get("raw")) {
                return match raw.as_str().map(serde_json::from_str::<Value>) {
                    Some(Ok(inner)) => message(&inner),
                    _ => message(raw),
                };
            }
            let fields = [
                "error",
                "message",
                "detail",
                "msg",
                "error_msg",
                "errors",
                "base_resp",
                "status_msg",
            ];
            let words = fields.iter().find_map(|field| object.get(*field).and_then(message))?;
            // FastAPI says where, and its words alone would say nothing.
            Some(match object.get("loc").and_then(location) {
                Some(place) => format!("{place}: {words}"),
                None => words,
            })
        }
        _ => None,
    }
}

/// What a web page calls itself.
pub fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    Some(page[start..end].trim().to_owned()).filter(|title| !title.is_empty())
}

/// One bounded line of `text` without secrets. They are taken out of the whole line: one across its end would keep its
/// beginning, and one that is interrupted by what no terminal shows would come together.
pub fn shown(text: &str, secrets: &Hiding) -> String {
    /// What shows no sentence in so many bytes has none. Of a key across their end, no more is left than any key may
    /// show.
    const READ: usize = 64 * 1024;
    let text = text.trim_start();
    let read = &text[..text.floor_char_boundary(READ)];
    let mut line = secrets.hide(&plain::line(read), "…");
    if let Some((end, _)) = line.char_indices().nth(LENGTH) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Secret;

    #[test]
    fn the_message_is_found_wherever_a_provider_puts_it() {
        for body in [
            r#"{"error":{"message":"no","type":"x","code":"y"}}"#,
            r#"{"error":"no"}"#,
            r#"{"message":"no","code":400}"#,
            r#"{"detail":"no"}"#,
            r#"{"detail":[{"loc":["body"],"msg":"no"}]}"#,
            r#"[{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}]"#,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"no\"}}"}}}"#,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"no"}}}"#,
            "<!doctype html><html><head><TITLE lang=en>\n no </TITLE></head></html>",
            "  no\n",
        ] {
            assert_eq!(of_text(body), "no", "{body}");
        }
        let forbidden = r#"{"detail":[{"loc":["body","user"],"msg":"Extra inputs are not permitted"}]}"#;
        assert_eq!(of_text(forbidden), "user: Extra inputs are not permitted");
        assert_eq!(of_text("<html>"), "a web page");
        assert_eq!(of_text(""), "");
        assert_eq!(of_text(r#"{"code":7}"#), r#"{"code":7}"#);
    }

    #[test]
    fn a_secret_is_taken_out_whole_wherever_it_stands() {
        let mut secrets = Hiding::default();
        secrets.add(&Secret::new("sk-secret"));
        assert_eq!(shown("a sk-\u{0}sec\u{1b}[1mret b", &secrets), "a … b");
        let before = "x".repeat(LENGTH - 4);
        assert_eq!(shown(&format!("{before}sk-secret b"), &secrets), format!("{before}… b"));
    }

    #[test]
    fn of_words_without_end_the_beginning_is_read() {
        let mut secrets = Hiding::default();
        secrets.add(&Secret::new("sk-secret-of-the-provider"));
        let escapes = "\u{1b}[1m".repeat(16_381);
        // The end of what is read is in the middle of the key.
        let shown = shown(&format!("\n no {escapes}sk-secret-of-the-provider"), &secrets);
        assert!(shown.starts_with("no ") && !shown.contains("sk-secret-of"), "{shown}");
    }

    #[test]
    fn words_are_bounded() {
        let shown = shown(&"ü ".repeat(10_000), &Hiding::default());
        assert_eq!(shown.chars().count(), LENGTH + 1);
        assert!(shown.ends_with('…'));
    }
}
