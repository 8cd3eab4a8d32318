//! A streamed answer: events become frames, piece by piece, as the client takes them.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::Response;
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};

use crate::translate::Reader;
use crate::wire::responses::{self, Encoder, Event, ResponseError, Status};

use super::full::Thread;
use super::refusal::{Body, Refusal};
use super::store::Memo;
use super::turn::Running;

/// What is written of a turn. It moves with every step.
struct Written {
    /// Gone when the turn has ended.
    running: Option<Box<Running>>,
    reader: Reader,
    begun: responses::Response,
    events: Vec<Event>,
    encoder: Encoder,
    memo: Option<Memo>,
    thread: Thread,
}

/// The stream of `running`, which begins with `events`. The finished answer goes to `memo` before its last event is
/// sent, since the next request may follow at once.
pub fn response(running: Box<Running>, events: Vec<Event>, memo: Option<Memo>) -> Response<Body> {
    let written = Box::new(Written {
        reader: running.reader,
        begun: running.begun.clone(),
        events,
        encoder: match running.reader {
            Reader::Codex => Encoder::new(),
            Reader::Other => Encoder::with_log_probabilities(),
        },
        memo,
        thread: running.thread.clone(),
        running: Some(running),
    });
    let frames = stream::unfold(written, Written::next);
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

impl Written {
    async fn next(mut self: Box<Self>) -> Option<(Result<Frame<Bytes>, Infallible>, Box<Self>)> {
        let advance = self.running.take()?.advance(&mut self.events);
        match AssertUnwindSafe(advance).catch_unwind().await {
            Ok(step) => self.running = step.ok(),
            Err(_) => break_off(&mut self.events, &self.begun),
        }
        let mut bytes = Vec::new();
        let mut events = std::mem::take(&mut self.events);
        for event in events.drain(..) {
            self.write(event, &mut bytes);
        }
        self.events = events;
        Some((Ok(Frame::data(bytes.into())), self))
    }

    fn write(&mut self, event: Event, out: &mut Vec<u8>) {
        if let Some(response) = event.ending()
            && let Some(memo) = self.memo.take()
        {
            memo.keep(response);
        }
        let event = self.thread.pass(event);
        if matches!(event, Event::Keepalive) && self.reader == Reader::Other {
            // The specification has no such event; what keeps a line open for others is a comment.
            out.extend_from_slice(b": keepalive\n\n");
        } else {
            self.encoder.encode(&event, out);
        }
    }
}

/// Ends an answer on which crelay itself broke, unless its end is there: Codex shows why, and does not ask for the same
/// once more.
fn break_off(events: &mut Vec<Event>, begun: &responses::Response) {
    if events.iter().any(Event::is_terminal) {
        return;
    }
    events.push(Event::Failed(responses::Response {
        status: Status::Failed,
        error: Some(ResponseError {
            code: "invalid_prompt".to_owned(),
            message: Refusal::Broken.to_string(),
        }),
        ..begun.clone()
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_breaks_behind_the_end_of_an_answer_does_not_end_it_again() {
        let begun = responses::Response {
            id: "resp_1".to_owned(),
            object: "response",
            created_at: 1,
            completed_at: None,
            status: Status::InProgress,
            error: None,
            incomplete_details: None,
            model: "m".to_owned(),
            output: Vec::new(),
            usage: None,
            end_turn: None,
            echo: serde_json::Map::new(),
        };
        let mut events = vec![Event::Keepalive];
        break_off(&mut events, &begun);
        assert!(matches!(events.as_slice(), [Event::Keepalive, Event::Failed(_)]));
        let mut events = vec![Event::Completed(begun.clone())];
        break_off(&mut events, &begun);
        assert_eq!(events, [Event::Completed(begun)]);
    }
}
