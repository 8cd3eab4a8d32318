//! When either side hangs up, the other is hung up too; when the relay ends, both are. All timers stand still, so
//! nothing but the hang-up can be the cause.

use std::time::{Duration, Instant};

use super::{STREAMED, Upstream, WHOLE, relay, soon};

#[tokio::test]
async fn a_client_that_hangs_up_ends_a_request_that_waits() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for body in [STREAMED, WHOLE] {
        let codex = relay.post(body).await;
        let provider = upstream.request().await;
        drop(codex);
        provider.hung_up().await;
    }
}

/// The fastest of several, so that a busy machine does not count.
#[tokio::test]
async fn the_provider_notices_within_a_tenth_of_a_second() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        let codex = relay.post(STREAMED).await;
        let provider = upstream.request().await;
        let hung_up = Instant::now();
        drop(codex);
        provider.hung_up().await;
        fastest = fastest.min(hung_up.elapsed());
    }
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_a_request_behind_an_open_stream() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.patience = Duration::ZERO)
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let provider = upstream.request().await;
    codex.head().await;
    codex.event_named("response.created").await;
    drop(codex);
    provider.hung_up().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_an_answer() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for body in [STREAMED, WHOLE] {
        let mut codex = relay.post(body).await;
        let mut provider = upstream.request().await;
        provider.begin().await;
        provider.say("Hel").await;
        if body == STREAMED {
            codex.head().await;
            codex.event_named("response.output_text.delta").await;
        }
        drop(codex);
        provider.hung_up().await;
    }
}

#[tokio::test]
async fn a_relay_that_stops_lets_a_turn_end() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let address = relay.address;
    let mut codex = relay.post(STREAMED).await;
    let idle = relay.connect().await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    codex.head().await;
    codex.event_named("response.output_text.delta").await;
    let running = relay.stop();
    // An idle connection ends at once, and nobody new is let in.
    idle.closed().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    provider.say("lo").await;
    provider.finish().await;
    provider.frame("[DONE]").await;
    codex.event_named("response.completed").await;
    soon("the relay's end", running).await.unwrap();
}

#[tokio::test]
async fn a_relay_that_stops_does_not_wait_for_ever() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.drain = Duration::from_millis(50))
        .start()
        .await;
    let waiting = relay.post(STREAMED).await;
    let silent = upstream.request().await;
    let mut hearing = relay.post(STREAMED).await;
    let mut speaking = upstream.request().await;
    speaking.begin().await;
    speaking.say("Hel").await;
    hearing.head().await;
    hearing.event_named("response.output_text.delta").await;
    relay.stopped().await;
    for provider in [silent, speaking] {
        provider.hung_up().await;
    }
    for codex in [waiting, hearing] {
        codex.closed().await;
    }
}

#[tokio::test]
async fn a_client_that_never_asks_is_sent_away() {
    let relay = relay("http://127.0.0.1:1/v1")
        .limits(|limits| limits.idle = Duration::from_millis(50))
        .start()
        .await;
    let mut slow = relay.connect().await;
    slow.write(b"POST /v1/resp").await;
    slow.closed().await;
}
