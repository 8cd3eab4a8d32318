//! The events of a Responses endpoint, as generously read as anything that a provider writes.

use serde_json::{Map, Value};

/// One event as it came. Which fields it has depends on its type, and on who wrote it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Streamed {
    /// `response.output_text.delta`, …
    pub kind: String,
    /// All fields.
    pub fields: Map<String, Value>,
}

impl Streamed {
    /// Reads the data of a frame; `name` is the frame's own, for events that do not repeat it. `None` if it is no
    /// object, or nobody says what it is.
    #[must_use]
    pub fn read(name: Option<&str>, data: &str) -> Option<Self> {
        let fields: Map<String, Value> = serde_json::from_str(data).ok()?;
        let kind = fields.get("type").and_then(Value::as_str).or(name);
        if let Some(kind) = kind {
            let kind = kind.to_owned();
            return Some(Self { kind, fields });
        }
        Self::whole(fields)
    }

    /// The event that a whole answer amounts to; `None` if it is no answer.
    #[must_use]
    pub fn whole(response: Map<String, Value>) -> Option<Self> {
        let is_answer = response.get("object").is_some_and(|object| object == "response")
            || response.get("output").is_some_and(Value::is_array);
        let kind = match response.get("status").and_then(Value::as_str) {
            _ if !is_answer => return None,
            Some("failed" | "cancelled") => "response.failed",
            Some("incomplete") => "response.incomplete",
            _ => "response.completed",
        };
        Some(Self {
            kind: kind.to_owned(),
            fields: Map::from_iter([("response".to_owned(), Value::Object(response))]),
        })
    }

    /// The text of a field; empty if it has none.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The place in a field.
    #[must_use]
    pub fn index(&self, field: &str) -> Option<u64> {
        self.fields.get(field).and_then(Value::as_u64)
    }

    /// The object in a field.
    #[must_use]
    pub fn object(&self, field: &str) -> Option<&Map<String, Value>> {
        self.fields.get(field).and_then(Value::as_object)
    }

    /// Whether it is the last of an answer that did not fail.
    #[must_use]
    pub fn is_end(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "response.completed" | "response.incomplete" | "response.done"
        )
    }

    /// Whether nothing is said in it: servers tell so that they are at work.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let says_nothing = ["response.created", "response.queued", "response.in_progress"];
        !self.kind.starts_with("response.") || says_nothing.contains(&self.kind.as_str())
    }

    /// The error that it reports, if it reports one.
    #[must_use]
    pub fn error(&self) -> Option<Value> {
        let response = self.object("response");
        let in_response = || response?.get("error").filter(|error| !error.is_null());
        let status = || response?.get("status")?.as_str();
        match self.kind.as_str() {
            "error" | "response.error" => {
                let inner = self.fields.get("error").filter(|error| !error.is_null());
                Some(inner.cloned().unwrap_or_else(|| Value::Object(self.fields.clone())))
            }
            "response.failed" | "response.cancelled" => Some(in_response().cloned().unwrap_or(Value::Null)),
            // The end of any answer may be called by one name.
            _ if self.is_end() && matches!(status(), Some("failed" | "cancelled")) => {
                Some(in_response().cloned().unwrap_or(Value::Null))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(name: Option<&str>, data: &Value) -> Option<Streamed> {
        Streamed::read(name, &data.to_string())
    }

    #[test]
    fn an_event_is_named_by_its_type_or_its_frame_or_what_it_is() {
        let kind = |name, data| read(name, &data).map(|event| event.kind);
        assert_eq!(kind(Some("b"), json!({"type": "a"})).as_deref(), Some("a"));
        assert_eq!(kind(Some("b"), json!({})).as_deref(), Some("b"));
        let answer = json!({"object": "response", "status": "incomplete"});
        assert_eq!(kind(None, answer).as_deref(), Some("response.incomplete"));
        assert_eq!(kind(None, json!({"output": []})).as_deref(), Some("response.completed"));
        assert_eq!(kind(None, json!({"a": 1})), None);
        assert_eq!(Streamed::read(Some("a"), "[1]"), None);
    }

    #[test]
    fn an_error_is_found_wherever_it_stands() {
        let error = |data| read(None, &data).and_then(|event| event.error());
        let fault = json!({"code": "c"});
        assert_eq!(error(json!({"type": "error", "error": fault})), Some(fault.clone()));
        let flat = json!({"type": "error", "code": "c"});
        assert_eq!(error(flat.clone()), Some(flat));
        assert_eq!(
            error(json!({"type": "response.failed", "response": {"error": fault}})),
            Some(fault)
        );
        assert_eq!(error(json!({"type": "response.failed"})), Some(Value::Null));
        assert_eq!(
            error(json!({"type": "response.done", "response": {"status": "failed", "error": {"code": "c"}}})),
            Some(json!({"code": "c"}))
        );
        assert_eq!(
            error(json!({"type": "response.completed", "response": {"error": null}})),
            None
        );
    }
}
