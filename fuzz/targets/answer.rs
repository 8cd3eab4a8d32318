//! Whatever a provider answers is a lawful turn, in both protocols, for both readers, healed or not.

use crelay::provider::dialect::{Grammar, Grammars};
use crelay::translate::{Context, Reader, native};
use crelay::wire::responses::Streamed;

use serde_json::Value;

use crate::laws::offered::offered;
use crate::laws::{End, decode, frames, hear, play_bytes, play_native_bytes, said};

use super::{SHORT, place};

/// Bits of the first byte.
const NATIVE: u8 = 1;
const OTHER_READER: u8 = 2;
const HEALED: u8 = 4;
const BEGINS_IN_THOUGHT: u8 = 8;
const THOUGHTS_GROW: u8 = 16;
const WANTS_JSON: u8 = 32;
const WAS_CUT: u8 = 64;

pub fn check(input: &[u8]) {
    let [settings, split, stream @ ..] = input else { return };
    let play = |pieces: &[&[u8]]| answer(*settings, pieces);
    let whole = play(&[stream]);
    let (left, right) = stream.split_at(place(stream.len(), *split));
    assert_eq!(play(&[left, right]), whole, "split");
    if stream.len() <= SHORT {
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(play(&single), whole, "byte by byte");
    }
    lawful(*settings, stream, &whole);
    lawful(*settings, left, &play(&[left]));
}

fn answer(settings: u8, pieces: &[&[u8]]) -> Vec<u8> {
    let has = |setting: u8| settings & setting != 0;
    let reader = if has(OTHER_READER) {
        Reader::Other
    } else {
        Reader::Codex
    };
    let mut grammars = if has(HEALED) {
        Grammars::default()
    } else {
        Grammars::none()
    };
    if has(BEGINS_IN_THOUGHT) {
        grammars.set(Grammar::ThinkPrefilled, true);
    }
    let (tools, mut healing) = offered(grammars);
    healing.wants_json = has(WANTS_JSON);
    if has(NATIVE) {
        let context = native::Context {
            tools,
            healing,
            ..native::Context::default()
        };
        return play_native_bytes(pieces, context, reader);
    }
    let context = Context {
        tools,
        healing,
        thoughts_grow: has(THOUGHTS_GROW),
        cuts: u32::from(has(WAS_CUT)) * 2,
        ..Context::default()
    };
    play_bytes(pieces, context, reader)
}

/// The events without arguments in pieces. Of a Responses endpoint whose pieces are not those of what it gives whole the
/// last word counts, and what was passed on before it cannot be taken back.
fn without_pieces_of_arguments(mut events: Vec<Value>) -> Vec<Value> {
    let pieces = ["response.function_call_arguments.", "response.custom_tool_call_input."];
    events.retain(|event| {
        let kind = event["type"].as_str().unwrap_or_default();
        !pieces.iter().any(|piece| kind.starts_with(piece))
    });
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    events
}

/// Hears the turn out, which checks it, and compares its end with what was said.
fn lawful(settings: u8, stream: &[u8], told: &[u8]) {
    let mut events = decode(told);
    if settings & NATIVE != 0 {
        events = without_pieces_of_arguments(events);
    }
    let heard = hear(&events);
    if heard.end == End::Failed {
        return;
    }
    let frames = frames(stream);
    let is_said = if settings & NATIVE == 0 {
        let said = said::read(&frames);
        said.finish.is_some() || said.done
    } else {
        let mut events = frames
            .iter()
            .filter_map(|frame| Streamed::read(frame.event.as_deref(), &frame.data));
        events.any(|event| event.is_end())
    };
    assert!(is_said, "completed only if the provider said so");
}
