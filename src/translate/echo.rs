//! What a response repeats of its request, for clients that read it as specified. Codex reads none of it and gets none.

use serde_json::{Map, Value, json};

/// The request's parameters with the specification's defaults for what was left out, in the order of the specification
/// (Open Responses, 2026-04). A value of the wrong type counts as left out.
#[must_use]
pub fn echo(request: &Value) -> Map<String, Value> {
    let mut echo = Map::new();
    let mut put = |name: &str, fits: fn(&Value) -> bool, default: Value| {
        let given = request.get(name).filter(|value| fits(value));
        echo.insert(name.to_owned(), given.cloned().unwrap_or(default));
    };
    put("previous_response_id", Value::is_string, Value::Null);
    put("instructions", Value::is_string, Value::Null);
    put("tool_choice", is_choice, json!("auto"));
    put("truncation", Value::is_string, json!("disabled"));
    put("parallel_tool_calls", Value::is_boolean, json!(true));
    put("top_p", Value::is_number, json!(1.0));
    put("presence_penalty", Value::is_number, json!(0.0));
    put("frequency_penalty", Value::is_number, json!(0.0));
    put("top_logprobs", Value::is_u64, json!(0));
    put("temperature", Value::is_number, json!(1.0));
    put("max_output_tokens", Value::is_u64, Value::Null);
    put("max_tool_calls", Value::is_u64, Value::Null);
    put("store", Value::is_boolean, json!(true));
    put("service_tier", Value::is_string, json!("default"));
    put("metadata", Value::is_object, json!({}));
    put("safety_identifier", Value::is_string, Value::Null);
    put("prompt_cache_key", Value::is_string, Value::Null);
    // No answer is written in the background.
    echo.insert("background".to_owned(), json!(false));
    echo.insert("tools".to_owned(), tools(request));
    echo.insert("text".to_owned(), text(request));
    echo.insert("reasoning".to_owned(), reasoning(request));
    echo
}

fn is_choice(value: &Value) -> bool {
    value.is_string() || value.is_object()
}

/// Every tool with all the fields that a function has in an answer.
fn tools(request: &Value) -> Value {
    let given = request.get("tools").and_then(Value::as_array);
    let tools = given.into_iter().flatten().filter_map(Value::as_object).map(|tool| {
        let mut tool = tool.clone();
        if tool.get("type").and_then(Value::as_str) == Some("function") {
            for name in ["description", "parameters", "strict"] {
                tool.entry(name).or_insert(Value::Null);
            }
        }
        Value::Object(tool)
    });
    Value::Array(tools.collect())
}

fn text(request: &Value) -> Value {
    let mut text = request
        .get("text")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    text.retain(|_, value| !value.is_null());
    text.entry("format").or_insert_with(|| json!({"type": "text"}));
    Value::Object(text)
}

fn reasoning(request: &Value) -> Value {
    let given = |name: &str| {
        request
            .get("reasoning")
            .and_then(|reasoning| reasoning.get(name))
            .cloned()
    };
    json!({"effort": given("effort"), "summary": given("summary")})
}
