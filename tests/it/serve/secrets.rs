//! The provider's key reaches the provider and nobody else.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use serde_json::json;

use super::{Server, demo, serve};
use crate::kit::{Home, Provider, Rules, echo, refuse_with, text};

#[test]
fn a_provider_that_repeats_the_key_is_quoted_without_it() {
    let home = Home::new();
    let provider = Provider::start(Rules::GENERIC);
    let key = provider.key().to_owned();
    let mut turns = Vec::new();
    for form in echo::forms(&key) {
        let error = json!({"error": {"message": format!("no: {form}!"), "code": form, "param": form, "type": form}});
        turns.extend([
            refuse_with(401, &error.to_string()),
            refuse_with(400, &format!("no: {form}")),
            refuse_with(404, &format!("<html><title>no: {form}</title></html>")),
            text("Hello").broken_by(&error.to_string()),
        ]);
    }
    let asked = turns.len();
    provider.also_to("hi", turns);
    let log = home.path().join("log");
    let mut command = serve(&home, &provider);
    let command = command
        .arg("--log-file")
        .arg(&log)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    let server = Server::start(command);
    let mut quoted = 0;
    for turn in 0..asked {
        let stream = turn % 8 < 4;
        let body = json!({"model": "my-model", "input": "hi", "stream": stream}).to_string();
        let originator = if turn % 16 < 8 {
            "originator: codex_exec\r\n"
        } else {
            ""
        };
        let answer = server.ask("POST", "/v1/responses", originator, &body);
        echo::assert_hidden(&key, &answer.head);
        echo::assert_hidden(&key, &answer.body);
        quoted += usize::from(answer.body.contains("no: "));
    }
    assert_eq!(quoted, asked);
    let line = std::fs::read(format!("/proc/{}/cmdline", server.process.id())).unwrap_or_default();
    echo::assert_hidden(&key, &String::from_utf8_lossy(&line));
    for path in ["/metrics", "/health", "/v1/models"] {
        echo::assert_hidden(&key, &server.ask("GET", path, "", "").body);
    }
    server.process.signal(Signal::SIGTERM);
    let ended = server.process.wait();
    echo::assert_hidden(&key, &ended.stdout);
    echo::assert_hidden(&key, &ended.stderr);
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(logged.lines().count() > asked, "{logged}");
    echo::assert_hidden(&key, &logged);
    assert!(home.files_with(&[&key]).is_empty());
}

/// Runs what follows it with as large a core as there is.
const WITH_CORES: &str = "ulimit -c unlimited; exec \"$0\" \"$@\"";

#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_core_that_holds_the_key() {
    let home = Home::new();
    let mut crash = home.command("sh");
    let crashed = crash
        .args(["-c", WITH_CORES, "sh", "-c", "kill -ABRT $$"])
        .status()
        .unwrap();
    if !crashed.core_dumped() {
        // This machine keeps no cores of anybody.
        return;
    }
    let demo = demo(&home);
    let mut command: Command = home.command("sh");
    command
        .args(["-c", WITH_CORES])
        .arg(demo.get_program())
        .args(demo.get_args());
    let mut crelay = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(crelay.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    signal::kill(Pid::from_raw(crelay.id().try_into().unwrap()), Signal::SIGABRT).unwrap();
    let ended = crelay.wait().unwrap();
    assert_eq!((ended.signal(), ended.core_dumped()), (Some(6), false), "{line}");
}
