//! What is asked of the provider: small turns, in the words and fields of Codex 0.169.

use serde_json::{Value, json};

use crate::session::{Effort, Model};

use super::check::Check;
use super::heard::Heard;
use super::image;

/// The tool that is offered.
pub(super) const TOOL: &str = "read_note";

/// The word in the note that is read: nobody guesses it.
pub(super) const WORD: &str = "quince-417";

const INSTRUCTIONS: &str =
    "A program tests whether you can be used. Do exactly what it asks, in as few words as possible.";

/// A turn that is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Probe<'a> {
    /// A few words.
    Streaming,
    /// A call.
    ToolCall,
    /// The same, and what the tool said.
    ToolResult(&'a Heard),
    /// Two calls at once.
    ParallelCalls,
    /// What an image shows.
    Image,
    /// An answer by a schema.
    JsonSchema,
}

impl Probe<'_> {
    /// What is looked at with it.
    #[must_use]
    pub fn check(self) -> Check {
        match self {
            Self::Streaming => Check::Streaming,
            Self::ToolCall => Check::ToolCall,
            Self::ToolResult(_) => Check::ToolResult,
            Self::ParallelCalls => Check::ParallelCalls,
            Self::Image => Check::Image,
            Self::JsonSchema => Check::JsonSchema,
        }
    }

    /// The body of the request. `session` names whose it is.
    #[must_use]
    pub fn body(self, model: &Model, session: &str) -> Value {
        let mut body = json!({
            "model": model.id,
            "instructions": INSTRUCTIONS,
            "input": self.input(),
            "tools": self.tools(),
            "tool_choice": "auto",
            "parallel_tool_calls": true,
            "store": false,
            "stream": true,
            "include": ["reasoning.encrypted_content"],
            // As Codex names its threads.
            "prompt_cache_key": format!("{session}-{}", self.conversation()),
        });
        if let Some(effort) = self.effort(model) {
            body["reasoning"] = json!({"effort": effort.word(), "summary": "auto"});
        }
        if self == Self::JsonSchema {
            body["text"] = json!({"format": {
                "type": "json_schema", "name": "animal", "strict": true, "schema": schema(),
            }});
        }
        body
    }

    /// Codex offers its tools with everything that it asks. The simplest turn has none, so that a refusal of tools is
    /// told from a refusal of all.
    fn tools(self) -> Vec<Value> {
        match self {
            Self::Streaming => Vec::new(),
            _ => vec![tool()],
        }
    }

    fn conversation(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::ToolCall | Self::ToolResult(_) => "tool",
            Self::ParallelCalls => "parallel",
            Self::Image => "image",
            Self::JsonSchema => "schema",
        }
    }

    /// What is replayed must have been thought, as much as in a session; elsewhere the least is enough.
    fn effort(self, model: &Model) -> Option<Effort> {
        match self {
            Self::ToolCall | Self::ToolResult(_) => model.default_effort,
            _ => model.efforts.first().copied(),
        }
    }

    fn input(self) -> Vec<Value> {
        let mut input = vec![message(self.words())];
        match self {
            Self::ToolResult(before) => {
                input.extend(before.items.iter().cloned());
                input.extend(before.calls().into_iter().map(|call| {
                    let output = format!("The word is {WORD}.");
                    json!({"type": "function_call_output", "call_id": call.id, "output": output})
                }));
            }
            Self::Image => {
                if let Some(Value::Array(parts)) = input[0].get_mut("content") {
                    parts.push(json!({"type": "input_image", "image_url": image::url(), "detail": "auto"}));
                }
            }
            _ => {}
        }
        input
    }

    fn words(self) -> &'static str {
        match self {
            Self::Streaming => "Count from 1 to 20, in digits, separated by spaces.",
            Self::ToolCall | Self::ToolResult(_) => {
                "Call `read_note({\"name\":\"north\"})`, then say the word that is in the note."
            }
            Self::ParallelCalls => {
                "Read two notes at once, with two calls in the same answer: `read_note({\"name\":\"east\"})` and \
                 `read_note({\"name\":\"west\"})`."
            }
            Self::Image => "Which colour is this image? Say the word alone.",
            Self::JsonSchema => "Tell about the spider, as the schema says.",
        }
    }
}

fn tool() -> Value {
    json!({
        "type": "function",
        "name": TOOL,
        "description": "Reads a note",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {"name": {"type": "string", "description": "Which note"}},
            "required": ["name"],
            "additionalProperties": false,
        },
    })
}

/// What the answer to [`Probe::JsonSchema`] must look like.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"animal": {"type": "string"}, "legs": {"type": "integer"}},
        "required": ["animal", "legs"],
        "additionalProperties": false,
    })
}

fn message(words: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;

    #[test]
    fn what_is_replayed_is_thought_as_in_a_session_and_all_else_with_the_least_effort() {
        let model = sample::session().model;
        let before = Heard::default();
        for (probe, effort) in [
            (Probe::Streaming, "low"),
            (Probe::ToolCall, "high"),
            (Probe::ToolResult(&before), "high"),
            (Probe::ParallelCalls, "low"),
            (Probe::Image, "low"),
            (Probe::JsonSchema, "low"),
        ] {
            assert_eq!(
                probe.body(&model, "0123abcd")["reasoning"]["effort"],
                effort,
                "{probe:?}"
            );
        }
        let thoughtless = Model {
            efforts: Vec::new(),
            default_effort: None,
            ..model
        };
        assert_eq!(Probe::Streaming.body(&thoughtless, "0123abcd").get("reasoning"), None);
    }
}
