//! What the model says and does reaches the user's machine, and what came of it reaches the model.

use std::path::Path;

use serde_json::json;

use super::{CONFIG, exec, home};
use crate::kit::{Codex, Home, Process, Provider, Rules, call, calls, reasoning, text};

/// A home in which the user has configured a server with the tool `echo`.
pub fn home_with_a_server() -> Home {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codex/mcp-server.mjs");
    Home::configured(&format!(
        "{CONFIG}[mcp_servers.demo]\ncommand = \"node\"\nargs = [{server:?}]\n"
    ))
}

#[test]
fn an_answer_in_words_reaches_the_user() {
    let (home, codex) = (home(), Codex::take());
    let answer = "Grüße, \"world\" 🌍\nand a second line.";
    let provider = Provider::start(Rules::DEEPSEEK).to("Greet me.", [reasoning("A greeting.").then_text(answer)]);
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Greet me."])).well();
    assert_eq!(ended.stdout.trim_end(), answer);
}

pub fn a_shell_call_creates_a_file(codex: Codex) {
    let home = home();
    let cmd = "printf 'print(\"hi\")\\n' > hello.py && cat hello.py";
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Write it.",
        [
            reasoning("I need a file.").then_calls([call("exec_command", json!({"cmd": cmd}))]),
            reasoning("It is there.").then_text("Written."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Write it."])).well();
    assert_eq!(ended.stdout.trim_end(), "Written.");
    let written = std::fs::read_to_string(home.project().join("hello.py")).unwrap();
    assert_eq!(written, "print(\"hi\")\n");
    let requests = provider.requests();
    assert!(
        requests[1].tool_outputs()[0].contains("print(\"hi\")"),
        "{:#}",
        requests[1].body
    );
}

pub fn a_patch_changes_files(codex: Codex) {
    let home = home();
    std::fs::write(home.project().join("old.txt"), "one\ntwo\nthree\n").unwrap();
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+\"quoted\" \\ and ünïcode\n+\n\
                 *** Update File: old.txt\n@@\n one\n-two\n+2\n three\n*** End Patch\n";
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Patch it.",
        [
            reasoning("A patch.").then_calls([call("apply_patch", json!({"input": patch}))]),
            text("Patched."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["Patch it."])).well();
    let read = |name: &str| std::fs::read_to_string(home.project().join(name)).unwrap();
    assert_eq!(read("new.txt"), "\"quoted\" \\ and ünïcode\n\n");
    assert_eq!(read("old.txt"), "one\n2\nthree\n");
    let requests = provider.requests();
    assert!(
        requests[1].tool_outputs()[0].contains("A new.txt"),
        "{:#}",
        requests[1].body
    );
}

pub fn a_patch_in_a_fence_changes_files(codex: Codex) {
    let home = home();
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch";
    let fenced = format!("```patch\n{patch}\n```");
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Patch it.",
        [
            calls([call("apply_patch", json!({"input": fenced}))]).healed_to(json!({"input": patch})),
            text("Patched."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Patch it."])).well();
    assert_eq!(ended.stdout.trim_end(), "Patched.");
    assert_eq!(
        std::fs::read_to_string(home.project().join("new.txt")).unwrap(),
        "new\n"
    );
}

#[test]
fn parallel_calls_are_all_made_and_answered_in_order() {
    let (home, codex) = (home(), Codex::take());
    let command = |name: &str| {
        call(
            "exec_command",
            json!({"cmd": format!("touch {name} && echo made {name}")}),
        )
    };
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Make three.",
        [
            reasoning("All at once.")
                .then_text("Making three.")
                .then_calls([command("a"), command("b"), command("c")]),
            text("Made."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["Make three."])).well();
    let requests = provider.requests();
    let outputs = requests[1].tool_outputs();
    assert_eq!(outputs.len(), 3);
    for (name, output) in ["a", "b", "c"].iter().zip(outputs) {
        assert!(home.project().join(name).exists());
        assert!(output.contains(&format!("made {name}")), "{output}");
    }
}

#[test]
fn a_call_that_fails_is_told_to_the_model() {
    let (home, codex) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Try it.",
        [
            calls([
                call("exec_command", json!({"cmd": "echo no >&2; exit 3"})),
                call("exec_command", json!({})),
            ]),
            text("It failed."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Try it."])).well();
    assert_eq!(ended.stdout.trim_end(), "It failed.");
    let requests = provider.requests();
    let outputs = requests[1].tool_outputs();
    assert!(outputs[0].contains("exited with code 3"), "{outputs:?}");
    assert!(outputs[1].contains("cmd"), "{outputs:?}");
}

pub fn a_tool_of_an_mcp_server_is_called_by_its_flattened_name(codex: Codex) {
    let home = home_with_a_server();
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Echo it.",
        [
            reasoning("Over there.").then_calls([call("mcp__demo__echo", json!({"text": "through MCP"}))]),
            text("Echoed."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["Echo it."])).well();
    let requests = provider.requests();
    assert!(
        requests[1].tool_outputs()[0].contains("echo: through MCP"),
        "{:#}",
        requests[1].body
    );
}

#[test]
fn a_turn_that_breaks_off_is_asked_for_again_and_nothing_is_done_twice() {
    let (home, codex) = (home(), Codex::take());
    let append = || call("exec_command", json!({"cmd": "echo line >> log.txt"}));
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Append a line.",
        [
            reasoning("I append.").then_calls([append()]).cut(),
            reasoning("I append.").then_calls([append()]),
            text("Appended."),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Append a line."])).well();
    assert_eq!(ended.stdout.trim_end(), "Appended.");
    assert_eq!(
        std::fs::read_to_string(home.project().join("log.txt")).unwrap(),
        "line\n"
    );
}

pub fn an_answer_has_the_form_that_the_user_asks_for(codex: Codex) {
    let home = home();
    let schema = json!({
        "type": "object",
        "properties": {"sum": {"type": "number"}},
        "required": ["sum"],
        "additionalProperties": false,
    });
    std::fs::write(home.project().join("schema.json"), schema.to_string()).unwrap();
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "One and one?",
        [
            calls([call("exec_command", json!({"cmd": "expr 1 + 1"}))]),
            text(r#"{"sum": 2}"#),
        ],
    );
    let arguments = ["--output-schema", "schema.json", "One and one?"];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &arguments)).well();
    assert_eq!(ended.stdout.trim_end(), r#"{"sum": 2}"#);
    let body = &provider.requests()[0].body;
    // DeepSeek knows no schemas, so that the model must be told in words.
    assert!(body["messages"].to_string().contains(r#"\"sum\""#), "{body:#}");
}
