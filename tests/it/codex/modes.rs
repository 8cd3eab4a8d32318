//! What Codex does only where the catalog says so, and crelay's does not.

use serde_json::json;

use super::tools::home_with_a_server;
use super::{exec, home};
use crate::kit::{Codex, Home, Process, Provider, Recorded, Rules, call, calls, reasoning, text};

const SEARCH: (&str, &str) = ("\"supports_search_tool\": false", "\"supports_search_tool\": true");
const SECOND_AGENTS: (&str, &str) = ("\"multi_agent_version\": \"v1\"", "\"multi_agent_version\": \"v2\"");
/// crelay's catalog does not have the key; an upgrade is never named.
const LITE: (&str, &str) = ("\"upgrade\": null", "\"use_responses_lite\": true");
const CODE: (&str, &str) = ("\"upgrade\": null", "\"tool_mode\": \"code_mode_only\"");

pub fn tools_that_are_searched_for_are_found_and_called(codex: Codex) {
    let home = home_with_a_server();
    let codex = codex.with_catalog(&home, SEARCH);
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Echo it.",
        [
            reasoning("Is there a tool?").then_calls([call("tool_search", json!({"query": "echo text"}))]),
            reasoning("There is.").then_calls([call("mcp__demo__echo", json!({"text": "found"}))]),
            text("Echoed."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["Echo it."])).well();
    let requests = provider.requests();
    assert!(!requests[0].tool_names().contains(&"mcp__demo__echo"));
    assert!(
        requests[2].tool_outputs()[1].contains("echo: found"),
        "{:#}",
        requests[2].body
    );
}

/// Before 0.150 a few tools of servers are offered at once, and only Codex's own for agents must be searched for.
pub fn tools_of_codex_that_are_searched_for_are_found_and_called(codex: Codex) {
    let home = home();
    let codex = codex.with_catalog(&home, SEARCH);
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Close it.",
        [
            reasoning("Is there a tool?").then_calls([call("tool_search", json!({"query": "close agent"}))]),
            reasoning("There is.").then_calls([call("close_agent", json!({"target": "nobody"}))]),
            text("There is nobody."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["Close it."])).well();
    let requests = provider.requests();
    assert!(!requests[0].tool_names().contains(&"multi_agent_v1__close_agent"));
    assert!(
        requests[2].tool_outputs()[1].contains("invalid agent id"),
        "{:#}",
        requests[2].body
    );
}

pub fn a_sub_agent_of_the_second_kind_works_and_reports(codex: Codex) {
    let home = home();
    let codex = codex.with_catalog(&home, SECOND_AGENTS);
    let task = json!({"task_name": "counting", "message": "Count the files.", "fork_turns": "none"});
    let provider = Provider::start(Rules::DEEPSEEK)
        .to(
            "Delegate it.",
            [
                reasoning("Someone else.").then_calls([call("spawn_agent", task)]),
                reasoning("Is it done?").then_calls([call("wait_agent", json!({"timeout_ms": 60_000}))]),
                text("It counted."),
            ],
        )
        .to(
            "Count the files.",
            [
                calls([call("exec_command", json!({"cmd": "ls | wc -l"}))]),
                reasoning("None.").then_text("There are zero files."),
            ],
        );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Delegate it."])).well();
    assert_eq!(ended.stdout.trim_end(), "It counted.");
    let last = provider.requests().pop().unwrap();
    assert!(
        last.body["messages"].to_string().contains("There are zero files."),
        "{:#}",
        last.body
    );
}

/// Writes a file, and returns the first request.
fn write(home: &Home, codex: &Codex) -> Recorded {
    let provider = Provider::start(Rules::OPENROUTER).to(
        "Write it.",
        [
            reasoning("A file.").then_calls([call("exec_command", json!({"cmd": "touch made"}))]),
            text("Written."),
        ],
    );
    let arguments = ["-m", provider.rules().model, "Write it."];
    let ended = Process::run(&mut exec(home, codex, &provider, &arguments)).well();
    assert_eq!(ended.stdout.trim_end(), "Written.");
    assert!(home.project().join("made").exists());
    provider.requests().swap_remove(0)
}

pub fn tools_that_responses_lite_puts_into_the_conversation_are_called(codex: Codex) {
    let home = home();
    let request = write(&home, &codex.with_catalog(&home, LITE));
    // By this Responses Lite is told from what was before it.
    assert_eq!(request.body["parallel_tool_calls"], false);
}

pub fn a_codex_that_knows_no_responses_lite_works_as_ever(codex: Codex) {
    let home = home();
    let request = write(&home, &codex.with_catalog(&home, LITE));
    assert_eq!(request.body["parallel_tool_calls"], true);
}

pub fn a_script_of_code_mode_calls_tools(codex: Codex) {
    let home = home();
    run_script(&home, &codex.with_catalog(&home, CODE), &["Write it."]);
}

pub fn a_script_of_code_mode_that_is_a_feature_calls_tools(codex: Codex) {
    run_script(&home(), &codex, &["-c", "features.code_mode_only=true", "Write it."]);
}

fn run_script(home: &Home, codex: &Codex, arguments: &[&str]) {
    let script = "const done = await tools.exec_command({cmd: \"touch made && echo \\\"it is\\\" made\"});\n\
                  text(done.output);";
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Write it.",
        [
            reasoning("A script.").then_calls([call("exec", json!({"input": script}))]),
            text("Written."),
        ],
    );
    let ended = Process::run(&mut exec(home, codex, &provider, arguments)).well();
    assert_eq!(ended.stdout.trim_end(), "Written.");
    assert!(home.project().join("made").exists());
    let requests = provider.requests();
    // Everything else must be called by a script.
    assert!(!requests[0].tool_names().contains(&"exec_command"));
    assert!(
        requests[1].tool_outputs()[0].contains("it is made"),
        "{:#}",
        requests[1].body
    );
}
