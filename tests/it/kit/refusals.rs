//! The mock provider refuses what it must: tests that rely on it would prove nothing otherwise.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::check::{Checked, request};
use super::history::History;
use super::turn::{Said, details};
use super::{Provider, Rules, call, calls, reasoning, text};

/// A request of a conversation that has called a tool, right for DeepSeek.
fn good() -> Value {
    json!({
        "model": "deepseek-v4-pro",
        "messages": [
            {"role": "system", "content": "Be good."},
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": "", "reasoning_content": "I look.", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":\"it\"}"}},
                {"id": "call_2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": "seen"},
            {"role": "tool", "tool_call_id": "call_2", "content": ""},
            {"role": "user", "content": [{"type": "text", "text": "And?"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {
            "type": "object",
            "properties": {"at": {"type": "string", "pattern": "^i"}},
            "additionalProperties": false,
        }}}],
        "stream": true,
        "stream_options": {"include_usage": true},
        "thinking": {"type": "enabled"},
        "reasoning_effort": "high",
    })
}

/// `good()` with the value at `pointer` replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = good();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

/// `good()` with one more field.
fn adding(pointer: &str, name: &str, value: Value) -> Value {
    let mut body = good();
    body.pointer_mut(pointer).unwrap()[name] = value;
    body
}

fn without_message(index: usize) -> Value {
    let mut body = good();
    body["messages"].as_array_mut().unwrap().remove(index);
    body
}

#[track_caller]
fn refused(rules: &Rules, body: &Value, words: &str) {
    is_refused(request(rules, body), words);
}

#[track_caller]
fn is_refused(checked: Checked, words: &str) {
    let message = checked.expect_err("it was accepted").message;
    assert!(message.contains(words), "{message}");
}

const DEEPSEEK: Rules = Rules::DEEPSEEK;

#[test]
fn the_mock_takes_a_right_request() {
    assert_eq!(request(&DEEPSEEK, &good()), Ok(()));
}

#[test]
fn the_mock_refuses_fields_that_the_provider_does_not_know() {
    refused(
        &DEEPSEEK,
        &adding("", "store", json!(false)),
        "body: unknown field `store`",
    );
    refused(
        &DEEPSEEK,
        &adding("/messages/1", "id", json!("m")),
        "messages[1]: unknown field `id`",
    );
    refused(
        &DEEPSEEK,
        &adding("/messages/2/tool_calls/0", "index", json!(0)),
        "unknown field `index`",
    );
    refused(&Rules::GENERIC, &good(), "unknown field `thinking`");
    refused(&Rules::MISTRAL, &good(), "extra_forbidden: body.stream_options");
}

#[test]
fn the_mock_refuses_a_request_that_does_not_stream() {
    refused(&DEEPSEEK, &with("/stream", json!(false)), "only streams");
    let mut body = good();
    body.as_object_mut().unwrap().remove("stream");
    refused(&DEEPSEEK, &body, "only streams");
}

#[test]
fn the_mock_refuses_another_model() {
    refused(&DEEPSEEK, &with("/model", json!("gpt-6")), "Model Not Exist");
}

#[test]
fn the_mock_refuses_values_that_the_provider_does_not_know() {
    refused(
        &DEEPSEEK,
        &with("/reasoning_effort", json!("xhigh")),
        "'reasoning_effort'",
    );
    refused(&DEEPSEEK, &adding("", "tool_choice", json!("auto")), "'tool_choice'");
    let named = json!({"type": "function", "function": {"name": "look"}});
    refused(&DEEPSEEK, &adding("", "tool_choice", named), "'tool_choice'");
    refused(
        &DEEPSEEK,
        &adding("", "response_format", json!({"type": "json_schema"})),
        "'response_format'",
    );
    refused(
        &DEEPSEEK,
        &adding("", "response_format", json!({"type": "json_object"})),
        "the word 'json'",
    );
}

#[test]
fn the_mock_refuses_the_role_developer() {
    refused(
        &DEEPSEEK,
        &with("/messages/0/role", json!("developer")),
        "unknown variant `developer`",
    );
}

#[test]
fn the_mock_refuses_instructions_that_do_not_lead() {
    let mut body = with("/messages/1/role", json!("system"));
    assert_eq!(request(&DEEPSEEK, &body), Ok(()));
    body["model"] = json!("deepseek-flash");
    refused(&Rules::DEEPSEEK_FLASH, &body, "must be at the beginning");
}

#[test]
fn the_mock_refuses_empty_messages() {
    refused(
        &DEEPSEEK,
        &with("/messages/1/content", json!("")),
        "position 1 must not be empty",
    );
    refused(
        &DEEPSEEK,
        &with("/messages/5/content", json!([])),
        "position 5 must not be empty",
    );
    refused(
        &DEEPSEEK,
        &with("/messages/0/content", Value::Null),
        "expected a string",
    );
    let mut body = without_message(2);
    body["messages"][2] = json!({"role": "assistant", "content": ""});
    refused(&DEEPSEEK, &body, "either content or tool_calls");
    refused(&DEEPSEEK, &with("/messages/2/tool_calls", json!([])), "too short");
    refused(&DEEPSEEK, &with("/messages", json!([])), "too short");
    refused(&DEEPSEEK, &with("/tools", json!([])), "too short");
}

#[test]
fn the_mock_refuses_an_assistant_whose_content_is_a_list() {
    let parts = json!([{"type": "text", "text": "I look."}]);
    refused(&DEEPSEEK, &with("/messages/2/content", parts), "invalid type: sequence");
}

#[test]
fn the_mock_refuses_calls_that_are_not_answered_exactly_once() {
    let insufficient = "insufficient tool messages following tool_calls message";
    refused(&DEEPSEEK, &without_message(3), insufficient);
    let mut interrupted = good();
    let between = json!({"role": "user", "content": "Wait."});
    interrupted["messages"].as_array_mut().unwrap().insert(4, between);
    refused(&DEEPSEEK, &interrupted, insufficient);
    let mut unanswered = good();
    unanswered["messages"].as_array_mut().unwrap().truncate(4);
    refused(&DEEPSEEK, &unanswered, insufficient);
    refused(
        &DEEPSEEK,
        &with("/messages/4/tool_call_id", json!("call_1")),
        "must be a response",
    );
}

#[test]
fn the_mock_refuses_an_answer_without_a_call() {
    refused(
        &DEEPSEEK,
        &without_message(2),
        "must be a response to a preceding message",
    );
}

#[test]
fn the_mock_refuses_two_calls_of_one_id() {
    refused(
        &DEEPSEEK,
        &with("/messages/2/tool_calls/1/id", json!("call_1")),
        "Duplicate tool call id",
    );
}

#[test]
fn the_mock_refuses_ids_that_the_provider_does_not_take() {
    refused(
        &DEEPSEEK,
        &with("/messages/2/tool_calls/0/id", json!("a:b")),
        "Invalid 'tool_calls.id'",
    );
    refused(
        &DEEPSEEK,
        &with("/messages/2/tool_calls/0/id", json!("x".repeat(41))),
        "at most 40",
    );
    let nine = Rules {
        ids: super::rules::Ids::Nine,
        ..DEEPSEEK
    };
    refused(&nine, &good(), "with a length of 9");
}

#[test]
fn the_mock_refuses_arguments_that_are_not_a_json_object() {
    for arguments in ["{\"at\":", "", "[]", "\"text\""] {
        let pointer = "/messages/2/tool_calls/0/function/arguments";
        refused(&DEEPSEEK, &with(pointer, json!(arguments)), "must be a JSON object");
    }
    refused(
        &DEEPSEEK,
        &with("/messages/2/tool_calls/0/type", json!("custom")),
        "unknown variant",
    );
}

#[test]
fn the_mock_refuses_names_that_some_provider_does_not_take() {
    for name in ["", "1st", "_private", "mcp.demo", "naïve", &"x".repeat(65)] {
        refused(
            &DEEPSEEK,
            &with("/tools/0/function/name", json!(name)),
            "function name is invalid",
        );
        let pointer = "/messages/2/tool_calls/0/function/name";
        refused(&DEEPSEEK, &with(pointer, json!(name)), "function name is invalid");
    }
}

#[test]
fn the_mock_refuses_two_tools_of_one_name() {
    let mut body = good();
    let tool = body["tools"][0].clone();
    body["tools"].as_array_mut().unwrap().push(tool);
    refused(&DEEPSEEK, &body, "duplicate names: look");
}

#[test]
fn the_mock_refuses_tools_that_are_no_functions() {
    refused(
        &DEEPSEEK,
        &with("/tools/0/type", json!("custom")),
        "unknown variant \"custom\"",
    );
}

#[test]
fn the_mock_refuses_parameters_that_are_no_object_schema() {
    let pointer = "/tools/0/function/parameters";
    for parameters in [Value::Null, json!({}), json!({"type": "string"}), json!(true)] {
        refused(
            &DEEPSEEK,
            &with(pointer, parameters),
            "Invalid schema for function 'look'",
        );
    }
    let boolean = json!({"type": "object", "properties": {"at": true}});
    refused(&DEEPSEEK, &with(pointer, boolean), "Unrecognized schema: true");
}

#[test]
fn the_mock_refuses_schemas_that_are_not_of_moonshots_flavour() {
    let kimi = |parameters: Value| {
        let mut body = with("/tools/0/function/parameters", parameters);
        body["model"] = json!("kimi-k3.1-pro");
        request(&Rules::KIMI, &body)
    };
    let of = |at: Value| kimi(json!({"type": "object", "properties": {"at": at}}));
    assert_eq!(
        of(json!({"type": "string", "description": "d", "default": "x"})),
        Ok(())
    );
    assert_eq!(of(json!({"anyOf": [{"type": "string"}, {"type": "null"}]})), Ok(()));
    assert_eq!(
        kimi(json!({"type": "object", "properties": {"title": {"type": "string"}}})),
        Ok(())
    );
    is_refused(
        of(json!({"type": "string", "pattern": "^i"})),
        "unknown keyword \"pattern\"",
    );
    is_refused(of(json!({"const": 1})), "unknown keyword \"const\"");
    is_refused(of(json!({"type": ["string", "null"]})), "type must be a string");
    is_refused(
        of(json!({"type": "string", "anyOf": [{"type": "string"}]})),
        "when using anyOf",
    );
    is_refused(
        of(json!({"$ref": "#/$defs/a", "description": "d"})),
        "$ref must stand alone",
    );
    let deep = (0..11).fold(
        json!({"type": "string"}),
        |inner, _| json!({"type": "array", "items": inner}),
    );
    is_refused(of(deep), "nested deeper than 10");
}

#[test]
fn the_mock_refuses_images_that_the_model_does_not_see_or_that_are_none() {
    let image = |url: &str| {
        let part = json!([{"type": "image_url", "image_url": {"url": url}}]);
        with("/messages/5/content", part)
    };
    let one_pixel = "data:image/png;base64,iVBORw0KGgo=";
    refused(
        &DEEPSEEK,
        &image(one_pixel),
        "unknown variant `image_url`, expected `text`",
    );
    let sees = Rules {
        vision: true,
        ..DEEPSEEK
    };
    assert_eq!(request(&sees, &image(one_pixel)), Ok(()));
    refused(&sees, &image("data:image/png;base64,%%%"), "Unable to decode the image");
    refused(&sees, &image("/tmp/image.png"), "Unable to decode the image");
}

#[test]
fn the_mock_refuses_a_user_after_a_tool_where_the_provider_does() {
    let mistral = Rules {
        user_after_tool: false,
        ..DEEPSEEK
    };
    refused(&mistral, &good(), "Unexpected role 'user' after role 'tool'");
}

#[test]
fn the_mock_refuses_a_conversation_that_ends_with_its_own_words() {
    let mut body = good();
    let words = json!({"role": "assistant", "content": "Done."});
    body["messages"].as_array_mut().unwrap().push(words);
    refused(&DEEPSEEK, &body, "Expected last role User or Tool");
}

/// What `good()` says that the provider has said.
fn look() -> Said {
    let mut turn = reasoning("I look.").then_calls([call("look", json!({"at": "it"})), call("look", json!({}))]);
    turn.said.calls[0].id = "call_1".into();
    turn.said.calls[1].id = "call_2".into();
    turn.said
}

fn accept(history: &mut History, rules: &Rules, body: &Value) -> Checked {
    let bytes = serde_json::to_vec(body).unwrap();
    history.accept(rules, &bytes, body).map(|_| ())
}

fn after_look(rules: &Rules, body: &Value) -> Checked {
    let mut history = History::default();
    history.remember(look());
    accept(&mut history, rules, body)
}

#[test]
fn the_mock_refuses_thoughts_that_do_not_come_back_exactly() {
    assert_eq!(after_look(&DEEPSEEK, &good()), Ok(()));
    let missing = "The `reasoning_content` in the thinking mode must be passed back to the API.";
    let pointer = "/messages/2/reasoning_content";
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!("I look"))), missing);
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!(""))), missing);
    let mut body = good();
    body["messages"][2].as_object_mut().unwrap().remove("reasoning_content");
    is_refused(after_look(&DEEPSEEK, &body), missing);
    is_refused(
        after_look(&Rules::KIMI, &body),
        "missing in assistant tool call message at index 2",
    );
}

#[test]
fn the_mock_refuses_details_and_parts_of_thoughts_that_have_changed() {
    let openrouter = |thoughts: Value| {
        let body = adding("/messages/2", "reasoning_details", thoughts);
        after_look(&Rules::OPENROUTER, &body)
    };
    assert_eq!(openrouter(details("I look.")), Ok(()));
    is_refused(openrouter(details("I looked.")), "the reasoning was");
    is_refused(after_look(&Rules::OPENROUTER, &good()), "the reasoning was");
    let mistral = |thinking: &str| {
        let part = json!([{"type": "thinking", "thinking": [{"type": "text", "text": thinking}]}]);
        after_look(&Rules::MISTRAL, &with("/messages/2/content", part))
    };
    assert_eq!(mistral("I look."), Ok(()));
    is_refused(mistral("I looked."), "the reasoning was");
}

#[test]
fn the_mock_refuses_words_and_calls_that_it_never_said() {
    let never = "this provider never said";
    is_refused(after_look(&DEEPSEEK, &with("/messages/2/content", json!("Hm."))), never);
    let pointer = "/messages/2/tool_calls/0/function/arguments";
    is_refused(after_look(&DEEPSEEK, &with(pointer, json!("{\"at\":\"that\"}"))), never);
    assert_eq!(
        after_look(&DEEPSEEK, &with(pointer, json!("{ \"at\": \"it\" }"))),
        Ok(())
    );
    is_refused(
        after_look(&DEEPSEEK, &with("/messages/2/tool_calls/0/id", json!("call_9"))),
        never,
    );
    is_refused(accept(&mut History::default(), &DEEPSEEK, &good()), never);
}

#[test]
fn the_mock_refuses_a_conversation_whose_beginning_has_changed() {
    let second = |body: &Value| {
        let mut history = History::default();
        history.remember(look());
        accept(&mut history, &DEEPSEEK, &good()).unwrap();
        accept(&mut history, &DEEPSEEK, body)
    };
    assert_eq!(second(&good()), Ok(()));
    is_refused(
        second(&with("/messages/0/content", json!("Be bad."))),
        "messages[0] has changed",
    );
    is_refused(second(&without_message(5)), "messages[5] is gone");
    is_refused(
        second(&adding("/tools/0/function", "strict", json!(true))),
        "tools[0] has changed",
    );
    let mut longer = good();
    let more = json!({"role": "user", "content": "And then?"});
    longer["messages"].as_array_mut().unwrap().push(more);
    assert_eq!(second(&longer), Ok(()));
}

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
