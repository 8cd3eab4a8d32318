//! Clients other than Codex, in front of a Responses endpoint of a provider's own.

use crelay::provider::dialect::Wire;
use serde_json::{Value, json};

use super::Upstream;
use super::client::Connection;
use super::running::{Relay, relay};

/// A whole answer, as an endpoint writes it to whom it does not stream.
fn answer(text: &str) -> String {
    let part = json!({"type": "output_text", "text": text, "annotations": []});
    let thoughts = json!({"type": "reasoning", "id": "rs_9", "summary": [], "encrypted_content": "gAAAA"});
    let message = json!({"type": "message", "id": "msg_9", "role": "assistant", "content": [part]});
    let usage = json!({"input_tokens": 3, "output_tokens": 4, "total_tokens": 7});
    json!({"object": "response", "status": "completed", "output": [thoughts, message], "usage": usage}).to_string()
}

/// A relay before a Responses endpoint.
async fn native(upstream: &Upstream) -> Relay {
    relay(&upstream.base_url)
        .known_as("xai")
        .speaking(Wire::Responses)
        .start()
        .await
}

/// Asks, answers in the provider's place, and gives what was asked of it and what came of it.
async fn turn(connection: &mut Connection, upstream: &Upstream, path: &str, body: &Value) -> (Value, Value) {
    connection.request_as_other("POST", path, &body.to_string()).await;
    let exchange = upstream.request().await;
    let asked = exchange.body.clone();
    exchange.answer("200 OK", "", &answer("It is done.")).await;
    let (head, response) = connection.json().await;
    assert_eq!(head.status, 200, "{response}");
    (asked, response)
}

#[tokio::test]
async fn a_conversation_is_followed_and_summed_up_through_a_responses_endpoint() {
    let upstream = Upstream::bind();
    let relay = native(&upstream).await;
    let mut connection = relay.connect().await;
    let tool = json!({"type": "custom", "name": "note", "description": "Notes."});
    let body = json!({"model": "m", "input": "one", "tools": [tool], "metadata": {"a": "b"}});
    let (asked, first) = turn(&mut connection, &upstream, "/v1/responses", &body).await;
    assert_eq!(
        asked["input"],
        json!([{"type": "message", "role": "user", "content": "one"}])
    );
    assert_eq!(asked["tools"][0]["type"], "function");
    assert_eq!(asked.get("metadata"), None);
    assert_eq!(first["metadata"], json!({"a": "b"}));
    assert_eq!(first["output"][1]["content"][0]["text"], "It is done.");
    assert_eq!(first["usage"]["total_tokens"], 7);

    let body = json!({"model": "m", "previous_response_id": first["id"], "input": "two"});
    let (asked, _) = turn(&mut connection, &upstream, "/v1/responses", &body).await;
    let items = asked["input"].as_array().unwrap();
    let kinds: Vec<&Value> = items.iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["message", "reasoning", "message", "message"]);
    assert_eq!(items[1]["encrypted_content"], "gAAAA", "to its maker as it was");
    assert_eq!(asked.get("previous_response_id"), None);

    let body = json!({"model": "m", "input": items, "tools": [tool]});
    let (asked, compacted) = turn(&mut connection, &upstream, "/v1/responses/compact", &body).await;
    assert_eq!(asked.get("tools"), None);
    let last = asked["input"].as_array().unwrap().last().unwrap();
    let instruction = last["content"].as_str().unwrap();
    assert!(instruction.ends_with("Answer with the summary alone."), "{instruction}");
    let sealed = compacted["output"].as_array().unwrap().last().unwrap();
    assert!(
        sealed["encrypted_content"].as_str().unwrap().contains("It is done."),
        "{sealed}"
    );
}

#[tokio::test]
async fn what_no_parser_takes_costs_nothing_but_itself() {
    let upstream = Upstream::bind();
    let relay = native(&upstream).await;
    let mut connection = relay.connect().await;
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    // A text cut by JavaScript, and values that are larger and deeper than any.
    let body = format!(
        r#"{{"model":"m","instructions":"a\ud83db","input":[{{"type":"message","role":"user","content":"one"}},
        {{"type":"note","text":{deep}}}],"top_p":1e400,"extra":{deep},"metadata":{{"a":"b"}}}}"#
    );
    connection.request_as_other("POST", "/v1/responses", &body).await;
    let exchange = upstream.request().await;
    let asked = exchange.body.clone();
    exchange.answer("200 OK", "", &answer("It is done.")).await;
    let (head, response) = connection.json().await;
    assert_eq!(head.status, 200, "{response}");
    assert_eq!(asked["instructions"], "a\u{fffd}b");
    assert_eq!(
        asked["input"],
        json!([{"type": "message", "role": "user", "content": "one"}])
    );
    assert_eq!(response["instructions"], "a\u{fffd}b");
    assert_eq!(response["metadata"], json!({"a": "b"}));
}
