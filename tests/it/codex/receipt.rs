//! What a session has used is told when it is over, and how to go on; a session ends when it has cost what it may.

use std::process::Command;

use serde_json::{Value, json};

use super::{codex, exec, home, tui};
use crate::kit::{Codex, Home, Process, Provider, Rules, Terminal, call, calls, reasoning, refuse, text};

/// The command that `line` types, in the home.
fn typed(home: &Home, line: &str, provider: &Provider) -> Command {
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("crelay"), "{line}");
    let mut command = home.crelay();
    command.args(words).env(provider.rules().key_variable, provider.key());
    command
}

/// `crelay exec` with these options of crelay's own, and a task.
fn exec_with(home: &Home, leave: &Codex, provider: &Provider, options: &[&str], arguments: &[&str]) -> Command {
    let whole = exec(home, leave, provider, arguments);
    let mut words: Vec<_> = whole.get_args().map(ToOwned::to_owned).collect();
    let task = words.iter().position(|word| word == "--skip-git-repo-check").unwrap();
    words.splice(task..task, options.iter().map(Into::into));
    let mut command = home.crelay();
    command.args(words).env(provider.rules().key_variable, provider.key());
    command.env("HTTPS_PROXY", "http://127.0.0.1:9");
    command
}

#[test]
fn at_a_terminal_the_receipt_follows_what_codex_says_and_its_last_line_goes_on() {
    let (home, leave) = (tui::home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Say one.",
        [
            refuse(503, "busy"),
            reasoning("Simple.").then_text("The first answer."),
            text("The second answer."),
        ],
    );
    let terminal = Terminal::spawn(codex(&home, &leave, &provider, &[]));
    terminal.expect("permissions: YOLO mode");
    tui::say(&terminal, "Say one.");
    tui::hear(&terminal, "The first answer.");
    tui::say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    terminal.expect("crelay: go on with");
    // Its lines are longer than the terminal is wide.
    let screen: String = terminal
        .screen()
        .split('\n')
        .map(|line| format!("{line:<120}"))
        .collect();
    let (codexs, receipt) = screen.rsplit_once("crelay: 2 requests, ").unwrap();
    assert!(codexs.contains("codex resume "), "{screen}");
    for part in [" tokens in", "about $0.0", "first token after", ", 1 retry"] {
        assert!(receipt.contains(part), "{part}: {screen}");
    }
    let line = receipt.split('`').nth(1).unwrap().to_owned();
    assert!(
        line.starts_with("crelay codex -P deepseek --base-url http://127.0.0.1:"),
        "{line}"
    );

    let terminal = Terminal::spawn(typed(&home, &line, &provider));
    terminal.expect("The first answer.");
    tui::say(&terminal, "Say two.");
    terminal.expect("The second answer.");
    // Of either turn. Before its end Ctrl-C would end the turn alone.
    terminal.expect_times("Worked for", 2);
    let asked = provider.requests().pop().unwrap().body.to_string();
    assert!(asked.contains("Say one.") && asked.contains("Say two."), "{asked}");
    // Ctrl-C ends Codex as `/quit` does.
    terminal.send("\x03");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    terminal.expect("crelay: 1 request, ");
    terminal.expect(&format!("crelay: go on with `{}", &line[..40]));
    assert!(terminal.is_restored());
}

#[test]
fn nobody_who_watches_no_terminal_or_wants_quiet_is_told_and_a_file_holds_the_same() {
    let (home, leave) = (home(), Codex::take());
    let provider =
        Provider::start(Rules::DEEPSEEK).to("Say", [text("One word."), text("One word."), text("One word.")]);
    let file = home.path().join("receipt.json");
    let options = ["--receipt", file.to_str().unwrap()];
    let ended = Process::run(&mut exec_with(&home, &leave, &provider, &options, &["Say one."])).well();
    assert_eq!(ended.stdout.trim_end(), "One word.");
    assert!(!ended.stderr.contains("crelay:"), "{}", ended.stderr);
    let receipt: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(receipt["provider"], "deepseek");
    assert_eq!(receipt["requests"], 1);
    assert!(receipt["tokens"]["input"].as_u64().unwrap() > 1000, "{receipt}");
    assert!(receipt["cost"]["computed"].as_f64().unwrap() > 0.0, "{receipt}");
    let thread = receipt["thread"].as_str().unwrap();
    assert!(
        receipt["resume"]
            .as_str()
            .unwrap()
            .ends_with(&format!(" resume {thread}")),
        "{receipt}"
    );

    // What is not kept cannot be gone on with.
    let ephemeral = ["--ephemeral", "Say one."];
    Process::run(&mut exec_with(&home, &leave, &provider, &options, &ephemeral)).well();
    let receipt: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((&receipt["requests"], &receipt["resume"]), (&json!(1), &Value::Null));

    let terminal = Terminal::spawn(exec_with(&home, &leave, &provider, &["--quiet"], &["Say one."]));
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("crelay:"), "{}", terminal.screen());

    // All three were written down.
    let told = Process::run(home.crelay().args(["usage", "--by", "model", "--json"]))
        .well()
        .stdout;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["rows"][0]["name"], "deepseek-v4-pro");
    assert_eq!((&told["total"]["requests"], &told["skipped"]), (&json!(3), &json!(0)));
}

#[test]
fn a_session_that_has_cost_what_it_may_ends_with_a_sentence() {
    let (home, leave) = (home(), Codex::take());
    let echo = call("exec_command", json!({"cmd": "echo one"}));
    let provider = Provider::start(Rules::DEEPSEEK).to("Say one.", [calls([echo])]);
    let options = ["--max-cost", "0.001"];
    let ended = Process::run(&mut exec_with(&home, &leave, &provider, &options, &["Say one."]));
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let words = "and `--max-cost` lets it cost $0.0010: start crelay again to go on";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert_eq!(provider.requests().len(), 1);
}
