//! What the provider says in one turn, in words, and how it travels.

mod writer;

use serde_json::Value;

use super::gate::Gate;
use super::provider::Recorded;
use super::rules::{Ids, Rules, Thinks};
pub(super) use writer::{Asked, Step, details, signature_of_call};

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
    /// Not begun: a status and a body instead.
    Refused {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Body,
    },
    /// With an error in a chunk.
    Broken { body: String },
}

/// What a refusal holds.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// These words, in the provider's shape.
    Message(String),
    /// This.
    Whole(String),
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
    refused(status, Body::Message(message.to_owned()))
}

/// The same, with the whole body.
pub fn refuse_with(status: u16, body: &str) -> Turn {
    refused(status, Body::Whole(body.to_owned()))
}

fn refused(status: u16, body: Body) -> Turn {
    Turn {
        ending: Ending::Refused {
            status,
            headers: Vec::new(),
            body,
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

    /// The refusal has this header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Ending::Refused { headers, .. } = &mut self.ending {
            headers.push((name, value.into()));
        }
        self
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

    /// An error in a chunk ends the turn.
    #[must_use]
    pub fn broken_by(mut self, body: &str) -> Self {
        self.ending = Ending::Broken { body: body.to_owned() };
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
            Ending::Cut | Ending::Refused { .. } | Ending::Broken { .. } => return None,
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

    /// Says it as the provider does: with ids for the calls, and without thoughts that nobody hears. `number` is the
    /// turn's, unique for one provider.
    pub(super) fn settle(&mut self, rules: &Rules, number: usize) {
        for (index, call) in self.said.calls.iter_mut().enumerate() {
            call.id = match rules.ids {
                Ids::Plain => format!("call_{index:02}_{number:016x}"),
                Ids::Nine => format!("c{number:05x}x{index:02}"),
                Ids::Named => format!(
                    "functions.{}:{}",
                    call.name.chars().take(20).collect::<String>(),
                    number * 8 + index
                ),
            };
        }
        if rules.voice.thinks == Thinks::Silent {
            self.said.reasoning.clear();
        }
    }
}
