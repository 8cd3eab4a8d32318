//! What a client asks and is told, for the recording.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use hyper::header::CONTENT_ENCODING;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Response};

use crate::record::Turn;

use super::refusal::Body;

/// Records a request, whose body has been unpacked.
pub fn ask(record: &Turn, head: &Parts, body: &[u8]) {
    let headers = pairs(&head.headers).filter(|(name, _)| *name != CONTENT_ENCODING.as_str());
    record.asked(head.uri.path(), headers, body);
}

/// The same answer, recorded as it is taken.
pub fn tell(record: Turn, response: Response<Body>) -> Response<Body> {
    if !record.is_on() {
        return response;
    }
    record.told(response.status().as_u16(), pairs(response.headers()));
    response.map(|body| Recorded { body, record }.boxed_unsync())
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

struct Recorded {
    body: Body,
    record: Turn,
}

impl hyper::body::Body for Recorded {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.record.tells(frame.data_ref().map_or(&[], |bytes| bytes));
                // Nobody asks for what follows the last piece of a whole body.
                if self.body.is_end_stream() {
                    self.record.end();
                }
            }
            Poll::Ready(None) => self.record.end(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
