//! Clients other than Codex: their finished answers are kept for a while, and errors have the API's shape.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Connection, Head, end};
use super::running::{Relay, relay};
use super::{STREAMED, Upstream, WHOLE};

/// Sends a turn as another client does.
async fn post(connection: &mut Connection, body: &Value) {
    connection
        .request_as_other("POST", "/v1/responses", &body.to_string())
        .await;
}

async fn asked(connection: &mut Connection, method: &str, path: &str) -> (Head, Value) {
    connection.request_as_other(method, path, "").await;
    connection.json().await
}

/// A whole turn; gives its response object.
async fn turn(relay: &Relay, upstream: &Upstream, body: Value, answer: &str) -> Value {
    let mut connection = relay.connect().await;
    post(&mut connection, &body).await;
    upstream.request().await.stream(answer).await;
    let (head, response) = connection.json().await;
    assert_eq!(head.status, 200, "{response}");
    response
}

#[tokio::test]
async fn a_request_that_follows_an_answer_brings_the_whole_conversation() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let first = turn(&relay, &upstream, json!({"input": "one"}), "two").await;
    assert_eq!(first["store"], true);
    assert_eq!(first["previous_response_id"], Value::Null);
    // Streamed as well, and with a list.
    let mut connection = relay.connect().await;
    let list = json!([{"role": "user", "content": [{"type": "input_text", "text": "three"}]}]);
    let body = json!({"stream": true, "instructions": "Be kind.", "previous_response_id": first["id"], "input": list});
    post(&mut connection, &body).await;
    upstream.request().await.stream("four").await;
    connection.head().await;
    let second = end(&connection.events().await).data["response"].clone();
    assert_eq!(second["previous_response_id"], first["id"]);
    post(
        &mut connection,
        &json!({"previous_response_id": second["id"], "input": "five"}),
    )
    .await;
    let exchange = upstream.request().await;
    let message = |role: &str, content: &str| json!({"role": role, "content": content});
    let conversation = json!([
        message("user", "one"),
        message("assistant", "two"),
        message("user", "three"),
        message("assistant", "four"),
        message("user", "five"),
    ]);
    // The instructions of an earlier request are not carried over.
    assert_eq!(exchange.body["messages"], conversation);
    exchange.stream("six").await;
    assert_eq!(connection.json().await.0.status, 200);
}

#[tokio::test]
async fn an_answer_can_be_read_again_until_it_is_deleted() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let response = turn(&relay, &upstream, json!({"input": "one"}), "two").await;
    let id = response["id"].as_str().unwrap();
    let path = format!("/v1/responses/{id}");
    let mut connection = relay.connect().await;
    let (head, again) = asked(&mut connection, "GET", &path).await;
    assert_eq!((head.status, &again), (200, &response));
    let (head, body) = asked(&mut connection, "POST", &format!("{path}/cancel")).await;
    assert_eq!(
        (head.status, &body["error"]["message"]),
        (400, &json!("the answer is finished; there is nothing to cancel"))
    );
    let (head, body) = asked(&mut connection, "DELETE", &path).await;
    let deleted = json!({"id": id, "object": "response", "deleted": true});
    assert_eq!((head.status, body), (200, deleted));
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/cancel")),
    ] {
        let (head, body) = asked(&mut connection, method, &path).await;
        assert_eq!(
            (head.status, &body["error"]["code"]),
            (404, &json!("response_not_found")),
            "{method} {path}"
        );
    }
    let (head, body) = asked(&mut connection, "GET", &format!("{path}/cancel")).await;
    assert_eq!((head.status, head.header("allow")), (405, Some("POST")), "{body}");
}

#[tokio::test]
async fn what_is_not_kept_cannot_be_followed() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut connection = relay.connect().await;
    let unkept = turn(&relay, &upstream, json!({"input": "one", "store": false}), "two").await;
    assert_eq!(unkept["store"], false);
    let path = format!("/v1/responses/{}", unkept["id"].as_str().unwrap());
    assert_eq!(asked(&mut connection, "GET", &path).await.0.status, 404);
    let oldest = turn(&relay, &upstream, json!({"input": "one"}), "two").await;
    for _ in 0..3 {
        turn(&relay, &upstream, json!({"input": "one"}), "two").await;
    }
    for id in [&unkept["id"], &oldest["id"], &json!("resp_unheard_of")] {
        let body = json!({"previous_response_id": id, "input": "three"});
        post(&mut connection, &body).await;
        let (head, body) = connection.json().await;
        let error = json!({
            "message": "the answer that `previous_response_id` names is not kept, or no longer; send the whole conversation",
            "type": "invalid_request_error",
            "param": "previous_response_id",
            "code": "previous_response_not_found",
        });
        assert_eq!((head.status, body), (400, json!({"error": error})), "{id}");
    }
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn nothing_of_codex_is_kept() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.connect().await;
    codex.post(WHOLE).await;
    upstream.request().await.stream("Hello").await;
    let (_, response) = codex.json().await;
    codex.post(STREAMED).await;
    upstream.request().await.stream("Hello").await;
    codex.head().await;
    let streamed = end(&codex.events().await).data["response"].clone();
    for id in [&response["id"], &streamed["id"]] {
        let path = format!("/v1/responses/{}", id.as_str().unwrap());
        assert_eq!(asked(&mut codex, "GET", &path).await.0.status, 404);
    }
}

#[tokio::test]
async fn an_answer_that_failed_on_its_way_is_kept_as_failed() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut connection = relay.connect().await;
    post(&mut connection, &json!({"stream": true, "input": "one"})).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    provider.reset();
    connection.head().await;
    let failed = end(&connection.events().await).data["response"].clone();
    assert_eq!(failed["status"], "failed");
    let path = format!("/v1/responses/{}", failed["id"].as_str().unwrap());
    assert_eq!(asked(&mut connection, "GET", &path).await.1, failed);
}

#[tokio::test]
async fn a_refusal_reaches_other_clients_as_its_status_in_the_shape_of_the_api() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut connection = relay.connect().await;
    for (given, status) in [
        ("429 Too Many Requests", 429),
        ("400 Bad Request", 400),
        ("503 Oh", 503),
    ] {
        post(&mut connection, &json!({"stream": true, "input": "one"})).await;
        upstream.request().await.answer(given, "", "no").await;
        let (head, body) = connection.json().await;
        assert_eq!(head.status, status);
        assert!(body["error"]["message"].as_str().unwrap().contains("Acme"), "{body}");
    }
    post(&mut connection, &json!({"input": 7})).await;
    let (head, body) = connection.json().await;
    assert_eq!(
        (head.status, &body["error"]["code"]),
        (400, &json!("unreadable_request"))
    );
}

#[tokio::test]
async fn a_silent_line_is_kept_open_with_comments() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| {
            limits.patience = Duration::ZERO;
            limits.keepalive = Duration::from_millis(20);
        })
        .start()
        .await;
    let mut connection = relay.connect().await;
    post(&mut connection, &json!({"stream": true, "input": "one"})).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    connection.head().await;
    let begun = connection.chunk().await.unwrap();
    assert!(begun.starts_with("event: response.created\n"), "{begun}");
    assert_eq!(connection.chunk().await.unwrap(), ": keepalive\n\n");
    drop(provider);
}
