//! Prometheus's text format.
//!
//! Nothing here tells what was said, or which names clients made up for models.

use std::fmt::Write;

use crate::session::Endpoint;
use crate::usage::{Outcome, Sum, Tokens};

use super::ledger::{BOUNDS, Numbers};

/// The media type of what [`write`] writes (Prometheus, "Exposition formats", 0.0.4).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every outcome is shown from the start: a number that appears later has no beginning to be compared with.
const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Completed, "completed"),
    (Outcome::Incomplete, "incomplete"),
    (Outcome::Failed, "failed"),
    (Outcome::Left, "left"),
];

/// All numbers.
pub fn write(numbers: &Numbers, endpoint: &Endpoint) -> String {
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
    text.family("crelay_connections_open", "gauge", "Connections of clients.");
    text.line(&format!("crelay_connections_open {}", numbers.connections));
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
    } = numbers.sum.tokens;
    for (kind, count) in [
        ("input", input),
        ("cached", cached),
        ("output", output),
        ("reasoning", reasoning),
    ] {
        text.line(&format!("crelay_tokens_total{{kind=\"{kind}\"}} {count}"));
    }
    write_sums(&numbers.sum, &mut text);
    write_lengths(numbers, &mut text);
    text.0
}

/// What the turns come to beside tokens.
fn write_sums(sum: &Sum, text: &mut Text) {
    for (name, help, total) in [
        (
            "crelay_retries_total",
            "Requests that were sent once more.",
            sum.retries as f64,
        ),
        ("crelay_healed_total", "Calls that were put right.", sum.healed as f64),
        (
            "crelay_cost_dollars_total",
            "What turns cost, as far as it is known, in dollars of the USA.",
            sum.cost.dollars(),
        ),
    ] {
        text.family(name, "counter", help);
        text.line(&format!("{name} {total}"));
    }
}

/// A class holds those of all shorter ones, too, as the format wants it.
fn write_lengths(numbers: &Numbers, text: &mut Text) {
    text.family("crelay_turn_seconds", "histogram", "How long turns took.");
    let mut up_to = 0;
    for (bound, count) in BOUNDS.iter().zip(numbers.lengths) {
        up_to += count;
        text.line(&format!("crelay_turn_seconds_bucket{{le=\"{bound}\"}} {up_to}"));
    }
    let all = numbers.sum.requests;
    text.line(&format!("crelay_turn_seconds_bucket{{le=\"+Inf\"}} {all}"));
    text.line(&format!("crelay_turn_seconds_sum {}", numbers.sum.seconds));
    text.line(&format!("crelay_turn_seconds_count {all}"));
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
