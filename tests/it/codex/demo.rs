//! The demo provider: no key, no network, and the real Codex.

use super::home;
use crate::kit::{Codex, Process};

#[test]
fn the_demo_makes_a_real_call_and_answers() {
    let (home, codex) = (home(), Codex::take());
    std::fs::write(home.project().join("a-file-of-mine.txt"), "").unwrap();
    let mut command = home.crelay();
    command
        .args(["exec", "--provider", "demo", "--codex"])
        .arg(codex.program())
        .args(["--skip-git-repo-check", "show me"]);
    let ended = Process::run(&mut command).well();
    // Codex shows on standard error what it runs, and on standard output the answer alone.
    assert!(ended.stderr.contains("pwd && ls"), "{}", ended.stderr);
    assert!(ended.stderr.contains("a-file-of-mine.txt"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("warning: Model metadata"), "{}", ended.stderr);
    assert!(!ended.stdout.trim().is_empty());
}

#[test]
fn a_log_that_is_kept_has_a_line_for_each_turn() {
    let (home, codex) = (home(), Codex::take());
    let mut command = home.crelay();
    command
        .args(["exec", "--provider", "demo", "--codex"])
        .arg(codex.program())
        .args(["--skip-git-repo-check", "show me"])
        .env("CRELAY_LOG", "info");
    Process::run(&mut command).well();
    let folder = home.path().join("state/crelay/log");
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let log: String = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let ends: Vec<&str> = log.lines().filter(|line| line.contains("a turn ends")).collect();
    assert_eq!(ends.len(), 2, "{log}");
    for part in [
        " id=\"resp_",
        " model=\"demo\"",
        " seconds=",
        " first_token=",
        " input=",
        " output=",
    ] {
        assert!(ends[0].contains(part), "{part}: {}", ends[0]);
    }
    assert!(!log.contains("show me"), "{log}");
}
