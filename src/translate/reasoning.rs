//! What a provider needs back of its reasoning travels inside the reasoning item's `encrypted_content`: Codex keeps
//! that field verbatim (seen on 0.118 to 0.169, also after `resume`), so crelay keeps no history of its own.
//!
//! The form is `crelay1:` and a JSON object with short keys. It is not encrypted; the name is Codex's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wire::Text;
use crate::wire::responses::{ContentPart, ReasoningItem};

/// What begins a sealed text of ours.
pub(super) const PREFIX: &str = "crelay1:";

/// The thoughts of one answer, or of a part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Thoughts {
    /// The plain text, exactly as the provider streamed it; absent where `details` hold it.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// OpenRouter's `reasoning_details`, deltas merged.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Map<String, Value>>,
    /// `extra_content` of calls (Gemini's thought signatures), by Codex's id of the call.
    #[serde(rename = "x", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, Value>,
    /// Calls that the provider carries out itself when their arguments come back. They end their answer.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub echoed: Vec<EchoedCall>,
    /// How often in a row an answer was cut by the limit on its length, up to this one; it is the answer's last item.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub cuts: u32,
    /// Whether these thoughts belong to the same answer as the items before them.
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// Which model wrote `details` or `extras`: to another they are somebody else's signatures.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The item itself, where a Responses endpoint wrote it.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

/// A reasoning item as its maker wrote it. What is encrypted in it is refused by anyone else, and what is asked of
/// others must not fail for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Own {
    /// Which model of which provider wrote it.
    #[serde(rename = "b")]
    pub by: String,
    /// The item.
    #[serde(rename = "v")]
    pub item: Map<String, Value>,
}

/// A call of a built-in function: its arguments are what was found, or lead there, and go back as its output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EchoedCall {
    /// The provider's id of the call.
    #[serde(rename = "i")]
    pub id: String,
    /// As they came.
    #[serde(rename = "a")]
    pub arguments: String,
}

impl Thoughts {
    /// The form that travels in `encrypted_content`.
    #[must_use]
    pub fn seal(&self) -> String {
        // Every map key is a string, so this cannot fail.
        format!("{PREFIX}{}", serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads an item: crelay's own, or another's, of which only the visible text can be used.
    #[must_use]
    pub fn open(item: &ReasoningItem) -> Self {
        let sealed = item
            .encrypted_content
            .as_deref()
            .and_then(|sealed| sealed.strip_prefix(PREFIX));
        let Some(mut thoughts) = sealed.and_then(|json| serde_json::from_str::<Self>(json).ok()) else {
            return Self {
                text: visible(item),
                ..Self::default()
            };
        };
        let own = thoughts.own.as_ref().filter(|_| thoughts.text.is_empty());
        let own = own.and_then(|own| serde_json::to_string(&own.item).ok());
        let own = own.as_deref().and_then(|own| serde_json::from_str(own).ok());
        if let Some(own) = own {
            thoughts.text = visible(&own);
        }
        thoughts
    }

    /// The same as `model` may have them back: what another wrote in a form of its own becomes plain text.
    #[must_use]
    pub fn for_model(mut self, model: &str) -> Self {
        if self.by.as_deref().is_some_and(|by| by != model) {
            self.text = self.plain();
            self.details.clear();
            self.extras.clear();
        }
        self
    }

    /// Whether there is nothing that would have to go back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_nothing = self.text.is_empty() && self.details.is_empty() && self.extras.is_empty();
        is_nothing && self.echoed.is_empty() && self.own.is_none()
    }

    /// The plain text, from wherever it stands.
    #[must_use]
    pub fn plain(&self) -> String {
        if !self.text.is_empty() {
            return self.text.clone();
        }
        self.details.iter().filter_map(detail_text).collect()
    }

    /// Appends thoughts of the same answer.
    pub fn append(&mut self, later: Self) {
        self.text.push_str(&later.text);
        for detail in later.details {
            self.push_detail(detail);
        }
        self.extras.extend(later.extras);
        self.echoed.extend(later.echoed);
    }

    /// Appends a detail; a piece of the same text or summary joins the one before it.
    ///
    /// OpenRouter streams `reasoning.text` and `reasoning.summary` in deltas that share `type`, `id` and `index`, the
    /// signature coming last; `reasoning.encrypted` comes whole and stays apart
    /// (<https://openrouter.ai/docs/use-cases/reasoning-tokens>, read 2026-11).
    pub fn push_detail(&mut self, detail: Map<String, Value>) {
        let last = self.details.last_mut().filter(|last| same_text(last, &detail));
        let Some(last) = last else {
            self.details.push(detail);
            return;
        };
        for (key, value) in detail {
            let text = matches!(key.as_str(), "text" | "summary");
            match (last.get_mut(&key), value) {
                (Some(Value::String(grown)), Value::String(piece)) if text => grown.push_str(&piece),
                (Some(_), Value::Null) => {}
                (_, value) => {
                    last.insert(key, value);
                }
            }
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The text of a detail, to be shown.
pub fn detail_text(detail: &Map<String, Value>) -> Option<&str> {
    let text = detail.get("text").or_else(|| detail.get("summary"));
    text.and_then(Value::as_str)
}

fn same_text(last: &Map<String, Value>, next: &Map<String, Value>) -> bool {
    let kind = last.get("type").and_then(Value::as_str);
    let mergeable = matches!(kind, Some("reasoning.text" | "reasoning.summary"));
    let same = |key: &str| last.get(key) == next.get(key);
    // A signed text is finished: what follows is another.
    let signed = last.get("signature").is_some_and(Value::is_string);
    mergeable && !signed && same("type") && same("index") && (same("id") || !next.contains_key("id"))
}

fn visible(item: &ReasoningItem) -> String {
    if item.content.is_empty() {
        joined(&item.summary)
    } else {
        joined(&item.content)
    }
}

fn joined(parts: &[ContentPart]) -> String {
    let texts = parts.iter().filter_map(|part| part.text.as_ref());
    let texts: Vec<Cow<'_, str>> = texts.map(Text::get).collect();
    texts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn opened(item: Value) -> Thoughts {
        Thoughts::open(&serde_json::from_str(&item.to_string()).unwrap())
    }

    fn detail(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn sealed_thoughts_open_as_they_were() {
        let thoughts = Thoughts {
            text: "list \"files\"\nfirst".to_owned(),
            details: vec![detail(json!({"type": "reasoning.encrypted", "data": "abc"}))],
            extras: BTreeMap::from([("call_1".to_owned(), json!({"google": {"thought_signature": "s"}}))]),
            echoed: vec![EchoedCall {
                id: "s:0".to_owned(),
                arguments: "{\"a\":1}".to_owned(),
            }],
            cuts: 1,
            continues: true,
            by: Some("m".to_owned()),
            own: Some(Own {
                by: "openai/gpt".to_owned(),
                item: detail(json!({"type": "reasoning", "encrypted_content": "gAAAA"})),
            }),
        };
        let sealed = thoughts.seal();
        let opened = opened(json!({"summary": [], "encrypted_content": sealed}));
        assert_eq!(opened, thoughts);
    }

    #[test]
    fn what_a_model_signed_is_plain_text_to_another() {
        let signed = Thoughts {
            details: vec![detail(
                json!({"type": "reasoning.text", "text": "I see", "signature": "s"}),
            )],
            extras: BTreeMap::from([("call_1".to_owned(), json!({"google": {"thought_signature": "s"}}))]),
            by: Some("m".to_owned()),
            ..Thoughts::default()
        };
        assert_eq!(signed.clone().for_model("m"), signed);
        let read = signed.clone().for_model("n");
        assert_eq!(
            (read.text.as_str(), read.details.len(), read.extras.len()),
            ("I see", 0, 0)
        );
        // Of what was written before authors were, nobody knows better.
        let old = Thoughts { by: None, ..signed };
        assert_eq!(old.clone().for_model("n"), old);
    }

    #[test]
    fn foreign_thoughts_are_read_from_what_is_visible() {
        let summary = json!([{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]);
        let foreign = opened(json!({"summary": summary, "content": null, "encrypted_content": "gAAAA"}));
        assert_eq!(foreign.text, "a\n\nb");
        let raw = opened(json!({"summary": summary, "content": [{"type": "reasoning_text", "text": "raw"}]}));
        assert_eq!(raw.text, "raw");
    }

    #[test]
    fn deltas_of_one_detail_join_and_others_stay_apart() {
        let mut thoughts = Thoughts::default();
        for delta in [
            json!({"type": "reasoning.text", "text": "I ", "index": 0, "format": "anthropic", "signature": null}),
            json!({"type": "reasoning.text", "text": "see", "index": 0}),
            json!({"type": "reasoning.text", "signature": "sig", "index": 0}),
            json!({"type": "reasoning.text", "text": " more", "index": 0}),
            json!({"type": "reasoning.encrypted", "data": "x", "index": 1}),
            json!({"type": "reasoning.encrypted", "data": "y", "index": 1}),
        ] {
            thoughts.push_detail(detail(delta));
        }
        let expected = [
            json!({"type": "reasoning.text", "text": "I see", "index": 0, "format": "anthropic", "signature": "sig"}),
            json!({"type": "reasoning.text", "text": " more", "index": 0}),
            json!({"type": "reasoning.encrypted", "data": "x", "index": 1}),
            json!({"type": "reasoning.encrypted", "data": "y", "index": 1}),
        ];
        assert_eq!(json!(thoughts.details), json!(expected));
        assert_eq!(thoughts.plain(), "I see more");
    }
}
