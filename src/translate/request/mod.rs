//! A Responses request becomes a Chat Completions request.
//!
//! The law of this direction: the messages and tools of one turn are, byte for byte, a prefix of the next turn's.
//! Providers' prompt caches are paid by it. So nothing here looks ahead, and nothing is random, timed or numbered.

mod answer;
pub(super) mod call_ids;
pub(super) mod calls;
pub(super) mod files;
mod headers;
pub(super) mod history;
pub(super) mod images;
pub(super) mod options;
pub(super) mod pairing;
mod schema;
pub(super) mod search;
mod special_tokens;
mod thinking;
pub(super) mod tools;

use std::fmt;

use crate::provider::dialect::{Dialect, ThoughtsApart};
use crate::wire::{chat, responses};

use crate::wire::responses::{Input, Item};

use super::heal::{Healing, Offered};
use super::names::Tools;
use super::reasoning::Thoughts;

pub use headers::headers;
pub(super) use images::text_of;

/// For whom a request is translated.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// How the provider speaks with this model.
    pub dialect: &'a Dialect,
    /// The provider's name of the model.
    pub model: &'a str,
    /// Whether the model sees images.
    pub vision: bool,
    /// Most tokens of an answer, if known.
    pub max_output: Option<u64>,
    /// Tokens of request and answer together, if known.
    pub window: Option<u64>,
}

/// What goes out, and what is needed to understand the answer.
#[derive(Debug, Clone)]
pub struct Outbound<'a> {
    /// The request.
    pub body: chat::Request<'a>,
    /// Headers that the dialect wants beside those of every provider.
    pub headers: Vec<(String, String)>,
    /// What the answer is understood with.
    pub context: Context,
    /// What was left out or put differently, for the log.
    pub notes: Vec<Note>,
}

/// What the answer to a request is understood with.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The model that answers.
    pub model: String,
    /// The tools under the names that the provider sees.
    pub tools: Tools,
    /// How many answers directly before were cut by the limit on their length.
    pub cuts: u32,
    /// Tokens of request and answer together, if known.
    pub window: Option<u64>,
    /// Whether a search of the web was asked for.
    pub searches: bool,
    /// What its text is healed with.
    pub healing: Healing,
    /// Whether a piece of thoughts may begin with all thoughts before it.
    pub thoughts_grow: bool,
}

impl Context {
    /// Whether the model was given a tool whose calls go back to the provider.
    pub(super) fn may_go_on(&self) -> bool {
        self.tools.hosts(search::ECHOED)
    }
}

/// Something that the provider cannot be told as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A tool of a type that has no counterpart.
    DroppedTool(String),
    /// A search of the web that nobody turned on, or that this provider cannot do.
    NoSearch,
    /// A tool that the provider's limit leaves no place for.
    TooManyTools(String),
    /// An item of a type that has no counterpart.
    DroppedItem(String),
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DroppedTool(kind) => write!(formatter, "left out a tool of type `{kind}`"),
            Self::NoSearch => formatter.write_str("left out the search of the web"),
            Self::TooManyTools(name) => write!(formatter, "left out `{name}`: the provider takes no more tools"),
            Self::DroppedItem(kind) => write!(formatter, "left out an item of type `{kind}`"),
        }
    }
}

/// Translates a request. Never fails: what has no counterpart is left out and noted.
#[must_use]
pub fn request<'a>(target: Target<'_>, request: &'a responses::Request<'a>) -> Outbound<'a> {
    let mut names = Tools::default();
    let mut notes = Vec::new();
    let mut declared = tools::declare(target.dialect, request, &mut names, &mut notes);
    let (mut options, sentence) = options::options(target, request, &mut declared, &names);
    let search = search::ask(target.dialect, request, &mut names, &mut options, &mut notes);
    let healing = healing(target.dialect, declared.offered(), request);
    let mut messages = history::messages(target, request, sentence, &names, &mut notes);
    special_tokens::defuse(target.dialect.special_tokens, &mut messages, &mut declared.tools);
    Outbound {
        body: chat::Request {
            model: target.model.to_owned(),
            messages,
            tools: chat::Tools {
                hosted: search.tool,
                functions: declared.tools,
            },
            stream: true,
            options,
        },
        headers: headers(target.dialect, request),
        context: Context {
            model: target.model.to_owned(),
            tools: names,
            cuts: cuts(&request.input),
            window: target.window,
            searches: search.is_on,
            healing,
            thoughts_grow: target.dialect.thoughts_apart == ThoughtsApart::ReasoningSplit,
        },
        notes,
    }
}

/// What the answer's text is healed with. Where no tool may be called, no call is healed either, also if the dialect
/// has no word for such a choice.
pub(super) fn healing(dialect: &Dialect, offered: Offered, request: &responses::Request<'_>) -> Healing {
    let may_call = request.tool_choice.as_ref().is_none_or(|choice| choice != "none");
    let format = request
        .text
        .as_ref()
        .and_then(|text| text.format.as_ref()?.r#type.as_deref());
    Healing {
        grammars: dialect.heal.clone(),
        tools: if may_call { offered } else { Offered::default() },
        wants_json: matches!(format, Some("json_object" | "json_schema")),
    }
}

/// How often in a row the model was cut, up to the end of the conversation.
pub(super) fn cuts(input: &Input<'_>) -> u32 {
    let Input::Items(items) = input else {
        return 0;
    };
    match items.last() {
        Some(Item::Reasoning(item)) => Thoughts::open(item).cuts,
        _ => 0,
    }
}
