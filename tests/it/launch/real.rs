//! What only the real Codex can say: where npm puts it, what its own prompt is, and that it reads what it is lent.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crelay::launch::{Codex, Kind, Places, Version, find, instructions};
use crelay::session::{Environment, Folders};

use nix::sys::signal::Signal;

use crate::kit::{self, Home, Process, Terminal};

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

/// npm's command as it is, before a program that prints what its environment is. All of it lies in `home`.
fn command_before_a_mirror(home: &Home, real: &kit::Codex) -> PathBuf {
    const MIRROR: &str = "#!/bin/sh\ntest \"$1\" = --version && echo codex-cli 0.169.0 && exit\nexec env\n";
    let package = home.path().join("node_modules/@openai/codex");
    let wrapper = package.join("bin/codex.js");
    let vendor = package.join("vendor");
    let triples = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ];
    for folder in triples.map(|triple| vendor.join(triple)) {
        fs::create_dir_all(folder.join("codex-path")).unwrap();
        fs::create_dir(folder.join("bin")).unwrap();
        fs::write(folder.join("bin/codex"), MIRROR).unwrap();
        fs::set_permissions(folder.join("bin/codex"), Permissions::from_mode(0o755)).unwrap();
    }
    fs::create_dir(package.join("bin")).unwrap();
    let theirs = real.program().parent().unwrap();
    fs::copy(theirs.join("codex.js"), &wrapper).unwrap();
    fs::copy(theirs.join("../package.json"), package.join("package.json")).unwrap();
    wrapper
}

#[test]
fn the_native_program_is_given_what_npms_command_gives_it() {
    // The first of these puts tools on `PATH`, the others leave that to Codex.
    for take in [kit::Codex::v0_134, kit::Codex::v0_150, kit::Codex::v0_169] {
        let (real, home) = (take(), Home::new());
        let wrapper = command_before_a_mirror(&home, &real);
        let mirrored = |command: &mut Command| {
            let shown = Process::run(command.args(["login", "status"])).well().stdout;
            let lines = shown.lines().map(str::to_owned);
            // The shell's own, which tells what the last command was.
            lines.filter(|line| !line.starts_with("_=")).collect::<BTreeSet<_>>()
        };
        let through_node = mirrored(&mut home.command(&wrapper));
        let through_crelay = mirrored(home.crelay().arg("codex").arg("--codex").arg(&wrapper));
        assert_eq!(through_crelay, through_node, "{}", real.program().display());
        let package = home.path().join("node_modules/@openai/codex");
        let root = format!("CODEX_MANAGED_PACKAGE_ROOT={}", package.display());
        assert!(through_crelay.contains(&root), "{through_crelay:?}");
    }
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
