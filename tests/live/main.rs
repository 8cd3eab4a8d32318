//! Real providers, asked through crelay: `cargo test --test live -- --ignored --nocapture`.
//!
//! Every provider whose key is in the environment is asked a few short questions, which costs a little; with
//! `CRELAY_LIVE` only those that it names, also such as want no key. What was sent and received is kept, without the
//! key, in the form of `tests/turns`: below `target/tmp/live`, from where a case is copied to become one
//! (`CRELAY_BLESS=1` writes what Codex hears of it).
//!
//! Nobody answers where the project is built, so the same conversation is held with the strict mock by the other tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod conversation;
mod recorder;

use std::path::Path;

use crelay::provider::{Provider, Table};
use crelay::session::Environment;

use conversation::{hold, session};

/// Whether `provider` is to be asked.
fn is_wanted(provider: &Provider, environment: &Environment) -> bool {
    let set = |name: &str| {
        environment
            .get(std::ffi::OsStr::new(name))
            .filter(|value| !value.is_empty())
    };
    match set("CRELAY_LIVE") {
        Some(names) => names
            .to_string_lossy()
            .split_whitespace()
            .any(|name| provider.answers_to(name)),
        None => provider.key_required && provider.key_env.iter().any(|name| set(name).is_some()),
    }
}

#[tokio::test]
#[ignore = "asks every provider whose key is in the environment, and costs a little"]
async fn every_provider_whose_key_is_here_does_what_codex_needs() {
    let environment: Environment = std::env::vars_os().collect();
    let table = Table::embedded().unwrap();
    let (mut asked, mut wrong) = (0, Vec::new());
    for provider in table.iter().filter(|provider| is_wanted(provider, &environment)) {
        asked += 1;
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live");
        let held = match session(&provider.id, None, &environment) {
            Ok(session) => hold(session, &kept).await,
            Err(error) => vec![Err(format!("there is no session: {error}"))],
        };
        for told in held {
            println!("{}: {}", provider.id, told.as_ref().unwrap_or_else(|fault| fault));
            wrong.extend(told.err().map(|fault| format!("{}: {fault}", provider.id)));
        }
    }
    println!("{asked} providers were asked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
