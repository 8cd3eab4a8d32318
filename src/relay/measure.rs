//! A turn that is being counted. When the last who holds it lets go without having told its end, it was left.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::record;
use crate::session::{Endpoint, Model};
use crate::translate::heal::Note;
use crate::upstream::Meter;
use crate::usage::{Count, Outcome, Turn};
use crate::wire::responses::Response;

use super::ledger::Ledger;

/// One turn on its way into the ledger.
#[derive(Debug)]
pub struct Measure {
    ledger: Arc<Ledger>,
    meter: Meter,
    id: String,
    /// The provider and its model that are asked.
    asked: Mutex<(String, String)>,
    began: Instant,
    first_token: OnceLock<Duration>,
    healed: AtomicU64,
    outcome: OnceLock<Outcome>,
}

impl Measure {
    /// Begins to count the turn that this answer will be of.
    pub fn begin(ledger: &Arc<Ledger>, id: String, provider: &str, model: &Model, record: &record::Turn) -> Arc<Self> {
        ledger.open();
        Arc::new(Self {
            ledger: Arc::clone(ledger),
            meter: Meter::new(Count::at(model.price), record.clone()),
            id,
            asked: Mutex::new((provider.to_owned(), model.id.clone())),
            began: Instant::now(),
            first_token: OnceLock::new(),
            healed: AtomicU64::new(0),
            outcome: OnceLock::new(),
        })
    }

    /// What counts its requests, and what is said in answer.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Another is asked, because whoever was did not answer.
    pub fn ask_another(&self, endpoint: &Endpoint, model: &Model) {
        self.meter.retry();
        self.meter.ask_at(model.price);
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = (endpoint.memory().to_owned(), model.id.clone());
    }

    /// The answer begins. Only the first time counts: a turn may go on after it.
    pub fn answer(&self) {
        self.first_token.get_or_init(|| self.began.elapsed());
    }

    /// This was put right.
    pub fn heal(&self, notes: &[Note]) {
        for note in notes {
            tracing::info!(id = self.id, "{note}");
            match note {
                Note::Call(..) | Note::Name(_) => drop(self.healed.fetch_add(1, Ordering::Relaxed)),
                // They were told as healed before it was known that proper ones would come.
                Note::Repeated(count) => drop(self.healed.fetch_sub(*count as u64, Ordering::Relaxed)),
                Note::Thought(_) | Note::Mark(_) => {}
            }
        }
    }

    /// The turn ended with this answer.
    pub fn end(&self, response: &Response) {
        // What follows its end is none.
        let _ = self.outcome.set(response.status.into());
    }

    /// The turn ended without an answer.
    pub fn fail(&self) {
        // It had ended before then.
        let _ = self.outcome.set(Outcome::Failed);
    }

    fn turn(&self) -> Turn {
        let (tokens, cost, retries) = self.meter.count().total();
        let (provider, model) = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Turn {
            id: self.id.clone(),
            provider,
            model,
            outcome: self.outcome.get().copied().unwrap_or(Outcome::Left),
            tokens,
            cost,
            seconds: rounded(self.began.elapsed()),
            first_token: self.first_token.get().copied().map(rounded),
            retries,
            healed: self.healed.load(Ordering::Relaxed),
        }
    }
}

/// In seconds. Nobody wants to read the rest.
fn rounded(time: Duration) -> f64 {
    time.as_millis() as f64 / 1000.0
}

impl Drop for Measure {
    fn drop(&mut self) {
        let turn = self.turn();
        tracing::info!(
            id = turn.id,
            model = turn.model,
            outcome = ?turn.outcome,
            seconds = turn.seconds,
            first_token = turn.first_token,
            input = turn.tokens.input,
            cached = turn.tokens.cached,
            output = turn.tokens.output,
            reasoning = turn.tokens.reasoning,
            dollars = turn.cost.dollars(),
            retries = turn.retries,
            healed = turn.healed,
            "a turn ends"
        );
        self.ledger.close(turn);
    }
}
