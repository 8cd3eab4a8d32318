//! The conversation: items become messages.
//!
//! Providers are strict where Codex is not: the words and calls of one answer are one assistant message, each call is
//! answered exactly once and directly after it, and nothing is empty. So a history is first put in that order.

use serde_json::json;

use crate::provider::dialect::{AfterTool, System, ToolName};
use crate::translate::compaction::Summary;
use crate::translate::names::Tools;
use crate::translate::reasoning::Thoughts;
use crate::wire::Text;
use crate::wire::chat::{self, Assistant, Message};
use crate::wire::responses::{self, CompactionItem, Input, Item};

use super::answer::{Answer, Call};
use super::call_ids::Minter;
use super::images::{Seen, plain};
use super::pairing::Pairs;
use super::{Note, Target, calls, search};

/// What a call is answered with whose output never came: the turn was interrupted.
pub const NO_OUTPUT: &str = "[no output: the call was interrupted]";
/// What the model reads in place of its own empty words, where an assistant message must stand.
const FILLER: &str = "I have read the tool results.";
/// What the model reads after an answer that the limit on its length cut, and that it is to go on with.
pub const CUT: &str =
    "Your answer was cut by the limit on its length. Go on from there; a call that was cut did not happen.";
/// What the model reads where nobody had spoken to it and it spoke, or is to speak.
const GO_ON: &str = "Go on from where you are.";
/// What introduces images that a tool returned; they cannot stand in a tool message.
pub const IMAGES_OF_TOOLS: &str = "Images that the tool calls above returned:";
/// What a tool message says that held nothing but images.
pub const SEE_BELOW: &str = "[image, shown below]";

/// All messages of a request. `sentence` joins the leading instructions.
pub fn messages<'a>(
    target: Target<'_>,
    request: &'a responses::Request<'a>,
    sentence: Option<String>,
    names: &Tools,
    notes: &mut Vec<Note>,
) -> Vec<Message<'a>> {
    let mut history = History::new(target, names);
    history
        .leading
        .extend(request.instructions.clone().filter(|text| !text.is_empty()));
    let items = match &request.input {
        Input::Items(items) => history.lead(items),
        Input::Text(_) => &[],
    };
    history.leading.extend(sentence);
    history.close_leading();
    if let Input::Text(text) = &request.input {
        let content = chat::Content::Text(text.as_str().into());
        history.say(Message::User { content });
    }
    history.pairs = Pairs::new(items);
    for (position, item) in items.iter().enumerate() {
        history.item(position, item, notes);
    }
    history.close_answer();
    history.speak_to_the_model();
    history.messages
}

struct History<'a, 'n> {
    target: Target<'n>,
    names: &'n Tools,
    ids: Minter,
    leading: Vec<String>,
    pairs: Pairs<'a>,
    answer: Answer<'a>,
    messages: Vec<Message<'a>>,
}

impl<'a, 'n> History<'a, 'n> {
    fn new(target: Target<'n>, names: &'n Tools) -> Self {
        Self {
            target,
            names,
            ids: Minter::new(target.dialect.call_ids),
            leading: Vec::new(),
            pairs: Pairs::default(),
            answer: Answer::default(),
            messages: Vec::new(),
        }
    }

    /// Reads the instructions at the beginning; gives the items after them.
    fn lead(&mut self, items: &'a [Item<'a>]) -> &'a [Item<'a>] {
        for (position, item) in items.iter().enumerate() {
            match item {
                Item::Message(message) if is_instruction(message) => self.leading.push(plain(&message.content)),
                // Tools and what nobody knows do not end the instructions.
                Item::AdditionalTools(_) | Item::Unknown(_) => {}
                _ => return &items[position..],
            }
        }
        &[]
    }

    fn close_leading(&mut self) {
        let leading = std::mem::take(&mut self.leading);
        match self.target.dialect.system {
            System::Developer => {
                self.messages
                    .extend(leading.into_iter().map(|content| Message::Developer { content }));
            }
            System::Leading | System::Anywhere if !leading.is_empty() => self.messages.push(Message::System {
                content: leading.join("\n\n"),
            }),
            System::Leading | System::Anywhere => {}
        }
    }

    fn item(&mut self, position: usize, item: &'a Item<'a>, notes: &mut Vec<Note>) {
        match item {
            Item::Message(message) if message.role.as_deref() == Some("assistant") => {
                self.assistant_text(plain(&message.content));
            }
            Item::Message(message) => self.incoming(message),
            Item::Reasoning(item) => self.thoughts(Thoughts::open(item).for_model(self.target.model)),
            Item::FunctionCall(_) | Item::CustomToolCall(_) | Item::ToolSearchCall(_) | Item::LocalShellCall(_) => {
                self.call(position, item);
            }
            Item::FunctionCallOutput(_) | Item::CustomToolCallOutput(_) | Item::ToolSearchOutput(_) => {
                self.output(position, item);
            }
            Item::AgentMessage(message) => {
                self.close_answer();
                let content = calls::agent_words(message);
                self.say(Message::User { content });
            }
            Item::Compaction(item) => self.summary(item, notes),
            // They were declared; the conversation does not show them.
            Item::AdditionalTools(_) => {}
            Item::Unknown(kind) => notes.push(Note::DroppedItem(kind.clone())),
        }
    }

    fn summary(&mut self, item: &CompactionItem, notes: &mut Vec<Note>) {
        let Some(summary) = Summary::open(item) else {
            notes.push(Note::DroppedItem(item.r#type.clone().unwrap_or_default()));
            return;
        };
        self.close_answer();
        let content = chat::Content::Text(summary.words().into());
        self.say(Message::User { content });
    }

    fn assistant_text(&mut self, text: String) {
        // Two texts in a row come from two answers; words after calls belong to the answer that made them.
        if !self.answer.text.is_empty() && self.answer.calls.is_empty() {
            self.close_answer();
        }
        if !self.answer.text.is_empty() && !text.is_empty() {
            self.answer.text.push_str("\n\n");
        }
        self.answer.text.push_str(&text);
    }

    fn thoughts(&mut self, thoughts: Thoughts) {
        let was_cut = thoughts.cuts > 0;
        if thoughts.continues {
            self.answer.thoughts.append(thoughts);
        } else {
            self.close_answer();
            self.answer.thoughts = thoughts;
        }
        self.echoed();
        if was_cut {
            self.close_answer();
            let content = chat::Content::Text(CUT.into());
            self.say(Message::User { content });
        }
    }

    /// Calls that go back as their own output, and so end the answer, to a provider who was told of their function.
    /// Others never see them.
    fn echoed(&mut self) {
        let echoed = std::mem::take(&mut self.answer.thoughts.echoed);
        if echoed.is_empty() {
            return;
        }
        let is_known = self.names.hosts(search::ECHOED);
        let calls = echoed.into_iter().filter(|_| is_known).map(|call| Call {
            position: None,
            call_id: call.id.into(),
            name: search::ECHOED.to_owned(),
            arguments: call.arguments.into(),
        });
        self.answer.calls.extend(calls);
        self.close_answer();
    }

    fn call(&mut self, position: usize, call: &'a Item<'a>) {
        let origin = calls::origin(call);
        self.answer.calls.push(Call {
            position: Some(position),
            call_id: call.called().unwrap_or_default().into(),
            name: origin
                .and_then(|origin| self.names.find(&origin))
                .unwrap_or_default()
                .to_owned(),
            arguments: calls::arguments(call),
        });
    }

    fn incoming(&mut self, message: &responses::Message<'a>) {
        self.close_answer();
        if is_instruction(message) {
            let text = plain(&message.content);
            if !text.is_empty() {
                self.say(self.later_instruction(text));
            }
            return;
        }
        let seen = Seen::read(self.target, &message.content);
        if !seen.is_empty() {
            self.say(Message::User {
                content: seen.into_content(),
            });
        }
    }

    fn later_instruction(&self, text: String) -> Message<'static> {
        match self.target.dialect.system {
            System::Leading => Message::User {
                content: chat::Content::Text(format!("<developer>\n{text}\n</developer>").into()),
            },
            System::Anywhere => Message::System { content: text },
            System::Developer => Message::Developer { content: text },
        }
    }

    /// An output whose call was already answered by it is passed over; one without a call becomes the user's words.
    fn output(&mut self, position: usize, output: &Item<'a>) {
        self.close_answer();
        if self.pairs.answers(position) {
            return;
        }
        let call_id = output.answered().unwrap_or_default();
        let mut seen = Seen::words(format!("Output of an earlier tool call ({call_id}):"));
        seen.parts
            .append(&mut calls::outcome(self.target, self.names, output).parts);
        self.say(Message::User {
            content: seen.into_content(),
        });
    }

    /// Appends a message of the user or a developer.
    fn say(&mut self, message: Message<'a>) {
        let after_tool = matches!(self.messages.last(), Some(Message::Tool { .. }));
        if after_tool && self.target.dialect.after_tool == AfterTool::Assistant {
            self.messages.push(Message::Assistant(Assistant {
                content: Some(json!(FILLER)),
                ..Assistant::default()
            }));
        }
        self.messages.push(message);
    }

    /// A model speaks when it was spoken to. A conversation that ends with its own words (the connection broke after
    /// them) is refused by Mistral, "Expected last role User or Tool (or Assistant with prefix True) for serving but
    /// got assistant", and by llama.cpp when the model thinks; templates want roles that alternate, the user's first.
    /// What is put at the end now must stand there in the next turn, too, so it stands between any two answers.
    fn speak_to_the_model(&mut self) {
        let is_listening = |message: &Message<'_>| matches!(message, Message::User { .. } | Message::Tool { .. });
        let spoke_last = matches!(self.messages.last(), Some(Message::Assistant(_)));
        if spoke_last || !self.messages.iter().any(is_listening) {
            let content = chat::Content::Text(GO_ON.into());
            self.messages.push(Message::User { content });
        }
    }

    /// Writes the answer that was read, and the outputs of its calls.
    fn close_answer(&mut self) {
        let answer = std::mem::take(&mut self.answer);
        if answer.text.is_empty() && answer.calls.is_empty() {
            // Thoughts alone are what is left of an interrupted turn; no provider takes a message of nothing else.
            return;
        }
        let ids: Vec<String> = answer.calls.iter().map(|call| self.ids.mint(&call.call_id)).collect();
        self.speak_to_the_model();
        let assistant = answer.message(self.target.dialect, &ids);
        self.messages.push(Message::Assistant(assistant));
        let mut images = Vec::new();
        for (call, id) in answer.calls.iter().zip(ids) {
            let content = self.answered(call, &mut images);
            let is_named = call.position.is_none() || self.target.dialect.tool_name == ToolName::Present;
            let name = is_named.then(|| call.name.clone());
            self.messages.push(Message::Tool {
                tool_call_id: id,
                name,
                content,
            });
        }
        if !images.is_empty() {
            let introduction = chat::Part::Text {
                text: IMAGES_OF_TOOLS.into(),
            };
            let parts = std::iter::once(introduction).chain(images).collect();
            self.say(Message::User {
                content: chat::Content::Parts(parts),
            });
        }
    }

    /// The text that answers a call; its images go to `images`.
    fn answered(&self, call: &Call<'a>, images: &mut Vec<chat::Part<'a>>) -> Text<'a> {
        let Some(position) = call.position else {
            return call.arguments.clone();
        };
        let Some(output) = self.pairs.output(position) else {
            return NO_OUTPUT.into();
        };
        let seen = calls::outcome(self.target, self.names, output);
        let text = seen.text();
        let before = images.len();
        images.extend(seen.into_images());
        if text.is_empty() && images.len() > before {
            return SEE_BELOW.into();
        }
        text
    }
}

/// Whether a message is said by a developer.
pub fn is_instruction(message: &responses::Message<'_>) -> bool {
    matches!(message.role.as_deref(), Some("developer" | "system"))
}
