//! The live tests themselves, held with the strict mock: they ask what it takes, understand what it says, and keep
//! everything but the key.

#[path = "../live/conversation.rs"]
mod conversation;
#[path = "../live/recorder.rs"]
mod recorder;

use std::collections::BTreeMap;
use std::path::Path;

use crelay::session::{Environment, Model};
use crelay::translate::{Target, request};
use serde_json::{Value, json};

use crate::kit::{Provider, Rules, call, reasoning, text};
use crate::relay::Upstream;
use conversation::{FIRST_SUM, STREAMED, WHOLE, hold, session};

const STEPS: [&str; 7] = [
    "models",
    "streamed-text",
    "whole-text",
    "a-call-1",
    "an-answer-1",
    "a-call-2",
    "an-answer-2",
];

fn environment(variable: &str, key: &str) -> Environment {
    Environment::from([(variable.into(), key.into())])
}

/// All files below `folder` by the names of their folder and their own.
fn files(folder: &Path) -> BTreeMap<(String, String), String> {
    let mut files = BTreeMap::new();
    for case in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(&case).unwrap().map(|entry| entry.unwrap().path()) {
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            files.insert((name(&case), name(&file)), std::fs::read_to_string(file).unwrap());
        }
    }
    files
}

/// Holds the conversation with the mock, and what was kept of it against what the mock was asked.
async fn holds(rules: Rules) {
    let provider = provider(rules);
    let name = rules.name.unwrap();
    let environment = environment(rules.key_variable, provider.key());
    let mut session = session(name, Some(provider.base_url()), &environment).unwrap();
    let model = session.models().find(|model| model.id == rules.model).unwrap().clone();
    session.model = model.clone();
    let id = session.main.endpoint.provider.clone();
    let folder = tempfile::tempdir().unwrap();
    let told = hold(session, folder.path()).await;
    assert!(told.iter().all(Result::is_ok), "{name}: {told:#?}");
    let files = files(folder.path());
    let file = |step: &str, file: &str| files[&(format!("{id}.live-{step}"), file.to_owned())].as_str();
    assert!(file("models", "upstream.200.txt").contains(rules.model));
    let bodies = provider.requests().into_iter().map(|request| request.body);
    let mut asked = bodies.filter(Value::is_object);
    for step in &STEPS[1..] {
        let sent: Value = serde_json::from_str(file(step, "upstream.json")).unwrap();
        assert_eq!(Some(&sent), asked.next().as_ref(), "{name} {step}");
        assert_eq!(sent, again(&model, file(step, "codex.json")), "{name} {step}");
        assert!(
            file(step, "upstream.sse").ends_with("data: [DONE]\n\n"),
            "{name} {step}"
        );
    }
    assert_eq!(asked.next(), None);
    let told_key = files.values().any(|text| text.contains(provider.key()));
    assert!(!told_key, "the key of {name} was kept");
}

pub fn provider(rules: Rules) -> Provider {
    let add = |a: i64, b: i64| call("add", json!({"a": a, "b": b}));
    let sums = [
        reasoning("A sum.").then_calls([add(2, 3)]),
        reasoning("It is five.").then_text("The result is 5."),
        reasoning("Another.").then_calls([add(4, 5)]),
        text("The result is 9."),
    ];
    Provider::start(rules)
        .to(FIRST_SUM, sums)
        .to(STREAMED, [reasoning("One word.").then_text("crelay")])
        .to(WHOLE, [text("relay")])
}

/// What goes out for a kept request: as a case of `tests/turns` it holds.
fn again(model: &Model, asked: &str) -> Value {
    let target = Target {
        dialect: &model.dialect,
        model: &model.id,
        vision: model.vision,
        max_output: model.max_output,
        window: None,
    };
    let asked = serde_json::from_str(asked).unwrap();
    let outbound = request(target, &asked);
    serde_json::to_value(outbound.body).unwrap()
}

/// Six providers that differ most.
#[tokio::test]
async fn the_conversation_is_held_and_kept_with_every_kind_of_provider() {
    for (name, model) in [
        ("deepseek", "deepseek-v4-pro"),
        ("moonshot", "kimi-k3.1-pro"),
        ("zai", "glm-5.3"),
        ("mistral", "mistral-large-4"),
        ("openrouter", "z-ai/glm-5.3"),
        ("gemini", "gemini-4-argon"),
    ] {
        holds(Rules::of(|id| id == name, model).unwrap()).await;
    }
}

#[tokio::test]
async fn a_key_that_the_provider_repeats_is_neither_kept_nor_told() {
    const KEY: &str = "sk-live-0123456789";
    let upstream = Upstream::bind();
    let session = session(
        "deepseek",
        Some(&upstream.base_url),
        &environment("DEEPSEEK_API_KEY", KEY),
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refusing = async {
        loop {
            let request = upstream.request().await;
            assert!(request.head.contains(KEY));
            let said = json!({"error": {"message": format!("the key {KEY} is wrong"), "code": "invalid_api_key"}});
            request.answer("400 Bad Request", "", &said.to_string()).await;
        }
    };
    let told = tokio::select! {
        told = hold(session, folder.path()) => told,
        () = refusing => unreachable!("it refuses for ever"),
    };
    assert!(told.iter().all(Result::is_err), "{told:?}");
    assert!(!format!("{told:?}").contains(KEY), "{told:?}");
    let files = files(folder.path());
    assert!(
        files.values().any(|text| text.contains("the key [key] is wrong")),
        "{files:#?}"
    );
    assert!(!files.values().any(|text| text.contains(KEY)), "{files:#?}");
}
