//! A request that was refused is put otherwise and sent once more, where the refusal says how.

use std::mem::discriminant;
use std::sync::Arc;

use bytes::Bytes;

use crate::session::{Model, Repair};
use crate::translate::{Opening as Beginning, Reading};
use crate::upstream::{Failure, Meter, Opening};

use super::following::Following;
use super::hosts::Host;
use super::turn::{self, Asking};

/// All that is needed to ask otherwise. Kept until the answer begins.
pub struct Again {
    pub asking: Asking,
    pub beginning: Beginning,
    pub meter: Meter,
    /// Who is asked, and for which model.
    pub host: Arc<Host>,
    pub model: Arc<Model>,
    /// What was sent last.
    pub body: Bytes,
    /// What was put right in this turn. Whether it helped is seen when the answer begins.
    pub repairs: Vec<Repair>,
}

/// How often one turn is put otherwise: providers name the fields that they do not take one after another.
const MOST: usize = 4;

/// The same turn, asked otherwise.
pub struct Asked {
    pub turn: Reading,
    pub opening: Opening,
    pub following: Option<Following>,
}

impl Again {
    /// Sends the request once more if `failure` says how it must be put, and if it is put otherwise then. Fields are
    /// left out as they are named; of anything else, a second word of the provider's only contradicts its first.
    pub fn ask(&mut self, failure: &Failure) -> Option<Asked> {
        let repair = failure.repair.as_ref()?;
        let is_second_word = |before: &Repair| discriminant(before) == discriminant(repair);
        let is_field = matches!(repair, Repair::LeaveOut(_));
        if self.repairs.len() == MOST || (!is_field && self.repairs.iter().any(is_second_word)) {
            return None;
        }
        let mut tried = Model::clone(&self.model);
        tried.repair(repair);
        let mut exchange = self.asking.exchange(&self.host, &tried);
        let sent = turn::sent(&mut exchange, &self.meter);
        if sent.body == self.body {
            return None;
        }
        tracing::warn!(model = tried.id, "{repair}: asking once more");
        self.meter.retry();
        self.model = Arc::new(tried);
        self.repairs.push(repair.clone());
        self.body = sent.body.clone();
        let may_go_on = exchange.may_go_on();
        Some(Asked {
            following: may_go_on.then(|| self.following()),
            // Its first events were told before.
            turn: exchange.open(self.beginning.clone(), &mut Vec::new()),
            opening: self.host.client.open(sent),
        })
    }

    /// The provider answers: what was put otherwise is put so for the rest of the run.
    pub fn remember(&self) {
        for repair in &self.repairs {
            self.host.repair(&self.model, repair);
        }
    }

    /// What asks further in the same turn.
    pub fn following(&self) -> Following {
        Following {
            host: Arc::clone(&self.host),
            meter: self.meter.clone(),
            model: Arc::clone(&self.model),
            request: self.asking.request.clone(),
        }
    }
}
