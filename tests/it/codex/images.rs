//! What is shown reaches a model that sees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{exec, home};
use crate::kit::{Codex, Process, Provider, Recorded, Rules, call, calls, text};

/// A red square of eight by eight pixels.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53yE8AAAAASUVORK5CYII=";

/// The images of a request, as bytes.
fn images(request: &Recorded) -> Vec<Vec<u8>> {
    let parts = request
        .messages()
        .filter_map(|message| message["content"].as_array())
        .flatten();
    let addresses = parts.filter_map(|part| part["image_url"]["url"].as_str());
    addresses
        .map(|address| STANDARD.decode(address.split_once("base64,").unwrap().1).unwrap())
        .collect()
}

#[test]
fn an_image_of_the_user_reaches_a_model_that_sees() {
    let (home, codex) = (home(), Codex::take());
    let png = STANDARD.decode(PNG).unwrap();
    std::fs::write(home.project().join("red.png"), &png).unwrap();
    let provider = Provider::start(Rules::DEEPSEEK_FLASH).to("What is it?", [text("A red square.")]);
    let model = provider.rules().model;
    let arguments = ["-m", model, "-i", "red.png", "--", "What is it?"];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &arguments)).well();
    assert_eq!(ended.stdout.trim_end(), "A red square.");
    assert_eq!(images(&provider.requests()[0]), [png]);
}

pub fn an_image_that_a_tool_shows_follows_the_answers_of_all_tools(codex: Codex) {
    let home = home();
    let png = STANDARD.decode(PNG).unwrap();
    let path = home.project().join("red.png");
    std::fs::write(&path, &png).unwrap();
    let look = call("view_image", json!({"path": path}));
    let provider = Provider::start(Rules::DEEPSEEK_FLASH).to(
        "Look at it.",
        [
            calls([look, call("exec_command", json!({"cmd": "echo both"}))]),
            text("A red square."),
        ],
    );
    let arguments = ["-m", provider.rules().model, "Look at it."];
    Process::run(&mut exec(&home, &codex, &provider, &arguments)).well();
    let requests = provider.requests();
    assert_eq!(images(&requests[1]), [png]);
    let roles: Vec<_> = requests[1]
        .messages()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert!(roles.ends_with(&["assistant", "tool", "tool", "user"]), "{roles:?}");
}

#[test]
fn an_image_is_put_in_words_for_a_model_that_does_not_see() {
    let (home, codex) = (home(), Codex::take());
    std::fs::write(home.project().join("red.png"), STANDARD.decode(PNG).unwrap()).unwrap();
    let provider = Provider::start(Rules::DEEPSEEK).to("What is it?", [text("I cannot see it.")]);
    let arguments = ["-i", "red.png", "--", "What is it?"];
    Process::run(&mut exec(&home, &codex, &provider, &arguments)).well();
    let request = &provider.requests()[0];
    assert_eq!(images(request), Vec::<Vec<u8>>::new());
    assert!(
        request.body.to_string().contains("image content omitted"),
        "{:#}",
        request.body
    );
}
