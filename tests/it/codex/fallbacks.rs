//! A provider has nothing left to answer with, and the real Codex finishes its task on another.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{crelay_at, home, tui};
use crate::kit::{Codex, Home, Process, Provider, Rules, Terminal, Turn, call, reasoning, refuse, text};

/// A home in which Z.AI is at the address of `fallback`, and nobody waits for a second attempt.
fn relieved(home: Home, fallback: &Provider) -> Home {
    let folder = home.path().join("config/crelay");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "[retry]\npause = 0\n[providers.zai]\nbase_url = \"{}\"\nwire = \"chat\"\n",
        fallback.base_url()
    );
    std::fs::write(folder.join("config.toml"), text).unwrap();
    home
}

/// `crelay VERB`, with one mock as DeepSeek and the other as what answers in its place, and `arguments` for Codex.
fn command(home: &Home, codex: &Codex, verb: &str, (main, fallback): (&Provider, &Provider), own: &[&str]) -> Command {
    let mut command = crelay_at(home, codex, verb, main.base_url());
    command
        .args(["--provider", "deepseek", "--fallback", "zai/glm-5.3"])
        .args(own);
    command.env(main.rules().key_variable, main.key());
    command.env("ZAI_API_KEY", fallback.key());
    command
}

/// What is left of a task that has begun: a call, a patch in Codex's own words, and the last word.
fn rest() -> Vec<Turn> {
    let patch = "*** Begin Patch\n*** Add File: patched.txt\n+patched\n*** End Patch";
    vec![
        reasoning("A patch.").then_calls([call("apply_patch", json!({"input": patch}))]),
        text("Done on the other."),
    ]
}

/// The receipt tells who answered, and each model has its own requests.
fn counted(home: &Home, receipt: &Path, attempts: usize) {
    let receipt: Value = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    let substitution = &receipt["fallbacks"][0];
    assert_eq!(
        (
            &substitution["provider"],
            &substitution["model"],
            &substitution["turns"]
        ),
        (&json!("glm"), &json!("glm-5.3"), &json!(2))
    );
    assert_eq!(
        (&receipt["requests"], &receipt["retries"]),
        (&json!(3), &json!(attempts))
    );
    let used = Process::run(home.crelay().args(["usage", "--by", "model", "--json"])).well();
    let used: Value = serde_json::from_str(&used.stdout).unwrap();
    let rows = used["rows"].as_array().unwrap();
    let mut rows: Vec<_> = rows
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), &row["sum"]["requests"]))
        .collect();
    rows.sort_by_key(|(name, _)| name.to_owned());
    assert_eq!(rows, [("deepseek-v4-pro", &json!(1)), ("glm-5.3", &json!(2))]);
}

#[test]
fn a_task_that_one_provider_begins_another_finishes_and_a_sentence_tells_it() {
    for (failure, told) in [
        (
            refuse(402, "Insufficient Balance"),
            "DeepSeek says: Insufficient Balance (402): `glm-5.3` of Z.AI (GLM) answers instead, for 1h 0m",
        ),
        (
            refuse(429, "Rate limit reached").with_header("retry-after", "600"),
            "DeepSeek says: Rate limit reached (429): `glm-5.3` of Z.AI (GLM) answers instead, for 10m",
        ),
        (
            refuse(503, "The server is overloaded"),
            "DeepSeek says: The server is overloaded (503): `glm-5.3` of Z.AI (GLM) answers instead, for 5m",
        ),
    ] {
        // What passes by itself is tried as often as is configured.
        let attempts = if told.contains("(503)") { 3 } else { 1 };
        let begun = reasoning("A look.").then_calls([call("exec_command", json!({"cmd": "echo begun"}))]);
        let main = Provider::start(Rules::DEEPSEEK);
        main.also_to("Work.", std::iter::once(begun).chain(vec![failure; attempts]).collect());
        let fallback = Provider::start(Rules::GLM).after(&main);
        fallback.also_to("Work.", rest());
        let (home, leave) = (relieved(home(), &fallback), Codex::take());
        let receipt = home.path().join("receipt.json");
        let record = home.path().join("record");
        let own = [
            "--receipt",
            receipt.to_str().unwrap(),
            "--record",
            record.to_str().unwrap(),
        ];
        let own = own.into_iter().chain(["--skip-git-repo-check", "Work."]);
        let own: Vec<&str> = own.collect();
        let ended = Process::run(&mut command(&home, &leave, "exec", (&main, &fallback), &own)).well();
        assert_eq!(ended.stdout.trim_end(), "Done on the other.");
        // Once, though two turns went there.
        assert_eq!(ended.stderr.matches(told).count(), 1, "{}", ended.stderr);
        assert_eq!(
            std::fs::read_to_string(home.project().join("patched.txt")).unwrap(),
            "patched\n"
        );
        let asked = fallback.requests();
        assert!(
            asked[0].tool_outputs()[0].contains("begun"),
            "{:?}",
            asked[0].tool_outputs()
        );
        let last = asked[1].body.to_string();
        assert!(!last.contains("answers instead"), "no part of the conversation: {last}");

        counted(&home, &receipt, attempts);
        // Played back, it goes the same way.
        Process::run(home.crelay().arg("replay").arg(&record)).well();
    }
}

#[test]
fn the_tui_tells_it_while_it_waits_and_the_receipt_at_the_end() {
    let main = Provider::start(Rules::DEEPSEEK).to("Say one.", [refuse(402, "Insufficient Balance")]);
    let fallback = Provider::start(Rules::GLM).after(&main);
    let fallback = fallback.to("Say one.", [text("The first answer."), text("The second answer.")]);
    let (home, leave) = (relieved(tui::home(), &fallback), Codex::take());
    let terminal = Terminal::spawn(command(&home, &leave, "codex", (&main, &fallback), &[]));
    terminal.expect("permissions: YOLO mode");
    tui::say(&terminal, "Say one.");
    tui::hear(&terminal, "The first answer.");
    tui::say(&terminal, "Say two.");
    tui::hear(&terminal, "The second answer.");
    // Codex keeps it where thoughts are.
    terminal.send("\x14");
    terminal.expect("DeepSeek says: Insufficient Balance (402): ");
    tui::say(&terminal, "/quit");
    assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    terminal.expect("crelay: DeepSeek says: Insufficient Balance (402): `glm-5.3` of Z.AI (GLM) answered ");
    terminal.expect("--fallback zai/glm-5.3");
}

#[test]
fn when_nobody_can_answer_the_first_is_told_and_why_the_others_cannot() {
    let main = Provider::start(Rules::DEEPSEEK).to("Work.", [refuse(402, "Insufficient Balance")]);
    let fallback = Provider::start(Rules::GLM).to("Work.", [refuse(401, "token expired or incorrect")]);
    let (home, leave) = (relieved(home(), &fallback), Codex::take());
    let own = ["--skip-git-repo-check", "Work."];
    let ended = Process::run(&mut command(&home, &leave, "exec", (&main, &fallback), &own));
    assert_eq!(ended.code, 1);
    let told = "ERROR: DeepSeek says: Insufficient Balance (402). Top up or choose another provider with `--provider`. \
                The fallbacks failed as well: Z.AI (GLM) says: token expired or incorrect (401).";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}
