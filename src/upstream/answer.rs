//! The provider's answer, read piece by piece. Bytes become pieces in [`Reader`], which owns no socket.

use std::error::Error as _;
use std::time::SystemTime;

use serde_json::Value;

use crate::session::{Codes, Wire};
use crate::wire::sse::{Decoder, FRAME_LIMIT, Frame};
use crate::wire::{Said, halves};

use super::clock::{Clock, within};
use super::failure::{Class, Failure};
use super::meter::Meter;
use super::{chunks, events, words};

/// How a provider speaks: in which protocol, and whose codes its errors carry.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speech {
    /// The protocol.
    pub wire: Wire,
    /// The codes.
    pub codes: Codes,
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
    response: reqwest::Response,
    reader: Reader,
    clock: Clock,
    ready: Vec<Piece>,
    meter: Meter,
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
            response,
            reader: Reader::new(speech),
            clock,
            ready: Vec::new(),
            meter,
        };
        let mut heard = Vec::new();
        loop {
            let mut pieces = Vec::new();
            answer.read(&mut pieces).await;
            let first = pieces.iter().find(|piece| !piece.is_idle());
            match first {
                Some(Piece::Failed(failure)) => return Err(failure.clone()),
                // An end of which nothing tells but its mark is none.
                Some(Piece::Ended | Piece::Done) => return Err(Failure::new(Class::Cut, "it was empty")),
                Some(Piece::Said(_)) => break heard.append(&mut pieces),
                None => {
                    pieces.truncate(MOST_IDLE.saturating_sub(heard.len()));
                    heard.append(&mut pieces);
                }
            }
        }
        answer.ready = heard;
        Ok(answer)
    }

    /// Waits for the next pieces and appends them, at least one; all that one read of the socket completes come at
    /// once. Dropping the future loses nothing.
    pub async fn read(&mut self, out: &mut Vec<Piece>) {
        out.append(&mut self.ready);
        let heard = out.len();
        while out.is_empty() {
            match within(self.clock.deadline(), self.response.chunk()).await {
                None => out.push(Piece::Failed(self.clock.failure())),
                Some(Err(error)) => out.push(Piece::Failed(cut(&error))),
                Some(Ok(None)) => self.reader.finish(out),
                Some(Ok(Some(bytes))) => {
                    self.reader.push(&bytes, out);
                    if self.reader.is_whole() || out.iter().any(|piece| !piece.is_idle()) {
                        self.clock.heard();
                    }
                }
            }
        }
        self.meter.hear(&out[heard..]);
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

/// Turns bytes into pieces.
#[derive(Debug)]
struct Reader {
    speech: Speech,
    body: Body,
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
        let body = Body::default();
        Self { speech, body }
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
                out.push(Piece::Failed(Failure::new(
                    Class::Cut,
                    "it is larger than crelay reads",
                )));
            }
            Body::Whole(body) => body.extend_from_slice(bytes),
            Body::Events(decoder) => {
                let mut frames = Vec::new();
                let end = decoder.push(bytes, &mut frames);
                self.frames(&frames, out);
                if let Err(error) = end {
                    out.push(Piece::Failed(Failure::new(Class::Cut, error.to_string())));
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
                let mut frames = Vec::new();
                decoder.finish(&mut frames);
                self.frames(&frames, out);
            }
        }
        out.push(Piece::Ended);
    }

    fn frames(&self, frames: &[Frame], out: &mut Vec<Piece>) {
        for frame in frames {
            let data = &halves::replaced(frame.data.trim());
            match self.speech.wire {
                _ if data == "[DONE]" => out.push(Piece::Done),
                Wire::Chat => chunks::read(self.speech, frame.event.as_deref(), data, out),
                Wire::Responses => events::read(self.speech, frame.event.as_deref(), data, out),
            }
        }
    }

    fn whole(&self, body: &[u8], out: &mut Vec<Piece>) {
        let text = String::from_utf8_lossy(body);
        let text = &halves::replaced(text.trim());
        match (text.as_bytes().first(), self.speech.wire) {
            (Some(b'{'), Wire::Chat) => chunks::whole(self.speech, text, out),
            (Some(b'{'), Wire::Responses) => events::whole(self.speech, text, out),
            (Some(b'<'), _) => {
                let title = words::title(text).unwrap_or_default();
                out.push(Piece::Failed(Failure::new(Class::Address, title)));
            }
            (Some(b'['), _) if text.contains("error") => out.push(self.speech.failure_in(text)),
            _ => {
                let failure = Failure::of_text(self.speech.codes, text, SystemTime::now());
                out.push(Piece::Failed(failure));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as words, whether the bytes come at once or one by one.
    fn read(bytes: &str) -> Vec<String> {
        read_as(Wire::Chat, bytes)
    }

    fn read_as(wire: Wire, bytes: &str) -> Vec<String> {
        let at_once = read_in(wire, bytes, bytes.len().max(1));
        assert_eq!(read_in(wire, bytes, 1), at_once);
        at_once
    }

    fn read_in(wire: Wire, bytes: &str, size: usize) -> Vec<String> {
        let mut reader = Reader::new(Speech {
            wire,
            ..Speech::default()
        });
        let mut out = Vec::new();
        for piece in bytes.as_bytes().chunks(size) {
            reader.push(piece, &mut out);
        }
        reader.finish(&mut out);
        out.iter().map(show).collect()
    }

    fn show(piece: &Piece) -> String {
        match piece {
            Piece::Said(Said::Chunk(chunk)) => format!("{} choices", chunk.choices.len()),
            Piece::Said(Said::Event(event)) => event.kind.clone(),
            Piece::Done => "done".to_owned(),
            Piece::Ended => "ended".to_owned(),
            Piece::Failed(failure) => format!("{:?} {:?}", failure.class, failure.status),
        }
    }

    #[test]
    fn a_stream_is_read_with_or_without_its_last_blank_line() {
        let whole = ["1 choices", "done", "ended"];
        assert_eq!(read(": hello\n\ndata: {\"choices\":[{}]}\n\ndata: [DONE]\n\n"), whole);
        assert_eq!(read("\n\ndata: {\"choices\":[{}]}\n\ndata: [DONE]"), whole);
    }

    #[test]
    fn a_whole_answer_is_one_chunk() {
        assert_eq!(
            read(" {\"choices\":[{\"message\":{}}]}\n"),
            ["1 choices", "done", "ended"]
        );
        assert_eq!(read("{\"choices\":[{\"mess"), ["Cut None", "ended"]);
    }

    #[test]
    fn errors_are_found_in_every_disguise() {
        assert_eq!(
            read("data: {\"error\":{\"code\":429,\"message\":\"x\"}}\n\n"),
            ["RateLimit Some(429)", "ended"]
        );
        assert_eq!(
            read("data: {\"code\":429,\"message\":\"x\"}\n\n"),
            ["RateLimit Some(429)", "ended"]
        );
        assert_eq!(
            read("event: error\ndata: {\"message\":\"overloaded\"}\n\n"),
            ["Overloaded None", "ended"]
        );
        assert_eq!(
            read("event: error\ndata: Too Many Requests\n\n"),
            ["RateLimit None", "ended"]
        );
        assert_eq!(read("{\"error\":{\"message\":\"x\"}}"), ["Server None", "ended"]);
        assert_eq!(
            read("[{\"error\":{\"code\":400,\"message\":\"x\"}}]"),
            ["Request Some(400)", "ended"]
        );
        assert_eq!(read("<html><title>Log in</title></html>"), ["Address None", "ended"]);
        assert_eq!(read("429 Too Many Requests"), ["RateLimit None", "ended"]);
        assert_eq!(
            read(
                "data: {\"choices\":null,\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}\n\n"
            ),
            ["Balance None", "ended"]
        );
    }

    #[test]
    fn what_is_no_answer_at_all_is_somebody_else() {
        for body in ["Ollama is running", "data", "d", "{\"method\":\"POST\"}", "[]\n"] {
            let read = read(body);
            assert_eq!(read, ["Address None", "ended"], "{body}");
        }
    }

    #[test]
    fn an_answer_that_is_well_may_say_so() {
        let answer =
            "{\"choices\":[{\"message\":{}}],\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"},\"error\":null}";
        assert_eq!(read(answer), ["1 choices", "done", "ended"]);
    }

    #[test]
    fn the_counts_of_an_error_count() {
        let error = "data: {\"error\":{\"code\":400,\"message\":\"x\"},\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n";
        assert_eq!(read(error), ["0 choices", "Request Some(400)", "ended"]);
    }

    #[test]
    fn what_is_no_chunk_is_left_out() {
        assert_eq!(
            read("data: hello\n\ndata: {\"choices\":[]}\n\n"),
            ["0 choices", "ended"]
        );
        assert_eq!(read(""), ["ended"]);
    }

    #[test]
    fn events_of_a_responses_endpoint_end_with_the_last_of_them() {
        let read = |bytes: &str| read_as(Wire::Responses, bytes);
        let end = "data: {\"type\":\"response.completed\",\"response\":{}}\n\n";
        assert_eq!(read(end), ["response.completed", "done", "ended"]);
        assert_eq!(
            read(&format!("event: ping\ndata: {{}}\n\n{end}data: [DONE]\n\n")),
            ["ping", "response.completed", "done", "done", "ended"]
        );
        assert_eq!(
            read("{\"object\":\"response\"}"),
            ["response.completed", "done", "ended"]
        );
        assert_eq!(read("{\"object\":\"resp"), ["Cut None", "ended"]);
        assert_eq!(read("data: hello\n\ndata: {}\n\n"), ["ended"]);
    }

    #[test]
    fn a_responses_endpoint_tells_of_errors_in_many_ways() {
        let read = |bytes: &str| read_as(Wire::Responses, bytes);
        let error = "{\"code\":\"rate_limit_exceeded\",\"message\":\"slow\"}";
        for data in [
            format!("data: {{\"type\":\"error\",\"error\":{error}}}\n\n"),
            format!("data: {{\"type\":\"response.failed\",\"response\":{{\"error\":{error}}}}}\n\n"),
            format!("event: error\ndata: {error}\n\n"),
            format!("data: {{\"error\":{error}}}\n\n"),
            "event: error\ndata: Too Many Requests\n\n".to_owned(),
            format!("{{\"error\":{error}}}"),
            format!("{{\"object\":\"response\",\"status\":\"failed\",\"error\":{error}}}"),
        ] {
            assert_eq!(read(&data), ["RateLimit None", "ended"], "{data}");
        }
        assert_eq!(read("<html><title>Log in</title></html>"), ["Address None", "ended"]);
    }
}
