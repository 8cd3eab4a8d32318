//! A search that the model calls, and whose arguments the provider wants back within the turn.

use crelay::provider::Table;
use serde_json::{Value, json};

use super::client::{Event, end};
use super::running::{Relay, relay};
use super::upstream::{Exchange, Upstream};

/// What was found, in the provider's words; they go back as they came.
const FOUND: &str = r#"{"search_result":{"search_id":"0a1b"},"usage":{"total_tokens":8000}}"#;

async fn searching(upstream: &Upstream) -> Relay {
    let table = Table::embedded().unwrap();
    let dialect = table.find("kimi-coding").unwrap().dialect("kimi-for-coding");
    let setup = relay(&upstream.base_url).dialect(dialect);
    setup.limits(|limits| limits.body = 100_000).start().await
}

/// A turn as Codex asks for it.
fn asked(items: &[Value]) -> String {
    let tools = json!([
        {"type": "function", "name": "exec_command", "parameters": {"type": "object", "properties": {}}},
        {"type": "web_search", "external_web_access": true},
    ]);
    json!({"model": "m", "stream": true, "input": items, "tools": tools}).to_string()
}

fn said(role: &str, text: &str) -> Value {
    json!({"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]})
}

/// Thinks and makes calls of these names.
async fn call(mut provider: Exchange, names: &[&str]) {
    provider.begin().await;
    let thought = json!({"choices": [{"index": 0, "delta": {"reasoning_content": "Look it up."}}]});
    provider.frame(&thought.to_string()).await;
    for (index, name) in names.iter().enumerate() {
        let (kind, arguments) = match *name {
            "$web_search" => ("builtin_function", FOUND),
            _ => ("function", "{}"),
        };
        let function = json!({"name": name, "arguments": arguments});
        let call = json!({"index": index, "id": format!("{name}:{index}"), "type": kind, "function": function});
        let chunk = json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]});
        provider.frame(&chunk.to_string()).await;
    }
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
    let last = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": usage});
    provider.frame(&last.to_string()).await;
    provider.frame("[DONE]").await;
}

fn kinds(events: &[Event]) -> Vec<&str> {
    let output = end(events).data["response"]["output"].as_array().unwrap();
    output.iter().map(|item| item["type"].as_str().unwrap()).collect()
}

fn messages(request: &Exchange) -> Vec<Value> {
    request.body["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_turn_goes_on_with_what_was_found_and_the_next_begins_with_all_of_it() {
    let upstream = Upstream::bind();
    let relay = searching(&upstream).await;
    let question = said("user", "Which release is new?");
    let mut connection = relay.post(&asked(std::slice::from_ref(&question))).await;
    let request = upstream.request().await;
    let tool = json!({"type": "builtin_function", "function": {"name": "$web_search"}});
    assert_eq!(request.body["tools"][0], tool);
    let first = messages(&request);
    call(request, &["$web_search"]).await;
    let request = upstream.request().await;
    let second = messages(&request);
    assert_eq!(second[..first.len()], first);
    let function = json!({"name": "$web_search", "arguments": FOUND});
    let id = second[first.len()]["tool_calls"][0]["id"].clone();
    assert_eq!(
        second[first.len()..],
        [
            json!({
                "role": "assistant", "content": "", "reasoning_content": "Look it up.",
                "tool_calls": [{"id": id, "type": "builtin_function", "function": function}],
            }),
            json!({"role": "tool", "tool_call_id": id, "name": "$web_search", "content": FOUND}),
        ]
    );
    request.stream("Rust 1.95.").await;
    connection.head().await;
    let events = connection.events().await;
    assert_eq!(kinds(&events), ["reasoning", "web_search_call", "reasoning", "message"]);
    assert_eq!(end(&events).name, "response.completed");
    assert_eq!(
        events.iter().filter(|event| event.name == "response.created").count(),
        1
    );

    let mut items = vec![question];
    items.extend(end(&events).data["response"]["output"].as_array().unwrap().clone());
    items.push(said("user", "And before?"));
    let _open = relay.post(&asked(&items)).await;
    let third = messages(&upstream.request().await);
    assert_eq!(third[..second.len()], second);
    assert_eq!(third[second.len()]["content"], "Rust 1.95.");
    assert_eq!(third[second.len() + 1]["role"], "user");
}

#[tokio::test]
async fn a_search_beside_a_call_goes_back_with_what_codex_answers() {
    let upstream = Upstream::bind();
    let relay = searching(&upstream).await;
    let question = said("user", "Is this the new release?");
    let mut connection = relay.post(&asked(std::slice::from_ref(&question))).await;
    call(upstream.request().await, &["$web_search", "exec_command"]).await;
    connection.head().await;
    let events = connection.events().await;
    assert_eq!(
        kinds(&events),
        ["reasoning", "web_search_call", "function_call", "reasoning"]
    );
    assert!(!upstream.has_visitor(), "Codex runs the command first");

    let mut items = vec![question];
    items.extend(end(&events).data["response"]["output"].as_array().unwrap().clone());
    items.push(json!({"type": "function_call_output", "call_id": "exec_command:1", "output": "1.94"}));
    let _open = relay.post(&asked(&items)).await;
    let messages = messages(&upstream.request().await);
    let calls = messages[1]["tool_calls"].as_array().unwrap();
    let called: Vec<&Value> = calls.iter().map(|call| &call["function"]["name"]).collect();
    assert_eq!(called, ["exec_command", "$web_search"]);
    let answered: Vec<&Value> = messages[2..].iter().map(|message| &message["content"]).collect();
    assert_eq!(answered, ["1.94", FOUND]);
}

#[tokio::test]
async fn a_model_that_only_searches_ends_and_one_that_fails_after_it_has_failed() {
    let upstream = Upstream::bind();
    let relay = searching(&upstream).await;
    let body = asked(&[said("user", "Search.")]);
    let mut connection = relay.post(&body).await;
    for _ in 0..9 {
        call(upstream.request().await, &["$web_search"]).await;
    }
    connection.head().await;
    let events = connection.events().await;
    assert_eq!(end(&events).name, "response.completed");
    let searches = kinds(&events).iter().filter(|kind| **kind == "web_search_call").count();
    assert_eq!((searches, upstream.has_visitor()), (9, false));

    let mut connection = relay.post(&body).await;
    call(upstream.request().await, &["$web_search"]).await;
    let refusal = r#"{"error":{"message":"tokenization failed"}}"#;
    upstream.request().await.answer("400 Bad Request", "", refusal).await;
    connection.head().await;
    let failed = connection.events().await;
    assert_eq!(end(&failed).name, "response.failed");
    assert!(
        end(&failed).data["response"]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("tokenization failed")
    );
}
