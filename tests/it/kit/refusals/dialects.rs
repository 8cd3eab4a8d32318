//! What single providers refuse.

use serde_json::{Value, json};

use super::super::Rules;
use super::super::check::{Checked, request};
use super::super::history::voices;
use super::super::rules::{Replay, vendors};
use super::super::turn::details;
use super::super::{call, reasoning};
use super::{good, is_refused};

fn rules(provider: &str, model: &'static str) -> Rules {
    Rules::of(|id| id == provider, model).unwrap()
}

/// `good()` without what only DeepSeek takes, for the model of `rules`.
fn plain(rules: &Rules) -> Value {
    let mut body = good();
    body["model"] = json!(rules.model);
    let fields = body.as_object_mut().unwrap();
    fields.remove("thinking");
    fields.remove("reasoning_effort");
    fields.remove("stream_options");
    body["messages"][2].as_object_mut().unwrap().remove("reasoning_content");
    body["tools"][0]["function"]["parameters"] = json!({"type": "object", "properties": {"at": {"type": "string"}}});
    body
}

/// Whether `rules` take a request in which a field is set.
fn set(rules: &Rules, pointer: &str, name: &str, value: Value) -> Checked {
    let mut body = plain(rules);
    body.pointer_mut(pointer).unwrap()[name] = value;
    request(rules, &body)
}

#[test]
fn every_word_of_a_provider_is_a_body() {
    for vendor in vendors() {
        let body = vendor.rules.body(400, "a \"word\"");
        assert!(serde_json::from_str::<Value>(&body).is_ok(), "{}: {body}", vendor.id);
        for trouble in vendor.rules.troubles() {
            assert!(
                serde_json::from_str::<Value>(trouble.body).is_ok(),
                "{}: {}",
                vendor.id,
                trouble.body
            );
        }
    }
}

#[test]
fn the_mock_refuses_steps_and_switches_that_the_model_does_not_have() {
    let glm = rules("zai", "glm-5.3");
    assert_eq!(
        set(
            &glm,
            "",
            "thinking",
            json!({"type": "enabled", "clear_thinking": false})
        ),
        Ok(())
    );
    assert_eq!(set(&glm, "", "reasoning_effort", json!("max")), Ok(()));
    is_refused(set(&glm, "", "thinking", json!({"type": "disabled"})), "该模型始终思考");
    is_refused(
        set(&glm, "", "thinking", json!({"type": "on"})),
        "'thinking.type' does not support",
    );
    is_refused(
        set(&glm, "", "thinking", json!({"budget": 1})),
        "unknown field `thinking.budget`",
    );
    is_refused(
        set(&glm, "", "reasoning_effort", json!("medium")),
        "Supported values are: [\"low\", \"high\", \"max\"]",
    );
    let coder = rules("dashscope", "qwen3.7-max");
    is_refused(
        set(&coder, "", "reasoning_effort", json!("low")),
        "this model has no efforts",
    );
    is_refused(set(&coder, "", "enable_thinking", json!("yes")), "invalid type");
    let fireworks = rules("fireworks", "accounts/fireworks/models/glm-5p3");
    let mut both = plain(&fireworks);
    both["reasoning_effort"] = json!("low");
    both["thinking"] = json!({"type": "enabled"});
    is_refused(
        request(&fireworks, &both),
        "only one of `reasoning_effort` and `thinking`",
    );
}

#[test]
fn the_mock_refuses_limits_by_another_name_or_beyond_the_models() {
    let mimo = rules("xiaomi", "mimo-v2.6-pro");
    assert_eq!(set(&mimo, "", "max_completion_tokens", json!(131_072)), Ok(()));
    is_refused(
        set(&mimo, "", "max_completion_tokens", json!(131_073)),
        "the valid range is",
    );
    is_refused(set(&mimo, "", "max_tokens", json!(1)), "unknown field `max_tokens`");
}

#[test]
fn the_mock_refuses_contents_that_are_null_where_the_provider_does() {
    let groq = rules("groq", "openai/gpt-oss-120b");
    is_refused(set(&groq, "/messages/2", "content", Value::Null), "null is no content");
    is_refused(
        set(&Rules::DEEPSEEK, "/messages/2", "content", Value::Null),
        "null is no content",
    );
    let openai = rules("openai", "gpt-6.1-sol");
    assert_eq!(set(&openai, "/messages/2", "content", Value::Null), Ok(()));
}

#[test]
fn the_mock_refuses_what_a_tool_has_too_much() {
    let strict = |rules: &Rules| set(rules, "/tools/0/function", "strict", json!(true));
    is_refused(strict(&Rules::DEEPSEEK), "unknown field `strict`");
    let cerebras = rules("cerebras", "gpt-oss-120b");
    assert_eq!(strict(&cerebras), Ok(()));
    let mut mixed = plain(&cerebras);
    mixed["tools"][0]["function"]["strict"] = json!(true);
    let mut other = mixed["tools"][0].clone();
    other["function"] = json!({"name": "hear", "parameters": {"type": "object", "properties": {}}});
    mixed["tools"].as_array_mut().unwrap().push(other);
    is_refused(request(&cerebras, &mixed), "mixed values for 'strict'");
    let mut many = plain(&Rules::DEEPSEEK);
    let tool = |number: usize| json!({"type": "function", "function": {"name": format!("t{number}"), "parameters": {"type": "object"}}});
    many["tools"] = (0..129).map(tool).collect();
    is_refused(request(&Rules::DEEPSEEK, &many), "array too long");
}

#[test]
fn the_mock_refuses_searches_in_the_words_of_another() {
    let with_tool = |rules: &Rules, tool: Value| {
        let mut body = plain(rules);
        body["tools"].as_array_mut().unwrap().push(tool);
        request(rules, &body)
    };
    let search = json!({"type": "web_search", "web_search": {"enable": true}});
    let glm = rules("zai", "glm-5.3");
    assert_eq!(with_tool(&glm, search.clone()), Ok(()));
    is_refused(
        with_tool(&glm, json!({"type": "web_search", "depth": 1})),
        "unknown field `depth`",
    );
    is_refused(
        with_tool(&Rules::DEEPSEEK, search.clone()),
        "unknown variant \"web_search\", expected `function`",
    );
    is_refused(
        with_tool(&Rules::KIMI, search),
        "unknown tool type: \"web_search\", currently only function",
    );
    let kimi = rules("moonshot", "kimi-k2.6");
    let builtin = |name: &str| json!({"type": "builtin_function", "function": {"name": name}});
    assert_eq!(with_tool(&kimi, builtin("$web_search")), Ok(()));
    is_refused(with_tool(&kimi, builtin("$browser")), "unknown tool type");
    is_refused(
        set(&glm, "", "enable_search", json!(true)),
        "unknown field `enable_search`",
    );
}

#[test]
fn the_mock_refuses_schemas_that_are_not_of_the_providers_flavour() {
    let of = |rules: &Rules, parameters: Value| set(rules, "/tools/0/function", "parameters", parameters);
    let at = |schema: Value| json!({"type": "object", "properties": {"at": schema}});
    let gemini = Rules::GEMINI;
    assert_eq!(
        of(&gemini, at(json!({"type": "string", "nullable": true, "enum": ["a"]}))),
        Ok(())
    );
    is_refused(of(&gemini, at(json!({"const": "a"}))), "unknown keyword \"const\"");
    is_refused(
        of(&gemini, at(json!({"type": ["string", "null"]}))),
        "cannot start list",
    );
    is_refused(of(&gemini, at(json!({"type": "string", "enum": [1]}))), "only strings");
    is_refused(of(&gemini, at(json!({"type": "array"}))), "items: missing field");
    is_refused(of(&gemini, at(json!({"type": "object"}))), "missing for OBJECT type");
    is_refused(
        of(&gemini, json!({"type": "object", "properties": {}, "required": ["b"]})),
        "property is not defined: b",
    );
    let grok = rules("xai", "grok-4.7");
    is_refused(
        of(&grok, json!({"type": "object", "anyOf": [{"type": "object"}]})),
        "at the root",
    );
    let mistral = |parameters: Value| {
        let mut body =
            json!({"model": Rules::MISTRAL.model, "stream": true, "messages": [{"role": "user", "content": "Look."}]});
        body["tools"] = json!([{"type": "function", "function": {"name": "look", "parameters": parameters}}]);
        request(&Rules::MISTRAL, &body)
    };
    assert_eq!(mistral(at(json!({"type": "string"}))), Ok(()));
    is_refused(mistral(at(json!({"$ref": "#/$defs/a"}))), "unknown keyword \"$ref\"");
    is_refused(
        mistral(json!({"type": "object", "additionalProperties": false})),
        "additionalProperties",
    );
}

#[test]
fn the_mock_refuses_names_of_tools_beside_answers_unless_they_are_wanted() {
    is_refused(
        set(&Rules::DEEPSEEK, "/messages/3", "name", json!("look")),
        "unknown field `name`",
    );
    let wanting = Rules {
        ids: Rules::DEEPSEEK.ids,
        user_after_tool: true,
        ..Rules::MISTRAL
    };
    let mut body = plain(&wanting);
    is_refused(request(&wanting, &body), "the tool's name is missing");
    for index in [3, 4] {
        body["messages"][index]["name"] = json!("look");
    }
    assert_eq!(request(&wanting, &body), Ok(()));
}

#[test]
fn the_mock_refuses_to_be_told_how_closely_to_look_where_it_cannot() {
    let image =
        json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "high"}}]);
    is_refused(
        set(&Rules::KIMI, "/messages/5", "content", image.clone()),
        "unknown field `detail`",
    );
    assert_eq!(set(&rules("xai", "grok-4.7"), "/messages/5", "content", image), Ok(()));
}

/// Whether a provider that wants thoughts back so takes `good()` with these members of the message that calls; it was
/// said with the thought `thought`.
fn replayed(replay: Replay, thought: &str, members: Value) -> Checked {
    let rules = Rules {
        replay,
        ..Rules::DEEPSEEK
    };
    let mut said = reasoning(thought)
        .then_calls([call("look", json!({"at": "it"})), call("look", json!({}))])
        .said;
    said.calls[0].id = "call_1".into();
    said.calls[1].id = "call_2".into();
    let mut body = plain(&rules);
    for (name, value) in members.as_object().unwrap() {
        body["messages"][2][name] = value.clone();
    }
    voices(&rules, &[said], &[], &body)
}

#[test]
fn the_mock_refuses_thoughts_in_another_form_than_the_provider_wants() {
    let field = "reasoning_content";
    let lost = "the reasoning was";
    let words = Rules::DEEPSEEK.words(super::super::rules::words::Kind::Thoughts, "").1;
    let refused = |checked: Checked| is_refused(checked, words.trim());
    for replay in [
        Replay::Allowed(field),
        Replay::Kept(field),
        Replay::WithCalls(field),
        Replay::Everywhere(field),
    ] {
        assert_eq!(replayed(replay, "Hm.", json!({field: "Hm."})), Ok(()), "{replay:?}");
        refused(replayed(replay, "Hm.", json!({field: "Hm"})));
    }
    assert_eq!(replayed(Replay::Allowed(field), "Hm.", json!({})), Ok(()));
    refused(replayed(Replay::Kept(field), "Hm.", json!({})));
    assert_eq!(replayed(Replay::Kept(field), "", json!({})), Ok(()));
    refused(replayed(Replay::Kept(field), "", json!({field: " "})));
    refused(replayed(Replay::WithCalls(field), "", json!({})));
    assert_eq!(replayed(Replay::WithCalls(field), "", json!({field: " "})), Ok(()));
    refused(replayed(Replay::WithCalls(field), "", json!({field: "."})));
    let both = Replay::DetailsAnd(field);
    assert_eq!(
        replayed(both, "Hm.", json!({field: "Hm.", "reasoning_details": details("Hm.")})),
        Ok(())
    );
    refused(replayed(both, "Hm.", json!({"reasoning_details": details("Hm.")})));
    is_refused(replayed(Replay::Signature, "", json!({})), lost);
    let signed = json!([
        {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":\"it\"}"},
            "extra_content": {"google": {"thought_signature": "signed-call_1"}}},
        {"id": "call_2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
    ]);
    assert_eq!(replayed(Replay::Signature, "", json!({"tool_calls": signed})), Ok(()));
    assert_eq!(
        replayed(
            Replay::Somewhere,
            "Hm.",
            json!({"reasoning_details": [{"text": "Hm."}]})
        ),
        Ok(())
    );
    assert_eq!(
        replayed(
            Replay::Somewhere,
            "Hm.",
            json!({"content": "<think>\nHm.\n</think>\n\n"})
        ),
        Ok(())
    );
    is_refused(replayed(Replay::Somewhere, "Hm.", json!({})), lost);
}
