//! In the background: started, told, stopped, and swept after a kill.

use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{ask, connect, demo, told};
use crate::kit::{Home, PATIENCE, Process};

/// Relays in the background of a home. Whatever is left of them ends with the test.
struct Background(Home);

impl Background {
    fn new() -> Self {
        Self(Home::new())
    }

    /// Starts one and gives its address.
    fn start(&self, port: &str) -> String {
        // Returns only when nobody has its output open, so the relay has let go of it.
        let ended = Process::run(&mut self.command(port)).well();
        assert_eq!(ended.stderr, "");
        told(&ended.stdout).unwrap()
    }

    fn command(&self, port: &str) -> Command {
        let mut command = self.0.crelay();
        command.args(["serve", "--provider", "demo", "--daemon", "--port", port]);
        command
    }

    /// What `status` says, and its exit code.
    fn status(&self) -> (String, i32) {
        let ended = Process::run(self.0.crelay().args(["serve", "status"]));
        assert_eq!(ended.stderr, "");
        (ended.stdout, ended.code)
    }

    fn stop(&self, arguments: &[&str]) -> String {
        Process::run(self.0.crelay().args(["serve", "stop"]).args(arguments))
            .well()
            .stdout
    }

    fn processes(&self) -> Vec<Pid> {
        let ids = self.status().0;
        let ids = ids
            .lines()
            .filter_map(|line| line.split_once("process ")?.1.split(',').next()?.parse().ok());
        ids.map(Pid::from_raw).collect()
    }

    /// Files below crelay's folder for them, by their endings.
    fn files(&self, ending: &str) -> usize {
        let folder = self.0.path().join("state/crelay/serve");
        let names = std::fs::read_dir(folder).into_iter().flatten();
        names
            .filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().ends_with(ending))
            .count()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        for process in self.processes() {
            let _ = kill(process, Signal::SIGKILL);
        }
    }
}

#[test]
fn a_relay_in_the_background_is_told_and_stopped() {
    let background = Background::new();
    assert_eq!(
        background.status(),
        ("nothing is served in the background\n".to_owned(), 3)
    );
    let url = background.start("0");
    assert_eq!(ask(&url, "GET", "/health", "", "").status, 200);
    let (said, code) = background.status();
    assert_eq!(code, 0);
    assert!(said.starts_with(&format!("Demo at {url}/v1 (process ")), "{said}");
    assert_eq!(background.stop(&[]), format!("stopped: Demo at {url}/v1\n"));
    assert!(connect(&url).is_err());
    assert_eq!(background.status().1, 3);
    assert_eq!(background.stop(&[]), "nothing is served in the background\n");
    assert_eq!((background.files(".json"), background.files(".log")), (0, 1));
}

#[test]
fn all_whose_models_can_be_chosen_are_told() {
    let background = Background::new();
    let mut command = background.0.crelay();
    command.args(["serve", "--daemon", "--port", "0", "-P", "demo", "--also", "ollama"]);
    Process::run(&mut command).well();
    let (said, _) = background.status();
    assert!(said.starts_with("Demo, Ollama at http://127.0.0.1:"), "{said}");
    background.stop(&[]);
}

#[test]
fn of_several_each_is_stopped_by_its_port() {
    let background = Background::new();
    let (one, other) = (background.start("0"), background.start("0"));
    let ended = Process::run(background.0.crelay().args(["serve", "stop"]));
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("2 relays are in the background"),
        "{}",
        ended.stderr
    );
    let (_, port) = one.rsplit_once(':').unwrap();
    background.stop(&["--port", port]);
    assert!(connect(&one).is_err());
    assert_eq!(ask(&other, "GET", "/health", "", "").status, 200);
    // Nobody is there any more, and that is not to say that nobody is anywhere.
    let gone = format!("nothing is served on port {port}, but Demo at {other}/v1\n");
    assert_eq!(background.stop(&["--port", port]), gone);
    let status = Process::run(background.0.crelay().args(["serve", "status", "--port", port]));
    assert_eq!((status.stdout, status.code), (gone, 3));
    background.stop(&[]);
}

#[test]
fn a_second_start_on_the_same_port_tells_who_is_there() {
    let background = Background::new();
    let url = background.start("0");
    let (_, port) = url.rsplit_once(':').unwrap();
    let process = background.processes()[0];
    let ended = Process::run(&mut background.command(port));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    let hint = format!("process {process} serves Demo there: stop it with `crelay serve stop --port {port}`");
    assert!(ended.stderr.contains(&hint), "{}", ended.stderr);
    assert_eq!(background.processes(), [process]);
}

#[test]
fn what_a_killed_relay_left_stops_nobody() {
    let background = Background::new();
    let url = background.start("0");
    let (_, port) = url.rsplit_once(':').unwrap();
    let process = background.processes()[0];
    kill(process, Signal::SIGKILL).unwrap();
    let began = std::time::Instant::now();
    while connect(&url).is_ok() {
        assert!(began.elapsed() < PATIENCE, "it lives on");
    }
    assert_eq!(background.files(".json"), 1);
    assert_eq!(background.start(port), url);
    assert_ne!(background.processes(), [process]);
    background.stop(&[]);
}

#[test]
fn a_relay_that_cannot_start_says_so_before_it_is_in_the_background() {
    let background = Background::new();
    let mut command = background.0.crelay();
    let ended = Process::run(command.args(["serve", "--provider", "deepseek", "--daemon", "--port", "0"]));
    assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
    assert!(
        ended.stderr.starts_with("error: no API key for `deepseek`"),
        "{}",
        ended.stderr
    );
    assert_eq!(background.status().1, 3);
}

#[test]
fn the_log_of_a_relay_in_the_background_is_where_it_was_wished() {
    let background = Background::new();
    let mut command = background.command("0");
    Process::run(command.args(["--log-file", "mine.log"])).well();
    let log = background.0.project().canonicalize().unwrap().join("mine.log");
    assert!(background.status().0.contains(&format!("log in {}", log.display())));
    background.stop(&[]);
    assert!(std::fs::read_to_string(log).unwrap().contains("serving begins"));
    assert_eq!(background.files(".log"), 0);
    // In the foreground the same.
    let mut command = demo(&background.0);
    command.args(["--log-file", "other.log"]);
    drop(super::Server::start(&mut command));
    assert!(background.0.project().join("other.log").exists());
}
