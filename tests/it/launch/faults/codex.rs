//! A Codex that is none, that breaks, or that does not do what it should.

use nix::sys::signal::Signal;

use super::{Fake, prepare, told};
use crate::kit::Process;

/// What is done to the program `codex` of the home, and what it is then said to be.
fn each_cannot_be_run(cases: &[(&str, &str)]) {
    for (preparation, reason) in cases {
        let fake = Fake::new();
        prepare(&fake, preparation);
        let (code, words) = told(&fake, &mut fake.script("echo started"));
        let expected = format!(
            "error: `HOME/codex` is not a Codex that can be run: {reason}\n\nhint: name another with `--codex`, or add \
             `--install-codex`\n"
        );
        assert_eq!((code, words), (126, expected), "{preparation}");
        assert_eq!(super::left_in_state(&fake), [""; 0]);
    }
}

/// Replaces the program by this script.
macro_rules! script {
    ($lines:literal) => {
        concat!("printf '", $lines, "\\n' >new; chmod 755 new; mv new codex")
    };
}

#[test]
fn what_is_no_program_is_told_by_what_is_wrong_with_it() {
    let another_machine = "cp /bin/true codex; printf '\\267' | dd of=codex bs=1 seek=18 conv=notrunc 2>/dev/null";
    each_cannot_be_run(&[
        ("chmod 644 codex", "it is not executable"),
        ("rm codex; mkdir codex", "it is a folder"),
        (": >codex", "it is no program, or one for another kind of machine"),
        (
            script!("echo codex-cli 0.169.0"),
            "it is no program, or one for another kind of machine",
        ),
        (another_machine, "it is no program, or one for another kind of machine"),
        (
            script!("#!/nowhere/node"),
            "what it is started by, an interpreter or a loader, is missing",
        ),
    ]);
}

#[test]
fn a_program_that_is_being_written_is_told() {
    let fake = Fake::new();
    let program = fake.home.path().join("codex");
    prepare(&fake, "cp /bin/true codex");
    let writing = std::fs::OpenOptions::new().append(true).open(&program).unwrap();
    let (code, words) = told(&fake, &mut fake.script("echo started"));
    drop(writing);
    assert_eq!(code, 126);
    assert!(
        words.contains("is not a Codex that can be run: it is being written at this moment\n"),
        "{words}"
    );
}

#[test]
fn a_program_that_fails_when_asked_for_its_version_is_told_with_what_it_said() {
    each_cannot_be_run(&[
        (
            script!("#!/bin/sh\\nexit 1"),
            "`--version` ended with code 1: it says nothing",
        ),
        (
            script!("#!/bin/sh\\necho no libssl >&2; echo >&2; exit 127"),
            "`--version` ended with code 127: no libssl",
        ),
        (
            script!("#!/bin/sh\\nulimit -c 0; kill -SEGV $$"),
            "`--version` was ended by SIGSEGV: it says nothing",
        ),
        ("cp /bin/false codex", "`--version` ended with code 1: it says nothing"),
        (script!("#!/bin/sh"), "it answers `--version` with nothing"),
        (
            script!("#!/bin/sh\\nprintf \"\\\\033]0;title\\\\007\\\\033[31mhello\""),
            "it answers `--version` with `hello`",
        ),
    ]);
}

#[test]
fn a_program_that_never_stops_talking_is_told_at_once() {
    let fake = Fake::new();
    prepare(&fake, script!("#!/bin/sh\\nexec yes crelay"));
    let (code, words) = told(&fake, &mut fake.script("echo started"));
    assert_eq!(code, 126);
    assert!(words.contains("`--version` was ended by SIGPIPE"), "{words}");
}

#[test]
fn something_that_codex_leaves_running_keeps_nobody() {
    let fake = Fake::new();
    let stays = "[ \"$1\" = --version ] && { : <\"$0.pipe\" & echo codex-cli 0.169.0; exit 0; }";
    prepare(
        &fake,
        &format!("mkfifo codex.pipe; sed '1a {stays}' codex >new; chmod 755 new; mv new codex"),
    );
    let crelay = Process::spawn(&mut fake.script(": <\"$0.pipe\" & exit 5"));
    assert_eq!(crelay.exit_code(), 5);
    fake.home.assert_nothing_is_left();
    // Ends those that stayed, and those that come to it only now: they wait for somebody to open the pipe for writing.
    let _pipe = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(fake.home.path().join("codex.pipe"))
        .unwrap();
    assert_eq!(crelay.wait().stderr, "");
}

#[test]
fn crelay_in_the_place_of_codex_is_not_started_for_ever() {
    let crelay = env!("CARGO_BIN_EXE_crelay");
    let fake = Fake::new();
    prepare(&fake, &format!("ln -sf {crelay} codex"));
    let (code, words) = told(&fake, &mut fake.script("echo started"));
    assert_eq!(code, 126);
    assert!(
        words.contains("is not a Codex that can be run: it is crelay itself\n"),
        "{words}"
    );
    // A command that leads back by a detour.
    let fake = Fake::new();
    prepare(
        &fake,
        &format!("printf '#!/bin/sh\\nexec {crelay} codex \"$@\"\\n' >codex"),
    );
    let path = format!("{}:/usr/bin:/bin", fake.home.path().display());
    let (code, words) = told(&fake, fake.script("echo started").env("PATH", &path));
    assert_eq!(code, 126);
    assert!(
        words.contains("`--version` ended with code 126: error: it leads back to crelay"),
        "{words}"
    );
}

#[test]
fn crelay_on_the_path_under_codexs_name_is_passed_over() {
    let crelay = env!("CARGO_BIN_EXE_crelay");
    let fake = Fake::new();
    prepare(&fake, &format!("mkdir first; ln -s {crelay} first/codex"));
    let mut command = fake.home.crelay();
    command
        .args([
            "codex",
            "--base-url",
            "http://127.0.0.1:1/v1",
            "-m",
            "some-model",
            "exec",
            "exit 7",
        ])
        .env(
            "PATH",
            format!("{0}/first:{0}:/usr/bin:/bin", fake.home.path().display()),
        );
    assert_eq!(Process::run(&mut command).code, 7);
}

#[test]
fn a_codex_that_breaks_at_once_ends_crelay_as_it_ended() {
    for (script, code) in [
        ("exit 1", 1),
        ("ulimit -c 0; kill -SEGV $$", 139),
        ("ulimit -c 0; kill -ABRT $$", 134),
        ("exec </dev/null >/dev/null 2>&1; exit 9", 9),
        ("exec <&- >&- 2>&-; exit 9", 9),
    ] {
        let fake = Fake::new();
        assert_eq!(told(&fake, &mut fake.script(script)), (code, String::new()), "{script}");
        fake.home.assert_nothing_is_left();
    }
}

#[test]
fn what_codex_takes_away_need_not_be_given_back() {
    for gone in [
        "\"$CODEX_HOME\"",
        "\"$XDG_STATE_HOME\"",
        "\"$XDG_RUNTIME_DIR\"",
        "\"$profile\"",
    ] {
        let fake = Fake::in_home(crate::kit::Home::new());
        assert_eq!(
            told(&fake, &mut fake.script(&format!("rm -r {gone}; exit 3"))),
            (3, String::new())
        );
        assert_eq!(super::left_in_state(&fake), [""; 0]);
    }
}

#[test]
fn what_cannot_be_taken_back_is_told_beside_codexs_own_code_and_the_rest_is_taken() {
    let fake = Fake::new();
    let script = "rm \"$profile\"; mkdir -p \"$profile/folder\"; exit 3";
    let expected = "error: cannot remove `HOME/.codex/crelay-ID.config.toml`: is a directory\n\nhint: move away what stands there, or set `CODEX_HOME` to another folder\n";
    assert_eq!(told(&fake, &mut fake.script(script)), (3, expected.to_owned()));
    assert_eq!(super::names(&fake.home.runtime().join("crelay")), [""; 0]);
    assert_eq!(super::left_in_state(&fake).len(), 1);
    prepare(&fake, "rm -r .codex/crelay-*");
    Process::run(&mut fake.script("exit 0")).well();
    assert_eq!(super::left_in_state(&fake), [""; 0]);
}

#[test]
fn a_codex_that_ignores_everything_ends_with_the_second_term() {
    let fake = Fake::new();
    let (crelay, _) = fake.start("trap '' INT HUP QUIT; trap 'echo heard' TERM; stay");
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
        crelay.signal(signal);
    }
    crelay.wait_for_stdout("heard");
    crelay.signal(Signal::SIGTERM);
    assert_eq!(crelay.wait().code, 137);
    fake.home.assert_nothing_is_left();
}
