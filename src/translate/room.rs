//! How much one answer may hold. Each limit is far beyond what any model of the table can say; a provider that passes
//! one does not stop by itself, and the turn ends in words.

use serde_json::{Map, Value};

use crate::wire::Said;
use crate::wire::chat::{Chunk, Delta, DeltaContent, ToolCallDelta};

/// Text of all voices together, in bytes. The longest answer of the table has 524288 tokens, about 4 bytes each, and an
/// endpoint of the Responses API says everything up to three times.
pub const MOST_TEXT: usize = 64 * 1024 * 1024;

/// Arguments of one call, in bytes: as much as one frame may bring, so that it does not count in how many they come.
pub const MOST_ARGUMENTS: usize = crate::wire::sse::FRAME_LIMIT;

/// Calls of one answer, and items of any kind, and parts of one item. No API offers more than 128 calls at once.
pub const MOST_ITEMS: usize = 1024;

/// Pages that one answer may cite. What is found beyond is left out.
pub const MOST_PAGES: usize = 1024;

/// What a value costs beside its text: about as much as it takes in memory.
const COST: usize = 64;

/// More came than one answer may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// Text.
    #[error("it is longer than {} MiB", MOST_TEXT >> 20)]
    Text,
    /// Arguments of one call.
    #[error("the arguments of one call are longer than {} MiB", MOST_ARGUMENTS >> 20)]
    Arguments,
    /// Calls, items or parts.
    #[error("it has more than {MOST_ITEMS} calls or parts")]
    Items,
}

/// Why a turn cannot go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The provider's error object, whatever its shape.
    #[error("{0}")]
    Told(Value),
    /// More came than a turn may hold.
    #[error(transparent)]
    Excess(#[from] Excess),
}

/// What is left for the text of an answer.
#[derive(Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST_TEXT)
    }
}

impl Room {
    /// Makes room for what was said.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn take(&mut self, said: &Said) -> Result<(), Excess> {
        let weight = match said {
            Said::Chunk(chunk) => of_chunk(chunk),
            // What repeats the whole answer ends it, and is bounded by the frame that it came in.
            Said::Event(event) if event.is_end() => 0,
            Said::Event(event) => of_fields(&event.fields),
        };
        self.0 = self.0.checked_sub(weight).ok_or(Excess::Text)?;
        Ok(())
    }
}

/// Searches are not weighed: what is kept of them has a number of its own.
fn of_chunk(chunk: &Chunk) -> usize {
    let deltas = chunk.choices.iter();
    deltas
        .filter_map(|choice| choice.delta.as_ref().or(choice.message.as_deref()))
        .map(of_delta)
        .sum()
}

fn of_delta(delta: &Delta) -> usize {
    let texts = [
        &delta.reasoning_content,
        &delta.reasoning,
        &delta.reasoning_text,
        &delta.refusal,
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let content = match &delta.content {
        None => 0,
        Some(DeltaContent::Text(text)) => text.len(),
        Some(DeltaContent::Parts(parts)) => parts
            .iter()
            .map(|part| part.text.as_ref().map_or(0, String::len) + part.thinking.as_ref().map_or(0, of_value))
            .sum(),
    };
    let details: usize = delta.reasoning_details.iter().map(of_fields).sum();
    let calls: usize = delta.tool_calls.iter().map(of_call).sum();
    let only = delta.function_call.as_ref().and_then(|call| call.arguments.as_ref());
    texts + content + details + calls + only.map_or(0, of_value)
}

fn of_call(call: &ToolCallDelta) -> usize {
    let function = call.function.as_ref();
    let name = function.and_then(|function| function.name.as_ref());
    let values = [
        function.and_then(|function| function.arguments.as_ref()),
        call.extra_content.as_ref(),
    ];
    let values: usize = values.into_iter().flatten().map(of_value).sum();
    call.id.as_ref().map_or(0, String::len) + name.map_or(0, String::len) + values
}

fn of_fields(fields: &Map<String, Value>) -> usize {
    let fields = fields.iter().map(|(name, value)| name.len() + of_value(value));
    COST + fields.sum::<usize>()
}

/// Values nest at most 128 deep (`serde_json`), so this returns.
fn of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => COST,
        Value::String(text) => text.len(),
        Value::Array(values) => COST + values.iter().map(of_value).sum::<usize>(),
        Value::Object(fields) => of_fields(fields),
    }
}
