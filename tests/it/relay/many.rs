//! Many turns at once, and many small pieces of one.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::client::{end, spoken};
use super::{STREAMED, Upstream, relay, soon};

#[tokio::test]
async fn many_may_come_before_the_first_is_looked_at() {
    let listener = crelay::relay::bind().await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut crowd = Vec::new();
    // More than the 128 that may by default.
    for _ in 0..160 {
        crowd.push(soon("a connection", TcpStream::connect(address)).await.unwrap());
    }
}

#[tokio::test]
async fn a_hundred_turns_at_once_keep_apart() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut turns = JoinSet::new();
    for number in 0..100 {
        let mut codex = relay.connect().await;
        turns.spawn(async move {
            let body = format!(r#"{{"model":"m","stream":true,"input":"number {number}"}}"#);
            codex.post(&body).await;
            codex.head().await;
            let events = codex.events().await;
            assert_eq!(end(&events).name, "response.completed");
            assert_eq!(spoken(&events), format!("number {number}, number {number}"));
        });
    }
    // All are open before the first is answered.
    let mut exchanges = Vec::new();
    for _ in 0..100 {
        exchanges.push(upstream.request().await);
    }
    for exchange in &mut exchanges {
        let asked = exchange.body["messages"][0]["content"].as_str().unwrap().to_owned();
        exchange.begin().await;
        exchange.say(&asked).await;
        exchange.say(", ").await;
    }
    for mut exchange in exchanges.into_iter().rev() {
        let asked = exchange.body["messages"][0]["content"].as_str().unwrap().to_owned();
        exchange.say(&asked).await;
        exchange.finish().await;
    }
    while let Some(turn) = turns.join_next().await {
        turn.unwrap();
    }
}

/// With Nagle's algorithm, a piece waits for the acknowledgement of the one before it: 40 ms, once the kernel has seen
/// that this client has something to say itself after each answer.
#[tokio::test]
async fn a_small_piece_does_not_wait_for_the_one_before() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.connect().await;
    let mut quickest = Duration::MAX;
    for turn in 0..100 {
        let began = Instant::now();
        codex.post(STREAMED).await;
        let mut provider = upstream.request().await;
        provider.begin().await;
        provider.say("a").await;
        codex.head().await;
        codex.event_named("response.output_text.delta").await;
        provider.say("b").await;
        codex.event_named("response.output_text.delta").await;
        provider.say("c").await;
        codex.event_named("response.output_text.delta").await;
        provider.finish().await;
        provider.frame("[DONE]").await;
        codex.events().await;
        // On a busy machine a turn may take any time; with Nagle's algorithm each of the later ones takes 40 ms at
        // least.
        if turn >= 50 {
            quickest = quickest.min(began.elapsed());
        }
    }
    assert!(quickest < Duration::from_millis(30), "the quickest took {quickest:?}");
}
