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
