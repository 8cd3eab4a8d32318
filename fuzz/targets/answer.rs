//! Whatever a provider answers is a lawful turn, in both protocols, for both readers, healed or not.

use std::collections::{BTreeMap, BTreeSet};

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

/// Whether a Responses endpoint gives arguments in pieces that are not those that it gives whole: the last word counts then,
/// and what was passed on before it cannot be taken back.
fn contradicts_itself(stream: &[u8]) -> bool {
    let mut sums: BTreeMap<String, String> = BTreeMap::new();
    let mut wholes: BTreeSet<String> = BTreeSet::new();
    for frame in frames(stream) {
        let Ok(event) = serde_json::from_str::<Value>(&frame.data) else {
            continue;
        };
        if let Some(delta) = event["delta"].as_str() {
            let place = format!("{} {}", event["output_index"], event["item_id"]);
            sums.entry(place).or_default().push_str(delta);
        }
        let repeated = event["response"]["output"].as_array().into_iter().flatten();
        for whole in repeated.chain([&event, &event["item"]]) {
            let texts = [&whole["arguments"], &whole["input"]]
                .into_iter()
                .filter_map(Value::as_str);
            wholes.extend(texts.filter(|text| !text.is_empty()).map(str::to_owned));
        }
    }
    !wholes
        .iter()
        .all(|whole| sums.is_empty() || sums.values().any(|sum| sum == whole))
}

/// Hears the turn out, which checks it, and compares its end with what was said.
fn lawful(settings: u8, stream: &[u8], told: &[u8]) {
    if settings & NATIVE != 0 && contradicts_itself(stream) {
        return;
    }
    let heard = hear(&decode(told));
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
