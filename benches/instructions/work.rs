//! The pieces of work, and how their instructions are counted.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::peers;

const CRELAY: &str = env!("CARGO_BIN_EXE_crelay");

/// The bytes of a long conversation.
const LONG: usize = 1 << 20;

/// Of a conversation that has just begun.
const SHORT: usize = 1 << 10;

/// What crelay is counted at.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// A session of a Codex that asks nothing, from its start to its end, when all caches are there.
    Session,
    /// An answer of twenty thousand pieces that follows a short question.
    Answer,
    /// The same after a conversation of a megabyte, less the answer.
    History,
}

pub const ALL: [Work; 3] = [Work::Session, Work::Answer, Work::History];

impl Work {
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Answer => "answer",
            Self::History => "history",
        }
    }

    /// How many instructions it takes.
    pub fn count(self) -> u64 {
        let home = tempfile::tempdir().unwrap();
        let provider = peers::provider();
        match self {
            Self::Session => session(&home, &provider),
            Self::Answer => turn(&home, &provider, SHORT),
            Self::History => turn(&home, &provider, LONG) - turn(&home, &provider, SHORT),
        }
    }
}

/// Of the thread on which everything happens that Codex waits for.
fn session(home: &TempDir, provider: &str) -> u64 {
    fs::create_dir(home.path().join(".codex")).unwrap();
    let config = home.path().join(".config/crelay");
    fs::create_dir_all(&config).unwrap();
    // Codex is not asked for its own.
    fs::write(config.join("config.toml"), "instructions = \"short\"\n").unwrap();
    let this = std::env::current_exe().unwrap();
    let words = ["exec", "--base-url", provider, "-m", "bench", "--codex"];
    let mut counting = callgrind(home.path());
    counting.arg("--separate-threads=yes").arg(CRELAY);
    // Once for the caches.
    for mut command in [Command::new(CRELAY), counting] {
        command.args(words).arg(&this).arg("task");
        let status = within(&mut command, home.path())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{status}");
    }
    counted(home.path(), "counts-01")
}

/// Of a relay that answers once, with a history of so many bytes.
fn turn(home: &TempDir, provider: &str, history: usize) -> u64 {
    let mut command = callgrind(home.path());
    command.args([CRELAY, "serve", "--port", "0", "--base-url", provider, "-m", "bench"]);
    let mut relay = within(&mut command, home.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(relay.stdout.take().unwrap()).lines();
    let url = loop {
        let line = lines.next().expect("it says where it listens").unwrap();
        if let Some((_, url)) = line.split_once(" at ") {
            break url.to_owned();
        }
    };
    peers::ask(&url, &peers::request(history));
    kill(Pid::from_raw(relay.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    let status = relay.wait().unwrap();
    assert!(status.success(), "{status}");
    counted(home.path(), "counts")
}

/// What counts a program, and says nothing else.
fn callgrind(home: &Path) -> Command {
    let mut command = Command::new("valgrind");
    let file = home.join("counts");
    let file = format!("--callgrind-out-file={}", file.display());
    command.args(["--quiet", "--tool=callgrind", &file]);
    command
}

/// In a home of its own.
fn within<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
}

/// The sum at the end of what callgrind wrote.
fn counted(home: &Path, file: &str) -> u64 {
    let text = fs::read_to_string(home.join(file)).unwrap();
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total.expect("a sum").trim().parse().unwrap()
}
