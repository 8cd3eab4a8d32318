//! The relay as a process of its own, and what the system tells of it.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::kit::{Home, PATIENCE, Process};

pub struct Relay {
    process: Process,
    pub address: SocketAddr,
    #[expect(dead_code, reason = "it is checked when it is dropped")]
    home: Home,
}

/// What a relay holds. Zero where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    /// Resident memory in bytes.
    pub memory: usize,
    /// Open files.
    pub files: usize,
    /// Turns that are being answered.
    pub turns: usize,
    /// Connections of clients, without the one that asks.
    pub connections: usize,
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = self.memory as f64 / f64::from(1 << 20);
        let Self {
            files,
            turns,
            connections,
            ..
        } = self;
        write!(
            formatter,
            "{memory:>6.1} MiB, {files:>4} files, {turns:>4} turns, {connections:>4} connections"
        )
    }
}

impl Relay {
    /// In front of a provider at this address.
    pub async fn start(provider: SocketAddr) -> Self {
        let home = Home::new();
        let mut command = home.crelay();
        let upstream = format!("http://{provider}/v1");
        command.args([
            "serve",
            "--port",
            "0",
            "--base-url",
            &upstream,
            "--log-file",
            "/dev/null",
        ]);
        let process = Process::spawn(&mut command);
        let told = |text: &str| {
            Some(
                text.lines()
                    .next()?
                    .split_once(" at http://")?
                    .1
                    .strip_suffix("/v1")?
                    .to_owned(),
            )
        };
        let address = told(&process.wait_for_stdout_matching(|text| told(text).is_some())).unwrap();
        let relay = Self {
            process,
            address: address.parse().unwrap(),
            home,
        };
        // The first request waits for the client toward the provider, which opens files of its own.
        relay.figures().await;
        relay
    }

    pub async fn figures(&self) -> Figures {
        let process = format!("/proc/{}", self.process.id());
        let status = std::fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
        let files = std::fs::read_dir(format!("{process}/fd")).map_or(0, Iterator::count);
        let page = self.get("/metrics").await;
        Figures {
            memory: memory.unwrap_or_default() << 10,
            files,
            turns: number(&page, "crelay_turns_open"),
            connections: number(&page, "crelay_connections_open") - 1,
        }
    }

    /// The figures once neither turn nor connection is left and no more than `files` are open, or as they are after a
    /// while.
    pub async fn at_rest(&self, files: usize) -> Figures {
        let end = Instant::now() + PATIENCE;
        loop {
            let figures = self.figures().await;
            if (figures.turns + figures.connections == 0 && figures.files <= files) || Instant::now() > end {
                return figures;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// The value of a sample on a page of metrics.
fn number(page: &str, name: &str) -> usize {
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}
