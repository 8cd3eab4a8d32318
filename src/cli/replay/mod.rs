//! `crelay replay`: a recording is played back as a provider, for today's crelay to be held against what was recorded,
//! or for whoever else asks.

mod compare;
mod playback;
mod today;

use std::path::PathBuf;

use clap::Args;

use crate::provider::Table;
use crate::record::{self, Recording};
use crate::report::Report;
use crate::session;
use crate::usage::plural;

use super::options::port;
use super::run;

use playback::{Order, Playback};

/// The exit code where something differs, as that of `diff`.
const DIFFERS: u8 = 1;

/// What is typed behind `crelay replay`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// What `--record` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Serve what the provider answered, as a provider, until a signal comes
    #[arg(long)]
    pub serve: bool,

    /// The port for that; 0 takes a free one
    #[arg(long, value_parser = port, requires = "serve", default_value_t = 0)]
    pub port: u16,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  crelay exec --record task.jsonl -P deepseek \"fix the tests\"
  crelay replay task.jsonl                 does this crelay translate as that one did?
  crelay replay task.jsonl --serve         for `crelay exec -P deepseek --base-url …`

Exit code 1 means that something differs.";

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let named = options.file.display();
    let recording = record::read(&options.file).map_err(|error| match error {
        record::Error::File(error) => {
            let report = Report::new(format!("cannot read `{named}`")).source(error);
            report.hint("name a file that `--record` wrote")
        }
        error @ record::Error::Other => Report::new(format!("`{named}` cannot be played back")).source(error),
    })?;
    if recording.skipped > 0 {
        let lines = plural(
            recording.skipped,
            "line that is cut or broken was",
            "lines that are cut or broken were",
        );
        super::note(&format!("{lines} left out"));
    }
    let runtime = run::runtime()?;
    let outcome = match options.serve {
        true => runtime.block_on(serve(recording, options.port)),
        false => runtime.block_on(check(&recording)),
    };
    runtime.shutdown_background();
    outcome
}

/// Plays the provider until a signal comes.
async fn serve(recording: Recording, port: u16) -> Result<u8, Report> {
    let mut signals = crate::launch::Signals::register()?;
    let name = recording.head.provider_name.clone();
    let attempts = recording.exchanges.into_iter().flat_map(|exchange| exchange.attempts);
    let playback = Playback::start(Order::Any, attempts.collect(), port).await;
    let playback = playback.map_err(|error| Report::new("cannot listen on 127.0.0.1").source(error))?;
    super::print(&format!("{name}, as recorded, at {}\n", playback.base_url()))?;
    signals.end().await;
    Ok(0)
}

/// Holds today's translation against what was recorded.
async fn check(recording: &Recording) -> Result<u8, Report> {
    if recording.head.redacted {
        let report = Report::new("its texts were taken out, so it says nothing about their translation");
        return Err(report.hint("record without `--redact`, or play it back with `--serve`"));
    }
    let table = Table::embedded().map_err(session::Error::from)?;
    let mut today = today::Today::start(&recording.head, &table).await?;
    let mut differing = 0;
    let mut text = String::new();
    for exchange in &recording.exchanges {
        let again = today.ask(exchange).await?;
        if let Some(difference) = compare::difference(exchange, &again) {
            differing += 1;
            text.push_str(&format!("turn {}: {difference}\n", exchange.number));
        }
    }
    let turns = plural(recording.exchanges.len() as u64, "turn", "turns");
    if differing > 0 {
        super::print(&format!(
            "{text}{differing} of {turns} differ from what crelay {} did\n",
            recording.head.crelay
        ))?;
        return Ok(DIFFERS);
    }
    if recording.exchanges.iter().all(|exchange| exchange.told.is_none()) {
        let report = Report::new("the recording holds no turn that was answered, so nothing was compared");
        return Err(report.hint("a recording is whole when its session has ended: record another with `--record FILE`"));
    }
    super::print(&format!("no difference in {turns}\n"))
}
