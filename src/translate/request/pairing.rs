//! Which output answers which call.

use std::collections::{HashMap, HashSet};

use crate::wire::responses::{CallOutput, Item};

/// Calls and outputs of a conversation, by their places in it.
#[derive(Debug, Default)]
pub struct Pairs<'a> {
    by_call: HashMap<usize, &'a CallOutput>,
    answering: HashSet<usize>,
}

/// A call that no output has answered yet.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    position: usize,
    answer: usize,
}

impl<'a> Pairs<'a> {
    /// Pairs every output with the first unanswered call of its id in the latest answer that has one. Ids may repeat,
    /// since some providers count from zero in every answer, and an interrupted call never gets an output.
    pub fn new(items: &'a [Item]) -> Self {
        let mut pairs = Self::default();
        let mut waiting: HashMap<&str, Vec<Waiting>> = HashMap::new();
        let mut answer = 0;
        for (position, item) in items.iter().enumerate() {
            match item {
                Item::FunctionCall(call) => {
                    let call_id = call.call_id.as_deref().unwrap_or_default();
                    waiting.entry(call_id).or_default().push(Waiting { position, answer });
                }
                Item::CustomToolCall(call) => {
                    let call_id = call.call_id.as_deref().unwrap_or_default();
                    waiting.entry(call_id).or_default().push(Waiting { position, answer });
                }
                Item::FunctionCallOutput(output) | Item::CustomToolCallOutput(output) => {
                    answer += 1;
                    let call_id = output.call_id.as_deref().unwrap_or_default();
                    if let Some(call) = waiting.get_mut(call_id).and_then(next) {
                        pairs.by_call.insert(call.position, output);
                        pairs.answering.insert(position);
                    }
                }
                Item::Message(message) if message.role.as_deref() != Some("assistant") => answer += 1,
                Item::Message(_) | Item::Reasoning(_) | Item::Unknown { .. } => {}
            }
        }
        pairs
    }

    /// The output of the call at a place.
    pub fn output(&self, call: usize) -> Option<&'a CallOutput> {
        self.by_call.get(&call).copied()
    }

    /// Whether the output at a place answers a call.
    pub fn answers(&self, output: usize) -> bool {
        self.answering.contains(&output)
    }
}

fn next(waiting: &mut Vec<Waiting>) -> Option<Waiting> {
    let latest = waiting.last()?.answer;
    let first = waiting.iter().position(|call| call.answer == latest)?;
    Some(waiting.remove(first))
}
