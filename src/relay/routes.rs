//! From a request to what answers it.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;

use crate::translate::Reader;

use super::create::Errand;
use super::refusal::{self, Body, Refusal};
use super::{State, body, compact, create, guard, metrics, recording, thread};

/// Asks nginx, and what behaves like it, to pass a stream on as it comes.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What a path asks for, whatever stands before it: some clients are told an address with `/v1`, some with another
/// version, some without any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route<'a> {
    Health,
    Metrics,
    Models,
    Responses,
    Compact,
    /// A finished answer, by its id.
    Answer(&'a str),
    /// The end of an answer, by its id.
    Cancel(&'a str),
}

impl<'a> Route<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').collect();
        Some(match segments.as_slice() {
            ["", "health"] => Self::Health,
            ["", "metrics"] => Self::Metrics,
            ["", .., "responses"] => Self::Responses,
            ["", .., "responses", "compact"] => Self::Compact,
            ["", .., "responses", id] if !id.is_empty() => Self::Answer(id),
            ["", .., "responses", id, "cancel"] if !id.is_empty() => Self::Cancel(id),
            ["", .., "models"] => Self::Models,
            _ => return None,
        })
    }

    /// The name under which it is counted.
    fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Metrics => "metrics",
            Self::Models => "models",
            Self::Responses => "responses",
            Self::Compact => "compact",
            Self::Answer(_) => "answer",
            Self::Cancel(_) => "cancel",
        }
    }
}

/// Answers one request, whatever it is.
pub async fn answer(request: Request<Incoming>, state: &State) -> Response<Body> {
    let (head, mut body) = request.into_parts();
    let place = Route::of(head.uri.path());
    let reader = reader(&head.headers);
    // Who broke on one turn goes on to serve the others.
    let outcome = AssertUnwindSafe(route(&head, &mut body, place, state)).catch_unwind();
    let mut response = match outcome.await.unwrap_or(Err(Refusal::Broken)) {
        Ok(response) => response,
        Err(refusal) => {
            tracing::debug!(%refusal, "a request was refused");
            refusal.response(reader)
        }
    };
    let name = place.map_or("none", Route::name);
    state.ledger.answered(name, response.status().as_u16());
    let headers = response.headers_mut();
    if headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "text/event-stream")
    {
        headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    }
    if is_last(&head.headers, &body) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether nothing that follows on the connection may be taken for a request: a body that nobody read, or one that says
/// itself where it ends. Whoever passes requests on to us may see another end, where a length is told as well.
fn is_last(headers: &HeaderMap, body: &Incoming) -> bool {
    !body.is_end_stream() || headers.contains_key(TRANSFER_ENCODING)
}

async fn route(
    head: &Parts,
    body: &mut Incoming,
    place: Option<Route<'_>>,
    state: &State,
) -> Result<Response<Body>, Refusal> {
    guard::admit_anyone(head, state.access)?;
    let method = &head.method;
    // Who watches whether we live has no token.
    if place != Some(Route::Health) {
        guard::admit_client(head, state.access, &state.session.token)?;
    }
    let reader = reader(&head.headers);
    match place.ok_or(Refusal::Path)? {
        Route::Health => {
            require(method, &Method::GET, "GET")?;
            Ok(refusal::json(StatusCode::OK, &Health { status: "ok" }))
        }
        Route::Models => {
            require(method, &Method::GET, "GET")?;
            Ok(refusal::json(StatusCode::OK, &models(state)))
        }
        Route::Metrics => {
            require(method, &Method::GET, "GET")?;
            let text = state.ledger.write(&state.session.main.endpoint);
            Ok(refusal::whole(StatusCode::OK, metrics::CONTENT_TYPE, text.into()))
        }
        Route::Responses => {
            let body = posted(head, body, state).await?;
            let record = state.record();
            recording::ask(&record, head, &body);
            let deputy = thread::is_for_a_title(&head.headers).then_some(&state.session.deputies.small);
            let deputy = deputy.and_then(|small| small.as_ref()?.model());
            let thread = thread::of(&head.headers);
            let errand = Errand { thread, deputy };
            let answer = create::answer(&body, reader, errand, &record, state).await;
            Ok(recording::tell(record, answer))
        }
        Route::Compact => {
            let body = posted(head, body, state).await?;
            let record = state.record();
            recording::ask(&record, head, &body);
            let answer = compact::answer(&body, reader, &record, state).await;
            Ok(recording::tell(record, answer))
        }
        Route::Answer(id) if method == Method::DELETE => create::forget(id, state),
        Route::Answer(id) => {
            require(method, &Method::GET, "GET, DELETE")?;
            create::again(id, state)
        }
        Route::Cancel(id) => {
            require(method, &Method::POST, "POST")?;
            Err(create::cancel(id, state))
        }
    }
}

async fn posted(head: &Parts, body: &mut Incoming, state: &State) -> Result<Bytes, Refusal> {
    require(&head.method, &Method::POST, "POST")?;
    body::read(&head.headers, body, &state.limits).await
}

fn require(method: &Method, allowed: &Method, name: &'static str) -> Result<(), Refusal> {
    if method == allowed {
        return Ok(());
    }
    Err(Refusal::Method(name))
}

/// Codex says who it is: `codex_exec`, `codex-tui`, … (seen on 0.118 to 0.169).
fn reader(headers: &HeaderMap) -> Reader {
    let originator = headers.get("originator").and_then(|value| value.to_str().ok());
    match originator {
        Some(name) if name.starts_with("codex") => Reader::Codex,
        _ => Reader::Other,
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The list of `GET /v1/models`, as OpenAI writes it.
#[derive(Serialize)]
struct Models<'a> {
    object: &'static str,
    data: Vec<ListedModel<'a>>,
}

#[derive(Serialize)]
struct ListedModel<'a> {
    id: Cow<'a, str>,
    object: &'static str,
    created: u64,
    owned_by: &'a str,
}

fn models(state: &State) -> Models<'_> {
    let listed = state.session.models().map(|model| ListedModel {
        id: model.slug(),
        object: "model",
        // No provider tells; the field must be there.
        created: 0,
        owned_by: &state.session.host(model).endpoint.provider,
    });
    Models {
        object: "list",
        data: listed.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_by_its_end() {
        for (path, place) in [
            ("/health", Some(Route::Health)),
            ("/metrics", Some(Route::Metrics)),
            ("/responses", Some(Route::Responses)),
            ("/v1/responses", Some(Route::Responses)),
            ("/v4/responses", Some(Route::Responses)),
            ("/api/coding/paas/v4/responses", Some(Route::Responses)),
            ("/responses/v1/responses", Some(Route::Responses)),
            ("/v4/responses/compact", Some(Route::Compact)),
            ("/responses/resp_1", Some(Route::Answer("resp_1"))),
            ("/v1/responses/resp_1/cancel", Some(Route::Cancel("resp_1"))),
            ("/models", Some(Route::Models)),
            ("/v1/models", Some(Route::Models)),
            ("/", None),
            ("", None),
            ("*", None),
            ("/v1/health", None),
            ("/v1/responses/", None),
            ("/v1/responses//cancel", None),
            ("/v1/responses/resp_1/input_items", None),
            ("/v1/myresponses", None),
            ("/v1/chat/completions", None),
        ] {
            assert_eq!(Route::of(path), place, "{path}");
        }
    }
}
