//! What lets a turn go on when the provider wants to hear of it again before it is finished.

use std::sync::Arc;

use serde_json::Value;

use crate::session::Session;
use crate::translate::{Exchange, Question, Reading};
use crate::upstream::{Client, Opening};
use crate::wire::responses::{self, Event};

use super::turn;

/// All that is needed to ask once more.
pub struct Following {
    session: Arc<Session>,
    client: Client,
    request: responses::Request,
}

impl Following {
    /// For the turn that answers `request`.
    pub fn new(session: &Arc<Session>, client: &Client, request: &responses::Request) -> Self {
        Self {
            session: Arc::clone(session),
            client: client.clone(),
            request: request.clone(),
        }
    }

    /// Sends the next request of the turn, if there is one.
    pub fn next(&self, turn: &mut Reading, out: &mut Vec<Event>) -> Option<Opening> {
        let request = turn.follow_up(&self.request, out)?;
        let question = Question {
            request: &request,
            whole: &|| Value::Null,
            asked: self.session.endpoint.memory(),
        };
        let model = self.session.model(request.model.as_deref());
        let mut exchange = Exchange::of(turn::target(model), &question);
        let sent = turn::sent(&mut exchange);
        tracing::info!(model = model.id, bytes = sent.body.len(), "a turn goes on");
        Some(self.client.open(sent))
    }
}
