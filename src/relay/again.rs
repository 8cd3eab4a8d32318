//! A request that was refused is put otherwise and sent once more, where the refusal says how.

use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use bytes::Bytes;

use crate::session::{Model, Repair};
use crate::translate::{Exchange, Opening as Beginning, Question, Reading};
use crate::upstream::{Client, Failure, Meter, Opening};

use super::following::Following;
use super::models::Models;
use super::turn::{self, Asking};

/// All that is needed to ask otherwise. Kept until the answer begins.
pub struct Again {
    pub asking: Asking,
    pub beginning: Beginning,
    pub client: Client,
    pub meter: Meter,
    pub models: Arc<Models>,
    pub model: Arc<Model>,
    /// The provider's name, under which its own reasoning is known again.
    pub provider: String,
    /// What was sent last.
    pub body: Bytes,
    /// What was put right in this turn; nothing is twice.
    pub repaired: Vec<Discriminant<Repair>>,
}

/// The same turn, asked otherwise.
pub struct Asked {
    pub turn: Reading,
    pub opening: Opening,
    pub following: Option<Following>,
}

impl Again {
    /// Sends the request once more if `failure` says how it must be put, and if it is put otherwise then.
    pub fn ask(&mut self, failure: &Failure) -> Option<Asked> {
        let repair = failure.repair.as_ref()?;
        if self.repaired.contains(&discriminant(repair)) {
            return None;
        }
        self.repaired.push(discriminant(repair));
        let mut tried = Model::clone(&self.model);
        tried.repair(repair);
        let mut exchange = self.exchange(&tried);
        let sent = turn::sent(&mut exchange, &self.meter);
        if sent.body == self.body {
            return None;
        }
        tracing::warn!(model = tried.id, "{repair}: asking once more");
        self.meter.retry();
        self.model = self.models.repair(&self.model, repair);
        self.body = sent.body.clone();
        let may_go_on = exchange.may_go_on();
        Some(Asked {
            following: may_go_on.then(|| self.following()),
            // Its first events were told before.
            turn: exchange.open(self.beginning.clone(), &mut Vec::new()),
            opening: self.client.open(sent),
        })
    }

    fn exchange(&self, model: &Model) -> Exchange {
        let question = Question {
            request: &self.asking.request,
            whole: &*self.asking.whole,
            asked: &self.provider,
        };
        Exchange::of(turn::target(model), &question)
    }

    /// What asks further in the same turn.
    pub fn following(&self) -> Following {
        Following {
            provider: self.provider.clone(),
            client: self.client.clone(),
            meter: self.meter.clone(),
            model: Arc::clone(&self.model),
            request: self.asking.request.clone(),
        }
    }
}
