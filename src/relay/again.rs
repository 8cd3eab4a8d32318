//! A request that was refused is put otherwise and sent once more, where the refusal says how; or it is asked of
//! another, where whoever was asked has nothing to answer with.

use std::mem::discriminant;
use std::sync::Arc;

use bytes::Bytes;

use crate::session::{Codes, Model, Repair};
use crate::translate::{Exchange, Opening as Beginning, Reader, Reading};
use crate::upstream::{Failure, Opening};
use crate::wire::responses::{Event, Request};

use super::fallbacks::{Stop, Succession};
use super::following::Following;
use super::hosts::Host;
use super::measure::Measure;
use super::told::Told;
use super::turn::{self, Asking};

/// All that is needed to ask otherwise. Kept until the answer begins.
pub struct Again {
    pub asking: Asking,
    pub beginning: Beginning,
    pub measure: Arc<Measure>,
    /// Who is asked, and for which model.
    pub stop: Stop,
    /// Who else may be.
    pub succession: Succession,
    /// What was sent last.
    pub body: Bytes,
    /// What was put right for who is asked. Whether it helped is seen when the answer begins.
    pub repairs: Vec<Repair>,
}

/// How often one turn is put otherwise: providers name the fields that they do not take one after another.
const MOST: usize = 4;

/// The turn, asked.
pub struct Asked {
    pub turn: Reading,
    pub opening: Opening,
    pub following: Option<Following>,
    /// Who is asked.
    pub host: Arc<Host>,
    /// Whose codes an error would carry.
    pub codes: Codes,
}

impl Again {
    /// What was read of the request, in the words of who is asked.
    pub fn exchange(&self, request: &Request<'_>) -> Exchange {
        let exchange = self.asking.exchange(request, &self.stop.host, &self.stop.model);
        for note in &exchange.notes {
            tracing::debug!(model = self.stop.model.id, "{note}");
        }
        exchange
    }

    /// Sends it. The first events of the turn are appended.
    pub fn send(&mut self, mut exchange: Exchange, out: &mut Vec<Event>) -> Asked {
        let mut sent = turn::sent(&mut exchange, self.measure.meter());
        sent.is_relieved = self.succession.is_relieved();
        self.body = sent.body.clone();
        Asked {
            following: exchange.may_go_on().then(|| self.following()),
            codes: exchange.codes,
            turn: exchange.open(self.beginning.clone(), out),
            opening: self.stop.host.client.open(sent),
            host: Arc::clone(&self.stop.host),
        }
    }

    /// Sends the request once more after `failure`: put otherwise if that says how, or else to another, if there is
    /// one.
    pub fn ask(&mut self, failure: &Failure) -> Option<Asked> {
        let exchange = self.repaired(failure).or_else(|| self.another(failure))?;
        // Its first events were told before.
        Some(self.send(exchange, &mut Vec::new()))
    }

    /// The request as `failure` says that it must be put, if it is put otherwise then. Fields are left out as they are
    /// named; of anything else, a second word of the provider's only contradicts its first.
    fn repaired(&mut self, failure: &Failure) -> Option<Exchange> {
        let repair = failure.repair.as_ref()?;
        let is_second_word = |before: &Repair| discriminant(before) == discriminant(repair);
        let is_field = matches!(repair, Repair::LeaveOut(_));
        if self.repairs.len() == MOST || (!is_field && self.repairs.iter().any(is_second_word)) {
            return None;
        }
        let mut tried = Model::clone(&self.stop.model);
        tried.repair(repair);
        let request = self.asking.asked.request().ok()?;
        let exchange = self.asking.exchange(&request, &self.stop.host, &tried);
        if self.body == exchange.body {
            return None;
        }
        tracing::warn!(model = tried.id, "{repair}: asking once more");
        self.measure.meter().retry();
        self.stop.model = Arc::new(tried);
        self.repairs.push(repair.clone());
        Some(exchange)
    }

    /// The request for the next who may answer, after whoever was asked failed so.
    fn another(&mut self, failure: &Failure) -> Option<Exchange> {
        let next = self.succession.next(self.stop.clone(), failure)?;
        self.stop = next;
        self.repairs.clear();
        self.measure.ask_another(&self.stop.host.endpoint, &self.stop.model);
        self.beginning.who = self.stop.host.endpoint.provider_name.clone();
        let request = self.asking.asked.request().ok()?;
        Some(self.exchange(&request))
    }

    /// The provider answers: what was put otherwise is put so for the rest of the run. Gives what Codex's user is told
    /// of who answers, if anything.
    pub fn answered(&self) -> Option<String> {
        for repair in &self.repairs {
            self.stop.host.repair(&self.stop.model, repair);
        }
        let told = self.succession.answered(&self.stop)?;
        // It would be the model's own word to anybody else.
        (self.beginning.reader == Reader::Codex).then_some(told)
    }

    /// How it is told that nobody answers: the last failed so.
    pub fn told(self, failure: Failure) -> Told {
        self.succession.told(failure, &self.stop.host)
    }

    /// What asks further in the same turn.
    fn following(&self) -> Following {
        Following {
            stop: self.stop.clone(),
            meter: self.measure.meter().clone(),
            asked: self.asking.asked.clone(),
        }
    }
}
