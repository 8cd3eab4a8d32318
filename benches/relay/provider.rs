//! A provider that answers as it is told in the first message, with Chat Completions.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::plan::Answer;
use crate::{processes, stamp};

const BEFORE: &str = concat!(
    r#"data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"bench","#,
    r#""choices":[{"index":0,"delta":{"content":""#
);
const AFTER: &str = concat!(r#" word"},"finish_reason":null}]}"#, "\n\n");
const END: &str = concat!(
    r#"data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"bench","#,
    r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "\n\n",
    r#"data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"bench","#,
    r#""choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":1000,"total_tokens":2000}}"#,
    "\n\ndata: [DONE]\n\n"
);

/// Serves until its standard input ends.
pub async fn serve() {
    let listener = processes::listen().await;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let serving =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
            // Whoever hangs up has his reasons.
            let _ = serving.await;
        });
    }
}

type Answered = Response<http_body_util::combinators::UnsyncBoxBody<Bytes, Infallible>>;

async fn answer(request: Request<Incoming>) -> Result<Answered, hyper::Error> {
    if request.method() != Method::POST {
        // It lists no models.
        let nothing = Empty::new().boxed_unsync();
        return Ok(Response::builder().status(404).body(nothing).unwrap());
    }
    let body = request.into_body().collect().await?.to_bytes();
    let answer = wished(&body);
    let response = Response::builder().header("content-type", "text/event-stream");
    let frames = StreamBody::new(frames(answer)).boxed_unsync();
    Ok(response.body(frames).unwrap())
}

/// What the first message says.
fn wished(body: &[u8]) -> Answer {
    let name = memchr::memmem::find(body, b"\"bench-").expect("it is told how to answer");
    let name = &body[name + 1..];
    let end = memchr::memchr(b'"', name).unwrap();
    std::str::from_utf8(&name[..end]).unwrap().parse().unwrap()
}

fn frames(answer: Answer) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    let first = Instant::now() + Duration::from_micros(answer.first.into());
    let pace = Duration::from_micros(answer.pace.into());
    let mut ticks = (answer.pace > 0).then(|| interval_at(first + pace, pace));
    if let Some(ticks) = &mut ticks {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    stream::unfold((0, ticks), move |(number, mut ticks)| async move {
        if number > answer.deltas {
            return None;
        }
        if number == 0 {
            wait_until(first).await;
        } else if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let frame = if number == answer.deltas {
            Bytes::from_static(END.as_bytes())
        } else {
            delta(number)
        };
        Some((Ok(Frame::data(frame)), (number + 1, ticks)))
    })
}

/// Timers count milliseconds, which is more than what is measured: the last two are waited for awake.
async fn wait_until(time: Instant) {
    if let Some(time) = time.checked_sub(Duration::from_millis(2))
        && time > Instant::now()
    {
        tokio::time::sleep_until(time).await;
    }
    while Instant::now() < time {
        tokio::task::yield_now().await;
    }
}

fn delta(number: u32) -> Bytes {
    let mut frame = Vec::with_capacity(BEFORE.len() + stamp::LENGTH + AFTER.len());
    frame.extend_from_slice(BEFORE.as_bytes());
    frame.resize(BEFORE.len() + stamp::LENGTH, 0);
    stamp::write(&mut frame[BEFORE.len()..], number, stamp::now());
    frame.extend_from_slice(AFTER.as_bytes());
    frame.into()
}
