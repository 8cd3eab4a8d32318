//! `crelay usage`: what was used, from what the sessions have written down.

pub(super) mod book;
mod rows;

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::relay;
use crate::report::Report;
use crate::session::Folders;
use crate::usage::{Day, Sum, plural};

use super::environment;

pub(super) use rows::cost;

use rows::Row;

/// What is typed behind `crelay usage`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// From when on: so many hours, days or weeks ago, such as `12h`, `7d` or `4w`, or a day, such as `2026-11-21`
    #[arg(long, value_name = "WHEN", default_value = "30d", value_parser = since)]
    pub since: Since,

    /// What stands in a row of its own; days are those of UTC
    #[arg(long, value_name = "WHAT", default_value = "day")]
    pub by: By,

    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    Ago(Duration),
    Day(Day),
}

/// What rows are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    Day,
    Provider,
    Model,
    Project,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  crelay usage                        the last 30 days, day by day
  crelay usage --since 7d --by model
  crelay usage --by project --json

What answers cost is what the provider told, or else what crelay computed by the prices it knows. \
`about` says that some of it is computed, `at least` that some of it is not known.";

/// All that was asked for.
#[derive(Debug, Serialize)]
struct Statement<'a> {
    since: u64,
    by: By,
    rows: &'a [Row],
    total: Sum,
    skipped: u64,
}

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let Folders { state, .. } = environment::read()?.folders;
    let since = options.since.moment(relay::now());
    let read = book::read(&state, since)?;
    let (rows, total) = rows::rows(&read.entries, options.by);
    if options.json {
        let statement = Statement {
            since,
            by: options.by,
            rows: &rows,
            total,
            skipped: read.skipped,
        };
        let json = serde_json::to_string_pretty(&statement);
        let json = json.map_err(|error| Report::new("cannot write JSON").source(error))?;
        return super::print(&format!("{json}\n"));
    }
    if read.skipped > 0 {
        let lines = plural(read.skipped, "line that is broken was", "lines that are broken were");
        super::note(&format!("{lines} left out"));
    }
    match rows.is_empty() {
        true => super::print("nothing was used\n"),
        false => super::print(&rows::table(&rows, total)),
    }
}

impl Since {
    /// In seconds since 1970.
    fn moment(self, now: u64) -> u64 {
        match self {
            Self::Ago(time) => now.saturating_sub(time.as_secs()),
            Self::Day(day) => day.begin(),
        }
    }
}

fn since(text: &str) -> Result<Since, &'static str> {
    const WRONG: &str = "write it like `12h`, `7d`, `4w` or `2026-11-21`";
    if let Ok(day) = text.parse() {
        return Ok(Since::Day(day));
    }
    let unit = text.chars().last().ok_or(WRONG)?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 7 * 24,
        _ => return Err(WRONG),
    };
    let count: u32 = text[..text.len() - 1].parse().map_err(|_| WRONG)?;
    Ok(Since::Ago(Duration::from_secs(u64::from(count) * hours * 60 * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_or_so_long_ago() {
        let moment = |text| since(text).map(|since| since.moment(1_795_232_711));
        assert_eq!(moment("1h"), Ok(1_795_232_711 - 3600));
        assert_eq!(moment("7d"), Ok(1_795_232_711 - 7 * 86_400));
        assert_eq!(moment("2w"), Ok(1_795_232_711 - 14 * 86_400));
        assert_eq!(moment("9000000w"), Ok(0));
        assert_eq!(moment("2026-11-21"), Ok(1_795_219_200));
        for wrong in ["", "d", "7", "7dd", "-7d", "7 d", "1y", "2026-11-31"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
