//! The provider's answer, read piece by piece. Bytes become pieces in [`Reader`], which owns no socket.

use std::error::Error as _;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::wire::chat::{self, Chunk, Delta, DeltaContent};
use crate::wire::sse::{Decoder, FRAME_LIMIT, Frame};

use super::failure::{Class, Failure};
use super::words;

/// What comes of an answer, in order. What follows [`Piece::Ended`] or [`Piece::Failed`] means nothing.
#[derive(Debug)]
pub enum Piece {
    /// A chunk.
    Chunk(Box<Chunk>),
    /// The provider wrote `[DONE]`.
    Done,
    /// The body ended. Whether the answer did is another question.
    Ended,
    /// The provider reported an error, or the connection did.
    Failed(Failure),
}

impl Piece {
    /// Whether nothing is said in it: providers send such chunks to keep the line open.
    fn is_idle(&self) -> bool {
        let Self::Chunk(chunk) = self else {
            return false;
        };
        let Some(choice) = chunk.choices.first() else {
            return true;
        };
        let said = choice.delta.as_ref().or(choice.message.as_ref());
        choice.finish_reason.is_none() && said.is_none_or(is_silent)
    }
}

fn is_silent(delta: &Delta) -> bool {
    let texts = [
        &delta.reasoning_content,
        &delta.reasoning,
        &delta.reasoning_text,
        &delta.refusal,
    ];
    let content = match &delta.content {
        None => true,
        Some(DeltaContent::Text(text)) => text.is_empty(),
        Some(DeltaContent::Parts(parts)) => parts.is_empty(),
    };
    content
        && delta.tool_calls.is_empty()
        && delta.reasoning_details.is_empty()
        && texts.into_iter().flatten().all(String::is_empty)
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
        deadline: Option<Instant>,
        idle: Duration,
    ) -> Result<Self, Failure> {
        let mut answer = Self {
            response,
            reader: Reader::default(),
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
                Some(Piece::Chunk(_) | Piece::Done) => break heard.append(&mut pieces),
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
                Some(Ok(None)) => std::mem::take(&mut self.reader).finish(out),
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

/// Turns bytes into pieces. Whether the provider streams is told by the first byte: content types are often wrong.
#[derive(Debug, Default)]
enum Reader {
    /// Nothing but white space yet.
    #[default]
    Undecided,
    /// Frames.
    Events(Box<Decoder>),
    /// A whole answer, an error object or a web page.
    Whole(Vec<u8>),
}

impl Reader {
    fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    fn push(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        if matches!(self, Self::Undecided) {
            match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return,
                Some(b'{' | b'[' | b'<') => *self = Self::Whole(Vec::new()),
                Some(_) => *self = Self::Events(Box::default()),
            }
        }
        match self {
            Self::Undecided => {}
            Self::Whole(body) if body.len() + bytes.len() > FRAME_LIMIT => {
                out.push(Piece::Failed(Failure::new(
                    Class::Cut,
                    "it is larger than crelay reads",
                )));
            }
            Self::Whole(body) => body.extend_from_slice(bytes),
            Self::Events(decoder) => {
                let mut frames = Vec::new();
                let end = decoder.push(bytes, &mut frames);
                read_all(&frames, out);
                if let Err(error) = end {
                    out.push(Piece::Failed(Failure::new(Class::Cut, error.to_string())));
                }
            }
        }
    }

    fn finish(self, out: &mut Vec<Piece>) {
        match self {
            Self::Undecided => {}
            Self::Whole(body) => out.extend(whole(&body)),
            Self::Events(decoder) => {
                let mut frames = Vec::new();
                decoder.finish(&mut frames);
                read_all(&frames, out);
            }
        }
        out.push(Piece::Ended);
    }
}

fn read_all(frames: &[Frame], out: &mut Vec<Piece>) {
    out.extend(frames.iter().filter_map(read_frame));
}

fn read_frame(frame: &Frame) -> Option<Piece> {
    let data = frame.data.trim();
    if data == "[DONE]" {
        return Some(Piece::Done);
    }
    let is_error = frame.event.as_deref() == Some("error");
    match chat::chunk(data) {
        Ok(chunk) if !is_error => Some(read_chunk(chunk, data)),
        Ok(_) => Some(Piece::Failed(error_in(data))),
        Err(_) if is_error => Some(Piece::Failed(Failure::of_value(&Value::String(data.to_owned())))),
        Err(_) => {
            tracing::debug!(bytes = data.len(), "left out a frame that is no chunk");
            None
        }
    }
}

/// A chunk, or the error that it is: some providers send `{"code":429,"message":…}` in the place of a chunk.
fn read_chunk(chunk: Chunk, data: &str) -> Piece {
    if let Some(error) = &chunk.error {
        return Piece::Failed(Failure::of_value(error));
    }
    let is_empty = chunk.choices.is_empty() && chunk.usage.is_none() && chunk.x_groq.is_none();
    if is_empty && data.contains("\"message\"") && (data.contains("\"code\"") || data.contains("\"status\"")) {
        return Piece::Failed(error_in(data));
    }
    Piece::Chunk(Box::new(chunk))
}

fn error_in(data: &str) -> Failure {
    Failure::of_value(&serde_json::from_str(data).unwrap_or_default())
}

fn whole(body: &[u8]) -> Vec<Piece> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let piece = match text.as_bytes().first() {
        Some(b'{') => match chat::chunk(text) {
            Ok(chunk) => read_chunk(chunk, text),
            Err(_) => Piece::Failed(Failure::new(Class::Cut, "it is no whole JSON")),
        },
        Some(b'<') => Piece::Failed(Failure::new(Class::Address, words::title(text).unwrap_or_default())),
        _ => Piece::Failed(error_in(text)),
    };
    match piece {
        Piece::Chunk(_) => vec![piece, Piece::Done],
        _ => vec![piece],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as words, whether the bytes come at once or one by one.
    fn read(bytes: &str) -> Vec<String> {
        let at_once = read_in(bytes, bytes.len().max(1));
        assert_eq!(read_in(bytes, 1), at_once);
        at_once
    }

    fn read_in(bytes: &str, size: usize) -> Vec<String> {
        let mut reader = Reader::default();
        let mut out = Vec::new();
        for piece in bytes.as_bytes().chunks(size) {
            reader.push(piece, &mut out);
        }
        reader.finish(&mut out);
        out.iter().map(show).collect()
    }

    fn show(piece: &Piece) -> String {
        match piece {
            Piece::Chunk(chunk) => format!("{} choices", chunk.choices.len()),
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
    fn chunks_that_only_keep_the_line_open_are_known() {
        let is_idle = |data: &str| Piece::Chunk(Box::new(chat::chunk(data).unwrap())).is_idle();
        for data in [
            "{}",
            r#"{"choices":[]}"#,
            r#"{"choices":[{}]}"#,
            r#"{"choices":[{"delta":{"role":"assistant","content":"","tool_calls":[]}}]}"#,
            r#"{"choices":[{"delta":{"content":null,"reasoning":""},"finish_reason":null}]}"#,
        ] {
            assert!(is_idle(data), "{data}");
        }
        for data in [
            r#"{"choices":[{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"","reasoning":"a"}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ] {
            assert!(!is_idle(data), "{data}");
        }
    }

    #[test]
    fn what_is_no_chunk_is_left_out() {
        assert_eq!(
            read("data: hello\n\ndata: {\"choices\":[]}\n\n"),
            ["0 choices", "ended"]
        );
        assert_eq!(read(""), ["ended"]);
    }
}
