//! OpenAI's Codex SDK drives a shim as it drives Codex.

use std::path::Path;

use serde_json::{Value, json};

use super::shim;
use crate::codex::CONFIG;
use crate::kit::{self, Codex, Home, Process, Provider, Rules, packages, reasoning, refuse, text};

#[test]
fn the_codex_sdk_runs_tasks_through_a_shim() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    packages::npm(&folder).unwrap_or_else(|reason| panic!("{reason}"));
    let (home, codex) = (Home::configured(CONFIG), Codex::take());
    let provider = provider();
    let program = codex.program().display().to_string();
    let shim = shim(
        &home,
        "codex-deepseek",
        &["-P", "deepseek", "--base-url", provider.base_url(), "--codex", &program],
    );
    let mut node = home.command("node");
    node.arg(folder.join("codex.mjs"))
        .env("SHIM", shim)
        .env(provider.rules().key_variable, provider.key())
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    let ended = Process::run(&mut node).well();
    let said: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = json!([
        [
            "thread.started",
            "turn.started",
            "item.completed reasoning",
            "item.started command_execution",
            "item.completed command_execution",
            "item.completed reasoning",
            "item.completed agent_message",
            "turn.completed",
        ],
        {"response": "The same.", "input": true},
        {"name": "Ada"},
    ]);
    assert_eq!(json!(&said[..3]), expected);
    let refusal = said[3].as_str().unwrap();
    assert!(refusal.contains("Insufficient Balance"), "{refusal}");
}

fn provider() -> Provider {
    let look = kit::call("exec_command", json!({"cmd": "echo looked"}));
    Provider::start(Rules::DEEPSEEK)
        .to(
            "events: ",
            [
                reasoning("I look.").then_calls([look]),
                reasoning("I saw.").then_text("All is well."),
                text("The same."),
            ],
        )
        .to("structured: ", [text(r#"{"name":"Ada"}"#)])
        .to("refused: ", [refuse(402, "Insufficient Balance")])
}
