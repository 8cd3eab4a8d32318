//! Who stands around crelay: a Codex that only starts, a provider, and a client that asks as Codex does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

/// How many pieces the answer has: mostly text, then a call.
const PIECES: usize = 20_000;

/// How many of them are thoughts, and how many the arguments of the call.
const THOUGHTS: usize = 4_000;
const ARGUMENTS: usize = 2_000;

/// Whether crelay has started this as its Codex.
pub fn is_codex(arguments: &[String]) -> bool {
    let words = ["-c", "--version"];
    arguments.iter().any(|argument| words.contains(&argument.as_str()))
}

/// It has nothing to ask, and its version is that of every Codex that crelay knows.
pub fn codex() {
    println!("codex-cli 0.169.0");
}

/// Serves on a port that is free, until the program ends, and says at which base address. It lists one model and
/// answers everything with the same long answer.
pub fn provider() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            thread::spawn(move || serve(stream, &answer));
        }
    });
    format!("http://{address}/v1")
}

fn serve(mut stream: TcpStream, answer: &[u8]) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((line, _)) = message(&mut reader) {
        let (kind, body) = match line.starts_with("GET ") {
            true => (
                "application/json",
                br#"{"object":"list","data":[{"id":"bench"}]}"#.as_slice(),
            ),
            false => ("text/event-stream", answer),
        };
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
    }
}

/// First line and body of the next message whose length is told.
fn message(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    if reader.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}

/// The frames of an answer that is streamed.
fn answer() -> Vec<u8> {
    let mut frames = Vec::new();
    for number in 0..PIECES {
        let delta = if number < THOUGHTS {
            json!({"reasoning_content": format!(" thought {number}")})
        } else if number < PIECES - ARGUMENTS {
            json!({"content": format!(" word \"{number}\"\n")})
        } else if number == PIECES - ARGUMENTS {
            let function = json!({"name": "shell", "arguments": "{\"command\":[\""});
            json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]})
        } else {
            let ending = if number == PIECES - 1 { "\"]}" } else { "word " };
            json!({"tool_calls": [{"index": 0, "function": {"arguments": ending}}]})
        };
        push(
            &mut frames,
            &[json!({"index": 0, "delta": delta, "finish_reason": null})],
            None,
        );
    }
    push(
        &mut frames,
        &[json!({"index": 0, "delta": {}, "finish_reason": "tool_calls"})],
        None,
    );
    let usage = json!({"prompt_tokens": 1000, "completion_tokens": PIECES, "total_tokens": 1000 + PIECES});
    push(&mut frames, &[], Some(usage));
    frames.extend_from_slice(b"data: [DONE]\n\n");
    frames
}

fn push(frames: &mut Vec<u8>, choices: &[Value], usage: Option<Value>) {
    let chunk = json!({
        "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": "bench",
        "choices": choices, "usage": usage,
    });
    write!(frames, "data: {chunk}\n\n").unwrap();
}

/// Asks the relay at `url` with `body`, and reads the answer to its end.
pub fn ask(url: &str, body: &Value) {
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST /v1/responses HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("response.completed"), "{answer}");
}

/// A request with a history of about `bytes`, as Codex writes it: for each step a call, what came of it, and words.
pub fn request(bytes: usize) -> Value {
    let mut input = vec![message_of("user", "input_text", "Tidy this repository.")];
    let mut written = 0;
    for step in 0.. {
        if written >= bytes {
            break;
        }
        let output = format!("line {step} of \"src/main.rs\"\n").repeat(60);
        let arguments = json!({"command": ["sed", "-n", format!("{step}p"), "src/main.rs"]}).to_string();
        let call_id = format!("call_{step}");
        written += output.len() + arguments.len();
        input.extend([
            json!({"type": "function_call", "name": "shell", "arguments": arguments, "call_id": call_id}),
            json!({"type": "function_call_output", "call_id": call_id, "output": output}),
            message_of("assistant", "output_text", &format!("Step {step} is done.")),
        ]);
    }
    json!({
        "model": "bench", "instructions": "You are a careful programmer.", "input": input, "tools": tools(),
        "tool_choice": "auto", "parallel_tool_calls": true, "reasoning": {"effort": "medium", "summary": "auto"},
        "store": false, "stream": true, "include": ["reasoning.encrypted_content"], "prompt_cache_key": "bench",
    })
}

fn message_of(role: &str, kind: &str, text: &str) -> Value {
    json!({"type": "message", "role": role, "content": [{"type": kind, "text": text}]})
}

fn tools() -> Value {
    let parameters = json!({
        "type": "object", "required": ["command"], "additionalProperties": false,
        "properties": {"command": {"type": "array", "items": {"type": "string"}}},
    });
    json!([{"type": "function", "name": "shell", "description": "Runs a command.", "strict": false,
            "parameters": parameters}])
}
