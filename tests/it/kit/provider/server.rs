//! The socket side: connections, exchanges, and turns on their way.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::super::check::Refusal;
use super::super::rules::words::Kind;
use super::super::turn::{Asked, Body as Whole, Ending, Step, Turn};
use super::{Recorded, Shared, TITLE};

pub fn serve(listener: std::net::TcpListener, shared: &Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        let accepting = async {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let shared = Arc::clone(shared);
                let service = hyper::service::service_fn(move |request| exchange(Arc::clone(&shared), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // It ends with an error when the other side leaves; the turn notices that by itself.
                tokio::spawn(async move { drop(connection.await) });
            }
        };
        tokio::select! {
            () = accepting => {}
            _ = stopped => {}
        }
    });
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;

async fn exchange(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    // A body that ends early is that of a client which left; there is nobody to answer.
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let place = format!("{} {}", head.method, head.uri.path());
    let recorded = Recorded {
        headers: head.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
    };
    let page = shared.state().pages.get(head.uri.path()).cloned();
    if head.method == Method::GET && (page.is_some() || head.uri.path() == "/v1/models") {
        // A key that is only tried, to see whether it is one, breaks no rule.
        if let Err(refusal) = shared.knows(&recorded) {
            return Ok(whole(
                refusal.status,
                shared.rules.body(refusal.status, &refusal.message),
            ));
        }
        if let Some((status, body)) = page {
            return Ok(whole(status, body));
        }
        let models: Vec<Value> = shared
            .models()
            .iter()
            .map(|id| json!({"id": id, "object": "model"}))
            .collect();
        return Ok(whole(200, json!({"object": "list", "data": models}).to_string()));
    }
    let answer = if head.method == Method::POST && head.uri.path() == "/v1/chat/completions" {
        shared.answer(&recorded)
    } else {
        Err(Refusal::of(&shared.rules, Kind::Path, place))
    };
    let is_title = recorded
        .bytes
        .windows(TITLE.len())
        .any(|window| window == TITLE.as_bytes());
    if is_title {
        shared.state().titles.push(recorded);
    } else {
        shared.state().requests.push(recorded);
    }
    shared.changed.notify_all();
    Ok(match answer {
        Ok((turn, asked)) => speak(&shared, &turn, &asked),
        Err(refusal) => {
            let mut state = shared.state();
            let number = state.requests.len();
            state
                .violations
                .push(format!("request {number}: {} {}", refusal.status, refusal.message));
            whole(refusal.status, shared.rules.body(refusal.status, &refusal.message))
        }
    })
}

/// An answer in one piece.
fn whole(status: u16, body: String) -> Response<Body> {
    let body = http_body_util::Full::from(body).map_err(|never| match never {});
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .body(body.boxed_unsync())
        .unwrap()
}

fn speak(shared: &Arc<Shared>, turn: &Turn, asked: &Asked) -> Response<Body> {
    if let Ending::Refused { status, headers, body } = &turn.ending {
        let body = match body {
            Whole::Message(message) => shared.rules.body(*status, message),
            Whole::Whole(body) => body.clone(),
        };
        let mut response = whole(*status, body);
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        return response;
    }
    let left = Left {
        shared: Arc::clone(shared),
        steps: turn.steps(&shared.rules(Some(&asked.model)), asked).into(),
        is_cut: turn.ending == Ending::Cut,
    };
    let frames = stream::unfold(left, |mut left| async move {
        // Every piece is written by itself, and what was said before a cut arrives.
        tokio::task::yield_now().await;
        loop {
            match left.steps.pop_front() {
                Some(Step::Pass(gate)) => gate.pass().await,
                Some(Step::Write(bytes)) => return Some((Ok(Frame::data(bytes)), left)),
                None if left.is_cut => {
                    left.is_cut = false;
                    return Some((Err(std::io::Error::other("cut by the test")), left));
                }
                None => return None,
            }
        }
    });
    Response::builder()
        .header(CONTENT_TYPE, "text/event-stream")
        .body(StreamBody::new(frames).boxed_unsync())
        .unwrap()
}

/// What is left of a turn. Dropped before its end if the other side hangs up.
struct Left {
    shared: Arc<Shared>,
    steps: std::collections::VecDeque<Step>,
    is_cut: bool,
}

impl Drop for Left {
    fn drop(&mut self) {
        if !self.steps.is_empty() {
            self.shared.state().hung_up += 1;
            self.shared.changed.notify_all();
        }
    }
}
