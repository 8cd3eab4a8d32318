//! State that is broken, of another time, or cut off by `kill -9`: the next start goes on and takes it away.

use nix::sys::signal::Signal;

use super::{Fake, left_in_state, names, prepare};
use crate::kit::Process;

/// A home in which a session was killed: its record, its folder and its profile are left.
fn killed() -> Fake {
    let fake = Fake::new();
    let (crelay, _) = fake.start("stay");
    crelay.signal(Signal::SIGKILL);
    crelay.wait();
    assert_eq!((left_in_state(&fake).len(), fake.profiles().len()), (1, 1));
    fake
}

/// The next start is as quiet as any, and nothing is left after it.
fn the_next_start_sweeps(fake: &Fake, preparation: &str) {
    prepare(fake, preparation);
    let ended = Process::run(&mut fake.script("echo started")).well();
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.as_str()),
        ("started\n", ""),
        "{preparation}"
    );
    assert_eq!(left_in_state(fake), [""; 0], "{preparation}");
    assert_eq!(fake.profiles(), [""; 0], "{preparation}");
    assert_eq!(names(&fake.home.runtime().join("crelay")), [""; 0], "{preparation}");
}

#[test]
fn a_record_that_nobody_understands_still_names_its_session() {
    for preparation in [
        ": >state/crelay/sessions/*",
        "for record in state/crelay/sessions/*; do truncate -s 40 $record; done",
        "for record in state/crelay/sessions/*; do head -c 300 /dev/urandom >$record; done",
        "for record in state/crelay/sessions/*; do echo '[1, 2]' >$record; done",
        "for record in state/crelay/sessions/*; do echo '{\"provider\": 5, \"folder\": {}}' >$record; done",
        "for record in state/crelay/sessions/*; do truncate -s 64M $record; done",
        // Of a crelay to come.
        "for record in state/crelay/sessions/*; do sed -i 's/{/{\"version\": 7, \"lent\": [{\"a\": null}],/' $record; done",
    ] {
        the_next_start_sweeps(&killed(), preparation);
    }
}

#[test]
fn a_session_that_was_killed_at_any_moment_is_swept() {
    for preparation in [
        "true",
        "rm .codex/crelay-*",
        "rm .codex/crelay-* run/crelay/*/catalog.json",
        "rm .codex/crelay-*; rm -r run/crelay/*",
        "rm -r run/crelay",
        // The machine's clock was wrong then, or is now.
        "touch -d 2060-01-01 codex state/crelay/sessions/* .codex/crelay-* run/crelay/*",
        "touch -d 1971-01-01 codex state/crelay/sessions/* .codex/crelay-* run/crelay/*",
    ] {
        the_next_start_sweeps(&killed(), preparation);
    }
}

#[test]
fn a_kill_before_codex_runs_leaves_nothing_that_stays() {
    // While it is asked for its version.
    let fake = Fake::new();
    prepare(
        &fake,
        "sed '1a [ -f \"$0.kill\" ] && kill -KILL $PPID' codex >new; chmod 755 new; mv new codex; touch codex.kill",
    );
    assert_eq!(Process::run(&mut fake.script("echo started")).code, 137);
    the_next_start_sweeps(&fake, "rm codex.kill");
    // While it is asked for its prompt.
    let fake = Fake::new();
    fake.do_first("kill -KILL $PPID");
    assert_eq!(Process::run(&mut fake.script("echo started")).code, 137);
    the_next_start_sweeps(&fake, "rm codex.first");
}

#[test]
fn what_is_no_record_among_the_records_harms_nobody() {
    let fake = killed();
    prepare(
        &fake,
        "mkdir state/crelay/sessions/folder; ln -s ../../../.codex/config.toml state/crelay/sessions/link",
    );
    Process::run(&mut fake.script("exit 0")).well();
    assert_eq!(fake.profiles(), [""; 0]);
    let mut left = left_in_state(&fake);
    left.sort();
    assert_eq!(left, ["folder", "link"]);
}

#[test]
fn a_record_cannot_have_anything_else_removed() {
    let fake = killed();
    prepare(
        &fake,
        "mkdir -p precious/sub; for record in state/crelay/sessions/*; do
            echo \"{\\\"folder\\\": \\\"$HOME/precious\\\", \\\"codex_home\\\": \\\"$HOME/precious\\\"}\" >$record
        done; rm -r .codex/crelay-* run/crelay",
    );
    the_next_start_sweeps(&fake, "true");
    assert!(fake.home.path().join("precious/sub").is_dir());
}

#[test]
fn answers_that_cannot_be_read_are_set_aside_and_new_ones_kept() {
    for preparation in [
        "printf 'shared = [' >state/crelay/codex.toml",
        "head -c 3000 /dev/urandom >state/crelay/codex.toml",
        "mkdir state/crelay/codex.toml",
        "mkfifo state/crelay/codex.toml",
        "truncate -s 2M state/crelay/codex.toml",
        "printf 'shared = 5\\nprovider = [1]\\nversion = 9\\n' >state/crelay/codex.toml",
        "ln -s nowhere state/crelay/codex.toml",
    ] {
        let fake = Fake::new();
        prepare(&fake, &format!("mkdir -p -m 700 state/crelay; {preparation}"));
        let trust = r#"printf '[projects."/a"]\ntrust_level = "trusted"\n' >>"$profile""#;
        let ended = Process::run(&mut fake.script(trust)).well();
        assert_eq!(ended.stderr, "", "{preparation}");
        let seeded = Process::run(&mut fake.script("cat \"$profile\"")).well().stdout;
        assert!(
            seeded.contains("[projects.\"/a\"]\ntrust_level = \"trusted\"\n"),
            "{preparation}: {seeded}"
        );
    }
}

#[test]
fn a_broken_cache_of_versions_is_made_anew() {
    for preparation in [
        "head -c 3000 /dev/urandom >cache/crelay/versions.json",
        "echo '{\"/usr/bin/codex\": 5}' >cache/crelay/versions.json",
        "mkfifo cache/crelay/versions.json",
        "truncate -s 2M cache/crelay/versions.json",
        "mkdir cache/crelay/versions.json",
    ] {
        let fake = Fake::new();
        prepare(&fake, &format!("mkdir -p cache/crelay; {preparation}"));
        let ended = Process::run(&mut fake.script("echo started")).well();
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.as_str()),
            ("started\n", ""),
            "{preparation}"
        );
    }
}

#[test]
fn a_configuration_that_codex_cannot_read_is_left_to_codex() {
    for config in ["model = [\n", "\u{feff}\u{0}", "web_search = 5\n[projects]\nx = 1\n"] {
        let fake = Fake::in_home(crate::kit::Home::configured(config));
        let ended = Process::run(&mut fake.script("echo started")).well();
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.as_str()),
            ("started\n", ""),
            "{config:?}"
        );
    }
}
