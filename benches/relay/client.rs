//! A client that asks as Codex does, and looks at every delta: each once, in order, and in the end as a whole.

use std::fmt::Write as _;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::plan::Round;
use crate::stamp;

/// What a round took, in nanoseconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Times {
    /// From each request to its first delta.
    pub first: Vec<u64>,
    /// From saying a delta to hearing it, in the middle and at the 99th of a hundred.
    pub middle: u64,
    pub late: u64,
    /// From the first request to the last end.
    pub whole: u64,
    /// How many deltas were heard.
    pub deltas: u64,
}

/// Runs a round against `url`.
pub async fn run(url: &str, token: &str, round: Round) -> Times {
    let body = Bytes::from(request(round));
    let begun = stamp::now();
    let streams: Vec<_> = (0..round.streams)
        .map(|_| tokio::spawn(stream(url.to_owned(), token.to_owned(), round, body.clone())))
        .collect();
    let mut times = Times::default();
    let mut delays = Vec::new();
    for stream in streams {
        let heard = stream.await.unwrap();
        times.first.extend(heard.first);
        delays.extend(heard.delays);
    }
    times.whole = stamp::now() - begun;
    if delays.is_empty() {
        return times;
    }
    delays.sort_unstable();
    times.deltas = delays.len() as u64;
    times.middle = delays[delays.len() / 2];
    times.late = delays[delays.len() * 99 / 100];
    times
}

#[derive(Default)]
struct Heard {
    first: Vec<u64>,
    delays: Vec<u64>,
}

/// Some turns on one connection.
async fn stream(url: String, token: String, round: Round, body: Bytes) -> Heard {
    let uri: Uri = format!("{url}/responses").parse().unwrap();
    let socket = TcpStream::connect(uri.authority().unwrap().as_str()).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let (mut connection, driver) = handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(driver);
    let mut heard = Heard::default();
    for _ in 0..round.turns {
        connection.ready().await.unwrap();
        turn(
            &mut connection,
            &uri,
            &token,
            body.clone(),
            round.answer.deltas,
            &mut heard,
        )
        .await;
    }
    heard
}

async fn turn(
    connection: &mut SendRequest<Full<Bytes>>,
    uri: &Uri,
    token: &str,
    body: Bytes,
    deltas: u32,
    heard: &mut Heard,
) {
    let request = Request::post(uri.path())
        .header("host", uri.authority().unwrap().as_str())
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .header("originator", "codex_exec")
        .body(Full::new(body))
        .unwrap();
    let asked = stamp::now();
    let response = connection.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut answer = response.into_body();
    let mut hearing = Hearing::default();
    while let Some(frame) = answer.frame().await {
        let Ok(bytes) = frame.unwrap().into_data() else {
            continue;
        };
        let now = stamp::now();
        let known = heard.delays.len();
        hearing.push(&bytes, now, &mut heard.delays);
        if heard.delays.len() > known && hearing.is_first() {
            heard.first.push(now - asked);
        }
    }
    hearing.finish(deltas);
}

/// One answer while it comes in, in either protocol.
#[derive(Default)]
struct Hearing {
    /// The beginning of a frame.
    held: Vec<u8>,
    next: u32,
    was_heard: bool,
    /// How many events said that it is over.
    ends: u32,
    /// The text as it was told whole, in the protocol that does.
    whole: Option<String>,
}

impl Hearing {
    fn push(&mut self, bytes: &[u8], now: u64, delays: &mut Vec<u64>) {
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(length) = memchr::memmem::find(&held[at..], b"\n\n") {
            self.frame(&held[at..at + length], now, delays);
            at += length + 2;
        }
        held.drain(..at);
        self.held = held;
    }

    fn frame(&mut self, frame: &[u8], now: u64, delays: &mut Vec<u64>) {
        let is_delta = frame.starts_with(b"event: response.output_text.delta\n")
            || frame.starts_with(b"data: {\"id\":\"chatcmpl-bench\"");
        if is_delta {
            for (number, time) in stamp::read(frame) {
                assert_eq!(number, self.next, "each delta once, in order");
                self.next += 1;
                delays.push(now - time);
            }
        } else if frame.starts_with(b"event: response.output_text.done\n") {
            let line = memchr::memmem::find(frame, b"data: ").unwrap();
            let event: Value = serde_json::from_slice(&frame[line + 6..]).unwrap();
            self.whole = Some(event["text"].as_str().unwrap().to_owned());
        } else if frame.starts_with(b"event: response.completed\n") || frame == b"data: [DONE]" {
            self.ends += 1;
        }
    }

    /// Whether the deltas that were heard last were the first.
    fn is_first(&mut self) -> bool {
        !std::mem::replace(&mut self.was_heard, true)
    }

    fn finish(self, deltas: u32) {
        assert_eq!(self.next, deltas, "no delta is missing");
        assert!(self.held.is_empty(), "the last frame came whole");
        // Some end with both.
        assert!((1..=2).contains(&self.ends), "the answer ended");
        if let Some(whole) = self.whole {
            let told: Vec<u32> = stamp::read(whole.as_bytes()).map(|(number, _)| number).collect();
            assert_eq!(
                told,
                (0..deltas).collect::<Vec<_>>(),
                "the whole is the sum of its parts"
            );
        }
    }
}

/// A request of the size that is wished for, as Codex writes them: instructions, tools, and a history of calls.
fn request(round: Round) -> String {
    let call = json!({"type": "object", "properties": {"command": {"type": "array", "items": {"type": "string"}},
        "workdir": {"type": "string"}, "timeout_ms": {"type": "number"}}, "required": ["command"],
        "additionalProperties": false});
    let mut body = json!({
        "model": "bench",
        "instructions": "You are a coding agent. Work until the task is done, then say so.\n".repeat(220),
        "input": [],
        "tools": [{"type": "function", "name": "shell", "description": "Runs a command.", "strict": false,
            "parameters": call}],
        "tool_choice": "auto", "parallel_tool_calls": true, "store": false, "stream": true,
        "include": ["reasoning.encrypted_content"], "prompt_cache_key": "0198-bench",
    });
    let mut length = body.to_string().len();
    let mut input = vec![message(&round.answer.to_string())];
    for number in 0.. {
        if length >= round.bytes {
            break;
        }
        let added = exchange(number);
        length += added.iter().map(|item| item.to_string().len() + 1).sum::<usize>();
        input.extend(added);
    }
    input.push(message("Go on."));
    body["input"] = Value::Array(input);
    body.to_string()
}

fn message(text: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
}

/// One call and what came of it, some 3 KB.
fn exchange(number: u32) -> [Value; 3] {
    let call_id = format!("call_{number}");
    let arguments = json!({"command": ["bash", "-lc", format!("sed -n '1,40p' src/part_{number}.rs")]}).to_string();
    let mut output = String::new();
    for line in 0..40 {
        writeln!(
            output,
            "    let part_{line} = \"a line of {number}, quoted\\n\"; // and\ttabs — as sources have"
        )
        .unwrap();
    }
    let said = format!("I look at part {number}.");
    [
        json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": said}]}),
        json!({"type": "function_call", "name": "shell", "arguments": arguments, "call_id": call_id}),
        json!({"type": "function_call_output", "call_id": call_id, "output": output}),
    ]
}
