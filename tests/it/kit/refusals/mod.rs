//! The mock provider refuses what it must: tests that rely on it would prove nothing otherwise.

mod conversations;
mod dialects;
mod requests;
mod turns;

use serde_json::{Value, json};

use super::Rules;
use super::check::{Checked, request};

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
