//! A conversation is made short by the model itself, and what comes of it is understood again.

use serde_json::{Value, json};

use super::Upstream;
use super::client::{Connection, Head};
use super::running::{Relay, relay};

async fn compact(connection: &mut Connection, upstream: &Upstream, body: Value, summary: &str) -> (Head, Value, Value) {
    connection
        .request_as_other("POST", "/v1/responses/compact", &body.to_string())
        .await;
    let exchange = upstream.request().await;
    let asked = exchange.body.clone();
    exchange.stream(summary).await;
    let (head, compacted) = connection.json().await;
    (head, compacted, asked)
}

async fn spacious(upstream: &Upstream) -> Relay {
    relay(&upstream.base_url)
        .limits(|limits| limits.body = 100_000)
        .start()
        .await
}

fn conversation() -> Value {
    json!([
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Be kind."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "look around"}]},
        {"type": "function_call", "call_id": "call_1", "name": "shell", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "a.txt"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I saw a.txt"}]},
        {"type": "message", "role": "user", "content": "and now?"},
    ])
}

#[tokio::test]
async fn a_conversation_is_summed_up_and_goes_on_from_there() {
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    let tool = json!({"type": "function", "name": "shell", "parameters": {"type": "object"}});
    let body = json!({"model": "m", "instructions": "Rules.", "tools": [tool], "input": conversation()});
    let (head, compacted, asked) = compact(&mut connection, &upstream, body, "There is a.txt.").await;
    assert_eq!(
        (head.status, &compacted["object"]),
        (200, &json!("response.compaction"))
    );
    let messages = asked["messages"].as_array().unwrap();
    assert_eq!(messages[0]["content"], "Rules.\n\nBe kind.");
    let last = messages.last().unwrap();
    assert_eq!(last["role"], "user");
    assert!(
        last["content"]
            .as_str()
            .unwrap()
            .ends_with("Answer with the summary alone.")
    );
    assert_eq!(asked["tool_choice"], "none");
    let kinds: Vec<&Value> = compacted["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["type"])
        .collect();
    assert_eq!(kinds, ["message", "message", "compaction"]);
    // What came is the beginning of the next request.
    let mut input = compacted["output"].as_array().unwrap().clone();
    input.push(json!({"role": "user", "content": "go on"}));
    input.push(json!({"type": "compaction", "encrypted_content": "of another"}));
    connection
        .request_as_other(
            "POST",
            "/v1/responses",
            &json!({"model": "m", "input": input}).to_string(),
        )
        .await;
    let exchange = upstream.request().await;
    let user = |content: &str| json!({"role": "user", "content": content});
    let introduction = "Summary of the conversation up to here, without the user's messages that stand above:";
    let expected = json!([
        user("look around"),
        user("and now?"),
        user(&format!("{introduction}\n\nThere is a.txt.")),
        user("go on"),
    ]);
    assert_eq!(exchange.body["messages"], expected);
    exchange.stream("well").await;
    assert_eq!(connection.json().await.0.status, 200);
}

#[tokio::test]
async fn a_kept_conversation_is_summed_up_by_its_id() {
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    connection
        .request_as_other("POST", "/v1/responses", r#"{"input":"one"}"#)
        .await;
    upstream.request().await.stream("two").await;
    let id = connection.json().await.1["id"].clone();
    let body = json!({"model": "m", "previous_response_id": id});
    let (_, compacted, asked) = compact(&mut connection, &upstream, body, "They count.").await;
    assert_eq!(asked["messages"][1], json!({"role": "assistant", "content": "two"}));
    assert_eq!(
        compacted["output"][0]["content"],
        json!([{"type": "input_text", "text": "one"}])
    );
    let unknown = json!({"model": "m", "previous_response_id": "resp_x"}).to_string();
    connection
        .request_as_other("POST", "/v1/responses/compact", &unknown)
        .await;
    let (head, body) = connection.json().await;
    assert_eq!(
        (head.status, &body["error"]["code"]),
        (400, &json!("previous_response_not_found"))
    );
}

#[tokio::test]
async fn a_summary_that_does_not_come_is_an_error() {
    let upstream = Upstream::bind();
    let relay = spacious(&upstream).await;
    let mut connection = relay.connect().await;
    let body = json!({"model": "m", "input": conversation()});
    let (head, answer, _) = compact(&mut connection, &upstream, body.clone(), " ").await;
    assert_eq!(
        (head.status, &answer["error"]["message"]),
        (502, &json!("the model wrote no summary"))
    );
    connection
        .request("POST", "/v1/responses/compact", &body.to_string())
        .await;
    upstream
        .request()
        .await
        .answer("429 Too Many Requests", "", "slow down")
        .await;
    assert_eq!(connection.json().await.0.status, 429);
}
