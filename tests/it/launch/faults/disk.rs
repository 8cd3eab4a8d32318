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
            "error: cannot write `HOME/run/crelay/ID/catalog.json`: no space left on device\n\nhint: make room on that disk, or set `XDG_RUNTIME_DIR` to another folder\n",
        );
    }
    told(
        "state",
        "0",
        "error: cannot write `HOME/state/crelay/sessions/ID`: no space left on device\n\nhint: make room on that disk, or set `XDG_STATE_HOME` to another folder\n",
    );
    told(
        ".codex",
        "0",
        "error: cannot write `HOME/.codex/crelay-ID.config.toml`: no space left on device\n\nhint: make room on that disk, or set `CODEX_HOME` to another folder\n",
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
    let told = "error: cannot write `/dev/full`: no space left on device\n\nhint: make room on \
                that disk\n";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("started\n", told));
}

#[test]
fn a_recording_that_cannot_begin_is_told_and_leaves_its_name_free() {
    let fake = Fake::new();
    let options = ["-m", "some-model", "--record", "state/recording"];
    let mut command = fake.codex(&options, &["exec", "echo started"]);
    command.env("XDG_STATE_HOME", fake.home.path().join("elsewhere"));
    let Some(ended) = on_full_disk(&fake, "state", "0", &command) else {
        return;
    };
    let told = "error: cannot write `state/recording`: no space left on device\n\nhint: make room \
                on that disk\n";
    assert_eq!(ended, (125, told.to_owned(), String::new()));
}

#[test]
fn a_session_that_comes_to_nothing_leaves_no_recording() {
    let fake = Fake::new();
    let home = &fake.home;
    let folder = home.path().join("no-home-of-codex");
    let mut command = fake.codex(&["-m", "some-model", "--record", "recording"], &["exec", "echo never"]);
    let ended = Process::run(command.env("CODEX_HOME", &folder));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""), "{}", ended.stderr);
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut serve = home.crelay();
    let ended = Process::run(serve.args(["serve", "-P", "demo", "--port", &port, "--record", "recording"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""), "{}", ended.stderr);
    assert!(!home.project().join("recording").exists());
    let mut command = fake.codex(&["-m", "some-model", "--record", "recording"], &["exec", "exit 0"]);
    Process::run(&mut command).well();
    assert!(home.project().join("recording").exists());
}

#[test]
fn a_recording_on_a_disk_that_fills_up_is_no_reason_to_stop_and_is_told_once_at_the_end() {
    let fake = Fake::new();
    // Two turns of Codex's. What comes back is nobody's, because nobody listens at the address.
    let turns = r#"address=$(sed -n 's|^base_url = "http://127.0.0.1:\([0-9]*\)/v1"|\1|p' "$profile")
        for turn in 1 2; do
            body="{\"model\":\"some-model\",\"stream\":true,\"input\":\"$(head -c 9000 /dev/zero | tr '\0' x)\"}"
            TURN="POST /v1/responses HTTP/1.1
Host: 127.0.0.1:$address
Authorization: Bearer $CRELAY_TOKEN
Connection: close
Content-Type: application/json
Content-Length: ${#body}

$body" ADDRESS=$address bash -c 'exec 5<>/dev/tcp/127.0.0.1/$ADDRESS; printf %s "$TURN" >&5; head -1 <&5'
        done
        exit 6"#;
    let options = ["-m", "some-model", "--record", "state/recording"];
    let mut command = fake.codex(&options, &["exec", turns]);
    command.env("XDG_STATE_HOME", fake.home.path().join("elsewhere"));
    let Some((code, said, out)) = on_full_disk(&fake, "state", "8k", &command) else {
        return;
    };
    let told = "error: cannot write `state/recording`: no space left on device\n\nhint: make room \
                on that disk\n";
    assert_eq!((code, said.as_str()), (6, told), "{out}");
    assert!(out.ends_with("state/recording\n"), "{out}");
    assert!(out.matches("HTTP/1.1 ").count() == 2, "{out}");
}

#[test]
fn a_cache_on_a_full_disk_holds_up_nobody() {
    let fake = Fake::new();
    let Some(ended) = on_full_disk(&fake, "cache", "0", &fake.script("exit 6")) else {
        return;
    };
    assert_eq!((ended.0, ended.1.as_str()), (6, ""));
}
