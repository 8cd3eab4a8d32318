//! `POST /v1/responses/compact`: the model itself sums the conversation up, in one request without tools.

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde_json::Map;

use crate::record::Turn;
use crate::translate::{Compaction, Reader};

use super::refusal::{self, Body};
use super::turn::{Asking, Running};
use super::{State, asked};

/// Answers with the short conversation.
pub async fn answer(body: &Bytes, reader: Reader, record: &Turn, state: &State) -> Response<Body> {
    let asked = match asked::read(body, reader, &state.store) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    if let Some(refusal) = state.refuse(asked.request.model.as_deref(), reader) {
        return *refusal;
    }
    let (compaction, request) = Compaction::begin(asked.request);
    let whole = asked.whole;
    let asking = Asking {
        request,
        whole: Box::new(move || Compaction::amend(whole.read())),
        // Whoever asks: here a limit that cuts the summary must be heard of.
        reader: Reader::Other,
        echo: Map::new(),
    };
    let (running, events) = Running::begin(asking, record, state);
    let measure = running.measure();
    match running.whole(events).await {
        Ok(summary) => {
            measure.end(&summary);
            match compaction.finish(summary) {
                Some(compacted) => refusal::json(StatusCode::OK, &compacted),
                None => refusal::error(StatusCode::BAD_GATEWAY, "server_error", "the model wrote no summary"),
            }
        }
        Err(response) => {
            measure.fail();
            *response
        }
    }
}
