//! A disk that is full: told in a sentence, and nothing is left half-written.

use std::process::Command;

use super::{Fake, prepare, sentence, under};
use crate::kit::Process;

/// Runs `command` with a full disk of its own at `folder` of the home. `room` is what a file may still take there.
///
/// `None` where the system does not let this user have a disk.
fn on_full_disk(fake: &Fake, folder: &str, room: &str, command: &Command) -> Option<(i32, String, String)> {
    let mut probe = fake.home.command("unshare");
    if Process::run(probe.args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"])).code != 0 {
        eprintln!("skipped: this user may not mount a file system of its own");
        return None;
    }
    prepare(fake, &format!("mkdir -p -m 700 {folder}"));
    let script = format!(
        "cd \"$HOME\"; mount -t tmpfs -o size=64k,mode=700 none {folder}; chmod 700 {folder}
        head -c 1m /dev/zero >{folder}/filler 2>/dev/null; truncate -s -{room} {folder}/filler
        \"$@\"; code=$?; find {folder} -type f ! -name filler; exit $code"
    );
    let ended = Process::run(&mut under(
        fake,
        &["unshare", "-rm", "sh", "-c", &script, "sh"],
        command,
    ));
    Some((ended.code, sentence(fake, &ended.stderr), ended.stdout))
}

fn told(folder: &str, room: &str, expected: &str) {
    let fake = Fake::new();
    let Some(ended) = on_full_disk(&fake, folder, room, &fake.script("echo started")) else {
        return;
    };
    assert_eq!(ended, (125, expected.to_owned(), String::new()), "{folder} with {room}");
}

#[test]
fn a_full_disk_is_told_and_nothing_is_left_on_it() {
    for room in ["0", "4k"] {
        told(
            "run",
            room,
            "error: cannot write `HOME/run/crelay/ID/catalog.json`\n  caused by: No space left on device (os error \
             28)\n\nhint: make room on that disk, or set `XDG_RUNTIME_DIR` to another folder\n",
        );
    }
    told(
        "state",
        "0",
        "error: cannot write `HOME/state/crelay/sessions/ID`\n  caused by: No space left on device (os error \
         28)\n\nhint: make room on that disk, or set `XDG_STATE_HOME` to another folder\n",
    );
    told(
        ".codex",
        "0",
        "error: cannot write `HOME/.codex/crelay-ID.config.toml`\n  caused by: No space left on device (os error \
         28)\n\nhint: make room on that disk, or set `CODEX_HOME` to another folder\n",
    );
}

#[test]
fn a_disk_that_is_full_when_codex_ends_costs_only_what_codex_wanted_kept() {
    let fake = Fake::new();
    let trust = r#"printf '[projects."/a"]\ntrust_level = "trusted"\n' >>"$profile"; cat /dev/zero >>"$HOME/state/filler" 2>/dev/null; exit 6"#;
    let Some(ended) = on_full_disk(&fake, "state", "16k", &fake.script(trust)) else {
        return;
    };
    assert_eq!(ended, (6, String::new(), "state/crelay/codex.lock\n".into()));
}

#[test]
fn a_full_disk_under_the_log_is_no_reason_to_stop_and_is_told_once_at_the_end() {
    let fake = Fake::new();
    let mut command = fake.codex(
        &["-m", "some-model", "--log-file", "/dev/full"],
        &["exec", "echo started"],
    );
    let ended = Process::run(&mut command).well();
    let told = "error: cannot write `/dev/full`\n  caused by: No space left on device (os error 28)\n\nhint: make room on \
                that disk\n";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("started\n", told));
}

#[test]
fn a_cache_on_a_full_disk_holds_up_nobody() {
    let fake = Fake::new();
    let Some(ended) = on_full_disk(&fake, "cache", "0", &fake.script("exit 6")) else {
        return;
    };
    assert_eq!((ended.0, ended.1.as_str()), (6, ""));
}
