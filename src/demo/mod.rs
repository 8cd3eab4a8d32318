//! A scripted Chat Completions provider that needs neither key nor network.
//!
//! It is reached as any other provider is, over HTTP: what works with it works because the whole path works. Nothing in
//! it is random, so the same conversation always gets the same answer. It asks for no key; what it says is no secret.

#![forbid(unsafe_code)]

mod asked;
mod instance;
mod script;
mod seen;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::Url;

/// Largest request that is read: what the relay takes, and room for the translation.
const BODY_LIMIT: usize = 80 * 1024 * 1024;

/// The pause after a connection that could not be taken.
const BREATH: Duration = Duration::from_millis(50);

/// The name of its one model.
pub const MODEL: &str = "demo";

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The running provider; it ends when this is dropped.
#[derive(Debug)]
pub struct Demo {
    base_url: Url,
    server: JoinHandle<()>,
}

impl Demo {
    /// Where it listens; `/chat/completions` is appended.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts the provider on a free port of 127.0.0.1. `pace` is the pause before each delta: an answer that comes at once
/// would not look like one.
///
/// # Errors
///
/// When this machine has no loopback or no free port.
pub async fn serve(pace: Duration) -> io::Result<Demo> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let base_url = Url::parse(&format!("http://{address}/v1")).map_err(io::Error::other)?;
    let server = tokio::spawn(accept(listener, pace));
    Ok(Demo { base_url, server })
}

async fn accept(listener: TcpListener, pace: Duration) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, pace));
                }
                Err(error) => {
                    tracing::debug!(%error, "the demo could not take a connection");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, pace: Duration) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = service_fn(move |request| async move { Ok::<_, Infallible>(answer(request, pace).await) });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the demo ended early");
    }
}

async fn answer(request: Request<Incoming>, pace: Duration) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/v1/models") => whole(StatusCode::OK, script::models()),
        (&Method::POST, "/v1/chat/completions") => complete(request.into_body(), pace).await,
        _ => refuse(
            StatusCode::NOT_FOUND,
            "the demo has /v1/models and /v1/chat/completions",
        ),
    }
}

async fn complete(body: Incoming, pace: Duration) -> Response<Body> {
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large or broke off");
    };
    match asked::read(&body.to_bytes()) {
        Ok(asked) => streamed(script::frames(&asked), pace),
        Err(complaint) => refuse(StatusCode::BAD_REQUEST, &complaint),
    }
}

/// Sends one frame after the other, each after `pace`. The client pulls; when it hangs up, the rest is dropped.
fn streamed(frames: Vec<String>, pace: Duration) -> Response<Body> {
    let frames = stream::unfold(frames.into_iter(), move |mut frames| async move {
        let frame = frames.next()?;
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(frame))), frames))
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let event_stream = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, event_stream);
    response
}

fn refuse(status: StatusCode, message: &str) -> Response<Body> {
    whole(
        status,
        serde_json::json!({ "error": { "message": message, "type": "invalid_request_error" } }),
    )
}

fn whole(status: StatusCode, body: serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())).boxed_unsync());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
