//! How much later Codex starts under crelay than by itself, and how much later it ends: `cargo bench --bench start`.
//!
//! A stand-in for Codex says when it runs, and when it ends. It is this program itself, so that neither way has an
//! interpreter to start. Both ways take turns, each several times before anything counts: what crelay asks a Codex once
//! for each version is then known. Nobody else is asked (`CRELAY_OFFLINE`), and the certificates are read that a
//! provider will need.
//!
//! Then the real Codex, as npm installs it for the tests: npm's command is a Node.js program that starts the native
//! one, which crelay starts itself. Fails when the limits are not kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// What crelay may add until Codex runs.
const LATER: Duration = Duration::from_millis(8);

/// What it may add after Codex has ended.
const TEARDOWN: Duration = Duration::from_millis(5);

/// What the program may weigh, in bytes.
const LARGEST: u64 = 8_000_000;

const ROUNDS: usize = 101;
const ROUNDS_OF_NPM: usize = 21;
const WARM_UP: usize = 5;

/// How long the stand-in runs: until crelay has read its certificates, as it has long before a real Codex ends.
const RUNS: Duration = Duration::from_millis(50);

const CRELAY: &str = env!("CARGO_BIN_EXE_crelay");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_codex = arguments
        .iter()
        .any(|argument| argument == "-c" || argument == "--version");
    if is_codex {
        return codex(&arguments);
    }
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".codex")).unwrap();
    measure_stand_in(home.path());
    measure_npm(home.path());
    let size = std::fs::metadata(CRELAY).unwrap().len();
    println!("\ncrelay weighs {size} bytes (at most {LARGEST})");
    assert!(size <= LARGEST, "crelay weighs too much");
}

/// Stands in for Codex.
fn codex(arguments: &[String]) {
    if arguments.iter().any(|argument| argument == "--version") {
        println!("codex-cli 0.169.0");
    } else if arguments.iter().any(|argument| argument.contains("crelay-asks-for")) {
        show_prompt(arguments);
    } else {
        println!("started");
        std::thread::sleep(RUNS);
        println!("ends");
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

/// What was measured, round by round.
#[derive(Default)]
struct Times {
    /// From the start to the first word of Codex.
    start: Vec<Duration>,
    /// From the last word of Codex to the end.
    end: Vec<Duration>,
}

fn measure_stand_in(home: &Path) {
    let this = std::env::current_exe().unwrap();
    let (mut alone, mut lent) = (Times::default(), Times::default());
    for round in 0..ROUNDS + WARM_UP {
        let direct = time(Command::new(&this).args(["-c", "x", "exec", "hello"]), home);
        let mut command = Command::new(CRELAY);
        command.args(["exec", "--provider", "deepseek", "--codex"]);
        let under = time(command.arg(&this).arg("hello"), home);
        if round >= WARM_UP {
            alone.add(direct);
            lent.add(under);
        }
    }
    println!("medians of {ROUNDS}        until Codex runs  after it has ended");
    for (name, times) in [("codex", &alone), ("crelay exec", &lent)] {
        println!(
            "{name:<20} {:>20.2?} {:>19.2?}",
            median(&times.start),
            median(&times.end)
        );
    }
    let later = median(&lent.start).saturating_sub(median(&alone.start));
    let teardown = median(&lent.end).saturating_sub(median(&alone.end));
    println!("crelay adds          {later:>20.2?} {teardown:>19.2?}");
    println!("at most              {LATER:>20.2?} {TEARDOWN:>19.2?}");
    assert!(later <= LATER, "crelay adds too much before Codex runs");
    assert!(teardown <= TEARDOWN, "crelay adds too much after Codex has ended");
}

/// Runs `command`, and says how long it took until Codex ran, and to end after Codex.
fn time(command: &mut Command, home: &Path) -> (Duration, Duration) {
    let started = Instant::now();
    let mut child = within(command, home).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("started"));
    let start = started.elapsed();
    assert_eq!(lines.next().as_deref(), Some("ends"));
    let ended = Instant::now();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    (start, ended.elapsed())
}

/// `command` in a home of its own.
fn within<'a>(command: &'a mut Command, home: &Path) -> &'a mut Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("CRELAY_OFFLINE", "1")
        .env("DEEPSEEK_API_KEY", "sk-bench")
        .current_dir(home)
        .stdin(Stdio::null())
}

/// npm's Codex: how long `--version` takes, and how long it takes until `exec` asks its provider.
fn measure_npm(home: &Path) {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codex/node_modules");
    let npms: PathBuf = modules.join("@openai/codex/bin/codex.js");
    if !npms.is_file() {
        println!("\nnpm's Codex is not measured: `cargo test` installs it");
        return;
    }
    let provider = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", provider.local_addr().unwrap());
    let config = format!(
        "model = \"bench\"\nmodel_provider = \"bench\"\nmodel_providers.bench = {{ name = \"bench\", \
         base_url = \"{url}\", wire_api = \"responses\" }}\n"
    );
    std::fs::write(home.join(".codex/config.toml"), config).unwrap();
    let exec = ["exec", "--skip-git-repo-check", "hello"];
    let [mut version, mut lent_version, mut asked, mut lent_asked] = [const { Vec::new() }; 4];
    for round in 0..ROUNDS_OF_NPM + WARM_UP {
        let mut under = Command::new(CRELAY);
        under.args(["codex", "--codex"]).arg(&npms).arg("--version");
        let mut under_exec = Command::new(CRELAY);
        under_exec
            .args(["exec", "--base-url", &url, "-m", "bench", "--codex"])
            .arg(&npms);
        let times = [
            whole(Command::new(&npms).arg("--version"), home),
            whole(&mut under, home),
            until_asked(Command::new(&npms).args(exec), home, &provider),
            until_asked(under_exec.args(&exec[1..]), home, &provider),
        ];
        if round >= WARM_UP {
            let all = [&mut version, &mut lent_version, &mut asked, &mut lent_asked];
            all.into_iter().zip(times).for_each(|(all, time)| all.push(time));
        }
    }
    println!("\nmedians of {ROUNDS_OF_NPM}, npm's Codex         --version  exec, until it asks");
    println!(
        "codex                {:>20.2?} {:>20.2?}",
        median(&version),
        median(&asked)
    );
    println!(
        "crelay codex         {:>20.2?} {:>20.2?}",
        median(&lent_version),
        median(&lent_asked)
    );
    assert!(
        median(&lent_version) < median(&version),
        "crelay makes `--version` slower"
    );
    assert!(median(&lent_asked) < median(&asked), "crelay makes `exec` slower");
}

fn whole(command: &mut Command, home: &Path) -> Duration {
    let started = Instant::now();
    let command = within(command, home).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().unwrap();
    assert!(status.success(), "{status}");
    started.elapsed()
}

/// From the start of `command` to the first request with a question at `provider`, which leaves it at that.
fn until_asked(command: &mut Command, home: &Path, provider: &TcpListener) -> Duration {
    let started = Instant::now();
    let command = within(command, home).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let took = loop {
        let (stream, _) = provider.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        if first.starts_with("POST ") {
            break started.elapsed();
        }
        // Codex and crelay both ask which models there are; there is no list.
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        (&stream)
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
    };
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    child.wait().unwrap();
    // Who asked again meanwhile must not be taken for the next.
    provider.set_nonblocking(true).unwrap();
    while provider.accept().is_ok() {}
    provider.set_nonblocking(false).unwrap();
    took
}

impl Times {
    fn add(&mut self, (start, end): (Duration, Duration)) {
        self.start.push(start);
        self.end.push(end);
    }
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() / 2]
}
