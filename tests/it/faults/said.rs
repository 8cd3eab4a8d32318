//! What providers say, as bytes.

use bytes::Bytes;
use serde_json::{Value, json};

use super::fault::Step;

/// An answer with this status and body, after which the connection closes.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    vec![says([head.as_bytes(), body].concat()), Step::Closes]
}

/// A stream of these bytes, after which the connection closes.
pub fn stream(body: impl AsRef<[u8]>) -> Vec<Step> {
    vec![says([STREAM.as_bytes(), body.as_ref()].concat()), Step::Closes]
}

/// The head of a stream that ends with the connection.
pub const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// The head of a stream that tells its own end.
pub const CHUNKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// The last frame of most streams.
pub const DONE: &str = "data: [DONE]\n\n";

pub fn says(bytes: impl Into<Vec<u8>>) -> Step {
    Step::Says(Bytes::from(bytes.into()))
}

/// One frame.
pub fn frame(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// One piece of the answer.
pub fn delta(delta: &Value) -> String {
    frame(&json!({ "choices": [{ "index": 0, "delta": delta }] }))
}

pub fn text(text: &str) -> String {
    delta(&json!({ "content": text }))
}

/// A piece of call number `index`; `id` and `name` stand in its first alone.
pub fn call(index: u64, id: &str, name: &str, arguments: &str) -> String {
    let function = match name {
        "" => json!({ "arguments": arguments }),
        _ => json!({ "name": name, "arguments": arguments }),
    };
    let call = match id {
        "" => json!({ "index": index, "function": function }),
        _ => json!({ "index": index, "id": id, "type": "function", "function": function }),
    };
    delta(&json!({ "tool_calls": [call] }))
}

pub fn finish(reason: &str) -> String {
    frame(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
}

/// An answer as most providers stream it.
pub fn whole(said: &str) -> String {
    [&text(said), finish("stop").as_str(), DONE].concat()
}
