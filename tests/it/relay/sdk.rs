//! The official OpenAI SDKs speak with the relay as they do with OpenAI, in front of the strict mock provider.

use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::process::Command;

use super::running::{TOKEN, relay};
use super::soon;
use crate::kit::{Provider, Rules, Turn, call, calls, packages, reasoning, refuse, text};

/// What both programs do, in their order.
const CASES: &str = "text events stream tool parallel_tools structured conversation kept compact models refusal";

const PERSON: &str = r#"{"name":"Ada","age":36}"#;

#[tokio::test]
async fn the_official_node_sdk_understands_every_answer() {
    if let Err(reason) = packages::npm(&folder()) {
        panic!("{reason}");
    }
    let mut node = Command::new("node");
    node.arg(folder().join("node.mjs"));
    run(Rules::DEEPSEEK, node).await;
}

#[tokio::test]
async fn the_official_python_sdk_understands_every_answer() {
    let interpreter = packages::python(&folder()).unwrap_or_else(|reason| panic!("{reason}"));
    let mut python = Command::new(interpreter);
    python.arg("-B").arg(folder().join("python.py"));
    run(Rules::OPENROUTER, python).await;
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk")
}

/// Runs all cases in a program that knows nothing but an address and a key.
async fn run(rules: Rules, mut program: Command) {
    let provider = provider(rules);
    let relay = relay(provider.base_url())
        .before(&provider)
        .limits(|limits| {
            limits.body = 100_000;
            limits.answers = 20;
        })
        .start()
        .await;
    program
        .env("OPENAI_BASE_URL", format!("http://{}/v1", relay.address))
        .env("OPENAI_API_KEY", TOKEN)
        .env("MODEL", rules.model)
        .env("NO_PROXY", "127.0.0.1")
        .kill_on_drop(true);
    let output = soon("the program's end", program.output())
        .await
        .expect("`node` and `python3` on PATH");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let cases: Vec<&str> = said.split_whitespace().collect();
    assert!(output.status.success(), "after {cases:?}:\n{complaint}");
    assert_eq!(cases.join(" "), CASES);
}

/// Says in every case what the programs expect.
fn provider(rules: Rules) -> Provider {
    let hello = || reasoning("a greeting").then_text("Hello, Ada");
    let weather = |place: &str| call("weather", json!({"place": place}));
    Provider::start(rules)
        .to("text: ", [hello()])
        .to("events: ", [hello()])
        .to("stream: ", [hello()])
        .to(
            "tool: ",
            [
                reasoning("ask").then_calls([weather("Rome")]),
                text("It is sunny in Rome."),
            ],
        )
        .to(
            "parallel: ",
            [calls([weather("Rome"), weather("Oslo")]), text("Go to Rome.")],
        )
        .to("structured: ", [person()])
        .to("structured again: ", [person()])
        .to("conversation: ", [text("One."), text("I heard one and two.")])
        .to("kept: ", [hello()])
        .to("after: ", [text("I go on.")])
        .to("compact: ", [text("One was said.")])
        .to("refusal: ", [refuse(429, "too much"), refuse(429, "too much")])
}

fn person() -> Turn {
    reasoning("a person").then_text(PERSON)
}
