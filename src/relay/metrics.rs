//! What has been served, in numbers: Prometheus's text format.
//!
//! Nothing here tells what was said, or which names clients made up for models.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::session::Endpoint;
use crate::wire::responses::{Response, Status, Usage};

/// The media type of what [`Metrics::write`] writes (Prometheus, "Exposition formats", 0.0.4).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds in seconds of the classes in which turns are counted by their length.
const BOUNDS: [f64; 10] = [0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];

/// The numbers since the start.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    requests: BTreeMap<(&'static str, u16), u64>,
    open: u64,
    turns: BTreeMap<Outcome, u64>,
    tokens: Tokens,
    /// How many turns were in which class of [`BOUNDS`]; longer ones are in none.
    lengths: [u64; BOUNDS.len()],
    length: Duration,
}

#[derive(Debug, Default)]
struct Tokens {
    input: u64,
    cached: u64,
    output: u64,
    reasoning: u64,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Completed,
    Incomplete,
    Failed,
    /// The client hung up, or the relay stopped.
    Left,
}

/// Every outcome is shown from the start: a number that appears later has no beginning to be compared with.
const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Completed, "completed"),
    (Outcome::Incomplete, "incomplete"),
    (Outcome::Failed, "failed"),
    (Outcome::Left, "left"),
];

/// A turn that is being counted. When the last who holds it lets go without having told its end, it was left.
#[derive(Debug)]
pub struct Measure {
    metrics: Arc<Metrics>,
    began: Instant,
    outcome: OnceLock<Outcome>,
}

impl Metrics {
    /// Counts a request to `place` that was answered with `status`.
    pub fn answered(&self, place: &'static str, status: u16) {
        *self.numbers().requests.entry((place, status)).or_default() += 1;
    }

    /// Begins to count a turn.
    pub fn begin(self: &Arc<Self>) -> Arc<Measure> {
        self.numbers().open += 1;
        Arc::new(Measure {
            metrics: Arc::clone(self),
            began: Instant::now(),
            outcome: OnceLock::new(),
        })
    }

    /// All numbers.
    pub fn write(&self, endpoint: &Endpoint) -> String {
        let numbers = self.numbers();
        let mut text = Text::default();
        text.family("crelay_info", "gauge", "What runs here, and for whom.");
        let provider = label(&endpoint.provider);
        let version = env!("CARGO_PKG_VERSION");
        text.line(&format!(
            "crelay_info{{version=\"{version}\",provider=\"{provider}\"}} 1"
        ));
        text.family("crelay_requests_total", "counter", "Requests by place and status.");
        for ((place, status), count) in &numbers.requests {
            text.line(&format!(
                "crelay_requests_total{{place=\"{place}\",status=\"{status}\"}} {count}"
            ));
        }
        text.family("crelay_turns_open", "gauge", "Turns that are being answered.");
        text.line(&format!("crelay_turns_open {}", numbers.open));
        text.family("crelay_turns_total", "counter", "Turns by how they ended.");
        for (outcome, name) in OUTCOMES {
            let count = numbers.turns.get(&outcome).copied().unwrap_or_default();
            text.line(&format!("crelay_turns_total{{outcome=\"{name}\"}} {count}"));
        }
        text.family(
            "crelay_tokens_total",
            "counter",
            "Tokens as providers counted them; cached ones are part of the input, reasoning of the output.",
        );
        let Tokens {
            input,
            cached,
            output,
            reasoning,
        } = numbers.tokens;
        for (kind, count) in [
            ("input", input),
            ("cached", cached),
            ("output", output),
            ("reasoning", reasoning),
        ] {
            text.line(&format!("crelay_tokens_total{{kind=\"{kind}\"}} {count}"));
        }
        numbers.write_lengths(&mut text);
        text.0
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Numbers {
    fn count(&mut self, outcome: Outcome, length: Duration) {
        self.open -= 1;
        *self.turns.entry(outcome).or_default() += 1;
        self.length += length;
        let seconds = length.as_secs_f64();
        if let Some(class) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.lengths[class] += 1;
        }
    }

    /// A class holds those of all shorter ones, too, as the format wants it.
    fn write_lengths(&self, text: &mut Text) {
        text.family("crelay_turn_seconds", "histogram", "How long turns took.");
        let mut up_to = 0;
        for (bound, count) in BOUNDS.iter().zip(self.lengths) {
            up_to += count;
            text.line(&format!("crelay_turn_seconds_bucket{{le=\"{bound}\"}} {up_to}"));
        }
        let all: u64 = self.turns.values().sum();
        text.line(&format!("crelay_turn_seconds_bucket{{le=\"+Inf\"}} {all}"));
        text.line(&format!("crelay_turn_seconds_sum {}", self.length.as_secs_f64()));
        text.line(&format!("crelay_turn_seconds_count {all}"));
    }
}

impl Measure {
    /// The turn ended with this answer.
    pub fn end(&self, response: &Response) {
        let outcome = match response.status {
            Status::Completed => Outcome::Completed,
            Status::Incomplete => Outcome::Incomplete,
            Status::Failed | Status::InProgress => Outcome::Failed,
        };
        if self.outcome.set(outcome).is_ok()
            && let Some(usage) = &response.usage
        {
            self.metrics.numbers().tokens.add(usage);
        }
    }

    /// The turn ended without an answer.
    pub fn fail(&self) {
        // It had ended before then.
        let _ = self.outcome.set(Outcome::Failed);
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        let outcome = self.outcome.get().copied().unwrap_or(Outcome::Left);
        self.metrics.numbers().count(outcome, self.began.elapsed());
    }
}

impl Tokens {
    fn add(&mut self, usage: &Usage) {
        self.input += usage.input_tokens;
        self.cached += usage.input_tokens_details.cached_tokens;
        self.output += usage.output_tokens;
        self.reasoning += usage.output_tokens_details.reasoning_tokens;
    }
}

/// What is written, line by line.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(&format!("# HELP {name} {help}"));
        self.line(&format!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// A text as the value of a label.
fn label(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}
