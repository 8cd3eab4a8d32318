//! The Responses API of a provider's own: requests are passed through, and only what the endpoint does not take is
//! written differently; answers are passed on, with what is missing or misshapen put right.

mod healing;
mod history;
mod incoming;
mod items;
mod open;
mod options;
mod tools;
mod turn;

use serde_json::{Map, Value, json};

use crate::wire::responses::{Input, Item};

use super::exchange::Question;
use super::heal::Healing;
use super::names::Tools;
use super::request::{Note, Target, cuts, headers, healing};

pub use turn::Turn;

/// What goes out, and what is needed to understand the answer.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The request.
    pub body: Value,
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
    /// The tools under the names that the provider sees.
    pub tools: Tools,
    /// How many answers directly before were cut by the limit on their length.
    pub cuts: u32,
    /// Tokens of request and answer together, if known.
    pub window: Option<u64>,
    /// Which model of which provider answers.
    pub by: String,
    /// What its text is healed with.
    pub healing: Healing,
}

/// Repairs a request. Never fails: what the endpoint does not take is left out and noted.
#[must_use]
pub fn request(target: Target<'_>, question: &Question<'_>) -> Outbound {
    let fields = match (question.whole)() {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let typed = typed(&question.request.input);
    let raw = raw(fields.get("input"));
    let by = format!("{}/{}", question.asked, target.model);
    let mut names = Tools::default();
    let mut notes = Vec::new();
    let pairs: Vec<(&Item, &Value)> = typed.iter().zip(&raw).collect();
    let mut declared = tools::declare(target.dialect, &fields, &pairs, &mut names, &mut notes);
    let (options, sentence) = options::options(target, question.request, &fields, &mut declared, &names);
    let healing = healing(target.dialect, declared.offered, question.request);
    let conversation = history::Conversation {
        target,
        names: &names,
        by: &by,
        instructions: [question.request.instructions.clone(), sentence],
    };
    let (instructions, input) = conversation.written(&typed, &raw, &mut notes);
    let mut body = Map::from_iter([("model".to_owned(), json!(target.model))]);
    if let Some(instructions) = instructions {
        body.insert("instructions".to_owned(), json!(instructions));
    }
    body.insert("input".to_owned(), Value::Array(input));
    if !declared.tools.is_empty() {
        body.insert("tools".to_owned(), Value::Array(declared.tools));
    }
    body.insert("stream".to_owned(), json!(true));
    body.extend(options);
    Outbound {
        body: Value::Object(body),
        headers: headers(target.dialect, question.request),
        context: Context {
            tools: names,
            cuts: cuts(&question.request.input),
            window: target.window,
            by,
            healing,
        },
        notes,
    }
}

/// The items as far as crelay knows them.
fn typed<'a>(input: &Input<'a>) -> Vec<Item<'a>> {
    input.clone().into_items()
}

/// The same items as they came.
fn raw(input: Option<&Value>) -> Vec<Value> {
    match input {
        Some(Value::Array(items)) => items.clone(),
        Some(text @ Value::String(_)) => vec![json!({"type": "message", "role": "user", "content": text})],
        _ => Vec::new(),
    }
}
