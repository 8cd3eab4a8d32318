//! `POST /v1/responses`, and what is asked later of the answers that it kept.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::record::Turn;
use crate::translate::{self, Reader};
use crate::wire::responses::Event;

use super::refusal::{self, Body, Refusal};
use super::store::Memo;
use super::turn::{Asking, Running};
use super::{State, asked};

/// What Codex tells of a turn beside it.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// The user's own thread, if the turn is one of it.
    pub thread: Option<&'a str>,
    /// The model that answers in the place of the one that is asked for.
    pub deputy: Option<&'a str>,
}

/// Answers a turn, streamed or whole.
pub async fn answer(body: &Bytes, reader: Reader, errand: Errand<'_>, record: &Turn, state: &State) -> Response<Body> {
    let begun = match begin(body, reader, errand, record, state) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    let measure = begun.running.measure();
    let answer = if begun.is_streamed {
        begun.running.stream(begun.events, Some(begun.memo)).await
    } else {
        match begun.running.whole(begun.events).await {
            Ok(response) => {
                let answer = refusal::json(StatusCode::OK, &response);
                begun.memo.keep(&response);
                answer
            }
            Err(answer) => *answer,
        }
    };
    if !answer.status().is_success() {
        measure.fail();
    }
    answer
}

/// A turn that was asked of a provider.
struct Begun {
    running: Box<Running>,
    events: Vec<Event>,
    memo: Memo,
    is_streamed: bool,
}

/// Reads a request and asks. What was read is gone when this returns.
fn begin(
    body: &Bytes,
    reader: Reader,
    errand: Errand<'_>,
    record: &Turn,
    state: &State,
) -> Result<Begun, Box<Response<Body>>> {
    let asked = asked::read(body, reader, &state.store)?.answered_by(errand.deputy);
    let request = asked.request().map_err(|error| asked::unreadable(reader, &error))?;
    if let Some(id) = errand.thread {
        state.note_thread(id, request.model.as_deref());
    }
    if let Some(refusal) = state.refuse(request.model.as_deref(), reader) {
        return Err(refusal);
    }
    let is_kept = reader == Reader::Other && request.store != Some(false) && state.store.is_open();
    let asking = Asking {
        asked: asked.clone(),
        reader,
        echo: echo(reader, body, is_kept),
    };
    let (running, events) = Running::begin(asking, &request, record, state);
    let mut memo = Memo::new(running.measure());
    if is_kept {
        memo = memo.kept_in(Arc::clone(&state.store), asked.conversation());
    }
    Ok(Begun {
        running,
        events,
        memo,
        is_streamed: request.stream == Some(true),
    })
}

/// The request once more, as it came, for a reader who wants its parameters back; but it is told what is really kept.
fn echo(reader: Reader, body: &[u8], is_kept: bool) -> Map<String, Value> {
    match reader {
        Reader::Codex => Map::new(),
        Reader::Other => {
            // The input is nearly all of it, and is not repeated.
            let mut echo = translate::echo(&asked::fields(body, |name| name != "input"));
            echo.insert("store".to_owned(), Value::Bool(is_kept));
            echo
        }
    }
}

/// `GET /v1/responses/{id}`.
pub fn again(id: &str, state: &State) -> Result<Response<Body>, Refusal> {
    let answer = state.store.find(id).ok_or(Refusal::Unknown)?;
    Ok(refusal::json_text(StatusCode::OK, answer.response.clone()))
}

/// What `DELETE` answers, as OpenAI writes it.
#[derive(Serialize)]
struct Deleted<'a> {
    id: &'a str,
    object: &'static str,
    deleted: bool,
}

/// `DELETE /v1/responses/{id}`.
pub fn forget(id: &str, state: &State) -> Result<Response<Body>, Refusal> {
    if !state.store.remove(id) {
        return Err(Refusal::Unknown);
    }
    let deleted = Deleted {
        id,
        object: "response",
        deleted: true,
    };
    Ok(refusal::json(StatusCode::OK, &deleted))
}

/// `POST /v1/responses/{id}/cancel`. No answer is written in the background: one that is not finished ends when its
/// client hangs up, so there is never anything to cancel here.
pub fn cancel(id: &str, state: &State) -> Refusal {
    match state.store.find(id) {
        Some(_) => Refusal::Finished,
        None => Refusal::Unknown,
    }
}
