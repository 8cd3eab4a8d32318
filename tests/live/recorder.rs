//! Stands between crelay and a provider: passes on what comes, piece by piece, and keeps it.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, TRANSFER_ENCODING};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use url::Url;

/// What was sent and received, without headers: they hold the key.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    pub sent: Vec<u8>,
    pub status: u16,
    pub received: Vec<u8>,
}

/// Runs as long as its runtime.
pub struct Recorder {
    /// Where it listens.
    pub origin: Url,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

struct Way {
    client: reqwest::Client,
    /// Where requests go: those to the Responses endpoint, and all others.
    responses: Url,
    others: Url,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, io::Error>;

impl Recorder {
    /// Listens on loopback, in front of the provider whose endpoints are at these addresses.
    pub async fn start(others: &Url, responses: &Url) -> Self {
        // Fails only when a provider is installed already, which is then this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirect = reqwest::redirect::Policy::none();
        let kept = Arc::new(Mutex::default());
        let way = Arc::new(Way {
            client: reqwest::Client::builder().redirect(redirect).build().unwrap(),
            responses: responses.clone(),
            others: others.clone(),
            kept: Arc::clone(&kept),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let way = Arc::clone(&way);
                let service = hyper::service::service_fn(move |request| pass_on(Arc::clone(&way), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                // It ends with an error when the other side leaves, which is no matter.
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { origin, kept }
    }

    /// `url` at the recorder's own host.
    pub fn before(&self, url: &Url) -> Url {
        let mut before = self.origin.clone();
        before.set_path(url.path());
        before.set_query(url.query());
        before
    }

    /// All exchanges since this was asked last, in order.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.kept.lock().unwrap())
    }
}

async fn pass_on(way: Arc<Way>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let sent = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let base = match head.uri.path().ends_with("/responses") {
        true => &way.responses,
        false => &way.others,
    };
    let mut url = base.clone();
    url.set_path(head.uri.path());
    url.set_query(head.uri.query());
    let request = way
        .client
        .request(head.method, url)
        .headers(passed(&head.headers))
        .body(sent.clone());
    let Ok(answer) = request.send().await else {
        return Ok(told(502));
    };
    let number = {
        let mut kept = way.kept.lock().unwrap();
        kept.push(Exchange {
            sent: sent.to_vec(),
            status: answer.status().as_u16(),
            received: Vec::new(),
        });
        kept.len() - 1
    };
    let status = answer.status();
    let headers = passed(answer.headers());
    let pieces = stream::unfold(answer, move |mut answer| {
        let kept = Arc::clone(&way.kept);
        async move {
            let piece = answer.chunk().await.map_err(io::Error::other).transpose()?;
            if let (Ok(piece), Some(exchange)) = (&piece, kept.lock().unwrap().get_mut(number)) {
                exchange.received.extend_from_slice(piece);
            }
            Some((piece.map(Frame::data), answer))
        }
    });
    let mut response = Response::new(StreamBody::new(pieces).boxed_unsync());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Headers without those that belong to one connection. What is packed could not be read later.
fn passed(headers: &HeaderMap) -> HeaderMap {
    let mut passed = headers.clone();
    for name in [ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING] {
        passed.remove(name);
    }
    passed
}

fn told(status: u16) -> Response<Body> {
    let nothing = http_body_util::Empty::new().map_err(|never| match never {});
    let mut response = Response::new(nothing.boxed_unsync());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
    response
}
