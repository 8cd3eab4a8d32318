//! Who is asked: every row of crelay's table with each of its models that differs from the others, by crelay's dialect
//! or by the mock's rules.

use std::sync::LazyLock;

use crelay::provider::dialect::{Dialect, Native, NativeSearch, Wire};
use crelay::provider::{Provider, Table};

use crate::kit::Rules;
use crate::kit::rules::vendors;

/// One model of one row.
pub struct Seat {
    pub row: &'static str,
    pub rules: Rules,
}

pub static TABLE: LazyLock<Table> = LazyLock::new(|| Table::embedded().unwrap());

/// Answers from within crelay, and not over the network.
const DEMO: &str = "demo";

fn rows() -> impl Iterator<Item = &'static Provider> {
    TABLE.iter().filter(|row| row.id != DEMO)
}

fn rules(row: &'static Provider, model: &'static str) -> Option<Rules> {
    let mut rules = Rules::of(|id| row.answers_to(id), model)?;
    rules.name = Some(&row.id);
    Some(rules)
}

/// The models of a row that are served over Chat Completions; where it lists none, the one that its vendor is known by.
fn models(row: &'static Provider) -> Vec<&'static str> {
    let listed = row.models.iter().map(|model| model.id.as_str());
    let listed: Vec<&str> = listed.filter(|model| row.dialect(model).speak(Wire::Chat)).collect();
    if listed.is_empty() {
        let vendor = vendors().find(|vendor| row.answers_to(vendor.id));
        return vendor.map(|vendor| vendor.rules.model).into_iter().collect();
    }
    listed
}

/// The word that narrows the rows.
pub fn wanted() -> String {
    std::env::var("CRELAY_ROWS").unwrap_or_default()
}

/// Everyone who is asked: at least one model of each row, and every further one that differs from all before.
pub fn all() -> Vec<Seat> {
    let mut seen = Vec::new();
    let mut seats: Vec<Seat> = Vec::new();
    for row in rows().filter(|row| row.id.contains(&wanted())) {
        for model in models(row) {
            let Some(rules) = rules(row, model) else { continue };
            let alike = likeness(row, &rules);
            let is_first = seats.last().is_none_or(|seat| seat.row != row.id);
            if is_first || !seen.contains(&alike) {
                seats.push(Seat { row: &row.id, rules });
            }
            seen.push(alike);
        }
    }
    seats
}

/// What tells one seat from another, which is neither a name nor an address.
fn likeness(row: &Provider, rules: &Rules) -> (Dialect, bool, Rules) {
    let sees = row.model(rules.model).is_some_and(|model| model.vision);
    let nameless = Rules {
        name: None,
        key_variable: "",
        address: "",
        model: "",
        most: 0,
        ..*rules
    };
    let mut dialect = row.dialect(rules.model);
    // What another protocol takes is not seen here.
    assert!(dialect.speak(Wire::Chat));
    dialect.native = Native::default();
    dialect.native_search = NativeSearch::default();
    (dialect, sees, nameless)
}

/// Rows of which the mock knows nothing.
pub fn without_rules() -> Vec<&'static str> {
    let unknown = rows().filter(|row| vendors().all(|vendor| !row.answers_to(vendor.id)));
    unknown.map(|row| row.id.as_str()).collect()
}

/// Providers that the table leaves out.
pub fn without_row() -> Vec<&'static str> {
    let missing = vendors().filter(|vendor| rows().all(|row| !row.answers_to(vendor.id)));
    missing.map(|vendor| vendor.id).collect()
}

/// Rows that stand elsewhere than their vendors, or want another key.
pub fn wrong_addresses() -> Vec<String> {
    let mut wrong = Vec::new();
    for vendor in vendors() {
        let Some(row) = rows().find(|row| row.answers_to(vendor.id)) else {
            continue;
        };
        let rules = vendor.rules;
        if !rules.address.is_empty() && rules.address != row.base_url.trim_end_matches('/') {
            wrong.push(format!("{}: {} is not {}", row.id, row.base_url, rules.address));
        }
        if !rules.key_variable.is_empty() && !row.key_env.iter().any(|name| name == rules.key_variable) {
            wrong.push(format!(
                "{}: {:?} does not hold {}",
                row.id, row.key_env, rules.key_variable
            ));
        }
    }
    wrong
}
