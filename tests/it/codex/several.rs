//! Several providers in one session.

use std::process::Command;

use serde_json::{Value, json};

use super::threads::configure;
use super::tui::{self, hear, say};
use super::{crelay, home};
use crate::kit::{Codex, Home, Process, Provider, Rules, Terminal, call, reasoning, text};

/// `crelay` with DeepSeek as the main provider, and Kimi's key beside it.
fn both(home: &Home, codex: &Codex, subcommand: &str, deepseek: &Provider, kimi: &Provider) -> Command {
    configure(home, &format!("[providers.kimi]\nbase_url = \"{}\"\n", kimi.base_url()));
    let mut command = crelay(home, codex, subcommand, deepseek);
    command.env(kimi.rules().key_variable, kimi.key());
    command
}

#[test]
fn a_thread_goes_on_with_another_provider_and_back() {
    let (home, codex) = (home(), Codex::take());
    let echo = |word: &str| {
        call(
            "exec_command",
            json!({"cmd": format!("echo {word}; env | grep -c _API_KEY")}),
        )
    };
    let deepseek = Provider::start(Rules::DEEPSEEK).among_others(0).to(
        "First.",
        [
            reasoning("To begin with.").then_calls([echo("one")]),
            reasoning("Now I know.").then_text("First answer."),
            reasoning("What did the other say?").then_text("Third answer."),
        ],
    );
    let kimi = Provider::start(Rules::KIMI).among_others(100).to(
        "Second.",
        [
            reasoning("And I?").then_text("I look, too.").then_calls([echo("two")]),
            reasoning("So that is it.").then_text("Second answer."),
        ],
    );
    let exec = |options: &[&str], arguments: &[&str]| {
        let mut command = both(&home, &codex, "exec", &deepseek, &kimi);
        command.args(options).arg("--skip-git-repo-check").args(arguments);
        Process::run(&mut command).well()
    };
    exec(&["--also", "kimi"], &["First."]);
    let model = format!("kimi/{}", Rules::KIMI.model);
    let receipt = home.path().join("receipt.json");
    let options = ["--also", "auto", "-m", &model, "--receipt", receipt.to_str().unwrap()];
    let ended = exec(&options, &["resume", "--last", "Second."]);
    assert_eq!(ended.stdout.trim_end(), "Second answer.");
    assert!(!ended.stderr.contains("metadata"), "{}", ended.stderr);
    let told: Value = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(told["parts"][0]["provider"], "kimi");
    assert_eq!(told["parts"].as_array().map(Vec::len), Some(1));
    let ended = exec(
        &["--also", "kimi", "-m", Rules::DEEPSEEK.model],
        &["resume", "--last", "Third."],
    );
    assert_eq!(ended.stdout.trim_end(), "Third answer.");
    let requests = kimi.requests();
    assert_eq!((requests.len(), requests[0].tool_outputs().len()), (2, 1));
    // What a command of the model's sees of keys: nothing.
    for output in deepseek.requests().last().unwrap().tool_outputs() {
        assert!(output.trim_end().ends_with('0'), "{output}");
    }
    home.assert_nothing_is_left();
}

#[test]
fn a_model_of_another_provider_is_chosen_in_the_picker_and_remembered_while_it_is_there() {
    let (home, codex) = (tui::home(), Codex::take());
    let deepseek = Provider::start(Rules::DEEPSEEK).to("Say one.", [text("One word.")]);
    let kimi = Provider::start(Rules::KIMI)
        .among_others(100)
        .to("Say two.", [reasoning("Simple.").then_text("Two words.")]);
    let crelay = |options: &[&str]| {
        let mut command = both(&home, &codex, "codex", &deepseek, &kimi);
        command.args(options);
        command
    };
    let terminal = Terminal::spawn(crelay(&["--also", "kimi"]));
    terminal.expect("permissions: YOLO mode");
    say(&terminal, "Say one.");
    hear(&terminal, "One word.");
    terminal.send("/model\r");
    terminal.expect("Select Model and Effort");
    let model = format!("kimi/{}", Rules::KIMI.model);
    terminal.expect(&model);
    let screen = terminal.screen();
    let line = screen.lines().find(|line| line.contains(&model)).unwrap();
    let number = line
        .split('.')
        .next()
        .unwrap()
        .trim_matches(|c: char| !c.is_ascii_digit());
    terminal.send(number);
    terminal.expect("(default)");
    terminal.send("\r");
    terminal.expect(&format!("Model changed to {model}"));
    say(&terminal, "Say two.");
    terminal.expect("Two words.");
    say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    terminal.expect(&format!("crelay: kimi/{}: 1 request", Rules::KIMI.model));
    let rehearsed = |options: &[&str]| Process::run(&mut crelay(options)).well().stdout;
    let there = rehearsed(&["--also", "kimi", "--dry-run"]);
    assert!(there.contains(&format!("model = \"{model}\"")), "{there}");
    let away = rehearsed(&["--dry-run"]);
    assert!(away.contains("model = \"deepseek-v4-pro\""), "{away}");
}
