//! Rows of what was used, and how they look.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::plain;
use crate::usage::{Cost, Day, Sum, dollars, percent, tokens};

use super::By;
use super::book::Entry;

/// How many columns a table has.
const COLUMNS: usize = 8;

/// What stands where a turn belongs to no project.
const NOWHERE: &str = "(served)";

/// How long the longest bar is, in cells.
const LONGEST: f64 = 20.0;

/// A bar's last cell, by eighths of it.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// One row.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub name: String,
    pub sum: Sum,
}

/// Days in their order, all others by what they cost, or else by how much they used.
pub(super) fn rows(entries: &[Entry], by: By) -> (Vec<Row>, Sum) {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut total = Sum::default();
    for entry in entries {
        let name = match by {
            By::Day => Day::of(entry.at).to_string(),
            By::Provider => entry.turn.provider.clone(),
            By::Model => entry.turn.model.clone(),
            By::Project => entry.project.clone().unwrap_or_else(|| NOWHERE.to_owned()),
        };
        sums.entry(name).or_default().add(&entry.turn);
        total.add(&entry.turn);
    }
    let rows = sums.into_iter().map(|(name, sum)| Row { name, sum });
    let mut rows: Vec<Row> = rows.collect();
    if by != By::Day {
        let weigh = weigh(&rows);
        rows.sort_by(|a, b| weigh(&b.sum).total_cmp(&weigh(&a.sum)));
    }
    (rows, total)
}

/// What rows are compared by: their cost, if each of them has one.
fn weigh(rows: &[Row]) -> fn(&Sum) -> f64 {
    match rows.iter().all(|row| row.sum.cost.dollars() > 0.0) {
        true => |sum| sum.cost.dollars(),
        false => |sum| (sum.tokens.input.saturating_add(sum.tokens.output)) as f64,
    }
}

/// All rows with a bar each, and what they come to.
pub(super) fn table(rows: &[Row], total: Sum) -> String {
    let weigh = weigh(rows);
    let most = rows.iter().map(|row| weigh(&row.sum)).fold(0.0, f64::max);
    let names = rows.iter().map(|row| plain::line(&row.name));
    let cells = names.zip(rows).map(|(name, row)| {
        let part = if most > 0.0 { weigh(&row.sum) / most } else { 0.0 };
        cells(name, bar(part), &row.sum)
    });
    let failed = if total.failed > 0 { "failed" } else { "" };
    let header = ["", "", "requests", failed, "in", "cached", "out", "cost"].map(str::to_owned);
    let mut lines = vec![header];
    lines.extend(cells);
    if rows.len() > 1 {
        lines.push(self::cells("total".to_owned(), String::new(), &total));
    }
    aligned(&lines)
}

fn cells(name: String, bar: String, sum: &Sum) -> [String; COLUMNS] {
    let cached = sum.tokens.cache_rate();
    [
        name,
        bar,
        sum.requests.to_string(),
        if sum.failed > 0 {
            sum.failed.to_string()
        } else {
            String::new()
        },
        tokens(sum.tokens.input),
        cached.map(percent).unwrap_or_default(),
        tokens(sum.tokens.output),
        cost(&sum.cost),
    ]
}

/// What something cost, as far as it is known.
pub(in crate::cli) fn cost(cost: &Cost) -> String {
    if cost.is_unknown() {
        return "not known".to_owned();
    }
    let known = dollars(cost.dollars());
    match (cost.unknown > 0, cost.computed > 0.0) {
        (true, _) => format!("at least {known}"),
        (false, true) => format!("about {known}"),
        (false, false) => known,
    }
}

/// A bar for a part of the longest.
fn bar(part: f64) -> String {
    let eighths = (part.clamp(0.0, 1.0) * LONGEST * 8.0).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Names and bars to the left, numbers to the right.
fn aligned(lines: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| {
        lines
            .iter()
            .map(|cells| cells[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut text = String::new();
    for cells in lines {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let width = width(column);
            // Writing to a string cannot fail.
            let _ = match column {
                // Where nothing failed there is no such column.
                _ if width == 0 => Ok(()),
                0 | 1 => write!(line, "{cell:<width$}  "),
                _ => write!(line, "{cell:>width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::usage::{Outcome, Tokens, Turn};

    use super::*;

    fn entry(at: u64, model: &str, input: u64, cost: Cost) -> Entry {
        Entry {
            at,
            session: "s".to_owned(),
            project: (input != 1000).then(|| "/work\u{1b}[2J".to_owned()),
            turn: Turn {
                id: "resp".to_owned(),
                provider: "deepseek".to_owned(),
                model: model.to_owned(),
                outcome: Outcome::Completed,
                tokens: Tokens {
                    input,
                    cached: input / 2,
                    output: 10,
                    reasoning: 5,
                },
                cost,
                seconds: 1.0,
                first_token: Some(0.5),
                retries: 0,
                healed: 0,
            },
        }
    }

    fn entries() -> [Entry; 3] {
        let computed = |computed| Cost {
            computed,
            ..Cost::default()
        };
        let unknown = Cost {
            unknown: 1,
            ..Cost::default()
        };
        [
            entry(1_795_219_200, "small", 2_000, computed(0.25)),
            entry(1_795_132_800, "big", 1_500_000, computed(1.5)),
            entry(1_795_132_900, "new", 1_000, unknown),
        ]
    }

    #[test]
    fn days_stand_in_their_order() {
        let (rows, total) = rows(&entries(), By::Day);
        let table = table(&rows, total);
        let expected = [
            "                                  requests    in  cached  out            cost",
            "2026-11-20  ████████████████████         2  1.5M    50 %   20  at least $1.50",
            "2026-11-21  ███▍                         1  2.0k    50 %   10     about $0.25",
            "total                                    3  1.5M    50 %   30  at least $1.75",
        ];
        assert_eq!(table.lines().collect::<Vec<_>>(), expected, "{table}");
    }

    #[test]
    fn what_failed_is_told_where_something_did() {
        let mut entries = entries();
        entries[0].turn.outcome = Outcome::Failed;
        let (rows, total) = rows(&entries, By::Day);
        let table = table(&rows, total);
        let expected = [
            "                                  requests  failed    in  cached  out            cost",
            "2026-11-20  ████████████████████         2          1.5M    50 %   20  at least $1.50",
            "2026-11-21  ███▍                         1       1  2.0k    50 %   10     about $0.25",
            "total                                    3       1  1.5M    50 %   30  at least $1.75",
        ];
        assert_eq!(table.lines().collect::<Vec<_>>(), expected, "{table}");
    }

    #[test]
    fn all_else_stands_by_size_and_steers_no_terminal() {
        let (of_models, total) = rows(&entries(), By::Model);
        let names: Vec<&str> = of_models.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["big", "small", "new"]);
        assert!(table(&of_models, total).contains("not known"));
        let (of_projects, total) = rows(&entries(), By::Project);
        let table = table(&of_projects, total);
        assert!(table.contains("/work ") && table.contains("(served)"), "{table}");
        let (of_providers, _) = rows(&entries(), By::Provider);
        assert_eq!(of_providers[0].sum, total);
    }
}
