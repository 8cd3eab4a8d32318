//! The conversation: items go out as they came, in the order that the endpoint wants, each call with its output.

use serde_json::{Value, json};

use crate::provider::dialect::{NativeOrder, NativeReplay, NativeRoles};
use crate::translate::compaction::Summary;
use crate::translate::names::Tools;
use crate::translate::reasoning::Thoughts;
use crate::translate::request::call_ids::Minter;
use crate::translate::request::history::{CUT, IMAGES_OF_TOOLS, NO_OUTPUT, is_instruction};
use crate::translate::request::images::plain;
use crate::translate::request::pairing::Pairs;
use crate::translate::request::{Note, Target, calls};
use crate::wire::chat;
use crate::wire::responses::{self, Item};

use super::items::{self, Writer};

/// What a conversation is written with.
pub struct Conversation<'a> {
    /// For whom.
    pub target: Target<'a>,
    /// The tools under the names that the provider sees.
    pub names: &'a Tools,
    /// Which model of which provider reads it.
    pub by: &'a str,
    /// What stands before all items: the request's own instructions, and what crelay has to add.
    pub instructions: [Option<String>; 2],
}

impl Conversation<'_> {
    /// The instructions, and all items.
    pub fn written<'a>(
        &'a self,
        typed: &'a [Item<'a>],
        raw: &'a [Value],
        notes: &mut Vec<Note>,
    ) -> (Option<String>, Vec<Value>) {
        let [own, added] = self.instructions.clone();
        let mut history = History {
            raw,
            writer: Writer {
                target: self.target,
                names: self.names,
            },
            by: self.by,
            ids: Minter::new(self.target.dialect.call_ids),
            pairs: Pairs::new(typed),
            leading: own.into_iter().collect(),
            leads: self.target.dialect.native.roles == NativeRoles::Instructions,
            answer: Answer::default(),
            written: Vec::new(),
        };
        for (position, (item, raw)) in typed.iter().zip(raw).enumerate() {
            history.item(position, item, raw, notes);
        }
        history.close_answer();
        history.leading.extend(added);
        history.leading.retain(|text| !text.is_empty());
        let instructions = (!history.leading.is_empty()).then(|| history.leading.join("\n\n"));
        (instructions, history.written)
    }
}

/// What the model thought, said and called in one answer, as far as it was read.
#[derive(Default)]
struct Answer<'a> {
    parts: Vec<Part<'a>>,
    has_thoughts: bool,
    has_text: bool,
}

enum Part<'a> {
    /// Words or thoughts.
    Said(Value),
    /// A call, and the output that answers it.
    Call {
        item: Value,
        call_id: String,
        call: &'a Item<'a>,
        output: Option<(&'a Item<'a>, &'a Value)>,
    },
}

struct History<'a> {
    raw: &'a [Value],
    writer: Writer<'a>,
    by: &'a str,
    ids: Minter,
    pairs: Pairs<'a>,
    leading: Vec<String>,
    /// Whether instructions still stand before all else.
    leads: bool,
    answer: Answer<'a>,
    written: Vec<Value>,
}

impl<'a> History<'a> {
    fn item(&mut self, position: usize, item: &'a Item<'a>, raw: &Value, notes: &mut Vec<Note>) {
        // Tools and what nobody knows do not end the instructions.
        self.leads &= matches!(item, Item::Message(message) if is_instruction(message))
            || matches!(item, Item::AdditionalTools(_) | Item::Unknown(_));
        match item {
            Item::Message(message) if message.role.as_deref() == Some("assistant") => {
                // Two texts in a row come from two answers.
                if self.answer.has_text && !self.answer.calls() {
                    self.close_answer();
                }
                self.answer.has_text = true;
                self.answer
                    .parts
                    .extend(self.writer.message(raw, "assistant").map(Part::Said));
            }
            Item::Message(message) => self.incoming(message, raw),
            Item::Reasoning(item) => self.thoughts(Thoughts::open(item)),
            Item::FunctionCall(_) | Item::CustomToolCall(_) | Item::ToolSearchCall(_) | Item::LocalShellCall(_) => {
                let call_id = self.ids.mint(item.called().unwrap_or_default());
                self.answer.parts.push(Part::Call {
                    item: self.writer.call(item, raw, &call_id),
                    call_id,
                    call: item,
                    output: self.answer_to(position),
                });
            }
            Item::FunctionCallOutput(_) | Item::CustomToolCallOutput(_) | Item::ToolSearchOutput(_) => {
                self.output(position, item, raw);
            }
            Item::AgentMessage(message) => {
                if let chat::Content::Text(text) = calls::agent_words(message) {
                    self.say(&text.get());
                }
            }
            Item::Compaction(item) => match Summary::open(item) {
                Some(summary) => self.say(&summary.words()),
                None => notes.push(Note::DroppedItem(item.r#type.clone().unwrap_or_default())),
            },
            // They were declared; the conversation does not show them.
            Item::AdditionalTools(_) => {}
            Item::Unknown(kind) if items::is_kept(kind, self.writer.target.dialect) => {
                self.answer.parts.push(Part::Said(raw.clone()));
            }
            Item::Unknown(kind) => notes.push(Note::DroppedItem(kind.clone())),
        }
    }

    fn incoming(&mut self, message: &responses::Message<'_>, raw: &Value) {
        self.close_answer();
        if !is_instruction(message) {
            self.written.extend(self.writer.message(raw, "user"));
            return;
        }
        let text = plain(&message.content);
        match self.writer.target.dialect.native.roles {
            NativeRoles::Developer => self.written.extend(self.writer.message(raw, "developer")),
            NativeRoles::System => self.written.extend(self.writer.message(raw, "system")),
            NativeRoles::Instructions if self.leads => self.leading.push(text),
            NativeRoles::Instructions => {
                let words = format!("<developer>\n{text}\n</developer>");
                self.written.push(items::user(&words));
            }
        }
    }

    /// Words that crelay says in the user's place.
    fn say(&mut self, text: &str) {
        self.close_answer();
        self.written.push(items::user(text));
    }

    fn thoughts(&mut self, thoughts: Thoughts) {
        if !thoughts.continues {
            self.close_answer();
        }
        if let Some(item) = self.replayed(&thoughts) {
            self.answer.parts.push(Part::Said(item));
            self.answer.has_thoughts = true;
        }
        if thoughts.cuts > 0 {
            self.say(CUT);
        }
    }

    /// Earlier reasoning as the endpoint takes it.
    fn replayed(&self, thoughts: &Thoughts) -> Option<Value> {
        let own = thoughts.own.as_ref().filter(|own| own.by == self.by);
        let own = own.map(|own| Value::Object(own.item.clone()));
        match self.writer.target.dialect.native.replay {
            NativeReplay::Never => None,
            NativeReplay::Verbatim => own,
            NativeReplay::Text => own.or_else(|| {
                let text = thoughts.plain();
                (!text.is_empty()).then(|| reasoning_text(&text))
            }),
        }
    }

    fn answer_to(&self, call: usize) -> Option<(&'a Item<'a>, &'a Value)> {
        Some((self.pairs.output(call)?, self.raw.get(self.pairs.place(call)?)?))
    }

    /// An output whose call was already answered by it is passed over; one without a call becomes the user's words.
    fn output(&mut self, position: usize, output: &Item<'_>, raw: &Value) {
        self.close_answer();
        if self.pairs.answers(position) {
            return;
        }
        let call_id = output.answered().unwrap_or_default();
        let outcome = self.writer.outcome(output, raw);
        self.written.push(items::user(&format!(
            "Output of an earlier tool call ({call_id}):\n{}",
            outcome.text
        )));
        self.show(outcome.images);
    }

    /// Images that could not stand in an output.
    fn show(&mut self, images: Vec<Value>) {
        if images.is_empty() {
            return;
        }
        let introduction = json!({"type": "input_text", "text": IMAGES_OF_TOOLS});
        let parts: Vec<Value> = std::iter::once(introduction).chain(images).collect();
        self.written
            .push(json!({"type": "message", "role": "user", "content": parts}));
    }

    /// Writes the answer that was read, and the outputs of its calls.
    fn close_answer(&mut self) {
        let mut answer = std::mem::take(&mut self.answer);
        if !answer.is_said() {
            // Thoughts alone are what is left of an interrupted turn; an endpoint wants to see what they led to.
            return;
        }
        let native = &self.writer.target.dialect.native;
        if native.order == NativeOrder::Strict {
            answer.parts.sort_by_key(Part::is_call);
        }
        if native.replay == NativeReplay::Text && answer.calls() && !answer.has_thoughts {
            self.written.push(reasoning_text(""));
        }
        let mut outputs = Vec::new();
        let mut images = Vec::new();
        for part in answer.parts {
            match part {
                Part::Said(item) => self.written.push(item),
                Part::Call {
                    item,
                    call_id,
                    call,
                    output,
                } => {
                    self.written.push(item);
                    outputs.push(match output {
                        Some(answer) => self.writer.output(call, answer, &call_id, &mut images),
                        None => self.writer.answered(call, &call_id, json!(NO_OUTPUT)),
                    });
                }
            }
        }
        self.written.append(&mut outputs);
        self.show(images);
    }
}

impl Answer<'_> {
    fn calls(&self) -> bool {
        self.parts.iter().any(Part::is_call)
    }

    /// Whether there is more than thoughts.
    fn is_said(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Call { .. } => true,
            Part::Said(item) => item["type"] != "reasoning",
        })
    }
}

impl Part<'_> {
    fn is_call(&self) -> bool {
        matches!(self, Self::Call { .. })
    }
}

/// Thoughts that the endpoint did not think, in its own form.
fn reasoning_text(text: &str) -> Value {
    json!({"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": text}]})
}
