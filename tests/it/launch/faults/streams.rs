//! Standard input, output and error that are closed, full or left by their reader.

use std::process::Command;

use super::{Fake, after, left_in_state, under};
use crate::kit::Process;

/// `command` in a shell that does `with` to its streams and then says its code on what is file 9.
fn with_streams(fake: &Fake, with: &str, command: &Command) -> String {
    let script = format!("exec 9>\"$HOME/code\"; \"$@\" {with}; echo $? >&9");
    Process::run(&mut under(fake, &["bash", "-c", &script, "bash"], command));
    let code = std::fs::read_to_string(fake.home.path().join("code")).unwrap();
    assert_eq!(left_in_state(fake), [""; 0], "{with}");
    code.trim().to_owned()
}

#[test]
fn closed_streams_are_no_reason_to_fail() {
    for with in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"] {
        let fake = Fake::new();
        assert_eq!(with_streams(&fake, with, &fake.script("exit 6")), "6", "{with}");
    }
}

#[test]
fn an_error_that_nobody_can_read_still_has_its_code() {
    for with in ["2>&-", "2>/dev/full", "2> >(true)"] {
        let fake = Fake::new();
        let mut command = fake.script("exit 6");
        command.env("CODEX_HOME", "/nowhere");
        assert_eq!(with_streams(&fake, with, &command), "125", "{with}");
        let mut wrong = fake.home.crelay();
        wrong.arg("--no-such-option");
        assert_eq!(with_streams(&fake, with, &wrong), "2", "{with}");
    }
}

#[test]
fn what_is_printed_onto_a_full_disk_is_told_and_what_nobody_reads_is_not() {
    let fake = Fake::new();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &[],
        &["help", "codex"],
        &["codex", "--help"],
        &["usage", "--json"],
        &["config", "print", "-P", "demo"],
        &["config", "print", "-P", "demo", "--catalog"],
    ] {
        let mut command = fake.home.crelay();
        command.args(arguments);
        if arguments.contains(&"--catalog") {
            command.env("CRELAY_CODEX", fake.program());
        }
        let full = ">/dev/full 2>\"$HOME/said\"";
        assert_eq!(with_streams(&fake, full, &command), "125", "{arguments:?}");
        let said = std::fs::read_to_string(fake.home.path().join("said")).unwrap();
        let told = "error: cannot print: no space left on device\n\nhint: make room on the disk \
                    that it is written to\n";
        assert!(said.ends_with(told), "{arguments:?}: {said}");
        assert_eq!(
            with_streams(&fake, "| true; (exit ${PIPESTATUS[0]})", &command),
            "0",
            "{arguments:?}"
        );
    }
}

#[test]
fn a_reader_who_has_seen_enough_ends_codex_and_crelay() {
    let fake = Fake::new();
    // A pipe that is closed is a signal to whoever writes into it, and that is Codex.
    let code = with_streams(
        &fake,
        "| head -1 >/dev/null; (exit ${PIPESTATUS[0]})",
        &fake.script("exec yes"),
    );
    assert_eq!(code, "141");
}

#[test]
fn what_is_typed_ahead_or_piped_in_is_codexs() {
    let fake = Fake::new();
    let mut command = after(&fake, "exec < \"$HOME/task\"", &fake.script("cat"));
    std::fs::write(fake.home.path().join("task"), "a task\nin two lines").unwrap();
    assert_eq!(Process::run(&mut command).well().stdout, "a task\nin two lines");
}
