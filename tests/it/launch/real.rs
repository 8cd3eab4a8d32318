//! What only the real Codex can say: where npm puts it, what its own prompt is, and that it reads what it is lent.

use std::collections::BTreeMap;

use crelay::launch::{Codex, Kind, Places, Version, find, instructions};
use crelay::session::{Environment, Folders};

use nix::sys::signal::Signal;

use crate::kit::{self, Home, Terminal};

fn folders(home: &Home) -> Folders {
    let [config, state, cache, data, runtime] =
        ["config", "state", "cache", "data", "run"].map(|name| home.path().join(name).join("crelay"));
    let codex_home = home.codex();
    Folders {
        config,
        state,
        cache,
        data,
        runtime,
        codex_home,
    }
}

fn environment() -> Environment {
    BTreeMap::from([("PATH".into(), std::env::var_os("PATH").unwrap_or_default())])
}

async fn found(real: &kit::Codex, home: &Home) -> Codex {
    let places = Places {
        option: Some(real.program()),
        variable: None,
        configured: None,
        own: None,
        working_folder: home.path(),
        environment: &environment(),
    };
    find(&places, &folders(home)).await.unwrap()
}

#[tokio::test]
async fn the_native_program_is_found_behind_npms_command() {
    let (real, home) = (kit::Codex::take(), Home::new());
    let codex = found(&real, &home).await;
    assert_eq!((codex.version, codex.kind), (Version::new(0, 169, 0), Kind::Native));
    assert!(codex.program.ends_with("bin/codex"), "{}", codex.program.display());
}

#[tokio::test]
async fn codex_reveals_its_generic_prompt_once() {
    let (real, home) = (kit::Codex::take(), Home::new());
    let (codex, folders) = (found(&real, &home).await, folders(&home));
    let prompt = instructions(&codex, &folders, &environment()).await;
    assert!(
        prompt.starts_with("You are a coding agent running in the Codex CLI"),
        "{prompt}"
    );
    let kept = |name: &str| {
        let entries = std::fs::read_dir(&folders.cache).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(name))
            .count()
    };
    assert_eq!(kept("instructions-0.169.0-"), 1);
    // A program that is gone reveals nothing: this comes from the cache.
    let mut gone = codex;
    gone.program = home.path().join("gone");
    assert_eq!(instructions(&gone, &folders, &environment()).await, prompt);
}

#[test]
fn the_terminal_is_restored_after_the_real_tui_was_terminated() {
    let (real, home) = (kit::Codex::take(), Home::new());
    let mut command = home.crelay();
    command
        .args(["codex", "--provider", "demo", "--codex"])
        .arg(real.program());
    let terminal = Terminal::spawn(command);
    terminal.expect("Codex");
    assert!(!terminal.is_restored(), "the TUI reads keys one by one");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.exit_code(), 143);
    assert!(terminal.is_restored());
    home.assert_nothing_is_left();
}
