//! `POST /v1/responses/compact`: the model itself sums the conversation up, in one request without tools.

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde_json::Map;

use crate::record::Turn;
use crate::translate::{Compaction, Reader};
use crate::wire::responses::Event;

use super::refusal::{self, Body};
use super::turn::{Asking, Running};
use super::{State, asked};

/// Answers with the short conversation.
pub async fn answer(body: &Bytes, reader: Reader, record: &Turn, state: &State) -> Response<Body> {
    let (running, events, compaction) = match begin(body, reader, record, state) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
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
/// A turn that sums up, its first events, and what it sums up.
type Begun = (Box<Running>, Vec<Event>, Compaction);

/// Reads a request and asks. What was read is gone when this returns.
fn begin(body: &Bytes, reader: Reader, record: &Turn, state: &State) -> Result<Begun, Box<Response<Body>>> {
    let asked = asked::read(body, reader, &state.store)?;
    let request = asked.request().map_err(|error| asked::unreadable(reader, &error))?;
    if let Some(refusal) = state.refuse(request.model.as_deref(), reader) {
        return Err(refusal);
    }
    let (compaction, request) = Compaction::begin(request);
    let asking = Asking {
        asked: asked.clone().summed_up(),
        // Whoever asks: here a limit that cuts the summary must be heard of.
        reader: Reader::Other,
        echo: Map::new(),
    };
    let (running, events) = Running::begin(asking, &request, record, state);
    Ok((running, events, compaction))
}
