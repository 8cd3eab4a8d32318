//! What can be said of one request.

use serde_json::{Value, json};

use super::super::check::request;
use super::super::rules::{Ids, Rules};
use super::{DEEPSEEK, adding, good, is_refused, refused, with, without_message};

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
    refused(&Rules::MISTRAL, &good(), "extra_forbidden: body");
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
    refused(
        &DEEPSEEK,
        &with("/model", json!("gpt-6")),
        "The supported API model names are",
    );
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
        ids: Ids::Nine,
        says: Rules::MISTRAL.says,
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
        body.as_object_mut().unwrap().remove("thinking");
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
        says: Rules::MISTRAL.says,
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
