//! From a request to what answers it.

use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Response, StatusCode};
use serde::Serialize;

use crate::translate::Reader;

use super::refusal::{self, Body, Refusal};
use super::{State, body, compact, create, guard};

/// Answers one request, whatever it is.
pub async fn answer(request: Request<Incoming>, state: &State) -> Response<Body> {
    match route(request, state).await {
        Ok(response) => response,
        Err(refusal) => {
            tracing::debug!(%refusal, "a request was refused");
            refusal.response()
        }
    }
}

async fn route(request: Request<Incoming>, state: &State) -> Result<Response<Body>, Refusal> {
    let (head, body) = request.into_parts();
    guard::admit_anyone(&head)?;
    if head.uri.path() == "/health" {
        require(&head.method, &Method::GET, "GET")?;
        return Ok(refusal::json(StatusCode::OK, &Health { status: "ok" }));
    }
    guard::admit_session(&head, &state.session.token)?;
    match head.uri.path() {
        "/v1/models" => {
            require(&head.method, &Method::GET, "GET")?;
            Ok(refusal::json(StatusCode::OK, &models(state)))
        }
        "/v1/responses" => {
            require(&head.method, &Method::POST, "POST")?;
            let body = body::read(&head.headers, body, state.limits.body).await?;
            Ok(create::answer(&body, reader(&head.headers), state).await)
        }
        "/v1/responses/compact" => {
            require(&head.method, &Method::POST, "POST")?;
            let body = body::read(&head.headers, body, state.limits.body).await?;
            Ok(compact::answer(&body, reader(&head.headers), state).await)
        }
        path => kept(&head.method, path, state),
    }
}

/// What concerns a finished answer.
fn kept(method: &Method, path: &str, state: &State) -> Result<Response<Body>, Refusal> {
    let rest = path.strip_prefix("/v1/responses/").unwrap_or_default();
    match rest.split_once('/') {
        _ if rest.is_empty() => Err(Refusal::Path),
        None if method == Method::DELETE => create::forget(rest, state),
        None => {
            require(method, &Method::GET, "GET, DELETE")?;
            create::again(rest, state)
        }
        Some((id, "cancel")) => {
            require(method, &Method::POST, "POST")?;
            Err(create::cancel(id, state))
        }
        Some(_) => Err(Refusal::Path),
    }
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
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'a str,
}

fn models(state: &State) -> Models<'_> {
    let listed = state.session.models().map(|model| ListedModel {
        id: &model.id,
        object: "model",
        // No provider tells; the field must be there.
        created: 0,
        owned_by: &state.session.endpoint.provider,
    });
    Models {
        object: "list",
        data: listed.collect(),
    }
}
