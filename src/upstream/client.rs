//! The client: built while Codex is already starting, or when it is needed; bound to one provider for the whole
//! session.

use std::error::Error as _;
use std::io;
use std::iter::successors;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION,
};
use tokio::sync::watch;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::session::{Codes, Endpoint, Wire};

use super::answer::{self, Answer, Speech};
use super::clock::{Clock, within};
use super::failure::{BODY_LIMIT, Class, Failure};
use super::meter::Meter;
use super::retry::Attempt;
use super::{Limits, packing, tls};

/// An answer that is on its way. Dropping it ends the request.
pub type Opening = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;

/// Most characters of a request's id that are logged; they have some forty.
const LONGEST_ID: usize = 100;

/// Through which proxy requests go. A provider on this machine is always asked directly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// The one that the user's environment or system names, if any.
    #[default]
    System,
    /// This one.
    At(url::Url),
}

/// A request to the provider.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// How it is written, and answered.
    pub speech: Speech,
    /// Headers of this request alone. Those of the configuration count more.
    pub headers: Vec<(String, String)>,
    /// The body, in JSON.
    pub body: Bytes,
    /// What counts its attempts, and what is said in answer to each.
    pub meter: Meter,
    /// Whether somebody else could answer at once, so that the provider is not waited for long.
    pub is_relieved: bool,
}

/// Sends requests to one provider. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    endpoint: Arc<Endpoint>,
    limits: Limits,
    built: watch::Receiver<Built>,
    /// What builds it, until that has begun.
    unbuilt: Arc<Mutex<Option<Unbuilt>>>,
}

/// What sends requests, once it is there.
type Built = Option<Result<reqwest::Client, Failure>>;

#[derive(Debug)]
struct Unbuilt {
    proxy: Proxy,
    sender: watch::Sender<Built>,
}

impl Client {
    /// A client that is built when it is first needed, or [prepared](Client::prepare). Nothing happens here.
    #[must_use]
    pub fn build_when_needed(endpoint: Arc<Endpoint>, proxy: Proxy, limits: Limits) -> Self {
        let (sender, built) = watch::channel(None);
        Self {
            endpoint,
            limits,
            built,
            unbuilt: Arc::new(Mutex::new(Some(Unbuilt { proxy, sender }))),
        }
    }

    /// The same, which begins to be built. Must be called in a runtime.
    #[must_use]
    pub fn build_in_background(endpoint: Arc<Endpoint>, proxy: Proxy, limits: Limits) -> Self {
        let client = Self::build_when_needed(endpoint, proxy, limits);
        client.prepare();
        client
    }

    /// Starts to build it, if nobody has, on a thread of its own and returns at once: reading the system's certificates
    /// takes tens of milliseconds, which Codex needs to start. The first request waits for it. Must be called in a
    /// runtime.
    pub fn prepare(&self) {
        let unbuilt = self.unbuilt.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Unbuilt { proxy, sender }) = unbuilt {
            let (endpoint, limits) = (Arc::clone(&self.endpoint), self.limits);
            tokio::task::spawn_blocking(move || {
                sender.send_replace(Some(build(&endpoint, &proxy, limits)));
            });
        }
    }

    /// Sends `request` and waits until the answer has begun; tries again where that may help. Nothing happens before
    /// the future is polled.
    #[must_use]
    pub fn open(&self, request: Request) -> Opening {
        let client = self.clone();
        Box::pin(async move { client.attempts(request).await })
    }

    async fn attempts(&self, request: Request) -> Result<Answer, Failure> {
        let client = self.ready().await?;
        let end = self.limits.total.map(|total| Instant::now() + total);
        let Request {
            mut speech,
            headers,
            body,
            meter,
            is_relieved,
        } = request;
        speech.joins &= self.limits.joins;
        let policy = match is_relieved {
            true => self.limits.retry.hurried(),
            false => self.limits.retry,
        };
        let request = client
            .post(address(&self.endpoint, speech.wire))
            .headers(own_headers(&headers, &self.endpoint))
            .body(body.clone());
        let began = Instant::now();
        let mut number = 1;
        loop {
            // A body of bytes can always be copied.
            let Some(copy) = request.try_clone() else {
                return Err(Failure::new(Class::Setup, "the request cannot be sent"));
            };
            meter.send(speech.wire, &headers, &body);
            let failure = match self.attempt(speech, copy, end, meter.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let words = failure.sentence(&self.endpoint);
            tracing::warn!(number, class = ?failure.class, status = failure.status, "{words}");
            let attempt = Attempt {
                number,
                elapsed: began.elapsed(),
                failure: &failure,
                jitter: jitter(),
            };
            let Some(pause) = policy.pause_after(attempt) else {
                return Err(failure);
            };
            // Who would be given up before the next attempt is told why the last one failed.
            if end.is_some_and(|end| Instant::now() + pause >= end) {
                return Err(failure);
            }
            tokio::time::sleep(pause).await;
            meter.retry();
            number += 1;
        }
    }

    /// Asks once, and gives up the whole answer at `end`.
    async fn attempt(
        &self,
        speech: Speech,
        request: reqwest::RequestBuilder,
        end: Option<Instant>,
        meter: Meter,
    ) -> Result<Answer, Failure> {
        let clock = Clock::start(&self.limits, end);
        let response = self.answered(speech.codes, request, &clock, &meter).await?;
        Answer::begin(response, speech, clock, meter).await
    }

    /// The answer to `request`, if its status is one of success.
    pub(super) async fn answered(
        &self,
        codes: Codes,
        request: reqwest::RequestBuilder,
        clock: &Clock,
        meter: &Meter,
    ) -> Result<reqwest::Response, Failure> {
        let deadline = clock.deadline();
        let response = match within(deadline, request.send()).await {
            None => {
                meter.end(Some("no answer in time"));
                return Err(clock.failure());
            }
            Some(Err(error)) => {
                meter.end(Some(&answer::root(&error)));
                return Err(of_error(&error, &self.endpoint));
            }
            Some(Ok(response)) => response,
        };
        let status = response.status();
        meter.answer(status.as_u16(), response.headers());
        let id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok());
        let id = id.unwrap_or_default().get(..LONGEST_ID).or(id);
        // With this, who runs the provider finds what happened.
        tracing::debug!(status = status.as_u16(), version = ?response.version(), id, "the provider answers");
        if status.is_success() {
            return Ok(response);
        }
        if let Some(target) = target(&response).filter(|_| status.is_redirection()) {
            return Err(Failure::elsewhere(status.as_u16(), &target));
        }
        let headers = response.headers().clone();
        let patience = Instant::now() + self.limits.refusal;
        let body = error_body(response, deadline.map_or(patience, |end| end.min(patience))).await;
        meter.receive(&body);
        meter.end(None);
        let coding = headers.get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
        let body = packing::unpacked(coding, body, BODY_LIMIT);
        let status = status.as_u16();
        Err(Failure::of_status(codes, status, &headers, &body, SystemTime::now()))
    }

    /// Where requests go.
    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) async fn ready(&self) -> Result<reqwest::Client, Failure> {
        self.prepare();
        let mut built = self.built.clone();
        let Ok(client) = built.wait_for(Option::is_some).await else {
            return Err(Failure::new(Class::Setup, "the client could not be built"));
        };
        match client.as_ref() {
            Some(client) => client.clone(),
            None => Err(Failure::new(Class::Setup, "the client was not built")),
        }
    }
}

fn build(endpoint: &Endpoint, proxy: &Proxy, limits: Limits) -> Result<reqwest::Client, Failure> {
    // Fails only when a provider is installed already, which is then this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("crelay/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(endpoint)?)
        // A redirect would carry the key and the prompt to an address that nobody chose.
        .redirect(reqwest::redirect::Policy::none())
        // It would send what HTTP/2 refuses three times for each of our attempts.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        // A line that is dead at its other end, as after a change of networks, says nothing: it is asked, and given up
        // after a minute without an answer, long before the silence of a provider that thinks is too long.
        .tcp_keepalive(limits.probe)
        .tcp_keepalive_interval(limits.probe)
        .tcp_keepalive_retries(3)
        .http2_keep_alive_interval(limits.probe)
        .http2_keep_alive_timeout(limits.probe * 3);
    if let Some(connect) = limits.connect {
        builder = builder.connect_timeout(connect);
    }
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
    } else if let Proxy::At(url) = proxy {
        let proxy = reqwest::Proxy::all(url.as_str()).map_err(|error| setup(&error))?;
        builder = builder.proxy(proxy);
    }
    if endpoint.is_loopback()
        && let Some(url::Host::Domain(name)) = endpoint.base_url.host()
    {
        // Most servers listen there alone, and on the other anybody may.
        let addresses = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        builder = builder.resolve_to_addrs(name, &addresses.map(|address| SocketAddr::new(address, 0)));
    }
    let authorities = &endpoint.authorities;
    // Each is DER already, which is all that can fail here.
    let named = authorities
        .named
        .iter()
        .filter_map(|certificate| reqwest::Certificate::from_der(certificate).ok());
    // At an address in the clear no certificate will be looked at, so a machine without any is fine, too.
    let needs_none = endpoint.is_loopback() && endpoint.base_url.scheme() == "http";
    builder = match authorities.only_named || needs_none {
        true => builder.tls_certs_only(named),
        false => builder.tls_certs_merge(named),
    };
    builder.build().map_err(|error| setup(&error))
}

fn setup(error: &reqwest::Error) -> Failure {
    Failure::new(Class::Setup, answer::root(error))
}

/// The headers of every request. Those of the configuration count more than our own.
fn headers(endpoint: &Endpoint) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ACCEPT, HeaderValue::from_static("text/event-stream, application/json")),
    ]);
    if let Some(key) = &endpoint.key {
        let value = secret_value(&Zeroizing::new(format!("Bearer {}", key.expose())));
        let value = value.ok_or_else(|| Failure::new(Class::Setup, "the key holds characters that no key has"))?;
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in &endpoint.headers {
        let wrong = || Failure::new(Class::Setup, format!("`{name}` is no header, or its value is none"));
        let value = secret_value(value.expose()).ok_or_else(wrong)?;
        let name: HeaderName = name.parse().map_err(|_| wrong())?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The headers of one request, without those that the configuration sets itself. What is no header is left out: it is
/// made of what Codex said, and a turn is worth more.
fn own_headers(own: &[(String, String)], endpoint: &Endpoint) -> HeaderMap {
    let is_set = |name: &str| endpoint.headers.iter().any(|(set, _)| set.eq_ignore_ascii_case(name));
    own.iter()
        .filter(|(name, _)| !is_set(name))
        .filter_map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?)))
        .collect()
}

fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Where requests of a protocol go.
fn address(endpoint: &Endpoint, wire: Wire) -> url::Url {
    match wire {
        Wire::Chat => below(&endpoint.base_url, "chat/completions"),
        Wire::Responses => below(
            endpoint.responses_url.as_ref().unwrap_or(&endpoint.base_url),
            "responses",
        ),
    }
}

/// The address of `path` below `base`; a query of `base` (Azure's `api-version`) stays.
pub(super) fn below(base: &url::Url, path: &str) -> url::Url {
    let mut url = base.clone();
    let path = format!("{}/{path}", base.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

fn of_error(error: &reqwest::Error, endpoint: &Endpoint) -> Failure {
    if let Some(fault) = tls::fault(error) {
        return Failure::new(Class::Untrusted, fault);
    }
    if error.is_connect() && error.is_timeout() {
        return Failure::new(Class::Unreachable, "no connection in time");
    }
    if error.is_connect() && endpoint.is_loopback() && is_refused(error) {
        return Failure::new(Class::NotRunning, "");
    }
    if error.is_connect() {
        return Failure::new(Class::Unreachable, answer::root(error));
    }
    if error.is_builder() {
        return Failure::new(Class::Setup, answer::root(error));
    }
    Failure::new(Class::Cut, answer::root(error))
}

/// Where an answer says that to go.
fn target(response: &reqwest::Response) -> Option<url::Url> {
    let location = response.headers().get(LOCATION)?;
    response.url().join(location.to_str().ok()?).ok()
}

/// Whether the machine itself said that nothing listens.
fn is_refused(error: &reqwest::Error) -> bool {
    let mut causes = successors(error.source(), |&cause| cause.source());
    causes.any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
    })
}

/// The beginning of an error answer; what came until the connection broke, or fell silent, is enough.
async fn error_body(mut response: reqwest::Response, deadline: Instant) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        let Some(Ok(Some(bytes))) = within(Some(deadline), response.chunk()).await else {
            break;
        };
        body.extend_from_slice(&bytes);
    }
    body.truncate(BODY_LIMIT);
    body
}

fn jitter() -> u8 {
    let mut byte = [0];
    // Without randomness, sessions come back together; that is all.
    let _ = getrandom::fill(&mut byte);
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_appended_and_a_query_stays() {
        for (base, expected) in [
            ("https://api.deepseek.com", "https://api.deepseek.com/chat/completions"),
            ("http://localhost:8000/v1/", "http://localhost:8000/v1/chat/completions"),
            (
                "https://x.test/a%20b?api-version=1",
                "https://x.test/a%20b/chat/completions?api-version=1",
            ),
        ] {
            assert_eq!(below(&base.parse().unwrap(), "chat/completions").as_str(), expected);
        }
    }
}
