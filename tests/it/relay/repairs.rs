//! A request that a provider refuses in so many words is put otherwise and sent once more; Codex does not notice, and
//! what was refused is not asked again.

use std::time::Duration;

use crelay::provider::dialect::{Dialect, ReasoningRequest, Wire};
use crelay::session::Effort;
use serde_json::{Value, json};

use super::client::{end, spoken};
use super::running::{Relay, Setup};
use super::upstream::Exchange;
use super::{STREAMED, Upstream, relay};

fn refusal(words: &str) -> String {
    json!({"error": {"message": words, "type": "invalid_request_error", "param": null, "code": null}}).to_string()
}

/// What is sent first, and what is sent after the refusal; the turn is heard as if there had been none.
async fn repaired(relay: &Relay, upstream: &Upstream, request: &Value, words: &str) -> (Value, Value) {
    let mut codex = relay.post(&request.to_string()).await;
    let first = upstream.request().await;
    let asked = first.body.clone();
    first.answer("400 Bad Request", "", &refusal(words)).await;
    let second = upstream.request().await;
    let again = second.body.clone();
    second.stream("Hello").await;
    assert_eq!(codex.head().await.status, 200);
    let events = codex.events().await;
    assert_eq!(spoken(&events), "Hello");
    assert_eq!(end(&events).name, "response.completed");
    (asked, again)
}

/// What is sent at once in the next turn.
async fn next(relay: &Relay, upstream: &Upstream, request: &Value) -> Value {
    let mut codex = relay.post(&request.to_string()).await;
    let exchange: Exchange = upstream.request().await;
    let sent = exchange.body.clone();
    exchange.stream("Hello").await;
    codex.head().await;
    codex.events().await;
    sent
}

fn thinking(upstream: &Upstream) -> Setup {
    relay(&upstream.base_url).dialect(Dialect {
        reasoning: ReasoningRequest::Effort,
        efforts: vec![Effort::Low, Effort::Medium, Effort::High, Effort::Xhigh],
        ..Dialect::default()
    })
}

#[tokio::test]
async fn a_refused_effort_becomes_the_nearest_that_is_known_and_stays_so() {
    let upstream = Upstream::bind();
    let relay = thinking(&upstream).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi", "reasoning": {"effort": "medium"}});
    let words = "Unsupported value: 'reasoning_effort' does not support 'medium' with this model. Supported values are: 'low' and 'high'.";
    let (first, second) = repaired(&relay, &upstream, &request, words).await;
    assert_eq!(first["reasoning_effort"], "medium");
    assert_eq!(second["reasoning_effort"], "high");
    assert_eq!(next(&relay, &upstream, &request).await["reasoning_effort"], "high");
    // What was learned of one model is not known of another.
    let other = json!({"model": "n", "stream": true, "input": "hi"});
    assert_eq!(next(&relay, &upstream, &other).await["model"], "n");
}

#[tokio::test]
async fn a_parameter_that_is_not_taken_is_left_out() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi"});
    let words = "Unrecognized request argument supplied: stream_options";
    let (mut first, second) = repaired(&relay, &upstream, &request, words).await;
    assert!(first.as_object_mut().unwrap().remove("stream_options").is_some());
    assert_eq!(first, second);
    assert_eq!(next(&relay, &upstream, &request).await["stream_options"], Value::Null);
}

#[tokio::test]
async fn images_that_are_not_taken_are_told_in_words() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).seeing().start().await;
    let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"});
    let input = json!([{"type": "message", "role": "user", "content": [image]}]);
    let request = json!({"model": "m", "stream": true, "input": input});
    let words = "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text`";
    let (first, second) = repaired(&relay, &upstream, &request, words).await;
    assert_eq!(first["messages"][0]["content"][0]["type"], "image_url");
    let words = second["messages"][0]["content"].as_str().unwrap();
    assert!(words.contains("cannot see images"), "{words}");
}

#[tokio::test]
async fn fields_that_are_refused_one_after_another_are_all_left_out() {
    let upstream = Upstream::bind();
    let relay = thinking(&upstream).start().await;
    let request =
        json!({"model": "m", "stream": true, "input": "hi", "max_output_tokens": 9, "reasoning": {"effort": "low"}});
    let mut codex = relay.post(&request.to_string()).await;
    for field in ["stream_options", "reasoning_effort"] {
        let exchange = upstream.request().await;
        assert_ne!(exchange.body[field], Value::Null, "{field}");
        let words = format!("Unrecognized request argument supplied: {field}");
        exchange.answer("400 Bad Request", "", &refusal(&words)).await;
    }
    let last = upstream.request().await;
    assert_eq!(
        (&last.body["stream_options"], &last.body["reasoning_effort"]),
        (&Value::Null, &Value::Null)
    );
    last.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
    let next = next(&relay, &upstream, &request).await;
    assert_eq!(
        (&next["stream_options"], &next["reasoning_effort"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn what_did_not_help_is_not_remembered() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi"});
    let mut codex = relay.post(&request.to_string()).await;
    let words = refusal("Unrecognized request argument supplied: stream_options");
    upstream.request().await.answer("400 Bad Request", "", &words).await;
    let again = upstream.request().await;
    assert_eq!(again.body["stream_options"], Value::Null);
    again.answer("422 Unprocessable Entity", "", "still not right").await;
    let (head, words) = codex.answer().await;
    assert_eq!(
        (head.status, words.as_str()),
        (400, "Acme says: still not right (422).")
    );
    assert_ne!(next(&relay, &upstream, &request).await["stream_options"], Value::Null);
}

#[tokio::test]
async fn two_things_are_put_right_in_one_turn_but_none_of_them_twice() {
    let upstream = Upstream::bind();
    let relay = thinking(&upstream).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi", "reasoning": {"effort": "xhigh"}});
    let mut codex = relay.post(&request.to_string()).await;
    let refused = async |words: &str| {
        let exchange = upstream.request().await;
        let body = exchange.body.clone();
        exchange.answer("400 Bad Request", "", &refusal(words)).await;
        body
    };
    refused("unknown field `stream_options`").await;
    refused("unknown variant `xhigh`, expected one of `low`, `medium`").await;
    let last = refused("unknown variant `medium`, expected one of `low`, `high`").await;
    assert_eq!(
        (&last["reasoning_effort"], &last["stream_options"]),
        (&json!("medium"), &Value::Null)
    );
    let (head, words) = codex.answer().await;
    assert_eq!(head.status, 400);
    assert!(words.contains("expected one of `low`, `high`"), "{words}");
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn a_provider_that_contradicts_itself_is_not_asked_for_ever() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi", "max_output_tokens": 9});
    let mut codex = relay.post(&request.to_string()).await;
    for _ in 0..5 {
        let exchange = upstream.request().await;
        let spellings = ["max_tokens", "max_completion_tokens"];
        let field = spellings.into_iter().find(|field| exchange.body[field] == 9).unwrap();
        let words = format!("Unrecognized request argument supplied: {field}");
        exchange.answer("400 Bad Request", "", &refusal(&words)).await;
    }
    let (head, words) = codex.answer().await;
    assert_eq!(head.status, 400);
    assert!(words.contains("Unrecognized request argument"), "{words}");
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn what_cannot_be_put_otherwise_is_told_at_once() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for words in [
        "Unknown parameter: 'store'.",
        "Unknown parameter: 'messages'.",
        "bad request",
    ] {
        let mut codex = relay.post(STREAMED).await;
        upstream
            .request()
            .await
            .answer("400 Bad Request", "", &refusal(words))
            .await;
        let (head, told) = codex.answer().await;
        assert_eq!(
            (head.status, told),
            (400, format!("Acme says: {words} (400).").replace(".. (", ". ("))
        );
        assert!(!upstream.has_visitor());
    }
}

#[tokio::test]
async fn a_stream_that_has_begun_without_the_provider_does_not_notice_either() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).limits(|limits| limits.patience = Duration::ZERO);
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let first = upstream.request().await;
    assert_eq!(codex.head().await.status, 200);
    assert_eq!(codex.event().await.unwrap().name, "response.created");
    first
        .answer("400 Bad Request", "", &refusal("Unknown parameter: 'stream_options'."))
        .await;
    upstream.request().await.stream("Hello").await;
    let events = codex.events().await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names[..2], ["response.in_progress", "response.output_item.added"]);
    assert_eq!(spoken(&events), "Hello");
}

#[tokio::test]
async fn a_refusal_inside_a_good_status_is_put_right_too() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut first = upstream.request().await;
    first.begin().await;
    first.frame(&refusal("Unknown parameter: 'stream_options'.")).await;
    upstream.request().await.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
}

#[tokio::test]
async fn an_answer_that_has_begun_is_not_asked_for_otherwise() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    provider.frame(&refusal("Unknown parameter: 'stream_options'.")).await;
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.failed");
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn a_native_request_is_put_otherwise_as_well() {
    let upstream = Upstream::bind();
    let mut dialect = Dialect {
        wires: vec![Wire::Responses],
        efforts: vec![Effort::Low, Effort::High],
        ..Dialect::default()
    };
    assert!(dialect.speak(Wire::Responses));
    let relay = relay(&upstream.base_url).dialect(dialect).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi", "reasoning": {"effort": "high"}});
    let mut codex = relay.post(&request.to_string()).await;
    let first = upstream.request().await;
    assert!(first.head.starts_with("post /v1/responses"), "{}", first.head);
    assert_eq!(first.body["reasoning"]["effort"], "high");
    let words = "Expected one of ('minimal', 'low') at 'reasoning.effort', got 'high'";
    first.answer("400 Bad Request", "", &refusal(words)).await;
    let mut second = upstream.request().await;
    assert_eq!(second.body["reasoning"]["effort"], "low");
    second.begin().await;
    let response = json!({"id": "resp_1", "object": "response", "status": "completed", "output": []});
    second
        .frame(&json!({"type": "response.completed", "response": response}).to_string())
        .await;
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.completed");
}
