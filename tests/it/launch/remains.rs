//! What is left of a session that could not clean up, and who takes it away.

use nix::sys::signal::Signal;

use super::Fake;
use crate::kit::Process;

#[test]
fn codex_dies_with_a_killed_crelay_and_the_next_start_sweeps() {
    let fake = Fake::new();
    let (crelay, _) = fake.start("trap '' TERM HUP INT; stay");
    crelay.signal(Signal::SIGKILL);
    // Returns when nobody has the output open any more: Codex is gone.
    assert_eq!(crelay.wait().code, 137);
    assert_eq!(fake.profiles().len(), 1);
    Process::run(&mut fake.script("exit 0")).well();
    fake.home.assert_nothing_is_left();
}

#[test]
fn a_start_never_sweeps_a_living_session() {
    let fake = Fake::new();
    let (living, _) = fake.start("trap 'cat \"$profile\"; exit 6' TERM; stay");
    let (killed, _) = fake.start("stay");
    killed.signal(Signal::SIGKILL);
    killed.wait();
    assert_eq!(fake.profiles().len(), 2);
    Process::run(&mut fake.script("exit 0")).well();
    assert_eq!(fake.profiles().len(), 1);
    living.signal(Signal::SIGTERM);
    let ended = living.wait();
    assert_eq!(ended.code, 6);
    assert!(ended.stdout.contains("model_provider = \"crelay\""), "{}", ended.stdout);
    fake.home.assert_nothing_is_left();
}

#[test]
fn what_codex_wrote_before_crelay_was_killed_is_kept() {
    let fake = Fake::new();
    let trust = r#"printf '[projects."/some/project"]\ntrust_level = "trusted"\n' >>"$profile""#;
    let (crelay, _) = fake.start(&format!("{trust}; stay"));
    crelay.signal(Signal::SIGKILL);
    crelay.wait();
    Process::run(&mut fake.script("exit 0")).well();
    let (crelay, pid) = fake.start("stay");
    let profile = fake.noted(pid).profile.unwrap();
    assert!(
        profile.contains("[projects.\"/some/project\"]\ntrust_level = \"trusted\""),
        "{profile}"
    );
    crelay.signal(Signal::SIGTERM);
    crelay.wait();
}

#[test]
fn a_codex_that_cannot_be_started_leaves_nothing() {
    let fake = Fake::new();
    let broken = fake.home.path().join("broken");
    std::fs::write(&broken, "not a program").unwrap();
    let mut command = fake.home.crelay();
    command
        .args([
            "codex",
            "--base-url",
            "http://127.0.0.1:1/v1",
            "-m",
            "some-model",
            "--codex",
        ])
        .arg(&broken);
    assert_eq!(Process::run(&mut command).code, 126);
    fake.home.assert_nothing_is_left();
    std::fs::remove_file(&broken).unwrap();
    let ended = Process::run(&mut command);
    assert_eq!(ended.code, 127);
    fake.home.assert_nothing_is_left();
}

#[test]
fn a_codex_that_is_too_old_is_not_started() {
    let fake = Fake::new();
    let ended = Process::run(fake.script("echo started").env("FAKE_VERSION", "0.117.0"));
    assert_eq!((ended.code, ended.stdout.as_str()), (126, ""));
    assert!(
        ended.stderr.starts_with("error: Codex 0.117.0 is too old"),
        "{}",
        ended.stderr
    );
}
