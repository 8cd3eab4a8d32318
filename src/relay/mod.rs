//! The listener on loopback; one turn from request to last event.
//!
//! [`bind`] takes a port and keeps it, [`run`] serves it until its shutdown future ends. A request passes the guard
//! before its body is read, then one of a few routes. Of Codex nothing is kept from turn to turn; for other clients the
//! `store` keeps finished answers, as many as it may.

#![forbid(unsafe_code)]

mod again;
mod asked;
mod body;
mod budget;
mod compact;
mod create;
mod fallbacks;
mod following;
mod full;
mod guard;
mod hosts;
mod ledger;
mod listener;
mod measure;
mod metrics;
mod models;
mod recording;
mod refusal;
mod rests;
mod routes;
mod seats;
mod socket;
mod store;
mod thread;
mod told;
mod turn;
mod written;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::Response;

use crate::record::{self, Recorder};
use crate::session::{Host, Session};
use crate::translate::Reader;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::upstream::Client;
use crate::usage::{Sum, Turn};

use fallbacks::{Fallbacks, Stop, Succession};
use full::Full;
use hosts::Hosts;
use ledger::Ledger;
use refusal::Body;
use store::Store;

pub use budget::Budget;
pub use fallbacks::{Clock, Substitution};
pub use guard::Access;
pub use listener::{bind, bind_to, run};
pub use turn::now;

/// How long the relay waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a failure of the provider can still be told as a status. After that the stream begins, because Codex
    /// wants signs of life.
    pub patience: Duration,
    /// How often a silent stream gives a sign of life. Codex hangs up after 300 s without one (seen on 0.169).
    pub keepalive: Duration,
    /// How long an answer that has its finish reason may still bring token counts. Some hosts never end it.
    pub after_finish: Duration,
    /// How long turns may go on after the shutdown began.
    pub drain: Duration,
    /// How long a connection may be without a request. Longer than the 90 s for which Codex's HTTP client keeps an idle
    /// connection, so that it never sends a request on one that is just being closed.
    pub idle: Duration,
    /// How long the body of a request may take; what has come of it by then earns further time.
    pub reading: Duration,
    /// Largest body of a request in bytes, packed or unpacked. Codex sends images inside of it.
    pub body: usize,
    /// How many connections may be open.
    pub connections: usize,
    /// How many finished answers are kept for clients that refer to them.
    pub answers: usize,
    /// How many bytes they may take.
    pub memory: usize,
    /// Whether pieces of a text that come at once are told as one. Who asks in how many a provider answers wants them
    /// as they are.
    pub joins: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            keepalive: Duration::from_secs(15),
            after_finish: Duration::from_secs(2),
            drain: Duration::from_secs(2),
            idle: Duration::from_secs(120),
            reading: Duration::from_secs(30),
            body: 64 * 1024 * 1024,
            // So many at once are measured. Each turn needs another one toward the provider: where a process may open
            // fewer files than twice as many, as on most systems, those are the limit.
            connections: 1024,
            answers: 256,
            memory: 64 * 1024 * 1024,
            joins: true,
        }
    }
}

/// A thread of the user's, as Codex named it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Codex's id.
    pub id: String,
    /// The model that was asked for last, by the name that Codex has for it.
    pub model: Option<String>,
}

/// What all requests of a session share.
#[derive(Debug)]
pub struct State {
    session: Arc<Session>,
    hosts: Hosts,
    limits: Limits,
    turns: AtomicU64,
    store: Arc<Store>,
    access: Access,
    ledger: Arc<Ledger>,
    budget: Option<Budget>,
    recorder: Option<Recorder>,
    /// Where the user was last.
    thread: Mutex<Option<Thread>>,
    full: Arc<Full>,
    fallbacks: Arc<Fallbacks>,
}

impl State {
    /// Turns of `session` go out through what `client` makes for each provider: for further ones a client that is not
    /// built before it is needed.
    #[must_use]
    pub fn new(session: Arc<Session>, client: &dyn Fn(&Host) -> Client, limits: Limits) -> Self {
        Self {
            hosts: Hosts::new(Arc::clone(&session), client),
            session,
            limits,
            turns: AtomicU64::new(0),
            store: Arc::new(Store::new(limits.answers, limits.memory)),
            access: Access::default(),
            ledger: Arc::default(),
            budget: None,
            recorder: None,
            thread: Mutex::default(),
            full: Arc::default(),
            fallbacks: Arc::new(Fallbacks::new(Box::new(Instant::now))),
        }
    }

    /// For others than the session's Codex.
    #[must_use]
    pub fn for_clients(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// With the time told by `clock`, as far as it concerns until when a provider is left alone.
    #[must_use]
    pub fn timed(self, clock: Box<Clock>) -> Self {
        Self {
            fallbacks: Arc::new(Fallbacks::new(clock)),
            ..self
        }
    }

    /// Tells `turns` of each turn when it has ended.
    pub fn tell(&mut self, turns: UnboundedSender<Turn>) {
        self.ledger = Arc::new(Ledger::telling(turns));
    }

    /// Whose turns these are.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Records each turn, if anything is to be recorded.
    #[must_use]
    pub fn recorded(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// What records all turns, if something does.
    #[must_use]
    pub fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    fn record(&self) -> record::Turn {
        self.recorder.as_ref().map(Recorder::turn).unwrap_or_default()
    }

    /// Begins no turn beyond this, if there is a limit.
    #[must_use]
    pub fn within(self, budget: Option<Budget>) -> Self {
        Self { budget, ..self }
    }

    /// What all turns that have ended come to.
    #[must_use]
    pub fn sum(&self) -> Sum {
        self.ledger.sum()
    }

    /// The same by provider and model.
    #[must_use]
    pub fn parts(&self) -> BTreeMap<(String, String), Sum> {
        self.ledger.parts()
    }

    /// Where the user's last turn was; `None` if there was no turn.
    #[must_use]
    pub fn thread(&self) -> Option<Thread> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_thread(&self, id: &str, model: Option<&str>) {
        let thread = Thread {
            id: id.to_owned(),
            model: model.map(str::to_owned),
        };
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }

    /// What was answered in the place of providers that could not, in the order in which it began.
    #[must_use]
    pub fn substitutions(&self) -> Vec<Substitution> {
        self.fallbacks.substitutions()
    }

    /// Whom a turn of `model` asks first, and who follows.
    fn succession(&self, model: Option<&str>) -> (Stop, Succession) {
        let fallbacks = self.session.fallbacks.iter().map(|model| self.hosts.stop(model));
        let own = self.hosts.find(model);
        self.fallbacks.succession(own, fallbacks)
    }

    /// The answer to a turn of `model` that would go beyond the budget.
    fn refuse(&self, model: Option<&str>, reader: Reader) -> Option<Box<Response<Body>>> {
        let budget = self.budget?;
        let Stop { host, model } = self.hosts.find(model);
        budget.refuse(&self.sum(), &host.endpoint, &model, reader)
    }

    /// An id that no other turn of any session has: ids of items are made of it, and they stay in Codex's history.
    fn response_id(&self, now: u64) -> String {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        format!("resp_{}{now:010x}{turn:06x}", self.session.id)
    }
}
