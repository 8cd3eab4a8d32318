//! Whole exchanges over a socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::super::{Provider, Rules, call, calls, reasoning, text};
use super::{DEEPSEEK, with};

/// Sends `body` as a bare client and returns the whole answer.
fn post(provider: &Provider, key: &str, body: &Value) -> String {
    let address = provider
        .base_url()
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let length = body.len();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close";
    write!(
        stream,
        "{head}\r\nauthorization: Bearer {key}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn first() -> Value {
    with("/messages", json!([{"role": "user", "content": "Look."}]))
}

#[test]
fn the_mock_refuses_another_key() {
    let provider = Provider::start(DEEPSEEK).to("Look", []);
    let answer = post(&provider, "sk-other", &first());
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let violations = provider.take_violations();
    assert_eq!(
        violations,
        ["request 1: 401 Authentication Fails, Your api key is invalid"]
    );
}

#[test]
fn the_mock_refuses_what_nobody_was_expected_to_ask() {
    let provider = Provider::start(DEEPSEEK).to("Listen", []).to("Look.", [text("Seen.")]);
    let key = provider.key();
    assert!(post(&provider, key, &first()).contains("Seen."));
    assert!(post(&provider, key, &first()).contains("no turn is left"));
    let other = with("/messages", json!([{"role": "user", "content": "Speak."}]));
    assert!(post(&provider, key, &other).contains("nobody was expected to ask this"));
    assert_eq!(provider.take_violations().len(), 2);
    assert_eq!(provider.requests().len(), 3);
}

#[test]
#[should_panic(expected = "1 turns were never asked for")]
fn a_turn_that_is_never_asked_for_fails_the_test() {
    drop(Provider::start(DEEPSEEK).to("", [text("unheard")]));
}

#[test]
#[should_panic(expected = "the provider refused")]
fn a_refusal_fails_the_test_at_its_end() {
    let provider = Provider::start(DEEPSEEK);
    post(&provider, provider.key(), &json!({}));
}

#[test]
fn a_turn_travels_in_pieces_and_ends_with_its_reason_and_usage() {
    let turn = reasoning("Hm, well.")
        .then_text("Good.")
        .then_calls([call("ook", json!({"at": "it"}))])
        .in_pieces_of(4);
    let provider = Provider::start(DEEPSEEK).to("", [turn]);
    let answer = post(&provider, provider.key(), &first());
    for piece in [
        "\"Hm, \"",
        "\"well\"",
        "\".\"",
        "\"Good\"",
        "\"name\":\"look\"",
        r#"{\"at"#,
    ] {
        assert!(answer.contains(piece), "{piece} is not in {answer}");
    }
    assert!(answer.contains(r#""finish_reason":"tool_calls""#), "{answer}");
    assert!(answer.contains(r#""prompt_tokens":"#), "{answer}");
    assert!(answer.contains("data: [DONE]"), "{answer}");
}

#[test]
fn a_cut_turn_has_neither_reason_nor_end() {
    let provider = Provider::start(DEEPSEEK).to("", [calls([call("look", json!({}))]).cut()]);
    let answer = post(&provider, provider.key(), &first());
    assert!(answer.contains("look"), "{answer}");
    assert!(
        !answer.contains("[DONE]") && !answer.contains(r#""finish_reason":"tool_calls""#),
        "{answer}"
    );
}

#[test]
fn the_mock_refuses_a_conversation_whose_headers_are_missing_or_change() {
    let rules = Rules {
        headers: &["x-conversation"],
        ..DEEPSEEK
    };
    let provider = Provider::start(rules).to("", [text("Seen."), text("Again.")]);
    let key = format!("{}\r\nx-conversation: ", provider.key());
    assert!(post(&provider, provider.key(), &first()).contains("header `x-conversation` is missing"));
    assert!(post(&provider, &format!("{key}one"), &first()).contains("Seen."));
    assert!(post(&provider, &format!("{key}two"), &first()).contains("header `x-conversation` was"));
    assert!(post(&provider, &format!("{key}one"), &first()).contains("Again."));
    assert_eq!(provider.take_violations().len(), 2);
}
