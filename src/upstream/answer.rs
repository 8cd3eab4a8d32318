//! The provider's answer, read piece by piece. Bytes become pieces in [`Reader`], which owns no socket.

use std::error::Error as _;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::session::Wire;
use crate::wire::Said;
use crate::wire::sse::{Decoder, FRAME_LIMIT, Frame};

use super::failure::{Class, Failure};
use super::{chunks, events, words};

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

/// An answer that has begun.
#[derive(Debug)]
pub struct Answer {
    response: reqwest::Response,
    reader: Reader,
    idle: Duration,
    deadline: Option<Instant>,
    ready: Vec<Piece>,
}

impl Answer {
    /// Waits, no longer than until `deadline`, until `response` says something: its role alone, which many providers
    /// send at once, is nothing yet. Until then, all may be asked again.
    pub(super) async fn begin(
        response: reqwest::Response,
        wire: Wire,
        deadline: Option<Instant>,
        idle: Duration,
    ) -> Result<Self, Failure> {
        let mut answer = Self {
            response,
            reader: Reader::new(wire),
            idle,
            deadline,
            ready: Vec::new(),
        };
        let mut heard = Vec::new();
        loop {
            let mut pieces = Vec::new();
            answer.read(&mut pieces).await;
            let first = pieces.iter().find(|piece| !piece.is_idle());
            match first {
                Some(Piece::Failed(failure)) => return Err(failure.clone()),
                Some(Piece::Ended) => return Err(Failure::new(Class::Cut, "it was empty")),
                Some(Piece::Said(_) | Piece::Done) => break heard.append(&mut pieces),
                None => heard.append(&mut pieces),
            }
        }
        answer.ready = heard;
        Ok(answer)
    }

    /// Waits for the next pieces and appends them, at least one; all that one read of the socket completes come at
    /// once. Dropping the future loses nothing.
    pub async fn read(&mut self, out: &mut Vec<Piece>) {
        out.append(&mut self.ready);
        while out.is_empty() {
            match within(self.deadline, self.response.chunk()).await {
                None => out.push(Piece::Failed(self.silence())),
                Some(Err(error)) => out.push(Piece::Failed(cut(&error))),
                Some(Ok(None)) => self.reader.finish(out),
                Some(Ok(Some(bytes))) => {
                    self.reader.push(&bytes, out);
                    if self.reader.is_whole() || out.iter().any(|piece| !piece.is_idle()) {
                        self.deadline = Some(Instant::now() + self.idle);
                    }
                }
            }
        }
    }

    fn silence(&self) -> Failure {
        Failure::new(Class::Silent, "nothing came for too long")
    }
}

/// The outcome of `future`, or `None` when `deadline` comes first.
pub async fn within<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
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
    wire: Wire,
    body: Body,
}

/// What came. Whether the provider streams is told by the first byte: content types are often wrong.
#[derive(Debug, Default)]
enum Body {
    /// Nothing but white space yet.
    #[default]
    Undecided,
    /// Frames.
    Events(Box<Decoder>),
    /// A whole answer, an error object or a web page.
    Whole(Vec<u8>),
}

impl Reader {
    fn new(wire: Wire) -> Self {
        let body = Body::default();
        Self { wire, body }
    }

    fn is_whole(&self) -> bool {
        matches!(self.body, Body::Whole(_))
    }

    fn push(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        if matches!(self.body, Body::Undecided) {
            match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return,
                Some(b'{' | b'[' | b'<') => self.body = Body::Whole(Vec::new()),
                Some(_) => self.body = Body::Events(Box::default()),
            }
        }
        match &mut self.body {
            Body::Undecided => {}
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
            Body::Undecided => {}
            Body::Whole(body) => self.whole(&body, out),
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
            let data = frame.data.trim();
            match self.wire {
                _ if data == "[DONE]" => out.push(Piece::Done),
                Wire::Chat => chunks::read(frame.event.as_deref(), data, out),
                Wire::Responses => events::read(frame.event.as_deref(), data, out),
            }
        }
    }

    fn whole(&self, body: &[u8], out: &mut Vec<Piece>) {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        match (text.as_bytes().first(), self.wire) {
            (Some(b'{'), Wire::Chat) => chunks::whole(text, out),
            (Some(b'{'), Wire::Responses) => events::whole(text, out),
            (Some(b'<'), _) => {
                let title = words::title(text).unwrap_or_default();
                out.push(Piece::Failed(Failure::new(Class::Address, title)));
            }
            _ => out.push(Piece::Failed(error_in(text))),
        }
    }
}

/// The failure that `data` tells of, which is JSON or words.
pub(super) fn error_in(data: &str) -> Failure {
    let value = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
    Failure::of_value(&value)
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
        let mut reader = Reader::new(wire);
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
