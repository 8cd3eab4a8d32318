//! One answer of the model, as it goes back to it.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, EmptyContent, Replay};
use crate::translate::reasoning::Thoughts;
use crate::wire::chat::{self, Assistant};

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
    /// The place of its item in the conversation.
    pub position: usize,
    /// Codex's id.
    pub call_id: &'a str,
    /// The provider's name of the tool.
    pub name: String,
    /// A JSON object in text.
    pub arguments: String,
}

impl Answer<'_> {
    /// The message of an answer whose calls have these ids.
    pub fn message(&self, dialect: &Dialect, ids: &[String]) -> Assistant {
        let tool_calls = self.calls.iter().zip(ids).map(|(call, id)| chat::ToolCall {
            id: id.clone(),
            r#type: "function",
            function: chat::FunctionCall {
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            },
            extra_content: (dialect.replay == Replay::ExtraContent)
                .then(|| self.thoughts.extras.get(call.call_id).cloned())
                .flatten(),
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
        replay(dialect.replay, self, &mut assistant);
        assistant
    }
}

/// Adds earlier reasoning in the form of the dialect.
fn replay(form: Replay, answer: &Answer<'_>, assistant: &mut Assistant) {
    let text = answer.thoughts.plain();
    let mut put = |name: &str, value: Value| {
        assistant.reasoning.insert(name.to_owned(), value);
    };
    match form {
        Replay::Never | Replay::ExtraContent => {}
        Replay::ContentAlways => put("reasoning_content", json!(text)),
        Replay::Details if !answer.thoughts.details.is_empty() => {
            put("reasoning_details", json!(answer.thoughts.details));
        }
        Replay::Content | Replay::Reasoning | Replay::Details | Replay::ThinkingPart if text.is_empty() => {}
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
