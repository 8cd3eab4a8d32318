//! Answers that come well, in all the ways in which providers send them.

use std::time::Duration;

use crelay::provider::dialect::{Dialect, Header, HeaderValue};
use serde_json::json;

use super::client::{end, spoken};
use super::{STREAMED, Upstream, WHOLE, relay, upstream};

#[tokio::test]
async fn a_streamed_turn_is_heard_word_by_word() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    assert_eq!(provider.body["stream"], true);
    provider.begin().await;
    provider.say("Hello").await;
    let head = codex.head().await;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    assert_eq!(head.header("cache-control"), Some("no-cache"));
    // The first word is heard before the second is said.
    assert_eq!(codex.event().await.unwrap().name, "response.created");
    let first = codex.event_named("response.output_text.delta").await;
    assert_eq!(first.data["delta"], "Hello");
    provider.say(", world").await;
    let second = codex.event_named("response.output_text.delta").await;
    assert_eq!(second.data["delta"], ", world");
    provider.finish().await;
    provider.frame("[DONE]").await;
    let end = codex.event_named("response.completed").await;
    assert_eq!(end.data["response"]["output"][0]["content"][0]["text"], "Hello, world");
    assert_eq!(codex.event().await, None);
}

#[tokio::test]
async fn what_arrives_at_once_goes_on_at_once() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("a").await;
    codex.head().await;
    codex.event_named("response.output_text.delta").await;
    let frames = ["b", "c", "d"].map(|word| format!("data: {}\n\n", upstream::spoken(word)));
    provider.write(&frames.concat()).await;
    let chunk = codex.chunk().await.unwrap();
    let told = chunk.matches("event: response.output_text.delta\n").count();
    assert_eq!((told, chunk.contains(r#""delta":"bcd""#)), (1, true), "{chunk}");
}

#[tokio::test]
async fn chunks_that_arrive_at_once_go_on_at_once() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = |word: &str| {
        let frame = format!("data: {}\n\n", upstream::spoken(word));
        format!("{:x}\r\n{frame}\r\n", frame.len())
    };
    provider.write(&(head.to_owned() + &chunk("a"))).await;
    codex.head().await;
    codex.event_named("response.output_text.delta").await;
    let words = ["b", "c", "d"].map(chunk).concat();
    provider.write(&words).await;
    let told = codex.event_named("response.output_text.delta").await;
    assert_eq!(told.data["delta"], "bcd");
    // More than is taken before anybody wants it.
    let many = "e".repeat(300);
    provider.write(&chunk(&many).repeat(300)).await;
    let mut told = String::new();
    while told.len() < 90_000 {
        let delta = codex.event_named("response.output_text.delta").await;
        told += delta.data["delta"].as_str().unwrap();
    }
    assert_eq!(told, "e".repeat(90_000));
    let stop = format!("data: {}\n\ndata: [DONE]\n\n", upstream::STOP);
    provider
        .write(&format!("{:x}\r\n{stop}\r\n0\r\n\r\n", stop.len()))
        .await;
    codex.event_named("response.completed").await;
}

#[tokio::test]
async fn a_whole_answer_is_the_last_event_of_a_streamed_one() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut streamed = relay.post(STREAMED).await;
    upstream.request().await.stream("Hello").await;
    streamed.head().await;
    let events = streamed.events().await;
    let mut expected = end(&events).data["response"].clone();
    let mut whole = relay.post(WHOLE).await;
    upstream.request().await.stream("Hello").await;
    let (head, mut body) = whole.json().await;
    assert_eq!(head.status, 200);
    assert_ne!(body["id"], expected["id"]);
    // Ids and times are of the turn.
    for response in [&mut body, &mut expected] {
        response["id"] = json!(null);
        response["created_at"] = json!(null);
        response["completed_at"] = json!(null);
        response["output"][0]["id"] = json!(null);
    }
    assert_eq!(body, expected);
}

#[tokio::test]
async fn a_provider_that_does_not_stream_is_heard_too() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let answer = r#"{"choices":[{"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}"#;
    let provider = upstream.request().await;
    provider
        .answer("200 OK", "content-type: application/json\r\n", answer)
        .await;
    assert_eq!(codex.head().await.header("content-type"), Some("text/event-stream"));
    let events = codex.events().await;
    assert_eq!(spoken(&events), "Hello");
    assert_eq!(end(&events).name, "response.completed");
}

#[tokio::test]
async fn done_ends_a_turn_although_the_line_stays_open() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hello").await;
    provider.frame("[DONE]").await;
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.completed");
    provider.hung_up().await;
}

#[tokio::test]
async fn a_finish_reason_ends_a_turn_a_while_later() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.after_finish = Duration::from_millis(50))
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hello").await;
    provider.finish().await;
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.completed");
    provider.hung_up().await;
}

#[tokio::test]
async fn token_counts_after_the_finish_reason_are_counted() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.finish().await;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#;
    provider.frame(usage).await;
    provider.frame("[DONE]").await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(end(&events).data["response"]["usage"]["total_tokens"], 7);
}

#[tokio::test]
async fn a_silent_provider_costs_no_connection() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| {
            limits.patience = Duration::ZERO;
            limits.keepalive = Duration::from_millis(5);
        })
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    // The stream begins although the provider has not, and shows that it lives.
    assert_eq!(codex.head().await.status, 200);
    assert_eq!(codex.event().await.unwrap().name, "response.created");
    codex.event_named("keepalive").await;
    codex.event_named("keepalive").await;
    provider.begin().await;
    provider.say("Hello").await;
    assert_eq!(
        codex.event_named("response.output_text.delta").await.data["delta"],
        "Hello"
    );
    // Comments of the provider are no signs of life for Codex.
    provider.write(": still here\n\n").await;
    codex.event_named("keepalive").await;
    provider.finish().await;
    provider.frame("[DONE]").await;
    codex.event_named("response.completed").await;
    assert_eq!(codex.event().await, None);
}

#[tokio::test]
async fn headers_of_the_provider_do_not_reach_codex() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    // Codex takes another name in `openai-model` for a flagged account.
    provider
        .write(
            "HTTP/1.1 200 OK\r\nopenai-model: other\r\nx-request-id: 7\r\nset-cookie: a=b\r\nconnection: close\r\n\r\n",
        )
        .await;
    provider.say("Hello").await;
    let head = codex.head().await;
    let mut names = head.names();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "cache-control",
            "content-type",
            "date",
            "transfer-encoding",
            "x-accel-buffering"
        ]
    );
}

#[tokio::test]
async fn turns_share_a_connection_to_the_provider() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    for turn in 0..3 {
        let body = format!("data: {}\n\ndata: [DONE]\n\n", upstream::STOP);
        let size = body.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        provider.write(&format!("{head}{size:x}\r\n{body}\r\n0\r\n\r\n")).await;
        codex.head().await;
        assert_eq!(end(&codex.events().await).name, "response.completed", "turn {turn}");
        codex.post(STREAMED).await;
        provider = provider.next().await;
    }
}

#[tokio::test]
async fn headers_of_a_dialect_go_along_and_those_of_the_configuration_count_more() {
    let upstream = Upstream::bind();
    let header = |name: &str, value| Header {
        name: name.to_owned(),
        value,
    };
    let dialect = Dialect {
        headers: vec![
            header("X-Session", HeaderValue::Conversation),
            header("X-Team", HeaderValue::Text("red".to_owned())),
        ],
        ..Dialect::default()
    };
    let relay = relay(&upstream.base_url).dialect(dialect).start().await;
    let body = json!({"model": "m", "input": "hi", "stream": true, "prompt_cache_key": "thread-7"});
    let _codex = relay.post(&body.to_string()).await;
    let provider = upstream.request().await;
    assert!(provider.head.contains("x-session: thread-7\r\n"), "{}", provider.head);
    assert!(provider.head.contains("x-team: blue\r\n"), "{}", provider.head);
    assert!(!provider.head.contains("red"), "{}", provider.head);
}
