//! Recorded answers, served as the provider gave them.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::record::Attempt;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Which answer belongs to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The next one.
    Next,
    /// The one to the same request, or else the next.
    Any,
}

/// A provider that says again what it said; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Playback {
    port: u16,
    playing: Arc<Playing>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Playing {
    order: Order,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What was not played yet.
    left: VecDeque<Attempt>,
    /// What was asked since it was looked at.
    asked: Vec<Bytes>,
}

impl Playback {
    /// Begins to play on this port of 127.0.0.1.
    pub async fn start(order: Order, attempts: Vec<Attempt>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        let playing = Arc::new(Playing {
            order,
            state: Mutex::new(State {
                left: attempts.into(),
                asked: Vec::new(),
            }),
        });
        let server = tokio::spawn(accept(listener, Arc::clone(&playing)));
        Ok(Self { port, playing, server })
    }

    /// What clients are told as the base address.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Goes on with these.
    pub fn load(&self, attempts: &[Attempt]) {
        *self.playing.state() = State {
            left: attempts.to_vec().into(),
            asked: Vec::new(),
        };
    }

    /// The bodies of what was asked since then.
    pub fn asked(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.playing.state().asked)
    }
}

impl Drop for Playback {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Playing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, body: &Bytes) -> Option<Attempt> {
        let mut state = self.state();
        state.asked.push(body.clone());
        let same = state.left.iter().position(|attempt| attempt.sent == *body);
        match (self.order, same) {
            (Order::Any, Some(place)) => state.left.remove(place),
            _ => state.left.pop_front(),
        }
    }
}

async fn accept(listener: TcpListener, playing: Arc<Playing>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&playing)));
    }
}

async fn converse(stream: TcpStream, playing: Arc<Playing>) {
    let service = service_fn(move |request| {
        let playing = Arc::clone(&playing);
        async move { answer(request, &playing).await }
    });
    // A connection that breaks off does so because the recorded one did.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The recorded answer; an error closes the connection.
async fn answer(request: Request<Incoming>, playing: &Playing) -> io::Result<Response<Body>> {
    let body = request
        .into_body()
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    let Some(attempt) = playing.next(&body) else {
        let words = Bytes::from_static(b"{\"error\":{\"message\":\"the recording is over\"}}");
        let mut response = response(vec![Ok(words)]);
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let (status, headers) = attempt.answered.ok_or_else(|| io::Error::other("nothing answered"))?;
    let mut pieces = vec![Ok(Bytes::from(attempt.heard))];
    pieces.extend(attempt.fault.map(|fault| Err(io::Error::other(fault))));
    let mut response = response(pieces);
    *response.status_mut() = StatusCode::from_u16(status).map_err(io::Error::other)?;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

fn response(pieces: Vec<io::Result<Bytes>>) -> Response<Body> {
    let frames = stream::iter(pieces.into_iter().map(|piece| piece.map(Frame::data)));
    Response::new(StreamBody::new(frames).boxed_unsync())
}
