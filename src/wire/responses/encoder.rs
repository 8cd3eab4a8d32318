//! How events are written: as frames, with numbers.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Event, PartEvent, Piece};
use crate::wire::{escape, sse};

/// Writes events as frames and numbers them.
#[derive(Debug, Default)]
pub struct Encoder {
    sequence: u64,
    log_probabilities: bool,
}

impl Encoder {
    /// The next event has number 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, for clients of which some want a list of log probabilities beside every text, however empty it is
    /// (OpenAI's own types, `openai` 3.54 for Python). Codex reads none.
    #[must_use]
    pub fn with_log_probabilities() -> Self {
        Self {
            sequence: 0,
            log_probabilities: true,
        }
    }

    /// Appends `event` to `out` as one frame.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        let numbered = Numbered {
            event,
            sequence: self.sequence,
        };
        let data = |out: &mut Vec<u8>| match event.piece() {
            Some(piece) => self.write_piece(event, piece, out),
            // Serialising our own types into memory cannot fail: every map key is a string.
            None => drop(serde_json::to_writer(out, &numbered)),
        };
        sse::write(event.name(), data, out);
        self.sequence += 1;
    }

    /// Nearly all events are such, so they are written without anything between.
    fn write_piece(&self, event: &Event, piece: &Piece, out: &mut Vec<u8>) {
        let (index, text) = event.fields_of_piece();
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(event.name().as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        escape::number(self.sequence, out);
        out.extend_from_slice(b",\"item_id\":");
        escape::string(&piece.item_id, out);
        out.extend_from_slice(b",\"output_index\":");
        escape::number(piece.output_index as u64, out);
        if let Some(index) = index {
            escape::name(index, out);
            escape::number(piece.index as u64, out);
        }
        escape::name(text, out);
        escape::string(&piece.text, out);
        if self.log_probabilities && matches!(event, Event::OutputTextDelta(_) | Event::OutputTextDone(_)) {
            out.extend_from_slice(b",\"logprobs\":[]");
        }
        out.push(b'}');
    }
}

/// An event that is no piece.
struct Numbered<'a> {
    event: &'a Event,
    sequence: u64,
}

impl Serialize for Numbered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.event.name())?;
        map.serialize_entry("sequence_number", &self.sequence)?;
        match self.event {
            Event::Created(response)
            | Event::InProgress(response)
            | Event::Completed(response)
            | Event::Failed(response)
            | Event::Incomplete(response) => map.serialize_entry("response", response)?,
            Event::OutputItemAdded(event) | Event::OutputItemDone(event) => {
                map.serialize_entry("output_index", &event.output_index)?;
                map.serialize_entry("item", &event.item)?;
            }
            Event::ContentPartAdded(event) | Event::ContentPartDone(event) => {
                part(&mut map, event, "content_index")?;
            }
            Event::ReasoningSummaryPartAdded(event) | Event::ReasoningSummaryPartDone(event) => {
                part(&mut map, event, "summary_index")?;
            }
            Event::OutputTextAnnotationAdded(event) => {
                map.serialize_entry("item_id", &event.item_id)?;
                map.serialize_entry("output_index", &event.output_index)?;
                map.serialize_entry("content_index", &event.index)?;
                map.serialize_entry("annotation_index", &event.annotation_index)?;
                map.serialize_entry("annotation", &event.annotation)?;
            }
            Event::Passed(passed) => {
                for (name, value) in &passed.fields {
                    map.serialize_entry(name, value)?;
                }
            }
            // Pieces are written by hand.
            _ => {}
        }
        map.end()
    }
}

fn part<M: SerializeMap, P: Serialize>(map: &mut M, event: &PartEvent<P>, index: &'static str) -> Result<(), M::Error> {
    map.serialize_entry("item_id", &event.item_id)?;
    map.serialize_entry("output_index", &event.output_index)?;
    map.serialize_entry(index, &event.index)?;
    map.serialize_entry("part", &event.part)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(encoder: &mut Encoder, event: &Event) -> (String, Value) {
        let mut out = Vec::new();
        encoder.encode(event, &mut out);
        let frame = String::from_utf8(out).unwrap();
        let frame = frame.strip_prefix("event: ").unwrap().strip_suffix("\n\n").unwrap();
        let (name, data) = frame.split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap())
    }

    fn piece() -> Piece {
        Piece {
            item_id: "msg_\"1".to_owned(),
            output_index: 2,
            index: 3,
            text: "a\n\u{1}é".to_owned(),
        }
    }

    /// An event of a piece, its name, and the names of the fields with the part's place and the text.
    type Kind = (fn(Piece) -> Event, &'static str, &'static str, &'static str);

    const KINDS: [Kind; 10] = [
        (Event::OutputTextDelta, "output_text.delta", "content_index", "delta"),
        (Event::OutputTextDone, "output_text.done", "content_index", "text"),
        (Event::RefusalDelta, "refusal.delta", "content_index", "delta"),
        (Event::RefusalDone, "refusal.done", "content_index", "refusal"),
        (
            Event::ReasoningSummaryTextDelta,
            "reasoning_summary_text.delta",
            "summary_index",
            "delta",
        ),
        (
            Event::ReasoningSummaryTextDone,
            "reasoning_summary_text.done",
            "summary_index",
            "text",
        ),
        (
            Event::FunctionCallArgumentsDelta,
            "function_call_arguments.delta",
            "",
            "delta",
        ),
        (
            Event::FunctionCallArgumentsDone,
            "function_call_arguments.done",
            "",
            "arguments",
        ),
        (
            Event::CustomToolCallInputDelta,
            "custom_tool_call_input.delta",
            "",
            "delta",
        ),
        (
            Event::CustomToolCallInputDone,
            "custom_tool_call_input.done",
            "",
            "input",
        ),
    ];

    #[test]
    fn every_piece_is_written_with_the_fields_of_its_kind() {
        let mut encoder = Encoder::with_log_probabilities();
        for (number, (event, name, index, text)) in KINDS.into_iter().enumerate() {
            let name = format!("response.{name}");
            let piece = piece();
            let mut expected = json!({
                "type": name, "sequence_number": number, "item_id": piece.item_id, "output_index": 2,
                text: piece.text,
            });
            if !index.is_empty() {
                expected[index] = json!(3);
            }
            if name.starts_with("response.output_text.") {
                expected["logprobs"] = json!([]);
            }
            assert_eq!(written(&mut encoder, &event(piece)), (name, expected));
        }
    }
}
