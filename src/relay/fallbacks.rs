//! Who answers in the place of a provider that has nothing left to answer with: whom a turn asks one after another, who
//! is left alone for now, and what came of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::time::Instant;

use crate::session::Model;
use crate::upstream::{Class, Failure, lasting};

use super::hosts::Host;
use super::rests::Rests;
use super::told::Told;

/// A model of a provider.
#[derive(Debug, Clone)]
pub struct Stop {
    pub host: Arc<Host>,
    pub model: Arc<Model>,
}

/// Tells the time.
pub type Clock = dyn Fn() -> Instant + Send + Sync;

/// What all turns share.
pub struct Fallbacks {
    clock: Box<Clock>,
    rests: Rests,
    substitutions: Mutex<Vec<Substitution>>,
}

/// What a model has answered in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Substitution {
    /// The id of the provider that answered.
    pub provider: String,
    /// Its name, for people.
    #[serde(skip)]
    pub name: String,
    /// Its model.
    pub model: String,
    /// How many turns.
    pub turns: u64,
    /// Who failed last so that this one was asked, and how.
    pub reason: String,
}

/// Whom one turn asks.
#[derive(Debug)]
pub struct Succession {
    fallbacks: Arc<Fallbacks>,
    /// Whom the client means.
    own: Stop,
    /// Who may be asked yet, in order. Those who are left alone stand at the end: they are asked before the turn fails.
    next: VecDeque<Stop>,
    /// How many those are.
    resting: usize,
    failed: Vec<(Stop, Failure)>,
    /// Why the client's own is left alone since earlier turns, if it is.
    earlier: Option<String>,
    /// When the turn began.
    began: Instant,
}

impl Stop {
    fn who(&self) -> (&str, &str) {
        (&self.host.endpoint.provider, &self.model.id)
    }

    fn is(&self, other: &Self) -> bool {
        self.who() == other.who()
    }
}

impl Fallbacks {
    /// Nobody is left alone yet, and `clock` will tell until when somebody is.
    pub fn new(clock: Box<Clock>) -> Self {
        Self {
            clock,
            rests: Rests::default(),
            substitutions: Mutex::default(),
        }
    }

    /// Whom a turn that means `own` asks first, and who follows.
    pub fn succession(self: &Arc<Self>, own: Stop, fallbacks: impl Iterator<Item = Stop>) -> (Stop, Succession) {
        let now = (self.clock)();
        let mut all = vec![own.clone()];
        for fallback in fallbacks {
            if all.iter().all(|other| !other.is(&fallback)) {
                all.push(fallback);
            }
        }
        let earlier = self.rests.reason(own.who(), now);
        let rests = |stop: &Stop| self.rests.reason(stop.who(), now).is_some();
        let (left_alone, ready): (Vec<Stop>, Vec<Stop>) = all.into_iter().partition(rests);
        let resting = left_alone.len();
        let mut next: VecDeque<Stop> = ready.into_iter().chain(left_alone).collect();
        let first = next.pop_front().unwrap_or_else(|| own.clone());
        let succession = Succession {
            fallbacks: Arc::clone(self),
            own,
            resting: resting.min(next.len()),
            next,
            failed: Vec::new(),
            earlier,
            began: now,
        };
        (first, succession)
    }

    /// All that was answered in the place of others, in the order in which it began.
    pub fn substitutions(&self) -> Vec<Substitution> {
        self.lock().clone()
    }

    fn note(&self, stop: &Stop, reason: String) {
        let mut substitutions = self.lock();
        let (provider, model) = stop.who();
        let known = substitutions
            .iter_mut()
            .find(|known| known.provider == provider && known.model == model);
        match known {
            Some(known) => {
                known.turns += 1;
                known.reason = reason;
            }
            None => substitutions.push(Substitution {
                provider: provider.to_owned(),
                name: stop.host.endpoint.provider_name.clone(),
                model: model.to_owned(),
                turns: 1,
                reason,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Substitution>> {
        // What is in it is whole at any time.
        self.substitutions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Fallbacks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = (&self.rests, &self.substitutions);
        formatter.debug_tuple("Fallbacks").field(&all).finish()
    }
}

impl Succession {
    /// The model that the client means.
    pub fn own(&self) -> &Model {
        &self.own.model
    }

    /// Whether somebody else could answer at once, so that nobody need wait for whoever is asked.
    pub fn is_relieved(&self) -> bool {
        self.next.len() > self.resting
    }

    /// Who is asked next after this failure of `failed`; nobody where another must not be asked
    /// for it, or where all were. Fallbacks were chosen to be asked, so whatever they fail with, the next one is.
    pub fn next(&mut self, failed: Stop, failure: &Failure) -> Option<Stop> {
        let may_go_on = failure.class.is_exhaustion() || !failed.is(&self.own);
        let is_alone = self.next.is_empty() && self.failed.is_empty();
        if let Some(rest) = failure.rest().filter(|_| may_go_on && !is_alone) {
            let reason = failure.reason(&failed.host.endpoint);
            let now = (self.fallbacks.clock)();
            self.fallbacks.rests.begin(failed.who(), now, rest, reason);
        }
        self.failed.push((failed, failure.clone()));
        let next = self.next.pop_front().filter(|_| may_go_on)?;
        self.resting = self.resting.min(self.next.len());
        tracing::warn!(
            provider = next.host.endpoint.provider,
            model = next.model.id,
            "a fallback is asked"
        );
        Some(next)
    }

    /// `stop` answers. Gives what the user is told of it: a sentence where somebody has just failed.
    pub fn answered(&self, stop: &Stop) -> Option<String> {
        let was_resting = self.fallbacks.rests.end(stop.who(), self.began);
        let (provider, model) = stop.who();
        let first = self.failed.first();
        let reason = first.map(|(failed, failure)| failure.reason(&failed.host.endpoint));
        if stop.is(&self.own) {
            if was_resting {
                tracing::info!(provider, model, "the provider answers again");
            }
        } else {
            tracing::info!(provider, model, "a fallback answers");
            let reason = reason.as_ref().or(self.earlier.as_ref());
            self.fallbacks.note(stop, reason.cloned().unwrap_or_default());
        }
        let rest = first.and_then(|(_, failure)| failure.rest());
        let time = rest.map_or(String::new(), |rest| format!(", for {}", lasting(rest)));
        let name = &stop.host.endpoint.provider_name;
        let reason = reason?;
        let colon = if reason.ends_with('?') { "" } else { ":" };
        Some(format!("{reason}{colon} `{model}` of {name} answers instead{time}"))
    }

    /// Why nobody answers: what the client's own provider says, and what the others do. It is told as the failure that
    /// lets the client go on soonest: by a shorter conversation, or by asking again.
    pub fn told(self, failure: Failure, host: &Host) -> Told {
        let own = self.failed.iter().find(|(stop, _)| stop.is(&self.own));
        let Some((own, its)) = own.filter(|_| self.failed.len() > 1) else {
            return Told::of(failure, &host.endpoint);
        };
        let others = self.failed.iter().filter(|(stop, _)| !stop.is(own));
        let others: Vec<String> = others
            .map(|(stop, failure)| failure.reason(&stop.host.endpoint))
            .collect();
        let mut words = its.sentence(&own.host.endpoint);
        if !words.ends_with(['.', '!', '?', '。', '…']) {
            words.push('.');
        }
        words.push_str(&format!(" The fallbacks failed as well: {}.", others.join("; ")));
        let failures = || self.failed.iter().map(|(_, failure)| failure);
        let told = failures()
            .find(|failure| failure.class == Class::Overflow)
            .or_else(|| {
                failures()
                    .filter(|failure| failure.wait().is_some())
                    .min_by_key(|failure| failure.wait())
            })
            .unwrap_or(its);
        Told {
            failure: told.clone(),
            words,
        }
    }
}
