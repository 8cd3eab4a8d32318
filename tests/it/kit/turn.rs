//! What the provider says in one turn, in words, and how it travels.

use bytes::Bytes;
use serde_json::{Value, json};

use super::gate::Gate;
use super::provider::Recorded;
use super::rules::{Ids, Reasoning, Rules, Usage};

/// One answer of the provider.
#[derive(Clone)]
pub struct Turn {
    pub(super) said: Said,
    piece: usize,
    gate: Option<Gate>,
    pub(super) ending: Ending,
    healed: Option<Value>,
    decide: Option<fn(&Recorded) -> Turn>,
}

/// What the model thinks, says and calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub reasoning: String,
    pub text: String,
    pub calls: Vec<Call>,
}

/// A call, by the tool's name or by how the name ends, so that a test need not know how namespaces are flattened.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: String,
    pub name: String,
    pub arguments: String,
}

#[derive(Clone, PartialEq)]
pub enum Ending {
    /// With a reason, usage and `[DONE]`.
    Finished,
    /// The same, but the reason is the limit on an answer's length.
    Length,
    /// The connection closes before the reason.
    Cut,
    /// Not begun: a status and a message instead.
    Refused { status: u16, message: String },
}

/// What goes out of the socket, in order.
pub(super) enum Step {
    Write(Bytes),
    Pass(Gate),
}

pub fn text(text: &str) -> Turn {
    Turn::of(Said {
        text: text.to_owned(),
        ..Said::default()
    })
}

pub fn reasoning(reasoning: &str) -> Turn {
    Turn::of(Said {
        reasoning: reasoning.to_owned(),
        ..Said::default()
    })
}

pub fn calls<const N: usize>(calls: [Call; N]) -> Turn {
    Turn::of(Said::default()).then_calls(calls)
}

pub fn call(name: &str, arguments: Value) -> Call {
    Call {
        id: String::new(),
        name: name.to_owned(),
        arguments: arguments.to_string(),
    }
}

/// A turn that is refused although the request is right.
pub fn refuse(status: u16, message: &str) -> Turn {
    Turn {
        ending: Ending::Refused {
            status,
            message: message.to_owned(),
        },
        ..Turn::of(Said::default())
    }
}

/// A turn that depends on what is asked.
pub fn given(decide: fn(&Recorded) -> Turn) -> Turn {
    Turn {
        decide: Some(decide),
        ..Turn::of(Said::default())
    }
}

impl Turn {
    fn of(said: Said) -> Self {
        Self {
            said,
            // Small enough that words and escapes are split.
            piece: 7,
            gate: None,
            ending: Ending::Finished,
            healed: None,
            decide: None,
        }
    }

    #[must_use]
    pub fn then_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.said.text);
        self
    }

    #[must_use]
    pub fn then_calls<const N: usize>(mut self, calls: [Call; N]) -> Self {
        self.said.calls = calls.into();
        self
    }

    /// In chunks of `characters`.
    #[must_use]
    pub fn in_pieces_of(mut self, characters: usize) -> Self {
        self.piece = characters;
        self
    }

    /// Everything is said, but the turn does not end before the gate opens.
    #[must_use]
    pub fn held_by(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// The connection breaks before the turn ends.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.ending = Ending::Cut;
        self
    }

    /// The limit on an answer's length ends the turn, in the middle of the last call if there is one.
    #[must_use]
    pub fn cut_by_length(mut self) -> Self {
        self.ending = Ending::Length;
        if let Some(call) = self.said.calls.last_mut() {
            call.arguments.truncate(call.arguments.len() / 2);
        }
        self
    }

    /// The arguments of the only call are misshapen, and come back as they should have been.
    #[must_use]
    pub fn healed_to(mut self, arguments: Value) -> Self {
        self.healed = Some(arguments);
        self
    }

    /// What must come back in the next request; `None` if the turn did not happen.
    pub(super) fn heard(&self) -> Option<Said> {
        let mut said = self.said.clone();
        match self.ending {
            Ending::Finished => {}
            Ending::Length => drop(said.calls.pop()),
            Ending::Cut | Ending::Refused { .. } => return None,
        }
        if let (Some(arguments), [call]) = (&self.healed, said.calls.as_mut_slice()) {
            call.arguments = arguments.to_string();
        }
        Some(said)
    }

    /// The turn itself, once it is known what is asked.
    pub(super) fn decided(self, request: &Recorded) -> Self {
        match self.decide {
            Some(decide) => decide(request),
            None => self,
        }
    }

    /// Gives ids to the calls. `number` is the turn's, unique for one provider.
    pub(super) fn number_calls(&mut self, ids: Ids, number: usize) {
        for (index, call) in self.said.calls.iter_mut().enumerate() {
            call.id = match ids {
                Ids::Plain => format!("call_{index:02}_{number:016x}"),
                Ids::Nine => format!("c{number:05x}x{index:02}"),
            };
        }
    }

    /// The whole way of the turn, for a request of so many tokens.
    pub(super) fn steps(&self, rules: &Rules, asked: &Asked) -> Vec<Step> {
        let mut writer = Writer {
            rules,
            asked,
            steps: Vec::new(),
        };
        writer.delta(json!({"role": "assistant", "content": ""}));
        for piece in pieces(&self.said.reasoning, self.piece) {
            writer.reasoning(&piece);
        }
        if rules.reasoning == Reasoning::Details && !self.said.reasoning.is_empty() {
            writer.delta(json!({"reasoning_details": [signature(&self.said.reasoning)]}));
        }
        for piece in pieces(&self.said.text, self.piece) {
            writer.delta(json!({"content": piece}));
        }
        for (index, call) in self.said.calls.iter().enumerate() {
            writer.call(index, call, self.piece);
        }
        if let Some(gate) = &self.gate {
            writer.steps.push(Step::Pass(gate.clone()));
        }
        match self.ending {
            Ending::Finished if self.said.calls.is_empty() => writer.finish("stop", &self.said),
            Ending::Finished => writer.finish("tool_calls", &self.said),
            Ending::Length => writer.finish("length", &self.said),
            Ending::Cut | Ending::Refused { .. } => {}
        }
        writer.steps
    }
}

/// What a turn must know of the request that it answers.
pub(super) struct Asked {
    pub model: String,
    pub with_usage: bool,
    pub tokens: usize,
    pub known_tokens: usize,
}

struct Writer<'a> {
    rules: &'a Rules,
    asked: &'a Asked,
    steps: Vec<Step>,
}

impl Writer<'_> {
    fn reasoning(&mut self, piece: &str) {
        match self.rules.reasoning {
            Reasoning::None => {}
            Reasoning::Content { .. } => self.delta(json!({"content": null, "reasoning_content": piece})),
            Reasoning::Part => {
                let part = json!({"type": "thinking", "thinking": [{"type": "text", "text": piece}]});
                self.delta(json!({"content": [part]}));
            }
            Reasoning::Details => {
                let detail =
                    json!({"type": "reasoning.text", "text": piece, "format": "anthropic-claude-v1", "index": 0});
                self.delta(json!({"reasoning": piece, "reasoning_details": [detail]}));
            }
        }
    }

    fn call(&mut self, index: usize, call: &Call, size: usize) {
        let function = json!({"name": call.name, "arguments": ""});
        self.delta(json!({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]}));
        for piece in pieces(&call.arguments, size) {
            self.delta(json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}));
        }
    }

    fn finish(&mut self, reason: &str, said: &Said) {
        let usage = self.usage(said);
        let mut last = self.chunk(json!([{"index": 0, "delta": {"content": ""}, "finish_reason": reason}]));
        match self.rules.usage {
            Usage::Last if self.asked.with_usage => last["usage"] = usage,
            Usage::Given => last["usage"] = usage,
            Usage::Choice => last["choices"][0]["usage"] = usage,
            Usage::After if self.asked.with_usage => {
                self.write(&last);
                last = self.chunk(json!([]));
                last["usage"] = usage;
            }
            Usage::Last | Usage::After => {}
        }
        self.write(&last);
        self.steps.push(Step::Write(Bytes::from_static(b"data: [DONE]\n\n")));
    }

    /// About four bytes are a token; what the request before had already is cached.
    fn usage(&self, said: &Said) -> Value {
        let thought = said.reasoning.len() / 4;
        let spoken =
            thought + said.text.len() / 4 + said.calls.iter().map(|call| call.arguments.len() / 4).sum::<usize>();
        json!({
            "prompt_tokens": self.asked.tokens,
            "completion_tokens": spoken,
            "total_tokens": self.asked.tokens + spoken,
            "prompt_tokens_details": {"cached_tokens": self.asked.known_tokens},
            "completion_tokens_details": {"reasoning_tokens": thought},
        })
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
        self.steps.push(Step::Write(format!("data: {chunk}\n\n").into()));
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
pub(super) fn details(reasoning: &str) -> Value {
    let mut whole = signature(reasoning);
    whole["text"] = reasoning.into();
    json!([whole])
}

fn pieces(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(size).map(|piece| piece.iter().collect()).collect()
}
