//! Pieces of tool calls find the call that they belong to.
//!
//! Providers differ in what they repeat: some send the index in every piece and the id in the first, some the id and
//! the name in every piece, some neither; some send two calls under one index, or index -1.

use std::collections::HashSet;

use serde_json::Value;

use crate::translate::room::{Excess, MOST_ARGUMENTS, MOST_ITEMS};
use crate::wire::chat::ToolCallDelta;

use super::nesting::Nesting;

/// A call, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The provider's id, made unique within the answer; empty until one is known.
    pub id: String,
    /// The provider's name of the tool; empty until it came.
    pub name: String,
    /// The arguments so far.
    pub arguments: String,
    /// What the provider wants back with the call.
    pub extra: Option<Value>,
    index: Option<i64>,
    given_id: String,
    nesting: Nesting,
}

impl Call {
    /// Whether the arguments are a whole JSON value, so that another piece would be another call's.
    pub fn is_whole(&self) -> bool {
        self.nesting.is_over(&self.arguments)
    }

    fn append(&mut self, piece: &str) {
        self.arguments.push_str(piece);
        self.nesting.push(piece);
    }
}

/// The calls of one answer in the order in which they began.
#[derive(Debug, Default)]
pub struct Calls {
    calls: Vec<Call>,
    ids: HashSet<String>,
    /// How long the longest arguments are.
    longest: usize,
}

impl Calls {
    /// Takes a piece; gives the place of its call and the arguments that it added.
    pub fn push(&mut self, delta: ToolCallDelta, stem: &str) -> (usize, String) {
        let function = delta.function.unwrap_or_default();
        let id = delta.id.unwrap_or_default();
        let name = function.name.unwrap_or_default();
        let piece = match function.arguments {
            Some(Value::String(text)) => text,
            Some(Value::Null) | None => String::new(),
            // MiniMax and Ollama's own dialect send the object itself.
            Some(value) => value.to_string(),
        };
        let index = delta.index.filter(|index| *index >= 0);
        let place = match self.place(index, &id, &name, &piece) {
            Some(place) => place,
            None => self.begin(index, &id, stem),
        };
        let call = &mut self.calls[place];
        if call.name.is_empty() {
            call.name = name;
        }
        if delta.extra_content.is_some() {
            call.extra = delta.extra_content;
        }
        call.append(&piece);
        self.longest = self.longest.max(call.arguments.len());
        (place, piece)
    }

    /// Whether so many pieces may still begin calls.
    ///
    /// # Errors
    ///
    /// When there are too many calls.
    pub fn make_room(&self, pieces: usize) -> Result<(), Excess> {
        match self.calls.len() + pieces <= MOST_ITEMS {
            true => Ok(()),
            false => Err(Excess::Items),
        }
    }

    /// Whether all that came can be held.
    ///
    /// # Errors
    ///
    /// When the arguments of a call are too long.
    pub fn hold(&self) -> Result<(), Excess> {
        match self.longest <= MOST_ARGUMENTS {
            true => Ok(()),
            false => Err(Excess::Arguments),
        }
    }

    /// The call at a place that [`Calls::push`] gave.
    pub fn get(&self, place: usize) -> &Call {
        &self.calls[place]
    }

    /// Forgets the calls of an exchange; ids stay unique for the whole turn.
    pub fn clear(&mut self) {
        self.calls.clear();
    }

    /// How many calls have begun.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    fn place(&self, index: Option<i64>, id: &str, name: &str, piece: &str) -> Option<usize> {
        let last = match (index, id) {
            (Some(index), _) => self.calls.iter().rposition(|call| call.index == Some(index)),
            (None, "") => self.calls.len().checked_sub(1),
            (None, id) => return self.calls.iter().rposition(|call| call.given_id == id),
        }?;
        let call = &self.calls[last];
        let other_id = !id.is_empty() && !call.given_id.is_empty() && id != call.given_id;
        let same_id = !id.is_empty() && id == call.given_id;
        // A name after whole arguments begins another call, unless it only repeats what was said.
        let repeats = name.is_empty() || same_id || (piece.is_empty() && name == call.name);
        let begins_anew = !repeats && call.is_whole();
        (!other_id && !begins_anew).then_some(last)
    }

    fn begin(&mut self, index: Option<i64>, id: &str, stem: &str) -> usize {
        let place = self.calls.len();
        let wished = if id.is_empty() {
            format!("call_{stem}_{place}")
        } else {
            id.to_owned()
        };
        let mut unique = wished.clone();
        let mut attempt = 2;
        while !self.ids.insert(unique.clone()) {
            unique = format!("{wished}_{attempt}");
            attempt += 1;
        }
        self.calls.push(Call {
            id: unique,
            name: String::new(),
            arguments: String::new(),
            extra: None,
            index,
            given_id: id.to_owned(),
            nesting: Nesting::default(),
        });
        place
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Name and arguments of every call that the pieces make.
    fn read(deltas: Value) -> Vec<(String, String)> {
        let deltas: Vec<ToolCallDelta> = serde_json::from_value(deltas).unwrap();
        let mut calls = Calls::default();
        for delta in deltas {
            calls.push(delta, "x");
        }
        let ids: HashSet<&String> = calls.calls.iter().map(|call| &call.id).collect();
        assert_eq!(ids.len(), calls.len(), "ids are unique");
        calls
            .calls
            .into_iter()
            .map(|call| (call.name, call.arguments))
            .collect()
    }

    fn two() -> Vec<(String, String)> {
        let call = |argument: &str| ("f".to_owned(), format!("{{\"a\":{argument}}}"));
        vec![call("1"), call("2")]
    }

    #[test]
    fn index_first_id_and_name_once() {
        assert_eq!(
            read(json!([
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}},
                {"index": 0, "function": {"arguments": "{\"a\":"}},
                {"index": 0, "function": {"arguments": "1}"}},
                {"index": 1, "id": "b", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"index": 1, "function": {"arguments": "2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn interleaved_by_index() {
        assert_eq!(
            read(json!([
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"index": 1, "id": "b", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"index": 0, "function": {"arguments": "1}"}},
                {"index": 1, "function": {"arguments": "2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn interleaved_by_id() {
        assert_eq!(
            read(json!([
                {"id": "a", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"id": "b", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"id": "a", "function": {"arguments": "1}"}},
                {"id": "b", "function": {"arguments": "2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn id_and_name_in_every_piece() {
        assert_eq!(
            read(json!([
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"a\":"}},
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1}"}},
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}},
                {"index": 1, "id": "b", "function": {"name": "f", "arguments": "{\"a\":2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn neither_index_nor_id() {
        assert_eq!(
            read(json!([
                {"function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"function": {"name": "f", "arguments": "{\"a\":"}},
                {"function": {"arguments": "2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn two_calls_under_one_index() {
        for ids in [["a", "b"], ["", ""]] {
            let deltas = json!([
                {"index": 0, "id": ids[0], "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"index": 0, "id": ids[1], "function": {"name": "f", "arguments": "{\"a\":2}"}},
            ]);
            assert_eq!(read(deltas), two(), "{ids:?}");
        }
    }

    #[test]
    fn one_id_for_two_indexes_and_index_minus_one() {
        assert_eq!(
            read(json!([
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"index": 1, "id": "a", "function": {"name": "f", "arguments": "{\"a\":2}"}},
            ])),
            two()
        );
        assert_eq!(
            read(json!([
                {"index": -1, "id": "a", "function": {"name": "f", "arguments": "{\"a\":1}"}},
                {"index": -1, "id": "b", "function": {"name": "f", "arguments": "{\"a\":2}"}},
            ])),
            two()
        );
    }

    #[test]
    fn arguments_as_an_object() {
        assert_eq!(
            read(json!([
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": {"a": 1}}},
                {"index": 1, "id": "b", "function": {"name": "f", "arguments": {"a": 2}}},
            ])),
            two()
        );
    }
}
