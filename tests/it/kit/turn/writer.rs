//! A turn in the shapes of one provider's chunks.

use bytes::Bytes;
use serde_json::{Value, json};

use super::super::gate::Gate;
use super::super::rules::{Arguments, Replay, Rules, Spent, Thinks, Usage};
use super::{Call, Ending, Said, Turn};

/// What goes out of the socket, in order.
pub enum Step {
    Write(Bytes),
    Pass(Gate),
}

/// What a turn must know of the request that it answers.
pub struct Asked {
    pub model: String,
    pub with_usage: bool,
    /// Whether thoughts were asked for apart from the words.
    pub split: bool,
    pub tokens: usize,
    pub known_tokens: usize,
}

impl Turn {
    /// The whole way of the turn, for a request of so many tokens.
    pub(in super::super) fn steps(&self, rules: &Rules, asked: &Asked) -> Vec<Step> {
        let mut writer = Writer {
            rules,
            asked,
            steps: Vec::new(),
        };
        writer.raw(rules.voice.alive);
        writer.delta(json!({"role": "assistant", "content": ""}));
        writer.thoughts(&self.said.reasoning, self.piece);
        for piece in pieces(&self.said.text, self.piece) {
            writer.delta(json!({"content": piece}));
        }
        for (index, call) in self.said.calls.iter().enumerate() {
            writer.call(index, call, self.piece);
        }
        if let Some(gate) = &self.gate {
            writer.steps.push(Step::Pass(gate.clone()));
        }
        match &self.ending {
            Ending::Finished if self.said.calls.is_empty() => writer.finish("stop", &self.said),
            Ending::Finished => writer.finish(rules.voice.called, &self.said),
            Ending::Length => writer.finish("length", &self.said),
            Ending::Broken { body } => writer.raw(&format!("data: {body}\n\n")),
            Ending::Cut | Ending::Refused { .. } => {}
        }
        writer.steps
    }
}

struct Writer<'a> {
    rules: &'a Rules,
    asked: &'a Asked,
    steps: Vec<Step>,
}

impl Writer<'_> {
    fn thoughts(&mut self, thoughts: &str, size: usize) {
        if thoughts.is_empty() {
            return;
        }
        match self.rules.voice.thinks {
            Thinks::Tags if !self.asked.split => {
                for piece in pieces(&format!("<think>\n{thoughts}\n</think>\n\n"), size) {
                    self.delta(json!({"content": piece}));
                }
                return;
            }
            Thinks::Tags => {
                let mut whole = String::new();
                for piece in pieces(thoughts, size) {
                    whole.push_str(&piece);
                    self.delta(json!({"reasoning_details": [{"type": "reasoning.text", "text": whole, "index": 0}]}));
                }
                return;
            }
            _ => {}
        }
        for piece in pieces(thoughts, size) {
            self.thought(&piece);
        }
        if self.rules.voice.thinks == Thinks::Details {
            self.delta(json!({"reasoning_details": [signature(thoughts)]}));
        }
    }

    fn thought(&mut self, piece: &str) {
        match self.rules.voice.thinks {
            Thinks::Silent | Thinks::Tags => {}
            Thinks::Field(field) => self.delta(json!({"content": null, field: piece})),
            Thinks::Part => {
                let part = json!({"type": "thinking", "thinking": [{"type": "text", "text": piece}]});
                self.delta(json!({"content": [part]}));
            }
            Thinks::Details => {
                let detail =
                    json!({"type": "reasoning.text", "text": piece, "format": "anthropic-claude-v1", "index": 0});
                self.delta(json!({"reasoning": piece, "reasoning_details": [detail]}));
            }
        }
    }

    fn call(&mut self, index: usize, call: &Call, size: usize) {
        let arguments = match self.rules.voice.arguments {
            Arguments::Pieces => json!(""),
            Arguments::Whole => json!(call.arguments),
            // What the limit has cut is no object.
            Arguments::Object => serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!(call.arguments)),
        };
        let function = json!({"name": call.name, "arguments": arguments});
        let mut made = json!({"id": call.id, "type": "function", "function": function});
        if self.rules.voice.numbered {
            made["index"] = json!(index);
        }
        if self.rules.replay == Replay::Signature && index == 0 {
            made["extra_content"] = signature_of_call(&call.id);
        }
        self.delta(json!({"tool_calls": [made]}));
        if self.rules.voice.arguments == Arguments::Pieces {
            for piece in pieces(&call.arguments, size) {
                self.delta(json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}));
            }
        }
    }

    fn finish(&mut self, reason: &str, said: &Said) {
        let usage = self.usage(said);
        let mut last = self.chunk(json!([{"index": 0, "delta": {"content": ""}, "finish_reason": reason}]));
        match self.rules.voice.usage {
            Usage::Last if self.asked.with_usage => last["usage"] = usage,
            Usage::Given => last["usage"] = usage,
            Usage::Choice => last["choices"][0]["usage"] = usage,
            Usage::Twice => {
                last["x_groq"] = json!({"id": "req_5f0c7a1e", "usage": usage});
                last["usage"] = usage;
            }
            Usage::Again => {
                self.write(&last);
                last["usage"] = usage;
            }
            Usage::After if self.asked.with_usage => {
                self.write(&last);
                last = self.chunk(json!([]));
                last["usage"] = usage;
            }
            Usage::Last | Usage::After => {}
        }
        self.write(&last);
        if self.rules.voice.done {
            self.raw("data: [DONE]\n\n");
        }
    }

    /// About four bytes are a token; what the request before had already is cached.
    fn usage(&self, said: &Said) -> Value {
        let thought = said.reasoning.len() / 4;
        let arguments: usize = said.calls.iter().map(|call| call.arguments.len() / 4).sum();
        let spoken = said.text.len() / 4 + arguments;
        let (completion, total) = match self.rules.voice.spent {
            Spent::Detailed => (thought + spoken, thought + spoken),
            Spent::Beside | Spent::Total => (spoken, thought + spoken),
        };
        let mut usage = json!({
            "prompt_tokens": self.asked.tokens,
            "completion_tokens": completion,
            "total_tokens": self.asked.tokens + total,
        });
        if self.rules.voice.spent != Spent::Total {
            usage["completion_tokens_details"] = json!({"reasoning_tokens": thought});
        }
        match self.rules.voice.cached.split_once('.') {
            Some((object, member)) => usage[object] = json!({member: self.asked.known_tokens}),
            None if self.rules.voice.cached.is_empty() => {}
            None => usage[self.rules.voice.cached] = json!(self.asked.known_tokens),
        }
        usage
    }

    fn delta(&mut self, delta: Value) {
        let chunk = self.chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]));
        self.write(&chunk);
    }

    fn chunk(&self, choices: Value) -> Value {
        json!({
            "id": "5f0c7a1e",
            "object": "chat.completion.chunk",
            "created": 1_795_219_200,
            "model": self.asked.model,
            "choices": choices,
        })
    }

    fn write(&mut self, chunk: &Value) {
        self.raw(&format!("data: {chunk}\n\n"));
    }

    fn raw(&mut self, text: &str) {
        if !text.is_empty() {
            self.steps.push(Step::Write(text.to_owned().into()));
        }
    }
}

/// What OpenRouter adds to the last piece of Anthropic's reasoning.
fn signature(reasoning: &str) -> Value {
    json!({
        "type": "reasoning.text",
        "signature": format!("sig-{}", reasoning.len()),
        "format": "anthropic-claude-v1",
        "index": 0,
    })
}

/// All details of `reasoning`, put together.
pub fn details(reasoning: &str) -> Value {
    let mut whole = signature(reasoning);
    whole["text"] = reasoning.into();
    json!([whole])
}

/// What Gemini adds to the first call of a turn.
pub fn signature_of_call(id: &str) -> Value {
    json!({"google": {"thought_signature": format!("signed-{id}")}})
}

fn pieces(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size).map(|piece| piece.iter().collect()).collect()
}
