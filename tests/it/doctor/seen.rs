//! What people see of it.

use std::process::Command;

use nix::sys::signal::Signal;

use super::{COUNT, Diagnosis, Patient};
use crate::kit::{Gate, Home, Process, Terminal, refuse, text};
use crate::launch::Fake;

fn demo(fake: &Fake) -> Command {
    let mut command = fake.home.crelay();
    command
        .args(["doctor", "-P", "demo"])
        .env("CRELAY_CODEX", fake.program());
    command
}

#[test]
fn the_demo_is_well_without_network_and_key() {
    let fake = Fake::in_home(Home::new());
    let diagnosis = Diagnosis::of(demo(&fake).arg("--json"));
    assert_eq!(diagnosis.code, 0, "{:#}", diagnosis.document);
    diagnosis.all_are(
        "passed",
        &[
            "streaming",
            "tool_call",
            "tool_result",
            "parallel_calls",
            "image",
            "json_schema",
            "key",
        ],
    );
    assert!(diagnosis.document["first_token_seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_responses_endpoint_is_asked_as_a_session_would_ask_it() {
    let fake = Fake::in_home(Home::new());
    let mut command = fake.home.crelay();
    let server = Process::spawn(command.args(["serve", "-P", "demo", "--port", "0"]));
    let address = server.wait_for_line("Demo at ");
    let base_url = address.split_whitespace().next().unwrap();
    let mut command = fake.home.crelay();
    command.args([
        "doctor",
        "--json",
        "--wire",
        "responses",
        "-m",
        "demo",
        "--base-url",
        base_url,
    ]);
    let diagnosis = Diagnosis::of(command.env("CRELAY_CODEX", fake.program()));
    assert_eq!(diagnosis.code, 0, "{:#}", diagnosis.document);
    assert_eq!(diagnosis.document["provider"]["wire"], "responses");
    diagnosis.all_are(
        "passed",
        &["model", "streaming", "tool_call", "tool_result", "parallel_calls"],
    );
    let tool_result = "it was read, and the reasoning before it was taken back";
    diagnosis.says("tool_result", "passed", tool_result, None);
    server.signal(Signal::SIGTERM);
    server.wait().well();
}

#[test]
fn in_a_pipe_the_words_are_plain() {
    let patient = Patient::new();
    patient.to(COUNT, [refuse(402, "Insufficient Balance")]);
    let ended = Process::run(&mut patient.doctor(&[]));
    assert_eq!((ended.code, ended.stderr.as_str()), (1, ""));
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let home = patient.fake.home.path().display();
    let key = patient.provider.key();
    let url = patient.provider.base_url();
    let model = patient.provider.rules().model;
    let expected = [
        format!("✓ Codex           0.169.0 ({home}/codex)"),
        format!("✓ configuration   {home}/config/crelay/config.toml"),
        "✓ leftovers       none".to_owned(),
        "✓ folders         a session can write where it has to".to_owned(),
        format!("✓ provider        DeepSeek at {url}, model `{model}`"),
        "✓ proxy           none".to_owned(),
        format!("✓ key             from `DEEPSEEK_API_KEY`, …{}", &key[key.len() - 4..]),
        "✓ key accepted    the provider knows it".to_owned(),
        "✓ balance         110.00 CNY left".to_owned(),
        format!("✓ model           `{model}` is listed"),
        "✗ streaming       DeepSeek says: Insufficient Balance (402). Top up or choose another provider with `--provider`"
            .to_owned(),
        "- not checked     the simplest turn failed".to_owned(),
        "                  tool call, tool result, parallel calls, image, JSON schema".to_owned(),
        String::new(),
        "  wire            chat".to_owned(),
    ];
    assert_eq!(lines[..expected.len()], expected);
    let last = "a session would not work; this took 1 small request, 0 tokens in, 0 out, $0";
    assert_eq!(lines.last(), Some(&last));
}

#[test]
fn at_a_terminal_progress_is_shown_in_colour() {
    let patient = Patient::new();
    let gate = Gate::new();
    patient.to(COUNT, [text("1 2 3 4 5 6 7 8 9").held_by(&gate)]);
    patient.to(super::NOTE, [refuse(402, "Insufficient Balance")]);
    patient.after_tools();
    let terminal = Terminal::spawn(patient.doctor(&[]));
    terminal.expect("  streaming       …");
    assert!(terminal.is_coloured("✓ Codex"));
    gate.open();
    terminal.expect("✓ streaming       first word after");
    terminal.expect("✗ tool call       DeepSeek says");
    terminal.expect("a session would not work; this took 5 small requests");
    assert_eq!(terminal.exit_code(), 1);
    assert!(!terminal.screen().contains("  …"), "{}", terminal.screen());
    assert!(terminal.is_restored());
}

#[test]
fn who_wants_no_colour_gets_plain_words_at_a_terminal_too() {
    let fake = Fake::in_home(Home::new());
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut command = demo(&fake);
        command.env(name, value);
        let terminal = Terminal::spawn(command);
        terminal.expect("a session would work");
        assert_eq!(terminal.exit_code(), 0);
        assert!(!terminal.is_coloured("✓ Codex"), "{name}");
    }
}

#[test]
fn an_interrupt_ends_it_at_once() {
    let patient = Patient::new();
    let gate = Gate::new();
    patient.to(COUNT, [text("1 2 3").held_by(&gate)]);
    let terminal = Terminal::spawn(patient.doctor(&[]));
    terminal.expect("  streaming       …");
    gate.wait_until_reached();
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 130);
    patient.provider.wait_until_hung_up(1);
}
