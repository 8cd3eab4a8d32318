//! The demo, reached as any provider is.

use std::time::Duration;

use crelay::demo;
use serde_json::{Value, json};

use super::client::{end, spoken};
use super::{Relay, relay};

async fn turn(relay: &Relay, request: Value) -> (String, Value) {
    let mut codex = relay.post(&request.to_string()).await;
    assert_eq!(codex.head().await.status, 200);
    let events = codex.events().await;
    let end = end(&events);
    assert_eq!(end.name, "response.completed");
    (spoken(&events), end.data["response"].clone())
}

#[tokio::test]
async fn the_demo_looks_around_and_tells_what_it_saw() {
    let demo = demo::serve(Duration::ZERO).await.unwrap();
    let relay = relay(demo.base_url().as_str())
        .limits(|limits| limits.body = 1024 * 1024)
        .start()
        .await;
    let tool = json!({
        "type": "function",
        "name": "exec_command",
        "parameters": { "type": "object", "properties": { "cmd": { "type": "string" } }, "required": ["cmd"] }
    });
    let user = json!({ "type": "message", "role": "user", "content": "show me" });
    let request = |input: Value| json!({ "model": "demo", "stream": true, "tools": [tool], "input": input });
    let (text, response) = turn(&relay, request(json!([user]))).await;
    assert!(text.starts_with("I am crelay's demo"), "{text}");
    let output = response["output"].as_array().unwrap();
    let kinds: Vec<&Value> = output.iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call"]);
    let call = &output[2];
    assert_eq!(call["name"], "exec_command");
    assert_eq!(call["arguments"], r#"{"cmd":"pwd && ls"}"#);
    assert!(response["usage"]["total_tokens"].as_u64().unwrap() > 0);
    // Codex runs the call and sends everything back.
    let mut input = vec![user];
    input.extend(output.iter().cloned());
    let printed = "Wall time: 0.1 seconds\nOutput:\n/home/ada\nnotes.txt\n";
    input.push(json!({ "type": "function_call_output", "call_id": call["call_id"], "output": printed }));
    let (text, response) = turn(&relay, request(json!(input))).await;
    assert!(text.contains("/home/ada\nnotes.txt\n"), "{text}");
    assert!(!text.contains("Wall time"), "{text}");
    let again = turn(&relay, request(json!(input))).await;
    assert_eq!(again.0, text);
    assert_eq!(response["output"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_demo_refuses_a_conversation_with_a_hole() {
    let demo = demo::serve(Duration::ZERO).await.unwrap();
    let url = format!("{}/chat/completions", demo.base_url());
    let body = json!({ "model": "demo", "stream": true, "messages": [
        { "role": "user", "content": "hi" },
        { "role": "tool", "tool_call_id": "x", "content": "" }
    ] });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let words = answer.text().await.unwrap();
    assert!(words.contains("nothing was called that `x` would answer"), "{words}");
}

#[tokio::test]
async fn the_demo_ends_when_it_is_dropped() {
    let demo = demo::serve(Duration::ZERO).await.unwrap();
    let port = demo.base_url().port().unwrap();
    let open = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    drop(demo);
    let mut rest = Vec::new();
    let mut open = open;
    let read = tokio::io::AsyncReadExt::read_to_end(&mut open, &mut rest);
    let _ = super::soon("the demo's end", read).await;
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}
