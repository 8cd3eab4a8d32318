//! What lets a turn go on when the provider wants to hear of it again before it is finished.

use serde_json::Value;

use crate::translate::{Exchange, Question, Reading};
use crate::upstream::{Meter, Opening};
use crate::wire::responses::{Event, Input, Item};

use super::asked::Asked;
use super::fallbacks::Stop;
use super::turn;

/// All that is needed to ask once more.
pub struct Following {
    /// Who answers.
    pub stop: Stop,
    pub meter: Meter,
    /// The request that the turn answers.
    pub asked: Asked,
}

impl Following {
    /// Sends the next request of the turn, if there is one.
    pub fn next(&self, turn: &mut Reading, out: &mut Vec<Event>) -> Option<Opening> {
        let said = turn.follow_up(out)?;
        let mut request = self.asked.request().ok()?;
        let mut items = request.input.into_items();
        items.extend(serde_json::from_str::<Vec<Item<'_>>>(&said).ok()?);
        request.input = Input::Items(items);
        let question = Question {
            request: &request,
            whole: &|| Value::Null,
            asked: self.stop.host.endpoint.memory(),
        };
        let mut exchange = Exchange::of(turn::target(&self.stop.model), &question);
        let sent = turn::sent(&mut exchange, &self.meter);
        tracing::info!(model = self.stop.model.id, bytes = sent.body.len(), "a turn goes on");
        Some(self.stop.host.client.open(sent))
    }
}
