//! Takes texts out of what travels and leaves its shape: which fields there are, how long each text is, where its words
//! and lines end.

use serde_json::Value;

/// Fields whose values say what something is, and not what somebody said.
const KEPT: [&str; 26] = [
    "call_id",
    "code",
    "detail",
    "effort",
    "encoding",
    "event",
    "finish_reason",
    "format",
    "id",
    "include",
    "item_id",
    "model",
    "name",
    "namespace",
    "object",
    "param",
    "phase",
    "provider",
    "role",
    "service_tier",
    "status",
    "summary_kind",
    "tool_call_id",
    "tool_choice",
    "type",
    "verbosity",
];

/// The body of a request or of an answer: JSON, events of which each holds JSON, or words.
pub(super) fn body(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    if let Some(json) = json(&text) {
        return json.into_bytes();
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let end = &line[line.trim_end().len()..];
        let words = line.trim_end();
        let Some((field, data)) = words.split_once(':').filter(|(field, _)| is_field(field)) else {
            return format!("{}{end}", masked(words));
        };
        match json(data.trim_start()) {
            Some(json) => format!("{field}: {json}{end}"),
            None if field == "data" && data.trim() != "[DONE]" => format!("{field}: {}{end}", masked(data)),
            None => line.to_owned(),
        }
    });
    lines.collect::<String>().into_bytes()
}

fn is_field(name: &str) -> bool {
    ["data", "event", "id", "retry"].contains(&name)
}

fn json(text: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| value.is_object() || value.is_array())?;
    redact(&mut value);
    Some(value.to_string())
}

fn redact(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(values) => values.iter_mut().for_each(redact),
        Value::Object(fields) => {
            for (name, value) in fields {
                if !(value.is_string() && KEPT.contains(&name.as_str())) {
                    redact(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The same text with every letter and digit gone.
fn masked(text: &str) -> String {
    let mask = |c: char| if c.is_alphanumeric() { 'x' } else { c };
    text.chars().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        String::from_utf8(body(text.as_bytes())).unwrap()
    }

    #[test]
    fn texts_go_and_shapes_stay() {
        assert_eq!(
            redacted(r#"{"model":"m-1","messages":[{"role":"user","content":"Fix it, Ada!"}],"n":3}"#),
            r#"{"model":"m-1","messages":[{"role":"user","content":"xxx xx, xxx!"}],"n":3}"#
        );
        assert_eq!(
            redacted("event: a\ndata: {\"type\":\"t\",\"delta\":\"Hé 1\"}\n\ndata: [DONE]\n\n: hello\ndata: words\n"),
            "event: a\ndata: {\"type\":\"t\",\"delta\":\"xx x\"}\n\ndata: [DONE]\n\n: xxxxx\ndata:  xxxxx\n"
        );
        assert_eq!(redacted("<html>No</html>"), "<xxxx>xx</xxxx>");
    }
}
