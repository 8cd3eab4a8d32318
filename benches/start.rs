//! How much later Codex starts under crelay than by itself: `cargo bench --bench start`.
//!
//! A stand-in for Codex says when it runs and exits. It is this program itself, so that neither way has an interpreter
//! to start. Both ways take turns, each several times before anything counts: what crelay asks a Codex once for each
//! version is then known. Fails when the limits are not kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What crelay may add until Codex runs.
const LATER: Duration = Duration::from_millis(15);

/// What the program may weigh.
const LARGEST: u64 = 12 * 1024 * 1024;

const ROUNDS: usize = 101;
const WARM_UP: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_codex = arguments
        .iter()
        .any(|argument| argument == "-c" || argument == "--version");
    if is_codex { codex(&arguments) } else { measure() }
}

/// Stands in for Codex.
fn codex(arguments: &[String]) {
    if arguments.iter().any(|argument| argument == "--version") {
        println!("codex-cli 0.169.0");
    } else if arguments.iter().any(|argument| argument.contains("crelay-asks-for")) {
        show_prompt(arguments);
    } else {
        println!("started");
    }
}

/// The one request in which a Codex shows its base prompt.
fn show_prompt(arguments: &[String]) {
    let all = arguments.join(" ");
    let address = all.split("http://").nth(1).unwrap().split('/').next().unwrap();
    let body = format!(r#"{{"instructions":"{}"}}"#, "You are a stand-in. ".repeat(100));
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /v1/responses HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = [0];
    // Being refused or stopped is how it ends.
    let _ = stream.read(&mut answer);
}

struct Times {
    /// From the start to the first word of Codex.
    running: Vec<Duration>,
    /// From the start to the end.
    ended: Vec<Duration>,
}

fn measure() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".codex")).unwrap();
    let this = std::env::current_exe().unwrap();
    let mut alone = Times::new();
    let mut with_crelay = Times::new();
    for round in 0..ROUNDS + WARM_UP {
        let direct = time(Command::new(&this).args(["-c", "x", "exec", "hello"]), home.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
        command
            .args(["exec", "--provider", "deepseek", "--codex"])
            .arg(&this)
            .arg("hello");
        let lent = time(&mut command, home.path());
        if round >= WARM_UP {
            alone.add(direct);
            with_crelay.add(lent);
        }
    }
    println!("median of {ROUNDS}            until Codex runs    until the end");
    println!(
        "codex               {:>16.2?} {:>16.2?}",
        median(&alone.running),
        median(&alone.ended)
    );
    println!(
        "crelay exec         {:>16.2?} {:>16.2?}",
        median(&with_crelay.running),
        median(&with_crelay.ended)
    );
    let later = median(&with_crelay.running).saturating_sub(median(&alone.running));
    println!("crelay adds         {later:>16.2?}   (at most {LATER:?})");
    let size = std::fs::metadata(env!("CARGO_BIN_EXE_crelay")).unwrap().len();
    println!(
        "crelay weighs       {:>12} KiB   (at most {} KiB)",
        size / 1024,
        LARGEST / 1024
    );
    assert!(later <= LATER, "crelay adds too much");
    assert!(size <= LARGEST, "crelay weighs too much");
}

/// Runs `command` in a home of its own.
fn time(command: &mut Command, home: &Path) -> (Duration, Duration) {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("DEEPSEEK_API_KEY", "sk-bench")
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut said = [0; 7];
    child.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
    let running = started.elapsed();
    let status = child.wait().unwrap();
    assert!(status.success() && said == *b"started", "{status}");
    (running, started.elapsed())
}

impl Times {
    fn new() -> Self {
        Self {
            running: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn add(&mut self, (running, ended): (Duration, Duration)) {
        self.running.push(running);
        self.ended.push(ended);
    }
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}
