//! One task, taken up again by a new crelay, on providers that differ in what they take and want back.

use serde_json::json;

use super::exec;
use super::tools::home_with_a_server;
use crate::kit::{Codex, Process, Provider, Rules, call, reasoning};

/// A shell twice at once, a patch, and a server of the user's, with thoughts before each; then the thread goes on. The
/// mock compares what comes back with what it said.
fn a_resumed_task_works(rules: Rules) {
    let (home, codex) = (home_with_a_server(), Codex::take());
    let echo = |word: &str| call("exec_command", json!({"cmd": format!("echo {word}")}));
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+\"quoted\" \\ and ünïcode\n*** End Patch";
    let provider = Provider::start(rules).to(
        "Look around.",
        [
            reasoning("Where am I?")
                .then_text("I look.")
                .then_calls([echo("here"), echo("there")]),
            reasoning("Once \"more\".").then_calls([call("apply_patch", json!({"input": patch}))]),
            reasoning("And over there.").then_calls([call("mcp__demo__echo", json!({"text": "everywhere"}))]),
            reasoning("That is all.").then_text("Seen."),
            reasoning("Again?").then_calls([echo("again")]),
            reasoning("Nothing new.").then_text("Seen again."),
        ],
    );
    let first = ["-m", rules.model, "Look around."];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &first)).well();
    assert_eq!(ended.stdout.trim_end(), "Seen.");
    let written = std::fs::read_to_string(home.project().join("new.txt")).unwrap();
    assert_eq!(written, "\"quoted\" \\ and ünïcode\n");
    let second = ["-m", rules.model, "resume", "--last", "Look again."];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &second)).well();
    assert_eq!(ended.stdout.trim_end(), "Seen again.");
    let last = provider.requests().pop().unwrap();
    let outputs = last.tool_outputs();
    assert_eq!(outputs.len(), 5, "{outputs:?}");
    let ends = ["here", "there", "new.txt", "echo: everywhere", "again"];
    for (end, output) in ends.iter().zip(outputs) {
        assert!(output.trim_end().ends_with(end), "{output}");
    }
}

#[test]
fn a_resumed_task_works_on_deepseek() {
    a_resumed_task_works(Rules::DEEPSEEK);
}

#[test]
fn a_resumed_task_works_where_instructions_must_lead() {
    a_resumed_task_works(Rules::DEEPSEEK_FLASH);
}

#[test]
fn a_resumed_task_works_on_kimi() {
    a_resumed_task_works(Rules::KIMI);
}

#[test]
fn a_resumed_task_works_on_glm() {
    a_resumed_task_works(Rules::GLM);
}

#[test]
fn a_resumed_task_works_on_mistral() {
    a_resumed_task_works(Rules::MISTRAL);
}

#[test]
fn a_resumed_task_works_on_openrouter() {
    a_resumed_task_works(Rules::OPENROUTER);
}

#[test]
fn a_resumed_task_works_on_gemini() {
    a_resumed_task_works(Rules::GEMINI);
}

#[test]
fn a_resumed_task_works_on_an_endpoint_that_nobody_knows() {
    a_resumed_task_works(Rules::GENERIC);
}
