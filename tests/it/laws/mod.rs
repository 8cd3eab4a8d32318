//! What holds for every turn, recorded or made up.
//!
//! One terminal event and nothing after; each item opened once and closed once, one at a time; deltas add up; what the
//! provider said is what Codex hears, voice by voice; completed only if the provider said so; bytes split anywhere
//! give the same, cut anywhere still give a lawful turn; turn n's messages are a byte-for-byte prefix of turn n+1's.

mod conversations;
mod dialects;
mod generated;
mod heal;
pub mod heard;
pub mod native;
mod native_generated;
mod obeyed;
mod recorded;
mod recordings;
pub mod said;

pub use heard::{End, Heard, hear};
pub use native::{native_recordings, play_native, play_native_bytes};
pub use recorded::{Exchange, Kind, exchanges, shared};
pub use recordings::recordings;

use crelay::translate::{Context, Opening, Reader, Turn, echo};
use crelay::wire::responses::{Encoder, Event, ResponseError};
use crelay::wire::{chat, sse};
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;

/// So many made-up cases, the same in every run.
pub fn cases(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(0x00c0_de0f),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Sends the bytes of an answer through the translator; gives the bytes that Codex gets, and the events in them.
pub fn play_bytes(bytes: &[u8], context: Context) -> (Vec<u8>, Vec<Value>) {
    let mut frames = Vec::new();
    let mut decoder = sse::Decoder::new();
    decoder.push(bytes, &mut frames).unwrap();
    decoder.finish(&mut frames);
    let bytes = encode(&answer(&frames, context, Reader::Codex));
    let events = decode(&bytes);
    (bytes, events)
}

/// What a client other than Codex gets for the same answer.
pub fn play_for_others(bytes: &[u8]) -> Vec<Value> {
    let mut frames = Vec::new();
    let mut decoder = sse::Decoder::new();
    decoder.push(bytes, &mut frames).unwrap();
    decoder.finish(&mut frames);
    decode(&encode(&answer(&frames, Context::default(), Reader::Other)))
}

/// Sends the bytes of an answer, in pieces, through the translator and gives the events as Codex reads them.
pub fn play(pieces: &[&[u8]], context: Context) -> Vec<Value> {
    let mut frames = Vec::new();
    let mut decoder = sse::Decoder::new();
    for piece in pieces {
        decoder.push(piece, &mut frames).unwrap();
    }
    decoder.finish(&mut frames);
    decode(&encode(&answer(&frames, context, Reader::Codex)))
}

fn answer(frames: &[sse::Frame], context: Context, reader: Reader) -> Vec<Event> {
    let mut out = Vec::new();
    let opening = Opening {
        response_id: "resp_law".to_owned(),
        created_at: 1,
        model: "model".to_owned(),
        reader,
        echo: match reader {
            Reader::Codex => serde_json::Map::new(),
            Reader::Other => echo(&serde_json::json!({})),
        },
    };
    let mut turn = Turn::open(opening, context, &mut out);
    for frame in frames {
        if frame.data == "[DONE]" {
            turn.done();
            break;
        }
        let failure = match chat::chunk(&frame.data) {
            Ok(chunk) => turn.push(chunk, &mut out).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(message) = failure {
            let code = "server_error".to_owned();
            turn.fail(ResponseError { code, message }, &mut out);
            return out;
        }
    }
    turn.finish(2, &mut out);
    out
}

fn encode(events: &[Event]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let mut bytes = Vec::new();
    for event in events {
        encoder.encode(event, &mut bytes);
    }
    bytes
}

/// What is checked is what travels.
pub fn decode(bytes: &[u8]) -> Vec<Value> {
    let mut frames = Vec::new();
    let mut decoder = sse::Decoder::new();
    decoder.push(bytes, &mut frames).unwrap();
    decoder.finish(&mut frames);
    frames
        .iter()
        .map(|frame| {
            let event: Value = serde_json::from_str(&frame.data).unwrap();
            assert_eq!(frame.event.as_deref(), event["type"].as_str(), "name and type agree");
            event
        })
        .collect()
}

pub fn frames(bytes: &[u8]) -> Vec<sse::Frame> {
    let mut frames = Vec::new();
    let mut decoder = sse::Decoder::new();
    decoder.push(bytes, &mut frames).unwrap();
    decoder.finish(&mut frames);
    frames
}
