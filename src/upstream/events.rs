//! Events of a Responses endpoint, and what comes in their place.

use serde_json::Value;

use crate::wire::Said;
use crate::wire::responses::Streamed;

use super::answer::{Piece, Speech};
use super::failure::{Class, Failure};

/// What the data of a frame says. `name` is the frame's own.
pub(super) fn read(speech: Speech, name: Option<&str>, data: &str, out: &mut Vec<Piece>) {
    match Streamed::read(name, data) {
        Some(event) => said(speech, event, out),
        // Words, or an error object that does not say what it is.
        None if name == Some("error") || is_error(data) => out.push(speech.failure_in(data)),
        None => tracing::debug!(bytes = data.len(), "left out a frame that is no event"),
    }
}

/// What an object says that came in place of a stream.
pub(super) fn whole(speech: Speech, text: &str, out: &mut Vec<Piece>) {
    match serde_json::from_str(text) {
        Err(_) => out.push(Piece::Failed(Failure::new(Class::Cut, "it is no whole JSON"))),
        Ok(answer) => match Streamed::whole(answer) {
            Some(event) => said(speech, event, out),
            None => out.push(speech.failure_in(text)),
        },
    }
}

/// The end is the last event; no `[DONE]` need follow.
fn said(speech: Speech, event: Streamed, out: &mut Vec<Piece>) {
    if let Some(error) = event.error() {
        out.push(speech.failure(&error));
        return;
    }
    let is_end = event.is_end();
    out.push(Piece::Said(Said::Event(Box::new(event))));
    if is_end {
        out.push(Piece::Done);
    }
}

fn is_error(data: &str) -> bool {
    serde_json::from_str::<Value>(data).is_ok_and(|value| value.get("error").is_some_and(|error| !error.is_null()))
}
