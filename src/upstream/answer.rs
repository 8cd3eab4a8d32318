//! The provider's answer, read piece by piece. Bytes become pieces in [`Reader`], which owns no socket.

use std::error::Error as _;
use std::time::SystemTime;

use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::session::{Codes, Wire};
use crate::wire::Said;
use crate::wire::chat::Chunks;
use crate::wire::halves::Halves;
use crate::wire::sse::{Decoder, FRAME_LIMIT, Frame};

use super::clock::{Clock, within};
use super::failure::{Class, Failure};
use super::inflow::Inflow;
use super::meter::Meter;
use super::{chunks, events, words};

/// How a provider speaks: in which protocol, and whose codes its errors carry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speech {
    /// The protocol.
    pub wire: Wire,
    /// The codes.
    pub codes: Codes,
    /// Whether pieces of one text that come at once mean the same as one piece.
    pub joins: bool,
}

impl Speech {
    /// The failure that `value` tells of.
    pub fn failure(self, value: &Value) -> Piece {
        Piece::Failed(Failure::of_value(self.codes, value, SystemTime::now()))
    }

    /// The failure that `data` tells of, which is JSON or words.
    pub fn failure_in(self, data: &str) -> Piece {
        let value = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
        self.failure(&value)
    }
}

/// What comes of an answer, in order. What follows [`Piece::Ended`] or [`Piece::Failed`] means nothing.
#[derive(Debug)]
pub enum Piece {
    /// A chunk or an event.
    Said(Said),
    /// The provider wrote `[DONE]`, or what says the same.
    Done,
    /// The body ended. Whether the answer did is another question.
    Ended,
    /// The provider reported an error, or the connection did.
    Failed(Failure),
}

impl Piece {
    /// Whether nothing is said in it: providers send such frames to keep the line open.
    fn is_idle(&self) -> bool {
        match self {
            Self::Said(Said::Chunk(chunk)) => chunks::is_idle(chunk),
            Self::Said(Said::Event(event)) => event.is_idle(),
            Self::Done | Self::Ended | Self::Failed(_) => false,
        }
    }
}

/// Most pieces without words that are kept until there are some. A role or counts stand in the first few of them; all
/// others only keep the line open, and may come for as long as a provider is let think.
const MOST_IDLE: usize = 64;

/// An answer that has begun.
#[derive(Debug)]
pub struct Answer {
    body: Inflow,
    reader: Reader,
    clock: Clock,
    ready: Vec<Piece>,
    meter: Meter,
    /// What came and was not read yet.
    rest: Bytes,
}

impl Answer {
    /// Waits, as long as `clock` allows, until `response` says something: its role alone, which many providers
    /// send at once, is nothing yet. Until then, all may be asked again.
    pub(super) async fn begin(
        response: reqwest::Response,
        speech: Speech,
        clock: Clock,
        meter: Meter,
    ) -> Result<Self, Failure> {
        let mut answer = Self {
            body: Inflow::new(response),
            reader: Reader::new(speech),
            clock,
            ready: Vec::new(),
            meter,
            rest: Bytes::new(),
        };
        let mut heard = Vec::new();
        loop {
            let mut pieces = Vec::new();
            answer.read(&mut pieces).await;
            let first = pieces.iter().find(|piece| !piece.is_idle());
            match first {
                Some(Piece::Failed(failure)) => return Err(failure.clone()),
                // An end of which nothing tells but its mark is none.
                Some(Piece::Ended | Piece::Done) => return Err(answer.reader.emptiness()),
                Some(Piece::Said(_)) => break heard.append(&mut pieces),
                None => {
                    // An event without words tells nobody anything, and may repeat the whole request.
                    pieces.retain(|piece| !matches!(piece, Piece::Said(Said::Event(_))));
                    pieces.truncate(MOST_IDLE.saturating_sub(heard.len()));
                    heard.append(&mut pieces);
                }
            }
        }
        answer.ready = heard;
        Ok(answer)
    }

    /// Waits for the next pieces and appends them, at least one; all that one read of the socket completes come at
    /// once, up to a portion. Dropping the future loses nothing.
    pub async fn read(&mut self, out: &mut Vec<Piece>) {
        out.append(&mut self.ready);
        let heard = out.len();
        while out.is_empty() {
            if !self.rest.is_empty() {
                self.read_portion(out);
                continue;
            }
            match within(self.clock.deadline(), self.body.next()).await {
                None => {
                    self.meter.end(Some("silence"));
                    out.push(Piece::Failed(self.clock.failure()));
                }
                Some(Err(error)) => {
                    self.meter.end(Some(&root(&error)));
                    out.push(Piece::Failed(cut(&error)));
                }
                Some(Ok(None)) => {
                    self.meter.end(None);
                    self.reader.finish(out);
                }
                Some(Ok(Some(bytes))) => {
                    self.meter.receive(&bytes);
                    self.rest = bytes;
                }
            }
        }
        self.meter.hear(&out[heard..]);
    }

    fn read_portion(&mut self, out: &mut Vec<Piece>) {
        let portion = self.rest.split_to(PORTION.min(self.rest.len()));
        self.reader.push(&portion, out);
        if self.reader.is_whole() || out.iter().any(|piece| !piece.is_idle()) {
            self.clock.heard();
        }
    }
}

fn cut(error: &reqwest::Error) -> Failure {
    Failure::new(Class::Cut, root(error))
}

/// The innermost cause: what lies around it repeats itself and names the address.
pub fn root(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut words = "the connection failed".to_owned();
    while let Some(error) = cause {
        words = error.to_string();
        cause = error.source();
    }
    words
}

/// How many bytes are read at once. A socket may give hundreds of KiB, and a frame of ten bytes takes a hundred times
/// that when it is read.
const PORTION: usize = 16 * 1024;

/// Turns bytes into pieces.
#[derive(Debug)]
struct Reader {
    body: Body,
    frames: Frames,
}

/// Turns frames into pieces.
#[derive(Debug)]
struct Frames {
    speech: Speech,
    halves: Halves,
    chunks: Chunks,
    /// Whether a whole frame was left out because it is not even JSON.
    has_nonsense: bool,
}

/// What came. Whether the provider streams is told by the first bytes: content types are often wrong.
#[derive(Debug)]
enum Body {
    /// Too little yet.
    Undecided(Vec<u8>),
    /// Frames.
    Events(Box<Decoder>),
    /// A whole answer, an error object, a web page or other words.
    Whole(Vec<u8>),
}

impl Default for Body {
    fn default() -> Self {
        Self::Undecided(Vec::new())
    }
}

/// What a line of a stream of events may begin with.
const FIELDS: &[&[u8]] = &[b"data:", b"event:", b"id:", b"retry:", b":", "\u{feff}".as_bytes()];

/// Whether a body that begins so, after its blanks, is a stream of events; `None` while more must come.
fn is_stream(start: &[u8]) -> Option<bool> {
    if FIELDS.iter().any(|field| start.starts_with(field)) {
        return Some(true);
    }
    let may_become = FIELDS.iter().any(|field| field.starts_with(start));
    (!may_become).then_some(false)
}

impl Reader {
    fn new(speech: Speech) -> Self {
        Self {
            body: Body::default(),
            frames: Frames {
                speech,
                halves: Halves::default(),
                chunks: Chunks::default(),
                has_nonsense: false,
            },
        }
    }

    /// Why an answer that is over says nothing.
    fn emptiness(&self) -> Failure {
        match self.frames.has_nonsense {
            true => Failure::new(Class::Malformed, "is not JSON"),
            false => Failure::new(Class::Cut, "it was empty"),
        }
    }

    fn is_whole(&self) -> bool {
        matches!(self.body, Body::Whole(_))
    }

    fn push(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        match &mut self.body {
            Body::Undecided(start) => {
                start.extend_from_slice(bytes);
                // Blank lines may come before anything else, for as long as a provider thinks.
                let blank = start.len() - start.trim_ascii_start().len();
                start.drain(..blank);
                let Some(is_stream) = is_stream(start) else {
                    return;
                };
                let start = std::mem::take(start);
                self.body = if is_stream {
                    Body::Events(Box::default())
                } else {
                    Body::Whole(Vec::new())
                };
                self.push(&start, out);
            }
            Body::Whole(body) if body.len() + bytes.len() > FRAME_LIMIT => {
                let words = format!("it came at once and is larger than {} MiB", FRAME_LIMIT >> 20);
                out.push(Piece::Failed(Failure::new(Class::Excess, words)));
            }
            Body::Whole(body) => body.extend_from_slice(bytes),
            Body::Events(decoder) => {
                let end = decoder.push(bytes, |frame| self.frames.read(frame, out));
                if let Err(error) = end {
                    out.push(Piece::Failed(Failure::new(Class::Excess, error.to_string())));
                }
            }
        }
    }

    /// The body ended; nothing is left of it.
    fn finish(&mut self, out: &mut Vec<Piece>) {
        match std::mem::take(&mut self.body) {
            Body::Undecided(start) if start.is_empty() => {}
            Body::Undecided(body) | Body::Whole(body) => self.whole(&body, out),
            Body::Events(decoder) => {
                // What broke off in its midst is half of something.
                let had_nonsense = self.frames.has_nonsense;
                decoder.finish(|frame| self.frames.read(frame, out));
                self.frames.has_nonsense = had_nonsense;
            }
        }
        out.push(Piece::Ended);
    }

    fn whole(&self, body: &[u8], out: &mut Vec<Piece>) {
        let text = String::from_utf8_lossy(body);
        let text = &Halves::default().joined(text.trim());
        let speech = self.frames.speech;
        match (text.as_bytes().first(), speech.wire) {
            (Some(b'{'), Wire::Chat) => chunks::whole(speech, text, out),
            (Some(b'{'), Wire::Responses) => events::whole(speech, text, out),
            (Some(b'<'), _) => {
                let title = words::title(text).unwrap_or_default();
                out.push(Piece::Failed(Failure::new(Class::Address, title)));
            }
            (Some(b'['), _) if text.contains("error") => out.push(speech.failure_in(text)),
            _ => {
                let failure = Failure::of_text(speech.codes, text, SystemTime::now());
                out.push(Piece::Failed(failure));
            }
        }
    }
}

impl Frames {
    fn read(&mut self, frame: Frame<'_>, out: &mut Vec<Piece>) {
        let data = &self.halves.joined(frame.data.trim_ascii());
        let heard = out.len();
        match self.speech.wire {
            _ if data == "[DONE]" => out.push(Piece::Done),
            Wire::Chat if frame.event != Some("error") && self.joins(data, out) => return,
            Wire::Chat => chunks::read(self.speech, &mut self.chunks, frame.event, data, out),
            Wire::Responses => events::read(self.speech, frame.event, data, out),
        }
        if out.len() == heard && !data.is_empty() {
            self.has_nonsense |= serde_json::from_str::<IgnoredAny>(data).is_err();
        }
    }

    /// Whether `data` goes on with the text of the last piece, and has become a part of it. A token that did not come
    /// alone need not be told alone.
    fn joins(&self, data: &str, out: &mut [Piece]) -> bool {
        match out.last_mut() {
            Some(Piece::Said(Said::Chunk(chunk))) if self.speech.joins => self.chunks.join(data, chunk),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
