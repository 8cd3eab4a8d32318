//! Models as a table that fits the terminal, and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::session::{Model, Session};
use crate::usage::rounded;

/// The headings, and which of the columns is given up first where there is no room: the last of these.
const HEADINGS: [&str; 8] = [
    "model", "window", "output", "images", "efforts", "$/M in", "$/M out", "cached",
];
const GIVEN_UP: [&str; 5] = ["cached", "output", "efforts", "images", "window"];

/// The models of `session`, none of whose lines is longer than `width` unless a name is.
pub(super) fn table(session: &Session, width: usize) -> String {
    let rows: Vec<[String; 8]> = session.models().map(row).collect();
    let headings = HEADINGS.map(str::to_owned);
    let lines: Vec<&[String; 8]> = std::iter::once(&headings).chain(&rows).collect();
    let widest = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEADINGS.len()).map(|column| widest(column).unwrap_or(0)).collect();
    // What nobody says of any model needs no column.
    let mut shown: Vec<usize> = (0..HEADINGS.len())
        .filter(|column| rows.iter().any(|cells| !cells[*column].is_empty()))
        .collect();
    for heading in GIVEN_UP {
        let needed: usize = shown.iter().map(|column| widths[*column] + 2).sum();
        if needed > width + 2 {
            shown.retain(|column| HEADINGS[*column] != heading);
        }
    }
    let mut text = String::new();
    for cells in lines {
        let mut line = String::new();
        for column in &shown {
            let (cell, width) = (&cells[*column], widths[*column]);
            // Writing to a string cannot fail.
            let _ = match HEADINGS[*column] {
                "model" | "efforts" => write!(line, "{cell:<width$}  "),
                _ => write!(line, "{cell:>width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(model: &Model) -> [String; 8] {
    let price = |dollars: Option<f64>| dollars.map_or(String::new(), |dollars| format!("{dollars}"));
    let efforts: Vec<&str> = model.efforts.iter().map(|effort| effort.word()).collect();
    [
        model.id.clone(),
        model.context_window.map(rounded).unwrap_or_default(),
        model.max_output.map(rounded).unwrap_or_default(),
        if model.vision { "yes".to_owned() } else { String::new() },
        efforts.join(" "),
        price(model.price.map(|price| price.input)),
        price(model.price.map(|price| price.output)),
        price(model.price.and_then(|price| price.cached)),
    ]
}

/// The same and who says it, in a form that stays.
pub(super) fn object(session: &Session) -> Value {
    let models = session.models().map(|model| {
        let origins = model.origins;
        json!({
            "id": model.id,
            "name": model.name,
            "aliases": session.main.range.aliases_of(&model.id).collect::<Vec<_>>(),
            "context_window": model.context_window,
            "max_output": model.max_output,
            "vision": model.vision,
            "efforts": model.efforts.iter().map(|effort| effort.word()).collect::<Vec<_>>(),
            "price": model.price,
            "origins": {
                "name": origins.name.word(),
                "context_window": origins.context_window.word(),
                "max_output": origins.max_output.word(),
                "vision": origins.vision.word(),
                "efforts": origins.efforts.word(),
                "price": origins.price.word(),
            },
        })
    });
    json!({
        "provider": session.main.endpoint.provider,
        "name": session.main.endpoint.provider_name,
        "listed": session.main.range.is_listed(),
        "models": models.collect::<Vec<_>>(),
    })
}
