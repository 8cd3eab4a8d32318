//! The matrix of faults: what can go wrong with a provider or a client, and what comes of it.
//!
//! A fault is data: what one side's socket does, and the end that the other side sees. One runner plays each against
//! the relay and its real client over sockets, and holds all of them to the same law:
//!
//! - exactly one last event, or a proper status in a form that Codex reads;
//! - items opened once and closed once; a call that was cut off is never done; nothing that was shown is repeated;
//! - as many requests to the provider as the fault is worth;
//! - neither key nor token in what Codex gets, nothing that moves a terminal, no header of the provider;
//! - both connections in order: Codex's takes the next request, the provider's is hung up;
//! - an end in time, and memory within its bound.
//!
//! `cargo test --test it faults:: -- --nocapture` prints the tables.

mod apart;
mod client;
mod clients;
mod fault;
mod memory;
mod provider;
mod rows;
mod runner;
mod said;
mod streams;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use table::Row;

/// How many faults are played at the same time. Most of what they do is to wait.
const AT_ONCE: usize = 6;

#[test]
fn every_fault_of_the_provider_has_one_clear_end() {
    let rows = play(&rows::all(), |fault| &fault.name, runner::play);
    table::print("faults of the provider", &rows);
    assert!(rows.len() >= 80, "there were {}", rows.len());
}

#[test]
fn every_fault_of_a_client_has_one_clear_end() {
    let rows = play(&clients::faults(), |fault| fault.name, client::play);
    table::print("faults of clients", &rows);
    assert!(rows.len() >= 15, "there were {}", rows.len());
}

#[test]
fn every_status_is_understood_in_the_form_of_every_provider() {
    let rows = play(&rows::statuses(), |fault| &fault.name, runner::play);
    table::print("statuses in the forms of six providers", &rows);
}

/// Plays all faults, several at a time, and gives their rows in order.
///
/// # Panics
///
/// When one did not end as it should; all are played nevertheless.
fn play<F: Sync>(faults: &[F], name: impl Fn(&F) -> &str, play: impl Fn(&F) -> Row + Sync) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let played = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while let Some((number, fault)) = take(faults, &next) {
                    // On a thread of its own, whose memory is counted from nothing, and which may panic.
                    let row = std::thread::scope(|thread| thread.spawn(|| play(fault)).join());
                    played.lock().unwrap().push((number, row));
                }
            });
        }
    });
    let mut played = played.into_inner().unwrap();
    played.sort_by_key(|(number, _)| *number);
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    for (number, row) in played {
        match row {
            Ok(row) => rows.push(row),
            Err(cause) => {
                let words = cause.downcast_ref::<String>().map(String::as_str);
                let words = words.or(cause.downcast_ref::<&str>().copied()).unwrap_or_default();
                wrong.push(format!("{}: {words}", name(&faults[number])));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} faults:\n{}",
        wrong.len(),
        faults.len(),
        wrong.join("\n")
    );
    rows
}

fn take<'a, F>(faults: &'a [F], next: &AtomicUsize) -> Option<(usize, &'a F)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, faults.get(number)?))
}
