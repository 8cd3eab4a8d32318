//! Answers go through the translator: bytes of a provider in, what Codex reads out.

use crelay::translate::{Context, Opening, Reader, Turn, echo, native};
use crelay::wire::responses::{Encoder, Event, ResponseError, Streamed};
use crelay::wire::{chat, sse};
use serde_json::{Map, Value, json};

/// Sends the bytes of an answer, in pieces, through the translator and gives the events as they are read.
pub fn play(pieces: &[&[u8]], context: Context, reader: Reader) -> Vec<Value> {
    decode(&play_bytes(pieces, context, reader))
}

/// The same as bytes.
pub fn play_bytes(pieces: &[&[u8]], context: Context, reader: Reader) -> Vec<u8> {
    encode(&answer(&frames_of(pieces), context, reader))
}

/// Sends the bytes of a Responses endpoint's answer, in pieces, through the repair and gives the events as they are
/// read.
pub fn play_native(pieces: &[&[u8]], context: native::Context, reader: Reader) -> Vec<Value> {
    decode(&play_native_bytes(pieces, context, reader))
}

/// The same as bytes.
pub fn play_native_bytes(pieces: &[&[u8]], context: native::Context, reader: Reader) -> Vec<u8> {
    encode(&native_answer(&frames_of(pieces), context, reader))
}

fn opening(reader: Reader) -> Opening {
    Opening {
        response_id: "resp_law".to_owned(),
        created_at: 1,
        model: "model".to_owned(),
        reader,
        who: "the provider".to_owned(),
        echo: match reader {
            Reader::Codex => Map::new(),
            Reader::Other => echo(&json!({})),
        },
    }
}

fn answer(frames: &[Frame], context: Context, reader: Reader) -> Vec<Event> {
    let mut out = Vec::new();
    let mut turn = Turn::open(opening(reader), context, &mut out);
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

fn native_answer(frames: &[Frame], context: native::Context, reader: Reader) -> Vec<Event> {
    let mut out = Vec::new();
    let mut turn = native::Turn::open(opening(reader), context, &mut out);
    for frame in frames {
        let Some(event) = Streamed::read(frame.event.as_deref(), &frame.data) else {
            continue;
        };
        if let Err(error) = turn.push(event, &mut out) {
            let code = "server_error".to_owned();
            let message = error.to_string();
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
    frames(bytes)
        .iter()
        .map(|frame| {
            let event: Value = serde_json::from_str(&frame.data).unwrap();
            assert_eq!(frame.event.as_deref(), event["type"].as_str(), "name and type agree");
            event
        })
        .collect()
}

/// A frame that outlives the bytes it came in.
#[derive(Debug, Clone)]
pub struct Frame {
    pub event: Option<String>,
    pub data: String,
}

/// The frames of a stream.
pub fn frames(bytes: &[u8]) -> Vec<Frame> {
    frames_of(&[bytes])
}

fn frames_of(pieces: &[&[u8]]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut keep = |frame: sse::Frame<'_>| {
        frames.push(Frame {
            event: frame.event.map(str::to_owned),
            data: frame.data.to_owned(),
        });
    };
    let mut decoder = sse::Decoder::new();
    for piece in pieces {
        decoder.push(piece, &mut keep).unwrap();
    }
    decoder.finish(&mut keep);
    frames
}
