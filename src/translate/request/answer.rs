//! One answer of the model, as it goes back to it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, EmptyContent, Placeholder, Replay, ThoughtsApart};
use crate::translate::reasoning::Thoughts;
use crate::wire::Text;
use crate::wire::chat::{self, Assistant};

use super::search;

/// What the model reads as its own thought where there was none, and no placeholder would do.
const UNRECORDED: &str = "What I thought here was not written down.";
/// Google's word for a signature that is not to be checked, for histories that another model began
/// (<https://ai.google.dev/gemini-api/docs/thought-signatures>, by what others say of it, read 2026-11). Without any,
/// Gemini 3 answers 400.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// What the model said, thought and called in one answer, as far as it was read.
#[derive(Debug, Default)]
pub struct Answer<'a> {
    /// What it thought.
    pub thoughts: Thoughts,
    /// What it said.
    pub text: String,
    /// What it called, in order.
    pub calls: Vec<Call<'a>>,
}

/// A call of an answer.
#[derive(Debug)]
pub struct Call<'a> {
    /// The place of its item in the conversation; `None` if it goes back as its own output.
    pub position: Option<usize>,
    /// Codex's id.
    pub call_id: Cow<'a, str>,
    /// The provider's name of the tool.
    pub name: String,
    /// A JSON object in text.
    pub arguments: Text<'a>,
}

impl<'a> Answer<'a> {
    /// The message of an answer whose calls have these ids.
    pub fn message(&self, dialect: &Dialect, ids: &[String]) -> Assistant<'a> {
        let tool_calls = self.calls.iter().zip(ids).map(|(call, id)| chat::ToolCall {
            id: id.clone(),
            r#type: match call.position {
                Some(_) => "function",
                None => search::BUILT_IN,
            },
            function: chat::FunctionCall {
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            },
            extra_content: None,
        });
        let text = match dialect.empty_content {
            _ if !self.text.is_empty() => Some(json!(self.text)),
            EmptyContent::Text => Some(json!("")),
            EmptyContent::Null => Some(Value::Null),
            EmptyContent::Absent => None,
        };
        let mut assistant = Assistant {
            content: text,
            reasoning: Map::new(),
            tool_calls: tool_calls.collect(),
        };
        replay(dialect, self, &mut assistant);
        assistant
    }
}

/// Adds earlier reasoning in the form of the dialect.
fn replay(dialect: &Dialect, answer: &Answer<'_>, assistant: &mut Assistant<'_>) {
    let text = answer.thoughts.plain();
    let mut put = |name: &str, value: Value| {
        assistant.reasoning.insert(name.to_owned(), value);
    };
    match dialect.replay {
        Replay::Never => {}
        Replay::ExtraContent => sign(answer, assistant),
        Replay::ContentAlways if is_missing(&text, dialect.placeholder) => {
            put("reasoning_content", json!(placeholder(dialect.placeholder)))
        }
        Replay::ContentAlways => put("reasoning_content", json!(text)),
        Replay::Details if !answer.thoughts.details.is_empty() => {
            put("reasoning_details", json!(answer.thoughts.details));
        }
        Replay::Content | Replay::Reasoning | Replay::Details | Replay::ThinkingPart if text.is_empty() => {}
        // Who keeps them apart knows no field `reasoning` (platform.minimax.io/docs/api-reference/text-openai-api).
        Replay::Details if dialect.thoughts_apart == ThoughtsApart::ReasoningSplit => {
            put("reasoning_content", json!(text));
        }
        Replay::Content => put("reasoning_content", json!(text)),
        Replay::Reasoning | Replay::Details => put("reasoning", json!(text)),
        Replay::ThinkingPart => {
            let mut parts = vec![json!({"type": "thinking", "thinking": [{"type": "text", "text": text}]})];
            if !answer.text.is_empty() {
                parts.push(json!({"type": "text", "text": answer.text}));
            }
            assistant.content = Some(Value::Array(parts));
        }
    }
}

/// Whether a thought is none: a blank one is for who takes no placeholder.
fn is_missing(text: &str, form: Placeholder) -> bool {
    match form {
        Placeholder::Empty | Placeholder::Space => text.is_empty(),
        Placeholder::Words => text.trim().is_empty(),
    }
}

fn placeholder(form: Placeholder) -> &'static str {
    match form {
        Placeholder::Empty => "",
        Placeholder::Space => " ",
        Placeholder::Words => UNRECORDED,
    }
}

/// Gives each call what came with it. Of calls that were made at once, only the first is signed; where none is, none of
/// them is Gemini's own.
fn sign(answer: &Answer<'_>, assistant: &mut Assistant<'_>) {
    for (call, sent) in answer.calls.iter().zip(&mut assistant.tool_calls) {
        sent.extra_content = answer.thoughts.extras.get(&*call.call_id).cloned();
    }
    let is_signed = assistant.tool_calls.iter().any(|call| call.extra_content.is_some());
    if let Some(first) = assistant.tool_calls.first_mut().filter(|_| !is_signed) {
        first.extra_content = Some(json!({"google": {"thought_signature": UNSIGNED}}));
    }
}
