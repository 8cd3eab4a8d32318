//! Chunks of an answer become events.

use serde_json::Value;

use crate::wire::chat::Chunk;
use crate::wire::responses::{Event, ResponseError};

use super::names::Tools;

/// What the first event says.
#[derive(Debug, Clone)]
pub struct Opening {
    /// `resp_…`; ids of items are derived from it.
    pub response_id: String,
    /// Seconds since 1970.
    pub created_at: u64,
    /// The model that Codex asked for.
    pub model: String,
}

/// One answer while it comes in. Ends by [`Turn::finish`] or [`Turn::fail`], once.
#[derive(Debug)]
pub struct Turn {
    opening: Opening,
}

impl Turn {
    /// A turn in which nothing has come yet; appends `response.created` and `response.in_progress`.
    pub fn open(opening: Opening, tools: Tools, out: &mut Vec<Event>) -> Self {
        let _ = (tools, out);
        Self { opening }
    }

    /// Takes the next chunk and appends the events that it makes.
    ///
    /// # Errors
    ///
    /// The provider's error object, whatever its shape, when the chunk holds one; the turn must then be [failed](Turn::fail).
    pub fn push(&mut self, chunk: Chunk, out: &mut Vec<Event>) -> Result<(), Value> {
        let _ = (chunk, out);
        Ok(())
    }

    /// The provider wrote `[DONE]`: an answer without a finish reason counts as finished.
    pub fn done(&mut self) {}

    /// The stream ended. Closes what is open; completed only if the provider said so, else failed.
    pub fn finish(self, out: &mut Vec<Event>) {
        let _ = (self.opening, out);
    }

    /// Something went wrong. What is open stays unclosed, so that Codex never takes a cut call for a whole one.
    pub fn fail(self, error: ResponseError, out: &mut Vec<Event>) {
        let _ = (error, out);
    }
}
