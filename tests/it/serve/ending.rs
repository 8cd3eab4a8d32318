//! A signal lets turns end, for a bounded time.

use nix::sys::signal::Signal;

use super::{Server, connect, read, send, serve};
use crate::kit::{Gate, Home, Provider, Rules, text};

const STREAMED: &str = r#"{"model":"my-model","input":"hi","stream":true}"#;

/// What the relay says when it has heard the signal.
const HEARD: &str = "serving ends when the turns have";

fn held(gate: &Gate) -> Provider {
    Provider::start(Rules::GENERIC).to("hi", [text("To the end.").held_by(gate)])
}

#[test]
fn a_signal_lets_open_turns_end() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let (home, gate) = (Home::new(), Gate::new());
        let provider = held(&gate);
        let server = Server::start(&mut serve(&home, &provider));
        let mut client = connect(&server.url).unwrap();
        send(&mut client, "POST", "/v1/responses", "", STREAMED);
        gate.wait_until_reached();
        server.process.signal(signal);
        server.process.wait_for_stderr(HEARD);
        gate.open();
        let answer = read(client);
        assert!(answer.body.contains("event: response.completed"), "{}", answer.body);
        assert_eq!(server.process.wait().code, 0);
        assert!(connect(&server.url).is_err());
    }
}

#[test]
fn turns_that_do_not_end_in_time_are_cut_off() {
    let (home, gate) = (Home::new(), Gate::new());
    let provider = held(&gate);
    let server = Server::start(serve(&home, &provider).args(["--drain", "0"]));
    let mut client = connect(&server.url).unwrap();
    send(&mut client, "POST", "/v1/responses", "", STREAMED);
    gate.wait_until_reached();
    server.process.signal(Signal::SIGTERM);
    assert_eq!(server.process.wait().code, 0);
    assert!(!read(client).body.contains("response.completed"));
    gate.open();
    provider.wait_until_hung_up(1);
}

#[test]
fn a_second_signal_ends_everything_at_once() {
    let (home, gate) = (Home::new(), Gate::new());
    let provider = held(&gate);
    let server = Server::start(serve(&home, &provider).args(["--drain", "3600"]));
    let mut client = connect(&server.url).unwrap();
    send(&mut client, "POST", "/v1/responses", "", STREAMED);
    gate.wait_until_reached();
    server.process.signal(Signal::SIGTERM);
    server.process.wait_for_stderr(HEARD);
    server.process.signal(Signal::SIGTERM);
    assert_eq!(server.process.wait().code, 143);
    gate.open();
    provider.wait_until_hung_up(1);
}
