//! Which output answers which call.

use std::collections::{HashMap, HashSet};

use crate::wire::responses::Item;

/// Calls and outputs of a conversation, by their places in it.
#[derive(Debug, Default)]
pub struct Pairs<'a> {
    by_call: HashMap<usize, (usize, &'a Item<'a>)>,
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
    pub fn new(items: &'a [Item<'a>]) -> Self {
        let mut pairs = Self::default();
        let mut waiting: HashMap<&str, Vec<Waiting>> = HashMap::new();
        let mut answer = 0;
        for (position, item) in items.iter().enumerate() {
            if let Some(call_id) = item.called() {
                waiting.entry(call_id).or_default().push(Waiting { position, answer });
            } else if let Some(call_id) = item.answered() {
                answer += 1;
                if let Some(call) = waiting.get_mut(call_id).and_then(next) {
                    pairs.by_call.insert(call.position, (position, item));
                    pairs.answering.insert(position);
                }
            } else if is_said_to_the_model(item) {
                answer += 1;
            }
        }
        pairs
    }

    /// The output of the call at a place.
    pub fn output(&self, call: usize) -> Option<&'a Item<'a>> {
        self.by_call.get(&call).map(|(_, item)| *item)
    }

    /// The place of the output of the call at a place.
    pub fn place(&self, call: usize) -> Option<usize> {
        self.by_call.get(&call).map(|(place, _)| *place)
    }

    /// Whether the output at a place answers a call.
    pub fn answers(&self, output: usize) -> bool {
        self.answering.contains(&output)
    }
}

fn is_said_to_the_model(item: &Item<'_>) -> bool {
    match item {
        Item::Message(message) => message.role.as_deref() != Some("assistant"),
        Item::AgentMessage(_) => true,
        _ => false,
    }
}

fn next(waiting: &mut Vec<Waiting>) -> Option<Waiting> {
    let latest = waiting.last()?.answer;
    let first = waiting.iter().position(|call| call.answer == latest)?;
    Some(waiting.remove(first))
}
