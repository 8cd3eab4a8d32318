//! The processes of a round, each of which is measured from outside.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;
use tokio::net::{TcpListener, TcpSocket};

use crate::client::Times;
use crate::plan::Round;

/// What clients show to crelay.
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Listens at a free port and tells it on standard output.
pub async fn listen() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1024).unwrap();
    println!("listening at http://{}/v1", listener.local_addr().unwrap());
    listener
}

/// Who stands between client and provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Bytes are copied.
    Floor,
    /// crelay.
    Crelay,
    /// codex-relay, where it is installed.
    CodexRelay,
}

impl Between {
    /// Those that are on this machine.
    pub fn here() -> Vec<Self> {
        let mut here = vec![Self::Floor, Self::Crelay];
        if which::which("codex-relay").is_ok() {
            here.push(Self::CodexRelay);
        }
        here
    }

    /// What it is called in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Crelay => "crelay",
            Self::CodexRelay => "codex-relay",
        }
    }
}

/// A process that serves until it is dropped.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// The provider.
    pub fn provider() -> Self {
        Self::start(this().arg("provider"))
    }

    /// Who stands before `provider`.
    pub fn between(between: Between, provider: &Self, home: &Path) -> Self {
        let mut command = match between {
            Between::Floor => {
                let mut command = this();
                command.args(["floor", provider.address()]);
                command
            }
            Between::Crelay => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
                command
                    .args(["serve", "--port", "0", "--base-url", &provider.url, "-m", "bench"])
                    .env("CRELAY_TOKEN", TOKEN);
                command
            }
            Between::CodexRelay => return Self::codex_relay(provider, home),
        };
        Self::start(command.env("HOME", home))
    }

    /// It does not tell its port, so one that was free a moment ago is given to it.
    fn codex_relay(provider: &Self, home: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let child = Command::new("codex-relay")
            .args(["--port", &port.to_string(), "--upstream", &provider.url])
            .env("CODEX_RELAY_API_KEY", "sk-bench")
            .env("HOME", home)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}/v1");
        let server = Self { child, url };
        while std::net::TcpStream::connect(server.address()).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // What crelay logs of each turn is written, and not shown.
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            if let Some((_, url)) = line.split_once(" at ") {
                break url.to_owned();
            }
        };
        Self { child, url }
    }

    fn address(&self) -> &str {
        let address = self.url.strip_prefix("http://").unwrap();
        address.split('/').next().unwrap()
    }

    /// Runs a client against it, in a process of its own; `None` if that did not hear what it should.
    pub fn run(&self, round: Round) -> Option<Times> {
        let output = this()
            .args(["client", &self.url, TOKEN])
            .args(round.arguments())
            .output()
            .unwrap();
        let is_heard = output.status.success();
        if !is_heard {
            // Of a thousand streams, each may have said the same.
            let told = String::from_utf8_lossy(&output.stderr);
            eprintln!("{}", told.lines().take(3).collect::<Vec<_>>().join("\n"));
        }
        is_heard.then(|| serde_json::from_slice(&output.stdout).unwrap())
    }

    /// The processor's time that it has taken so far.
    pub fn processor(&self) -> Duration {
        let clock: ClockId = clock_getcpuclockid(self.pid()).unwrap();
        let time = clock.now().unwrap();
        Duration::from_nanos(time.num_nanoseconds().try_into().unwrap())
    }

    /// The most memory that it ever had, in KiB; Linux alone tells.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        number.map_or(0, |number| number.parse().unwrap())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn this() -> Command {
    Command::new(std::env::current_exe().unwrap())
}
