//! How a session ends: Codex's exit code is crelay's, and a signal to crelay reaches Codex.

use std::process::Command;

use nix::sys::signal::Signal;

use super::Fake;
use super::fake::KEY;
use crate::kit::{Process, Terminal};

fn end_of(script: &str) -> i32 {
    let fake = Fake::new();
    let ended = Process::run(&mut fake.script(script));
    assert_eq!(ended.stderr, "", "somebody printed");
    fake.home.assert_nothing_is_left();
    ended.code
}

#[test]
fn codexs_exit_code_is_crelays() {
    for code in [0, 1, 2, 42, 130, 143, 255] {
        assert_eq!(end_of(&format!("exit {code}")), code);
    }
}

#[test]
fn a_codex_that_a_signal_killed_ends_crelay_with_128_and_the_signal() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("KILL", 137)] {
        assert_eq!(end_of(&format!("kill -{signal} $$; stay")), code);
    }
}

#[test]
fn a_signal_to_crelay_reaches_codex() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        let fake = Fake::new();
        let (crelay, _) = fake.start("ulimit -c 0; stay");
        crelay.signal(signal);
        assert_eq!(crelay.wait().code, 128 + signal as i32);
        fake.home.assert_nothing_is_left();
    }
}

#[test]
fn codex_may_end_as_it_likes_after_a_signal() {
    let fake = Fake::new();
    let (crelay, _) = fake.start("trap 'echo cleaning up; exit 3' TERM; stay");
    crelay.signal(Signal::SIGTERM);
    let ended = crelay.wait();
    assert_eq!((ended.code, ended.stdout.ends_with("cleaning up\n")), (3, true));
}

#[test]
fn a_second_term_means_now() {
    let fake = Fake::new();
    let (crelay, _) = fake.start("trap 'echo not yet' TERM; stay");
    crelay.signal(Signal::SIGTERM);
    crelay.wait_for_stdout("not yet");
    crelay.signal(Signal::SIGTERM);
    assert_eq!(crelay.wait().code, 137);
    fake.home.assert_nothing_is_left();
}

#[test]
fn a_signal_that_comes_before_codex_keeps_it_from_starting() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let fake = Fake::new();
        fake.do_first(&format!("kill -{signal} $PPID"));
        let ended = Process::run(&mut fake.script("echo started"));
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""));
        fake.home.assert_nothing_is_left();
    }
}

/// `command` in the hands of a shell that does `before` it and `after` it.
fn in_shell(fake: &Fake, before: &str, command: &Command, after: &str) -> Command {
    let mut shell = fake.home.command("sh");
    shell
        .args(["-c", &format!("{before}; \"$@\"; {after}"), "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .env("CRELAY_API_KEY", KEY);
    shell
}

#[test]
fn what_nohup_ignores_stays_ignored() {
    let fake = Fake::new();
    let script = fake.script("grep ^SigIgn /proc/$$/status");
    let ignores_hangup = |before: &str| {
        let shown = Process::run(&mut in_shell(&fake, before, &script, "")).well().stdout;
        let mask = u64::from_str_radix(shown.trim_start_matches("SigIgn:").trim(), 16).unwrap();
        mask & 1 == 1
    };
    assert!(ignores_hangup("trap '' HUP"));
    assert!(!ignores_hangup(":"));
}

#[test]
fn ctrl_c_in_a_terminal_reaches_codex_without_crelay() {
    let fake = Fake::new();
    let terminal = Terminal::spawn(fake.script("trap 'n=$((n+1)); echo hit $n' INT; trap 'exit $n' TERM; stay"));
    terminal.expect("ready");
    terminal.send("\x03");
    terminal.expect("hit 1");
    // The terminal gave it to both: Codex must not hear of it a second time.
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.exit_code(), 1);
    fake.home.assert_nothing_is_left();
}

#[test]
fn an_interrupt_that_is_sent_to_crelay_alone_reaches_codex_when_it_is_sent_again() {
    let fake = Fake::new();
    let traps = "trap 'echo interrupted' INT; trap 'n=$((n+1)); echo passed $n' QUIT";
    let terminal = Terminal::spawn(fake.script(&format!("{traps}; stay")));
    terminal.expect("ready");
    for round in 1..=2 {
        terminal.signal(Signal::SIGINT);
        // A signal that is always passed on shows that the one before it has been read.
        terminal.signal(Signal::SIGQUIT);
        terminal.expect(&format!("passed {round}"));
        assert!(round == 2 || !terminal.screen().contains("interrupted"));
    }
    terminal.expect("interrupted");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.exit_code(), 143);
    fake.home.assert_nothing_is_left();
}

#[test]
fn an_interrupt_reaches_a_tui_at_once() {
    let fake = Fake::new();
    let terminal = Terminal::spawn(fake.script("stty -isig; trap 'echo interrupted' INT; stay"));
    terminal.expect("ready");
    terminal.signal(Signal::SIGINT);
    terminal.expect("interrupted");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.exit_code(), 143);
}

#[test]
fn a_terminal_that_a_killed_codex_left_raw_is_restored() {
    let fake = Fake::new();
    let script = fake.script(r"stty raw -echo; printf '\033[?1049h\033[?25lin the tui'; kill -KILL $$; stay");
    let terminal = Terminal::spawn(in_shell(&fake, "echo before", &script, "echo ended with $?"));
    terminal.expect("ended with 137");
    assert!(terminal.is_restored());
    assert_eq!(terminal.screen().trim_end(), "before\n\nended with 137");
}

#[test]
fn a_key_is_asked_for_in_the_terminal_and_not_shown() {
    let fake = Fake::new();
    let terminal = Terminal::spawn(fake.asking("echo asked and answered"));
    terminal.expect("key for 127.0.0.1:1: ");
    terminal.send("sk-typed\r");
    terminal.expect("asked and answered");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
    assert_eq!(
        terminal.screen().trim_end(),
        "key for 127.0.0.1:1: \nasked and answered"
    );
}

/// A signal comes while the key is asked for.
fn interrupted(interrupt: impl Fn(&Terminal), code: i32) {
    let fake = Fake::new();
    let terminal = Terminal::spawn(fake.asking("echo never"));
    terminal.expect("key for 127.0.0.1:1: ");
    interrupt(&terminal);
    assert_eq!(terminal.exit_code(), code);
    assert!(terminal.is_restored());
}

#[test]
fn a_signal_while_a_key_is_asked_for_restores_the_terminal() {
    interrupted(|terminal| terminal.send("\x03"), 130);
    interrupted(|terminal| terminal.signal(Signal::SIGTERM), 143);
}

#[test]
fn a_terminal_that_codex_left_in_order_is_not_touched() {
    let fake = Fake::new();
    let script = fake.script("printf 'the last words, '; kill -KILL $$; stay");
    let terminal = Terminal::spawn(in_shell(&fake, "echo before", &script, "echo ended with $?"));
    terminal.expect("ended with 137");
    assert_eq!(terminal.screen().trim_end(), "before\nthe last words, ended with 137");
}

#[test]
fn codex_ends_with_whoever_reads_what_it_says() {
    let fake = Fake::new();
    let codex = fake.codex(&["--while-read", "-m", "some-model"], &["exec", "stay"]);
    let mut shell = fake.home.command("bash");
    // The shell ends when both sides of the pipe have, and its code is crelay's.
    shell.args(["-o", "pipefail", "-c", "\"$@\" | head -n 1", "bash"]);
    shell.arg(codex.get_program()).args(codex.get_args());
    let ended = Process::run(shell.env("CRELAY_API_KEY", KEY));
    assert_eq!(ended.code, 143, "{}", ended.stderr);
    assert!(ended.stdout.starts_with("ready "), "{}", ended.stdout);
}
