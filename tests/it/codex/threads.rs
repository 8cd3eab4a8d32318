//! Sessions that are taken up again, that run side by side, and that Codex starts by itself.

use std::process::Command;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::{codex, exec, home};
use crate::kit::{
    Codex, Gate, Home, Process, Provider, Recorded, Rules, Turn, call, calls, given, reasoning, refuse, text,
};

pub fn a_session_is_resumed_with_all_its_thoughts_by_a_new_crelay(codex: Codex) {
    let home = home();
    let echo = |word: &str| call("exec_command", json!({"cmd": format!("echo {word}")}));
    // Whoever loses a thought or alters it is refused as by DeepSeek: the mock compares each with what it said.
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "First.",
        [
            reasoning("Thinking: \"quotes\", ünïcode, 思考.\n\nA second paragraph.").then_calls([echo("one")]),
            reasoning("One more.")
                .then_text("Wait.")
                .then_calls([echo("two"), echo("three")]),
            reasoning("Now I know.").then_text("First answer."),
            reasoning("Again.").then_calls([echo("four")]),
            text("Second answer."),
        ],
    );
    Process::run(&mut exec(&home, &codex, &provider, &["First."])).well();
    home.assert_nothing_is_left();
    let resumed = Process::run(&mut exec(&home, &codex, &provider, &["resume", "--last", "Second."])).well();
    assert_eq!(resumed.stdout.trim_end(), "Second answer.");
    let requests = provider.requests();
    assert_eq!(requests[4].tool_outputs().len(), 4);
    assert!(
        requests[4].body.to_string().contains("First."),
        "the session was not resumed"
    );
}

#[test]
fn two_sessions_run_at_once_and_each_hears_its_own_answer() {
    let (home, codex) = (home(), Codex::take());
    let (left, right) = (Gate::new(), Gate::new());
    let provider = Provider::start(Rules::DEEPSEEK)
        .to("Left?", [text("Left.").held_by(&left)])
        .to("Right?", [text("Right.").held_by(&right)]);
    let first = Process::spawn(&mut exec(&home, &codex, &provider, &["Left?"]));
    let second = Process::spawn(&mut exec(&home, &codex, &provider, &["Right?"]));
    left.wait_until_reached();
    right.wait_until_reached();
    right.open();
    assert_eq!(second.wait().well().stdout.trim_end(), "Right.");
    left.open();
    assert_eq!(first.wait().well().stdout.trim_end(), "Left.");
}

/// A repository with one commit and one change that is not committed.
fn repository(home: &Home) {
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"];
        let mut command: Command = home.command("git");
        Process::run(command.args(identity).args(arguments)).well();
    };
    git(&["init", "--quiet"]);
    std::fs::write(home.project().join("sum.py"), "print(1 + 1)\n").unwrap();
    git(&["add", "sum.py"]);
    git(&["commit", "--quiet", "--message", "Add sum"]);
    std::fs::write(home.project().join("sum.py"), "print(1 - 1)\n").unwrap();
}

pub fn a_review_reads_the_change_and_reports(real: Codex) {
    let home = home();
    repository(&home);
    let findings = json!({
        "findings": [{
            "title": "[P1] Subtraction instead of addition",
            "body": "The sum is now a difference.",
            "confidence_score": 0.9,
            "priority": 1,
            "code_location": {
                "absolute_file_path": home.project().join("sum.py"),
                "line_range": {"start": 1, "end": 1},
            },
        }],
        "overall_correctness": "patch is incorrect",
        "overall_explanation": "It no longer adds.",
        "overall_confidence_score": 0.9,
    });
    let provider = Provider::start(Rules::DEEPSEEK).serving(Rules::DEEPSEEK_FLASH).to(
        "Review the current code changes",
        [
            reasoning("Let me see.").then_calls([call("exec_command", json!({"cmd": "git diff"}))]),
            text(&findings.to_string()),
        ],
    );
    configure(&home, "review_model = \"flash\"");
    let arguments = ["review", "--uncommitted"];
    let ended = Process::run(&mut codex(&home, &real, &provider, &arguments)).well();
    assert!(ended.stdout.contains("Subtraction instead of addition"), "{ended:?}");
    let requests = provider.requests();
    assert!(requests.iter().all(|request| request.body["model"] == "deepseek-flash"));
    assert!(
        requests[1].tool_outputs()[0].contains("+print(1 - 1)"),
        "{:#}",
        requests[1].body
    );
}

/// Writes crelay's configuration.
pub(super) fn configure(home: &Home, text: &str) {
    let folder = home.path().join("config/crelay");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

/// Waits for the agent that the last answer of a tool names.
fn wait_for_agent(request: &Recorded) -> Turn {
    let outputs = request.tool_outputs();
    let spawned: Value = serde_json::from_str(outputs.last().unwrap()).unwrap();
    let arguments = json!({"targets": [spawned["agent_id"]], "timeout_ms": 60_000});
    reasoning("Is it done?").then_calls([call("wait_agent", arguments)])
}

pub fn a_sub_agent_works_on_the_same_provider_and_reports(codex: Codex) {
    assert_eq!(delegated(&codex, ""), "deepseek-v4-pro");
}

pub fn a_sub_agent_works_on_the_model_that_is_named_for_it(codex: Codex) {
    assert_eq!(delegated(&codex, "subagent_model = \"flash\""), "deepseek-flash");
}

/// Before 0.150 Codex has no word for it.
pub fn a_codex_that_cannot_name_a_model_for_sub_agents_works_all_the_same(codex: Codex) {
    assert_eq!(delegated(&codex, "subagent_model = \"flash\""), "deepseek-v4-pro");
}

/// Lets a sub-agent work under this configuration, and tells on which model it did.
fn delegated(codex: &Codex, config: &str) -> String {
    let home = home();
    configure(&home, config);
    let provider = Provider::start(Rules::DEEPSEEK)
        .serving(Rules::DEEPSEEK_FLASH)
        .to(
            "Delegate it.",
            [
                reasoning("Someone else.").then_calls([call("spawn_agent", json!({"message": "Count the files."}))]),
                given(wait_for_agent),
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
    let ended = Process::run(&mut exec(&home, codex, &provider, &["Delegate it."])).well();
    assert_eq!(ended.stdout.trim_end(), "It counted.");
    let last = provider.requests().pop().unwrap();
    assert!(
        last.tool_outputs()[1].contains("There are zero files."),
        "{:#}",
        last.body
    );
    let requests = provider.requests();
    let heard = |request: &&Recorded| request.body.to_string().contains("Count the files.");
    let own = |request: &&Recorded| !request.body.to_string().contains("Delegate it.");
    let agents = requests.iter().filter(heard).find(own).unwrap();
    agents.body["model"].as_str().unwrap().to_owned()
}

#[test]
fn a_refusal_that_stays_one_is_told_once_in_the_providers_words() {
    let (home, codex) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to("Work.", [refuse(402, "Insufficient Balance")]);
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Work."]));
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("Insufficient Balance"), "{}", ended.stderr);
    // By itself Codex would ask six times.
    assert_eq!(provider.requests().len(), 1);
}

pub fn a_small_window_is_compacted_and_the_turn_goes_on(codex: Codex) {
    let home = home();
    let provider = Provider::start(Rules::DEEPSEEK)
        .to("CONTEXT CHECKPOINT COMPACTION", [text("A summary of one word.")])
        .to(
            "A summary of one word.",
            [text("I know the summary."), text("And I still do.")],
        )
        .to(
            "Look around.",
            [reasoning("Where am I?").then_calls([call("exec_command", json!({"cmd": "echo here"}))])],
        );
    let window = ["-c", "model_context_window=8000"];
    let first = [window[0], window[1], "Look around."];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &first)).well();
    assert_eq!(ended.stdout.trim_end(), "I know the summary.");
    let ended = Process::run(&mut exec(
        &home,
        &codex,
        &provider,
        &["resume", "--last", "Do you still?"],
    ))
    .well();
    assert_eq!(ended.stdout.trim_end(), "And I still do.");
}

pub fn an_interrupted_turn_is_continued_by_the_next_session(codex: Codex) {
    let (home, gate) = (home(), Gate::new());
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Take your time.",
        [
            reasoning("First a look.").then_calls([call("exec_command", json!({"cmd": "echo here"}))]),
            reasoning("This will take long.").then_text("Slowly.").held_by(&gate),
            text("Here I am again."),
        ],
    );
    let process = Process::spawn(&mut exec(&home, &codex, &provider, &["Take your time."]));
    gate.wait_until_reached();
    process.signal(Signal::SIGINT);
    assert_eq!(process.wait().code, 1);
    provider.wait_until_hung_up(1);
    let ended = Process::run(&mut exec(
        &home,
        &codex,
        &provider,
        &["resume", "--last", "Are you there?"],
    ))
    .well();
    assert_eq!(ended.stdout.trim_end(), "Here I am again.");
}

pub fn an_answer_that_is_cut_by_its_length_goes_on_twice(codex: Codex) {
    let home = home();
    let touch = call("exec_command", json!({"cmd": "touch made-by-a-call-that-was-cut"}));
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Count.",
        [
            reasoning("From one.")
                .then_text("One.")
                .then_calls([touch])
                .cut_by_length(),
            reasoning("On.").then_text("Two.").cut_by_length(),
            text("Three.").cut_by_length(),
        ],
    );
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Count."])).well();
    assert_eq!(ended.stdout.trim_end(), "Three.");
    assert!(!home.project().join("made-by-a-call-that-was-cut").exists());
}
