//! Chunks of an answer become events.
//!
//! Codex wants items to open, grow and close one at a time, and exactly one terminal event. Providers mix voices as
//! they like. The state of a turn is what is open; what cannot be opened yet waits.

mod calls;
mod closing;
pub(super) mod ending;
mod freeform;
mod growth;
mod healing;
mod nesting;
pub(super) mod notice;
pub(super) mod open;
pub(super) mod open_call;
mod patch;
mod search;
pub(super) mod verdict;

use serde_json::{Map, Value};

use crate::wire::chat::{self, Chunk, Delta, DeltaContent, ToolCallDelta};
use crate::wire::responses::{Event, Response, Status};

use super::Context;
use super::heal::{self, Found, Healer};
use super::names::{Kind, Tools};
use super::reasoning::{Thoughts, detail_text};
use super::room::{Excess, Fault, MOST_ITEMS};
use calls::Calls;
use ending::Ending;
use growth::Growth;
use notice::Notice;
use open::{Message, Open, Place, Reasoning, Voice};
use open_call::{OpenCall, prefix};
use search::Searches;

/// What the first event says.
#[derive(Debug, Clone)]
pub struct Opening {
    /// `resp_…`; ids of items are derived from it.
    pub response_id: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// The model that was asked for.
    pub model: String,
    /// Who reads the answer.
    pub reader: Reader,
    /// Who answers, in the words of failures.
    pub who: String,
    /// The request's parameters as [`echo`](super::echo) gives them; empty for Codex.
    pub echo: Map<String, Value>,
}

impl Opening {
    /// The answer before anything has come of it.
    #[must_use]
    pub fn response(&self) -> Response {
        Response {
            id: self.response_id.clone(),
            object: "response",
            created_at: self.created_at,
            completed_at: None,
            status: Status::InProgress,
            error: None,
            incomplete_details: None,
            model: self.model.clone(),
            output: Vec::new(),
            usage: None,
            end_turn: None,
            echo: self.echo.clone(),
        }
    }
}

/// Who reads an answer. Codex loses what it is told is incomplete; others read what the specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Codex.
    Codex,
    /// Any other client of the Responses API.
    Other,
}

/// One answer while it comes in. Ends by [`Turn::finish`] or [`Turn::fail`], once.
#[derive(Debug)]
pub struct Turn {
    response: Response,
    reader: Reader,
    who: String,
    /// The provider's name of the model that answers.
    model: String,
    tools: Tools,
    cuts: u32,
    window: Option<u64>,
    open: Option<Open>,
    calls: Calls,
    /// The first call that was not opened yet.
    next_call: usize,
    /// Words that came while a call was half said.
    deferred: String,
    /// White space that came before any words; providers write it between thoughts and calls.
    held: String,
    thoughts: Thoughts,
    reasoning_field: Option<ReasoningField>,
    /// Where thoughts are told again from their beginning.
    growth: Option<Growth>,
    searches: Searches,
    usage: Option<chat::Usage>,
    ending: Option<Ending>,
    healer: Healer,
    /// What the healer found in the piece of text at hand; kept, so that a piece costs no allocation.
    found: Vec<Found>,
    /// Calls that were healed. They are made at the end, when it is known that no proper call came.
    healed: Vec<heal::Call>,
    /// How many items were opened and will never be closed: a call that was cut.
    abandoned: usize,
    notice: Notice,
    /// How many items stood before the first of the exchange at hand.
    exchange: usize,
}

/// The field in which this provider streams its thoughts; gateways repeat them in a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReasoningField {
    Content,
    Reasoning,
    Text,
    Details,
}

impl Turn {
    /// A turn in which nothing has come yet; appends `response.created` and `response.in_progress`.
    pub fn open(opening: Opening, context: Context, out: &mut Vec<Event>) -> Self {
        let response = opening.response();
        out.push(Event::Created(response.clone()));
        out.push(Event::InProgress(response.clone()));
        Self {
            response,
            reader: opening.reader,
            who: opening.who,
            model: context.model,
            tools: context.tools,
            cuts: context.cuts,
            window: context.window,
            open: None,
            calls: Calls::default(),
            next_call: 0,
            deferred: String::new(),
            held: String::new(),
            thoughts: Thoughts::default(),
            reasoning_field: None,
            growth: context.thoughts_grow.then(Growth::default),
            searches: Searches::new(context.searches),
            usage: None,
            ending: None,
            healer: Healer::new(context.healing),
            found: Vec::new(),
            healed: Vec::new(),
            abandoned: 0,
            notice: Notice::default(),
            exchange: 0,
        }
    }

    /// Takes the next chunk and appends the events that it makes.
    ///
    /// # Errors
    ///
    /// When the chunk holds the provider's error object, or the answer more calls than it may; the turn must then be
    /// [failed](Turn::fail).
    pub fn push(&mut self, mut chunk: Chunk, out: &mut Vec<Event>) -> Result<(), Fault> {
        self.searched(&mut chunk, out);
        let first = chunk
            .choices
            .into_iter()
            .find(|choice| choice.index.is_none_or(|index| index <= 0));
        let choice = first.unwrap_or_default();
        let groq = chunk.x_groq.and_then(|groq| groq.usage);
        if let Some(usage) = chunk.usage.or(choice.usage).or(groq) {
            self.usage = Some(*usage);
        }
        if let Some(delta) = choice.delta.or(choice.message.map(|message| *message)) {
            self.calls.make_room(delta.tool_calls.len())?;
            self.delta(delta, out);
            self.calls.hold()?;
            if self.healed.len() > MOST_ITEMS {
                return Err(Excess::Items.into());
            }
        }
        if let Some(ending) = choice.finish_reason.as_deref().and_then(Ending::read) {
            self.ending = Some(ending);
        }
        chunk.error.map_or(Ok(()), |error| Err(Fault::Told(error)))
    }

    /// The provider wrote `[DONE]`: an answer without a finish reason is over, and whole unless a call was left half
    /// said.
    pub fn done(&mut self) {
        self.ending.get_or_insert(Ending::Over);
    }

    /// Whether the provider has said how the answer ends; only token counts may follow.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ending.is_some()
    }

    /// Whether the provider has said that the answer is whole, or cut by the limit that was set for it.
    #[must_use]
    pub fn is_told_whole(&self) -> bool {
        matches!(self.ending, Some(Ending::Whole | Ending::Length))
    }

    fn delta(&mut self, mut delta: Delta, out: &mut Vec<Event>) {
        if let Some(growth) = &mut self.growth {
            growth.cut(&mut delta);
        }
        let (text, thinking) = voices(delta.content);
        let (shown, details) = self.reasoning(
            [delta.reasoning_content, delta.reasoning, delta.reasoning_text],
            delta.reasoning_details,
        );
        if !(thinking.is_empty() && shown.is_empty()) {
            self.healer.thinks_properly();
        }
        self.think(&thinking, true, out);
        self.think(&shown, !details, out);
        self.execute(delta.executed_tools, out);
        if !text.is_empty() {
            self.heal(|healer, found| healer.push(text, found), out);
        }
        // Codex knows no part of this kind and would drop the whole message.
        let refusing = match self.reader {
            Reader::Codex => Voice::Text,
            Reader::Other => Voice::Refusal,
        };
        self.say(delta.refusal.unwrap_or_default(), refusing, out);
        self.cite(delta.annotations, out);
        let only = delta.function_call.map(|function| ToolCallDelta {
            function: Some(function),
            ..ToolCallDelta::default()
        });
        // Snowflake writes out every field that it knows, a call without a name or arguments, too (seen 2026-07).
        let calls = delta.tool_calls.into_iter().chain(only);
        for call in calls.filter(|call| !call.is_empty()) {
            self.heal(Healer::interrupt, out);
            self.call(call, out);
        }
    }

    /// Records details and gives the thoughts to show, and whether they stand in the details.
    fn reasoning(&mut self, texts: [Option<String>; 3], details: Vec<Map<String, Value>>) -> (String, bool) {
        use ReasoningField::{Content, Details, Reasoning, Text};

        let in_details: String = details.iter().filter_map(detail_text).collect();
        let has_details = !details.is_empty() || !self.thoughts.details.is_empty();
        for detail in details {
            self.thoughts.push_detail(detail);
        }
        let [content, reasoning, text] = texts.map(Option::unwrap_or_default);
        let fields = [
            (Content, content),
            (Reasoning, reasoning),
            (Text, text),
            (Details, in_details),
        ];
        let chosen = fields
            .into_iter()
            .find(|(field, text)| !text.is_empty() && self.reasoning_field.is_none_or(|known| known == *field));
        let Some((field, text)) = chosen else {
            return (String::new(), has_details);
        };
        self.reasoning_field = Some(field);
        (text, has_details)
    }

    /// Shows thoughts; `keep` says whether their text must be kept, because no details hold it.
    fn think(&mut self, text: &str, keep: bool, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        if self.half_said() {
            // Thoughts beside a half-said call are kept for the provider and not shown.
            self.thoughts.text.push_str(if keep { text } else { "" });
            return;
        }
        if !matches!(self.open, Some(Open::Reasoning(_))) {
            self.close_open(out);
            let place = self.place("rs");
            self.open = Some(Open::Reasoning(Reasoning::open(place, out)));
        }
        self.thoughts.text.push_str(if keep { text } else { "" });
        if let Some(Open::Reasoning(reasoning)) = &mut self.open {
            reasoning.append(text, out);
        }
    }

    fn say(&mut self, text: String, voice: Voice, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        self.deferred.push_str(&text);
        if self.half_said() {
            return;
        }
        let text = std::mem::take(&mut self.deferred);
        if !matches!(&self.open, Some(Open::Message(message)) if message.voice() == voice) {
            self.held.push_str(&text);
            // All that is held is white until then.
            if text.trim().is_empty() {
                return;
            }
            self.close_open(out);
            let place = self.place("msg");
            let mut message = Message::open(place, voice, out);
            message.append(std::mem::take(&mut self.held), out);
            self.open = Some(Open::Message(message));
            return;
        }
        if let Some(Open::Message(message)) = &mut self.open {
            message.append(text, out);
        }
    }

    fn call(&mut self, mut delta: ToolCallDelta, out: &mut Vec<Event>) {
        if let Some(name) = delta.function.as_mut().and_then(|function| function.name.as_mut())
            && let Some(healed) = self.healer.name(name)
        {
            *name = healed;
        }
        let stem = stem(&self.response.id).to_owned();
        let (number, piece) = self.calls.push(delta, &stem);
        if let Some(Open::Call(open)) = &mut self.open
            && open.call == number
        {
            open.append(&piece, out);
            return;
        }
        self.open_calls(out);
    }

    /// Opens the calls that wait, as long as the one before each is whole.
    fn open_calls(&mut self, out: &mut Vec<Event>) {
        while self.next_call < self.calls.len() && !self.half_said() {
            let call = self.calls.get(self.next_call);
            if call.name.is_empty() {
                return;
            }
            self.open_call(out);
        }
    }

    /// Opens the next call with what has come of it.
    fn open_call(&mut self, out: &mut Vec<Event>) {
        self.close_open(out);
        let number = self.next_call;
        self.next_call += 1;
        let call = self.calls.get(number).clone();
        self.held.clear();
        let origin = self.tools.origin(&call.name);
        let place = self.place(prefix(origin.kind));
        let mut open = OpenCall::open(place, number, call.id, origin, out);
        open.append(&call.arguments, out);
        self.open = Some(Open::Call(open));
    }

    /// Whether a call is open whose arguments are not whole, so that nothing else may open.
    fn half_said(&self) -> bool {
        matches!(&self.open, Some(Open::Call(open)) if !self.calls.get(open.call).is_whole())
    }

    /// Whether every call has come whole.
    fn calls_are_whole(&self) -> bool {
        self.calls.len() == 0 || self.calls.get(self.calls.len() - 1).is_whole()
    }

    fn close_open(&mut self, out: &mut Vec<Event>) {
        let Some(open) = self.open.take() else {
            return;
        };
        let item = match open {
            Open::Reasoning(reasoning) => {
                let thoughts = self.take_thoughts();
                reasoning.close(&thoughts, out)
            }
            Open::Message(message) => {
                let annotations = match message.voice() {
                    Voice::Text => self.searches.take(),
                    Voice::Refusal => Vec::new(),
                };
                message.close(annotations, out)
            }
            Open::Search(searching) => searching.close(out),
            Open::Call(open) => {
                let call = self.calls.get(open.call);
                if let Some(extra) = &call.extra {
                    self.thoughts.extras.insert(call.id.clone(), extra.clone());
                }
                if open.origin.kind == Kind::WebSearch {
                    self.searches.echo(call);
                }
                open.close(&call.arguments, out)
            }
        };
        self.response.output.push(item);
    }

    /// What was thought since the last reasoning item; that it continues an answer is known from what stands before.
    fn take_thoughts(&mut self) -> Thoughts {
        let mut thoughts = std::mem::take(&mut self.thoughts);
        if !thoughts.details.is_empty() || !thoughts.extras.is_empty() {
            thoughts.by = Some(self.model.clone());
        }
        thoughts.continues = self.response.output.len() > self.exchange;
        thoughts
    }

    fn place(&self, prefix: &str) -> Place {
        let index = self.notice.places() + self.response.output.len() + self.abandoned;
        Place {
            id: format!("{prefix}_{}_{index}", stem(&self.response.id)),
            index,
        }
    }
}

/// What is particular about a response's id.
pub(super) fn stem(response_id: &str) -> &str {
    response_id.strip_prefix("resp_").unwrap_or(response_id)
}

/// Words and thoughts of a content, which Mistral mixes in one list.
fn voices(content: Option<DeltaContent>) -> (String, String) {
    match content {
        None => (String::new(), String::new()),
        Some(DeltaContent::Text(text)) => (text, String::new()),
        Some(DeltaContent::Parts(parts)) => {
            let mut text = String::new();
            let mut thinking = String::new();
            for part in parts {
                text.push_str(part.text.as_deref().unwrap_or_default());
                match part.thinking {
                    Some(Value::String(thought)) => thinking.push_str(&thought),
                    Some(Value::Array(thoughts)) => {
                        thinking.extend(thoughts.iter().filter_map(|part| part["text"].as_str()))
                    }
                    _ => {}
                }
            }
            (text, thinking)
        }
    }
}
