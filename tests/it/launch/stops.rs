//! Stop and continue: a session is one job of the shell that started it.

use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Fake;
use crate::kit::Terminal;

/// A shell with job control, in which `crelay` with `script` is typed.
fn typed(fake: &Fake, script: &str) -> Terminal {
    let crelay = fake.script(script);
    let words = std::iter::once(crelay.get_program()).chain(crelay.get_args());
    let words: Vec<String> = words
        .map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''")))
        .collect();
    // A line that is longer than the terminal's is typed badly; a file is not.
    let file = fake.home.path().join("line");
    std::fs::write(&file, words.join(" ")).unwrap();
    let mut shell: Command = fake.home.command("bash");
    shell
        .args(["--norc", "--noprofile", "-i"])
        .env("PS1", "shell: ")
        .env("CRELAY_API_KEY", super::fake::KEY);
    let terminal = Terminal::spawn(shell);
    terminal.expect("shell: ");
    terminal.send(&format!(". {}\n", file.display()));
    terminal
}

#[test]
fn ctrl_z_stops_both_and_fg_continues_both() {
    let fake = Fake::new();
    let terminal = typed(&fake, "trap 'echo going on; exit 4' CONT; stay");
    terminal.expect("ready");
    terminal.send("\x1a");
    terminal.expect("Stopped");
    terminal.send("fg\n");
    terminal.expect("going on");
    terminal.send("echo ended with $?\n");
    terminal.expect("ended with 4");
    terminal.send("exit\n");
    terminal.exit_code();
}

#[test]
fn a_codex_that_stops_alone_stops_the_job_and_fg_continues_it() {
    let fake = Fake::new();
    let terminal = typed(&fake, "echo before; kill -STOP $$; echo after; exit 5");
    terminal.expect("before");
    terminal.expect("Stopped");
    terminal.send("fg\n");
    terminal.expect("after");
    terminal.send("echo ended with $?\n");
    terminal.expect("ended with 5");
    terminal.send("exit\n");
    terminal.exit_code();
}

#[test]
fn whoever_continues_crelay_continues_codex() {
    let fake = Fake::new();
    let terminal = typed(&fake, "echo $PPID >\"$HOME/crelay\"; kill -STOP $$; echo after; exit 0");
    terminal.expect("Stopped");
    let crelay = std::fs::read_to_string(fake.home.path().join("crelay")).unwrap();
    kill(Pid::from_raw(crelay.trim().parse().unwrap()), Signal::SIGCONT).unwrap();
    terminal.expect("after");
    // A shell that has not seen yet that its job goes on warns of it at the first time.
    terminal.send("wait\nexit\nexit\n");
    terminal.exit_code();
}
