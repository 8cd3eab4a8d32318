//! When more come than this process may have files open.

use std::net::TcpStream;
use std::process::Command;

use super::{Server, connect, read, send, serve};
use crate::kit::{Gate, Home, Process, Provider, Rules, text};

#[test]
fn who_comes_when_no_file_is_left_is_served_and_turns_go_on() {
    let home = Home::new();
    let gate = Gate::new();
    let provider = Provider::start(Rules::GENERIC).to("hi", [text("Hello.").held_by(&gate)]);
    let server = Server::start(&mut serve(&home, &provider));
    let mut turn = connect(&server.url).unwrap();
    let body = r#"{"model":"my-model","stream":true,"input":"hi"}"#;
    send(&mut turn, "POST", "/v1/responses", "", body);
    gate.wait_until_reached();
    let process = server.process.id().to_string();
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    let limit = format!("--nofile={}", open + 3);
    assert_eq!(
        Process::run(Command::new("prlimit").args(["--pid", &process, &limit])).code,
        0
    );
    let crowd: Vec<TcpStream> = (0..64).map(|_| connect(&server.url).unwrap()).collect();
    server.process.wait_for_stderr("a connection could not be taken");
    assert_eq!(server.ask("GET", "/health", "", "").status, 200);
    gate.open();
    assert!(read(turn).body.contains("response.completed"));
    drop(crowd);
    assert_eq!(server.ask("GET", "/health", "", "").status, 200);
}
