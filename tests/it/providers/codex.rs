//! What Codex 0.169 sends, in short.

use serde_json::{Value, json};

/// Everything but the conversation.
pub fn request(model: &str) -> Value {
    json!({
        "model": model,
        "stream": true,
        "tools": tools(),
        "tool_choice": "auto",
        "parallel_tool_calls": true,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": false,
        "include": ["reasoning.encrypted_content"],
        "client_metadata": {"x-codex-installation-id": "662c5dfc-9f24-4ee0-98bb-3f5512f6320f"},
    })
}

/// Two messages of the developer, one of the surroundings, and one of the user.
pub fn opening(phrase: &str) -> Vec<Value> {
    let developer = |texts: &[&str]| {
        let parts: Vec<Value> = texts
            .iter()
            .map(|text| json!({"type": "input_text", "text": text}))
            .collect();
        json!({"type": "message", "id": "msg_65d38ece", "role": "developer", "content": parts})
    };
    vec![
        developer(&["You are a coding agent."]),
        developer(&[
            "<skills_instructions>None.</skills_instructions>",
            "<permissions instructions>All.</permissions instructions>",
        ]),
        user(json!([{"type": "input_text", "text": "<environment_context><cwd>/project</cwd></environment_context>"}])),
        user(json!([{"type": "input_text", "text": format!("Do it. {phrase}")}])),
    ]
}

pub fn user(content: Value) -> Value {
    json!({"type": "message", "id": "msg_01a1fc41", "role": "user", "content": content})
}

fn tools() -> Value {
    let closed = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let string = json!({"type": "string"});
    json!([
        {"type": "function", "name": "exec_command", "description": "Runs a command.", "strict": false, "parameters": closed(json!({
            "cmd": string, "login": {"type": "boolean"}, "max_output_tokens": {"type": "number"},
            "prefix_rule": {"type": "array", "items": string},
            "sandbox_permissions": {"type": "string", "enum": ["use_default", "require_escalated"]},
        }), json!(["cmd"]))},
        {"type": "function", "name": "view_image", "description": "Shows an image.", "strict": false, "parameters": closed(json!({"path": string}), json!(["path"]))},
        {"type": "function", "name": "get_goal", "description": "", "strict": false, "parameters": closed(json!({}), json!([]))},
        {"type": "custom", "name": "apply_patch", "description": "Edits files. This is a FREEFORM tool.",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: \"*** Begin Patch\" LF"}},
        {"type": "namespace", "name": "multi_agent_v1", "description": "Agents.", "tools": [
            {"type": "function", "name": "wait_agent", "description": "Waits.", "strict": false,
                "parameters": closed(json!({"targets": {"type": "array", "items": string}}), json!(["targets"]))},
        ]},
        {"type": "namespace", "name": "mcp__demo", "description": "A server of the user's.", "tools": [
            {"type": "function", "name": "echo", "description": "Says it again.", "strict": false, "parameters": {"type": "object", "properties": {"text": string}}},
        ]},
    ])
}

/// A server of the user's whose tools have every kind of schema that servers write.
pub fn demanding_tools() -> Value {
    let tool = |name: &str, parameters: Value| json!({"type": "function", "name": name, "description": "As it says.", "strict": false, "parameters": parameters});
    json!({"type": "namespace", "name": "mcp__demanding", "description": "", "tools": [
        tool("constants", json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Constants", "type": "object", "properties": {
            "kind": {"const": "file"},
            "mode": {"oneOf": [{"type": "string", "pattern": "^[a-z]+$", "minLength": 1}, {"type": "integer", "minimum": 0, "exclusiveMaximum": 10}]},
            "size": {"type": ["integer", "null"], "format": "int64"},
            "level": {"type": "integer", "enum": [1, 2, 3]},
        }, "required": ["kind", "absent"], "additionalProperties": false})),
        tool("references", json!({"type": "object", "$defs": {
            "node": {"type": "object", "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/$defs/node"}}},
            "color": {"type": "string", "enum": ["red", "blue"]},
        }, "properties": {
            "root": {"$ref": "#/$defs/node", "description": "The first one."},
            "color": {"$ref": "#/$defs/color"},
        }})),
        tool("anything", json!({"type": "object", "properties": {
            "value": true,
            "never": false,
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
            "list": {"type": "array"},
            "free": {},
        }, "patternProperties": {"^x-": {"type": "string"}}})),
        tool("union", json!({"anyOf": [
            {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
            {"type": "object", "properties": {"url": {"type": "string", "format": "uri"}}, "required": ["url"]},
        ]})),
        tool("nothing", json!({})),
    ]})
}

/// A tool whose name alone is longer than any provider takes.
pub const LONG_NAME: &str = "create_a_new_pull_request_review_comment_with_suggested_changes_in_the_repository";

/// What it does.
pub const LONG_DESCRIPTION: &str = "The one that is called.";

/// The server that has it, whose name has a dot.
pub const LONG_SERVER: &str = "mcp__git.hub";

pub fn long_tools() -> Value {
    let tool = |name: &str, description: &str| {
        let parameters = json!({"type": "object", "properties": {}});
        json!({"type": "function", "name": name, "description": description, "strict": false, "parameters": parameters})
    };
    json!({"type": "namespace", "name": LONG_SERVER, "description": "", "tools": [
        tool(LONG_NAME, LONG_DESCRIPTION), tool(&format!("{LONG_NAME}_again"), ""), tool("1st", ""), tool("naïve", ""),
    ]})
}
