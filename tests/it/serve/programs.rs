//! What programs that start a relay rely on.

use serde_json::{Value, json};

use super::{Server, TOKEN, ask, demo};
use crate::kit::{Home, Process};

#[test]
fn a_line_of_json_tells_programs_where_the_relay_is() {
    for token in [None, Some(TOKEN)] {
        let home = Home::new();
        let mut command = demo(&home);
        command
            .args(["--json", "--also", "deepseek"])
            .env("DEEPSEEK_API_KEY", "sk-of-nobody");
        command.envs(token.map(|token| ("CRELAY_TOKEN", token)));
        let process = Process::spawn(&mut command);
        let said = process.wait_for_stdout_matching(|text| text.ends_with('\n'));
        let told: Value = serde_json::from_str(&said).unwrap();
        let url = told["base_url"].as_str().unwrap();
        let (address, port) = url.strip_suffix("/v1").unwrap().rsplit_once(':').unwrap();
        assert_eq!(address, "http://127.0.0.1");
        let expected = json!({
            "base_url": url,
            "port": port.parse::<u16>().unwrap(),
            "pid": process.id(),
            "providers": ["demo", "deepseek"],
            "needs_token": token.is_some(),
        });
        assert_eq!(told, expected);
        let answer = ask(url.strip_suffix("/v1").unwrap(), "GET", "/v1/models", "", "");
        assert_eq!(answer.status, if token.is_some() { 401 } else { 200 });
    }
}

#[test]
fn a_relay_ends_with_whoever_reads_what_it_says() {
    let home = Home::new();
    let serve = demo(&home);
    let mut shell = home.command("sh");
    // A shell ends when both sides of the pipe have.
    shell.args(["-c", "\"$@\" --json --while-read | head -n 1", "sh"]);
    shell.arg(serve.get_program()).args(serve.get_args());
    let ended = Process::run(&mut shell).well();
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(told["providers"], json!(["demo"]));
}

#[test]
fn a_relay_that_somebody_reads_goes_on() {
    let home = Home::new();
    let server = Server::start(demo(&home).arg("--while-read"));
    assert_eq!(server.ask("GET", "/health", "", "").status, 200);
}
