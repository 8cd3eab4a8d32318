//! What is read: a conversation of any length, and an answer of any number of pieces.

use std::fmt::Write;

use serde_json::{Value, json};

/// What a model says, word by word; code with its marks among them, now and then.
pub fn words(count: usize) -> Vec<String> {
    let word = |number: usize| match number % 40 {
        38 => " `Vec<u8>`".to_owned(),
        39 => "\n\n".to_owned(),
        _ => format!(" word{}", number % 7),
    };
    (0..count).map(word).collect()
}

/// An answer as a provider streams it.
pub fn stream(pieces: usize) -> String {
    let chunk = |delta: Value, reason: Option<&str>| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        })
    };
    let mut stream = String::new();
    for word in words(pieces) {
        write!(stream, "data: {}\n\n", chunk(json!({"content": word}), None)).unwrap();
    }
    write!(stream, "data: {}\n\ndata: [DONE]\n\n", chunk(json!({}), Some("stop"))).unwrap();
    stream
}

/// A request with about so many bytes of history, as Codex writes them.
pub fn request(bytes: usize) -> String {
    let mut input = vec![message("user", "input_text", "Mend the failing test.")];
    let mut length = 0;
    for number in 0.. {
        if length >= bytes {
            break;
        }
        let items = exchange(number);
        length += items.iter().map(|item| item.to_string().len()).sum::<usize>();
        input.extend(items);
    }
    let parameters = json!({
        "type": "object", "required": ["command"], "additionalProperties": false,
        "properties": {"command": {"type": "array", "items": {"type": "string"}}},
    });
    json!({
        "model": "m", "instructions": "You are a coding agent.", "input": input, "stream": true, "store": false,
        "tools": [{"type": "function", "name": "shell", "description": "Runs a command.", "strict": false,
            "parameters": parameters}],
    })
    .to_string()
}

fn message(role: &str, kind: &str, text: &str) -> Value {
    json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]})
}

/// One call and what came of it, some 3 KB.
fn exchange(number: usize) -> [Value; 3] {
    let call_id = format!("call_{number}");
    let arguments = json!({"command": ["bash", "-lc", format!("sed -n '1,40p' src/part_{number}.rs")]}).to_string();
    let mut output = String::new();
    for line in 0..40 {
        writeln!(
            output,
            "    let part_{line} = \"line of {number}\"; // and\ttabs — as sources have"
        )
        .unwrap();
    }
    [
        message("assistant", "output_text", &format!("I look at part {number}.")),
        json!({"type": "function_call", "name": "shell", "arguments": arguments, "call_id": call_id}),
        json!({"type": "function_call_output", "call_id": call_id, "output": output}),
    ]
}
