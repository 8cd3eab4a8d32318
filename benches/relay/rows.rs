//! The rows of the table: what is done, what is read off, and what crelay may cost.

use std::time::Duration;

use tempfile::TempDir;

use crate::client::Times;
use crate::plan::{Answer, Round};
use crate::processes::{Between, Server};

const ROUNDS: usize = 9;

/// What is measured in one round.
struct Row {
    name: &'static str,
    round: Round,
    reads: Reads,
    /// What crelay may cost beside the floor, or how much of it must be reached.
    limit: Limit,
}

enum Limit {
    /// At most so many times the floor's.
    Most(f64),
    /// At least so much of the floor's.
    Least(f64),
    /// At most so many MiB, whatever the floor takes.
    MiB(f64),
}

/// What is read off a round.
#[derive(Debug, Clone, Copy)]
pub enum Reads {
    /// Microseconds from a request to its first delta, without those for which the provider waits.
    First,
    /// Microseconds from saying a delta to hearing it: the median.
    Middle,
    /// The same: the slowest of a hundred.
    Late,
    /// Seconds of the processor for a million deltas.
    Processor,
    /// Deltas in a second.
    Throughput,
    /// The most memory.
    Memory,
}

impl Reads {
    fn unit(self) -> &'static str {
        match self {
            Self::First | Self::Middle | Self::Late => "µs",
            Self::Processor => "s/M",
            Self::Throughput => "k/s",
            Self::Memory => "MiB",
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no measure has 52 bits")]
    fn read(self, round: Round, times: &Times, processor: Duration, memory: u64) -> f64 {
        match self {
            Self::First => {
                let mut first = times.first.clone();
                first.sort_unstable();
                first[first.len() / 2] as f64 / 1e3 - f64::from(round.answer.first)
            }
            Self::Middle => times.middle as f64 / 1e3,
            Self::Late => times.late as f64 / 1e3,
            Self::Processor => processor.as_secs_f64() * 1e6 / times.deltas as f64,
            Self::Throughput => times.deltas as f64 / (times.whole as f64 / 1e9) / 1e3,
            Self::Memory => memory as f64 / 1024.0,
        }
    }
}

const ROWS: [Row; 15] = {
    use Limit::{Least, MiB, Most};
    use Reads::{First, Late, Memory, Middle, Processor, Throughput};
    let slow = round(answer(5, 5_000, 50_000), 1, 20, 40_000);
    let one = round(paced(200), 1, 1, 40_000);
    let fifty = round(paced(200), 50, 1, 40_000);
    let flood = round(answer(20_000, 0, 0), 16, 1, 40_000);
    let longer = round(paced(400), 50, 1, 40_000);
    let longest = round(answer(200_000, 0, 0), 1, 1, 40_000);
    let quick = answer(5, 0, 0);
    [
        row("first token, provider takes 50 ms", First, Most(1.3), slow),
        row("delta, one stream, median", Middle, Most(1.15), one),
        row("delta, one stream, 99 %", Late, Most(1.5), one),
        row("delta, 50 streams, median", Middle, Most(1.15), fifty),
        row("delta, 50 streams, 99 %", Late, Most(1.5), fifty),
        row("processor, 16 streams, unpaced", Processor, Most(6.0), flood),
        row("processor, 50 streams, paced", Processor, Most(1.4), longer),
        row("throughput, one stream, unpaced", Throughput, Least(0.5), longest),
        row("request of 40 KB", First, Most(4.0), round(quick, 1, 40, 40_000)),
        row("request of 1 MB", First, Most(3.0), round(quick, 1, 20, 1_000_000)),
        row("request of 8 MB", First, Most(3.0), round(quick, 1, 5, 8_000_000)),
        row("memory, idle", Memory, MiB(6.0), round(quick, 0, 0, 0)),
        row(
            "memory, one request of 8 MB",
            Memory,
            MiB(24.0),
            round(quick, 1, 1, 8_000_000),
        ),
        row(
            "memory, 200 streams",
            Memory,
            MiB(30.0),
            round(paced(100), 200, 1, 40_000),
        ),
        row(
            "memory, 40 requests of 1 MB",
            Memory,
            MiB(10.0),
            round(quick, 1, 40, 1_000_000),
        ),
    ]
};

const fn row(name: &'static str, reads: Reads, limit: Limit, round: Round) -> Row {
    Row {
        name,
        round,
        reads,
        limit,
    }
}

/// The words of a round, in short.
pub const fn round(answer: Answer, streams: u32, turns: u32, bytes: usize) -> Round {
    Round {
        answer,
        streams,
        turns,
        bytes,
    }
}

/// The words of an answer, in short.
pub const fn answer(deltas: u32, pace: u32, first: u32) -> Answer {
    Answer { deltas, pace, first }
}

/// Two hundred deltas in a second.
const fn paced(deltas: u32) -> Answer {
    answer(deltas, 5_000, 5_000)
}

/// Measures the rows whose names hold one of `words`, or all, and prints them as a table.
pub fn measure(words: &[&str]) {
    let words: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let between = Between::here();
    let names = between.iter().map(|between| format!("{:>12}", between.name()));
    println!(
        "{:<36}{:>5}{} {:>7} {:>11}",
        "",
        "",
        names.collect::<String>(),
        "ratio",
        "limit"
    );
    let mut missed = 0;
    for row in ROWS {
        if !words.is_empty() && !words.iter().any(|word| row.name.contains(**word)) {
            continue;
        }
        missed += usize::from(!row.show(&between));
    }
    println!("{missed} limits are not kept");
}

impl Row {
    /// Measures and prints the row; whether its limit is kept.
    fn show(&self, between: &[Between]) -> bool {
        let mut measured = vec![Vec::new(); between.len()];
        for _ in 0..ROUNDS {
            for (place, between) in between.iter().enumerate() {
                let figures = play(*between, self.round, &[self.reads]);
                measured[place].extend(figures.expect("the client heard what it should"));
            }
        }
        let medians: Vec<f64> = measured.into_iter().map(median).collect();
        let (floor, crelay) = (medians[0], medians[1]);
        let ratio = crelay / floor;
        let (is_kept, limit) = match self.limit {
            Limit::Most(most) => (ratio <= most, format!("≤ {most}×")),
            Limit::Least(least) => (ratio >= least, format!("≥ {least}×")),
            Limit::MiB(most) => (crelay <= most, format!("≤ {most} MiB")),
        };
        let figures = medians.iter().map(|figure| format!("{figure:>12.2}"));
        let mark = if is_kept { "✓" } else { "✗" };
        let unit = self.reads.unit();
        println!(
            "{:<36}{unit:>5}{} {ratio:>6.2}× {limit:>11} {mark}",
            self.name,
            figures.collect::<String>()
        );
        is_kept
    }
}

/// One round with a server of its own, of which `reads` are read off; `None` if not all was heard.
pub fn play(between: Between, round: Round, reads: &[Reads]) -> Option<Vec<f64>> {
    let home = TempDir::new().unwrap();
    let provider = Server::provider();
    let server = Server::between(between, &provider, home.path());
    if !reads.iter().any(|reads| matches!(reads, Reads::Memory)) {
        // Connections and caches are there, as in the middle of a session.
        server.run(Round {
            streams: 1,
            turns: 3,
            answer: Answer {
                deltas: 50,
                pace: 0,
                first: 0,
            },
            ..round
        })?;
    }
    let before = server.processor();
    let times = server.run(round)?;
    let (processor, memory) = (server.processor() - before, server.memory());
    let figures = reads.iter().map(|reads| reads.read(round, &times, processor, memory));
    Some(figures.collect())
}

/// The one in the middle.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
