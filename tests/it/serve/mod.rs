//! `crelay serve` as a process: for clients that nobody of crelay's started.

mod clients;
mod copies;
mod crowd;
mod daemon;
mod ending;
mod metrics;
mod printed;
mod programs;
mod quick_starts;
mod secrets;
mod systemd;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::kit::{Home, PATIENCE, Process, Provider};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A relay that serves until it is dropped.
struct Server {
    process: Process,
    /// As clients are told it, without the version at its end.
    url: String,
}

/// What came back, whole.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// `crelay serve` before `provider`, at a free port.
fn serve(home: &Home, provider: &Provider) -> Command {
    let mut command = home.crelay();
    command.args(["serve", "--port", "0", "--base-url", provider.base_url()]);
    if let Some(name) = provider.rules().name {
        command.args(["--provider", name]);
    }
    command.env(provider.rules().key_variable, provider.key());
    command
}

/// `crelay serve` with the demo, at a free port.
fn demo(home: &Home) -> Command {
    let mut command = home.crelay();
    command.args(["serve", "--port", "0", "--provider", "demo"]);
    command
}

impl Server {
    /// Starts `command` and returns when it serves.
    fn start(command: &mut Command) -> Self {
        let process = Process::spawn(command);
        let url = told(&process.wait_for_stdout_matching(|text| told(text).is_some())).unwrap();
        Self { process, url }
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        ask(&self.url, method, path, headers, body)
    }

    /// As [`Server::ask`], with the token.
    fn ask_as_client(&self, method: &str, path: &str, body: &str) -> Answer {
        self.ask(method, path, &format!("authorization: Bearer {TOKEN}\r\n"), body)
    }
}

/// The first address in what a relay says.
fn told(text: &str) -> Option<String> {
    let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    lines.find_map(|line| {
        let (_, url) = line.trim_end().split_once(" at ")?;
        Some(url.strip_suffix("/v1")?.to_owned())
    })
}

fn connect(url: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(url.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn ask(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let mut stream = connect(url).unwrap();
    send(&mut stream, method, path, headers, body);
    read(stream)
}

/// Sends a request. A `host` among `headers` counts instead of the usual one.
fn send(stream: &mut TcpStream, method: &str, path: &str, headers: &str, body: &str) {
    let host = if headers.contains("host: ") {
        ""
    } else {
        "host: localhost\r\n"
    };
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
}

/// Reads to the end. Chunks of a stream stay in their wrapping: nothing that is looked for is cut by it.
fn read(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}
