use serde_json::{Value, json};

use super::*;

fn read(said: &Value) -> Option<Repair> {
    find(Class::Request, &Complaint::of_value(said))
}

fn said(words: &str) -> Option<Repair> {
    read(&json!({"error": {"message": words, "type": "invalid_request_error", "param": null, "code": null}}))
}

fn left_out(fields: &[&str]) -> Option<Repair> {
    Some(Repair::LeaveOut(
        fields.iter().map(|field| (*field).to_owned()).collect(),
    ))
}

#[test]
fn an_effort_that_is_refused_is_chosen_from_the_list() {
    let three = ["low", "medium", "high"];
    for (words, listed) in [
        (
            "Unsupported value: 'reasoning_effort' does not support 'xhigh' with this model. Supported values are: 'low', 'medium', and 'high'.",
            &three[..],
        ),
        (
            "Validation error for `reasoning_effort`: expected one of `'low' | 'medium' | 'high'`, received `'xhigh'`.",
            &three,
        ),
        (
            "level \"max\" not supported, valid levels: low, medium, high, xhigh",
            &["low", "medium", "high", "xhigh"],
        ),
        (
            "Unexpected reasoning effort high. Supported types are xhigh (default), medium, and low.",
            &["xhigh", "medium", "low"],
        ),
        (
            "Invalid reasoning_effort: minimal. Valid values are: high, low, medium, none",
            &["high", "low", "medium", "none"],
        ),
        (
            "Expected one of ('minimal', 'low') at 'reasoning.effort', got 'none'",
            &["minimal", "low", "at", "reasoning", "effort"],
        ),
        ("`reasoning_effort` must be one of `none` or `default`", &["none"]),
        (
            "unknown variant `medium`, expected one of `low`, `high`, `max`",
            &["low", "high", "max"],
        ),
    ] {
        let expected = listed.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(said(words), Some(Repair::Efforts(expected)), "{words}");
    }
    let blamed = json!({"detail": [{"type": "literal_error", "loc": ["body", "reasoning_effort"],
        "msg": "Input should be 'low' or 'high'", "input": "medium"}]});
    assert_eq!(
        read(&blamed),
        Some(Repair::Efforts(vec!["low".to_owned(), "high".to_owned()]))
    );
}

#[test]
fn another_list_is_no_list_of_efforts() {
    let verbosity = json!({"error": {"param": "text.verbosity", "code": "unsupported_value",
        "message": "Unsupported value: 'low' is not supported. Supported values are: 'medium' and 'high'."}});
    assert_eq!(read(&verbosity), left_out(&["text.verbosity"]));
    assert_eq!(said("messages[0]: unknown variant `file`, expected `text`"), None);
    assert_eq!(
        said("tools[0].type: unknown variant `custom`, expected one of `function`, `plugin`"),
        None
    );
}

#[test]
fn a_field_that_is_not_taken_is_found_by_its_name() {
    for (words, field) in [
        ("Unknown parameter: 'response_format'.", "response_format"),
        (
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "temperature",
        ),
        (
            "Unrecognized request argument supplied: prompt_cache_key (request id: 2025)",
            "prompt_cache_key",
        ),
        ("json: unknown field \"parallel_tool_calls\"", "parallel_tool_calls"),
        (
            "unknown field `stream_options`, expected one of `model`, `messages`",
            "stream_options",
        ),
        (
            "Invalid JSON payload received. Unknown name \"store\": Cannot find field.",
            "store",
        ),
        (
            "Extra inputs are not permitted, field: 'metadata', value: {}",
            "metadata",
        ),
        ("invalid temperature: only 1 is allowed for this model", "temperature"),
        (
            "Model grok-4 does not support parameter reasoningEffort.",
            "reasoningeffort",
        ),
        (
            "parallel_tool_calls is not supported by this model",
            "parallel_tool_calls",
        ),
        ("'logit' is not supported", "logit"),
        (
            "No endpoints found that support the provided 'tool_choice' value.",
            "tool_choice",
        ),
        (
            "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
            "messages.reasoning_content",
        ),
        (
            "[{'type': 'extra_forbidden', 'loc': ('body', 'user'), 'msg': 'Extra inputs are not permitted'}]",
            "user",
        ),
        ("Thinking mode does not support this tool_choice", "tool_choice"),
        (
            "tool_choice 'specified' is incompatible with thinking enabled",
            "tool_choice",
        ),
    ] {
        assert_eq!(said(words), left_out(&[field]), "{words}");
    }
}

#[test]
fn all_fields_that_are_forbidden_are_found_at_once() {
    let extra = |loc: Value| json!({"type": "extra_forbidden", "loc": loc, "msg": "Extra inputs are not permitted"});
    let detail = json!({"detail": [
        extra(json!(["body", "prompt_cache_key"])),
        extra(json!(["body", "messages", 2, "assistant", "reasoning_content"])),
        {"type": "missing", "loc": ["body", "model"], "msg": "Field required"},
    ]});
    let fields = left_out(&["prompt_cache_key", "messages.2.assistant.reasoning_content"]);
    assert_eq!(read(&detail), fields);
    // Mistral wraps the same once more.
    assert_eq!(
        read(&json!({"object": "error", "message": detail, "type": "invalid_request_error"})),
        fields
    );
}

#[test]
fn a_model_without_eyes_and_one_that_always_thinks_are_known() {
    for words in [
        "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text` at line 1",
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        "No endpoints found that support image input",
        "this model does not support image input (ref: x)",
        "Invalid content type. image_url is only supported by certain models.",
        "'messages.0' : for 'role:user' the following must be satisfied[('messages.0.content' : value must be a string)]",
    ] {
        assert_eq!(said(words), Some(Repair::NoImages), "{words}");
    }
    for words in [
        "Reasoning is mandatory for this endpoint and cannot be disabled.",
        "该模型始终思考，不支持关闭思考",
    ] {
        assert_eq!(said(words), Some(Repair::AlwaysThinks), "{words}");
    }
}

#[test]
fn what_does_not_say_how_is_left_alone() {
    for words in [
        "bad request",
        "Streaming is not supported",
        "Error while downloading https://example.com/test-image.jpg.",
        "Failed to load image or audio file",
        "Field 'temperature': type must be number, but is string",
        "Invalid 'messages[3]'. Content blocks are expected to be either text or image_url type.",
        "The `reasoning_content` in the thinking mode must be passed back to the API.",
        "Validation: Temperature must be between 0 and 2, got 100",
        "Invalid tool_choice: sometimes",
    ] {
        assert_eq!(said(words), None, "{words}");
    }
    let full = Complaint::of_text("unknown parameter: 'temperature'");
    assert_eq!(find(Class::RateLimit, &full), None);
}
