//! systemd's side: a socket that is passed, and what is told in return.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use super::{TOKEN, ask};
use crate::kit::{Home, PATIENCE, Process};

/// `crelay serve` with `socket` as the one that systemd passes: the third descriptor, named for this process.
fn activated(home: &Home, socket: TcpListener) -> Command {
    let mut command = home.command("sh");
    let script = "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve --provider demo 3<&0 </dev/null";
    command.args(["-c", script, env!("CARGO_BIN_EXE_crelay")]);
    command.stdin(Stdio::from(OwnedFd::from(socket)));
    command
}

/// A socket such as systemd listens to.
fn notified(home: &Home) -> (UnixDatagram, std::path::PathBuf) {
    let path = home.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    (socket, path)
}

fn heard(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 256];
    let length = socket.recv(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[test]
fn a_socket_that_is_passed_is_served_and_readiness_is_told() {
    let home = Home::new();
    let (systemd, path) = notified(&home);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let process = Process::spawn_reading(activated(&home, socket).env("NOTIFY_SOCKET", path));
    assert_eq!(heard(&systemd), "READY=1");
    process.wait_for_stdout(&format!("Demo at {url}/v1"));
    assert_eq!(ask(&url, "GET", "/v1/models", "", "").status, 200);
    process.signal(Signal::SIGTERM);
    assert_eq!(heard(&systemd), "STOPPING=1");
    assert_eq!(process.wait().code, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_without_a_file_is_told_as_well() {
    use std::os::linux::net::SocketAddrExt as _;
    let home = Home::new();
    let name = format!("crelay-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
    let systemd = UnixDatagram::bind_addr(&address).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = super::demo(&home);
    let process = Process::spawn(command.env("NOTIFY_SOCKET", format!("@{name}")));
    assert_eq!(heard(&systemd), "READY=1");
    drop(process);
}

#[test]
fn a_socket_that_other_machines_reach_demands_a_token_as_well() {
    let home = Home::new();
    let open = || TcpListener::bind("0.0.0.0:0").unwrap();
    let ended = Process::spawn_reading(&mut activated(&home, open())).wait();
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("other machines reach `0.0.0.0`"),
        "{}",
        ended.stderr
    );
    let process = Process::spawn_reading(activated(&home, open()).env("CRELAY_TOKEN", TOKEN));
    process.wait_for_stdout("Demo at http://0.0.0.0:");
}

#[test]
fn what_is_passed_and_cannot_be_listened_on_is_told() {
    let home = Home::new();
    let mut command = home.command("sh");
    let script = "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve --provider demo 3</dev/null";
    command.args(["-c", script, env!("CARGO_BIN_EXE_crelay")]);
    let ended = Process::run(&mut command);
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("a socket that was passed is not one of TCP"),
        "{}",
        ended.stderr
    );
}
