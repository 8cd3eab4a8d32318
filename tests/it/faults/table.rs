//! What is printed: one line a fault.

use std::time::Duration;

/// What came of a fault.
pub struct Row {
    pub name: String,
    pub told: String,
    /// How many connections the provider saw, where that matters.
    pub requests: Option<usize>,
    pub time: Duration,
    /// Most bytes that were held at once.
    pub memory: u64,
}

/// Characters of a column.
const NAME: usize = 64;
const TOLD: usize = 88;

pub fn print(title: &str, rows: &[Row]) {
    let mut table = format!(
        "\n{title}\n{:NAME$} {:TOLD$} {:>8} {:>7} {:>9}\n",
        "fault", "what Codex gets", "requests", "ms", "peak KiB"
    );
    for row in rows {
        let name = cut(&row.name, NAME);
        let told = cut(&row.told, TOLD);
        let requests = row.requests.map_or("–".to_owned(), |requests| requests.to_string());
        let time = row.time.as_millis();
        let memory = row.memory.div_ceil(1024);
        table += &format!("{name:NAME$} {told:TOLD$} {requests:>8} {time:>7} {memory:>9}\n");
    }
    let longest = rows.iter().map(|row| row.time.as_millis()).max().unwrap_or_default();
    let largest = rows.iter().map(|row| row.memory).max().unwrap_or_default() / 1024;
    // At once, so that no other table comes between.
    println!(
        "{table}{} faults, the longest {longest} ms, the largest {largest} KiB",
        rows.len()
    );
}

/// One line, no wider than its column.
fn cut(text: &str, width: usize) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(width) {
        Some(_) => line.chars().take(width - 1).chain(['…']).collect(),
        None => line,
    }
}
