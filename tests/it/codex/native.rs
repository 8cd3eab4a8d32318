//! Whole tasks on Responses endpoints of providers' own, which refuse what DeepSeek's and xAI's refuse.

use std::process::Command;

use serde_json::json;

use super::home;
use super::tools::home_with_a_server;
use crate::kit::native::KEY;
use crate::kit::{Codex, Home, NativeProvider, NativeRules, Process, call, reasoning};

/// `crelay exec` with the endpoint as the provider, and `arguments` for `codex exec`.
fn exec(home: &Home, codex: &Codex, provider: &NativeProvider, arguments: &[&str]) -> Command {
    let rules = provider.rules();
    let mut command = home.crelay();
    command
        .args(["exec", "--wire", "responses", "--provider", rules.name])
        .args(["--base-url", provider.base_url(), "--codex"])
        .arg(codex.program())
        .args(["--skip-git-repo-check", "-m", rules.model])
        .args(arguments)
        .env(rules.key_variable, KEY)
        // What Codex fetches in spite of all switches goes nowhere.
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    command
}

/// Shell, patch and MCP, alone and in parallel, with thoughts before each; then the task is taken up again. The mock
/// compares what comes back with what it said.
fn a_whole_task_works(rules: NativeRules) {
    let (home, codex) = (home_with_a_server(), Codex::take());
    let echo = |word: &str| call("exec_command", json!({"cmd": format!("echo {word}")}));
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+\"quoted\" \\ and ünïcode\n*** End Patch\n";
    let provider = NativeProvider::start(
        rules,
        [
            reasoning("Where am I?")
                .then_text("I look.")
                .then_calls([echo("here"), echo("there")]),
            reasoning("Once \"more\".").then_calls([call("apply_patch", json!({"input": patch}))]),
            reasoning("Over there.").then_calls([call("mcp__demo__echo", json!({"text": "through MCP"}))]),
            reasoning("That is all.").then_text("Done."),
            reasoning("Again?").then_calls([echo("again")]),
            reasoning("Nothing new.").then_text("Done again."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Do it."])).well();
    assert_eq!(ended.stdout.trim_end(), "Done.");
    let written = std::fs::read_to_string(home.project().join("new.txt")).unwrap();
    assert_eq!(written, "\"quoted\" \\ and ünïcode\n");
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["resume", "--last", "And again."])).well();
    assert_eq!(ended.stdout.trim_end(), "Done again.");
    let outputs = provider.outputs();
    let ends = ["here", "there", "A new.txt", "echo: through MCP", "again"];
    assert_eq!(outputs.len(), ends.len(), "{outputs:#?}");
    for (end, output) in ends.iter().zip(&outputs) {
        assert!(output.contains(end), "{output}");
    }
}

#[test]
fn a_whole_task_works_on_an_endpoint_that_refuses_what_deepseek_refuses() {
    a_whole_task_works(NativeRules::DEEPSEEK);
}

#[test]
fn a_whole_task_works_on_an_endpoint_that_refuses_what_xai_refuses() {
    a_whole_task_works(NativeRules::XAI);
}

#[test]
fn what_one_endpoint_thought_does_not_reach_another() {
    let (home, codex) = (home(), Codex::take());
    let first = NativeProvider::start(
        NativeRules::XAI,
        [
            reasoning("Sealed.").then_calls([call("exec_command", json!({"cmd": "echo one"}))]),
            reasoning("Sealed, too.").then_text("One."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &first, &["Do it."])).well();
    let second = NativeProvider::start(
        NativeRules::DEEPSEEK,
        [
            reasoning("Mine.").then_calls([call("exec_command", json!({"cmd": "echo two"}))]),
            reasoning("Mine, too.").then_text("Two."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &second, &["resume", "--last", "And now?"])).well();
    assert_eq!(ended.stdout.trim_end(), "Two.");
    let last = second.requests().pop().unwrap();
    assert!(!last.to_string().contains("sealed-"), "{last:#}");
    assert!(last.to_string().contains("Sealed, too."), "{last:#}");
}
