//! What crelay costs between Codex and a provider, beside what the copying of bytes costs: `cargo bench --bench relay`.
//!
//! Provider, client, and whoever stands between them are processes of their own, on this machine. Who stands between
//! takes turns, round by round, and of the rounds the median counts, so that what else the machine does falls on all
//! alike. Each delta carries when it was said, and the client looks at each: a round in which one is missing, repeated
//! or out of order fails. If `codex-relay` is on the `PATH` it is measured beside. Whether each limit is kept is told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod client;
mod floor;
mod growth;
mod plan;
mod plot;
mod processes;
mod provider;
mod rows;
mod stamp;

use std::path::Path;
use std::time::Duration;

use plan::Round;

/// What no round takes that goes well.
const LONGEST: Duration = Duration::from_secs(30);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["provider"] => until_input_ends(provider::serve()),
        ["floor", to] => until_input_ends(floor::serve((*to).to_owned())),
        ["client", url, token, ..] => {
            let round = Round::read(&arguments[3..]).expect("a round");
            let times = async { tokio::time::timeout(LONGEST, client::run(url, token, round)).await };
            let times = runtime().block_on(times).expect("an end");
            println!("{}", serde_json::to_string(&times).unwrap());
        }
        ["growth", "--plot", folder, ..] => growth::measure(Some(Path::new(folder))),
        ["growth", ..] => growth::measure(None),
        _ => rows::measure(&words),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Serves as long as whoever started this lives.
fn until_input_ends(serving: impl Future<Output = ()>) {
    std::thread::spawn(|| {
        // Nothing is ever written to it.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    runtime().block_on(serving);
}
