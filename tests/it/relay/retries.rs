//! A request whose answer has not begun is tried again where that may help, and Codex does not notice.

use std::time::Duration;

use super::client::{end, spoken};
use super::running::Setup;
use super::{STREAMED, Upstream, relay};

fn patient(upstream: &Upstream) -> Setup {
    relay(&upstream.base_url).upstream(|limits| {
        limits.retry.attempts = 3;
        limits.retry.pause = Duration::from_millis(1);
    })
}

#[tokio::test]
async fn a_stumbling_provider_is_asked_again() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    let first = upstream.request().await;
    let asked = first.body.clone();
    first.answer("500 Internal Server Error", "", "oops").await;
    let second = upstream.request().await;
    assert_eq!(second.body, asked);
    second.reset();
    let third = upstream.request().await;
    assert_eq!(third.body, asked);
    third.stream("Hello").await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(spoken(&events), "Hello");
    assert_eq!(end(&events).name, "response.completed");
}

#[tokio::test]
async fn an_answer_that_broke_before_its_first_word_is_asked_for_again() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut first = upstream.request().await;
    first.begin().await;
    first.write(": wait\n\n").await;
    first
        .frame(r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#)
        .await;
    drop(first);
    let mut second = upstream.request().await;
    second.begin().await;
    second.frame(r#"{"error":{"code":503,"message":"overloaded"}}"#).await;
    upstream.request().await.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
}

#[tokio::test]
async fn after_the_last_attempt_codex_is_told() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    for _ in 0..3 {
        upstream.request().await.answer("502 Bad Gateway", "", "oops").await;
    }
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(
        end(&events).data["response"]["error"]["message"],
        "Acme says: oops (502). Please try again in 5s"
    );
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_asked_for_again() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    provider.reset();
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.failed");
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn what_would_be_given_up_before_it_is_asked_again_is_told_as_it_failed() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).upstream(|limits| limits.total = Some(Duration::from_secs(20)));
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let limited = upstream.request().await;
    limited
        .answer("429 Too Many Requests", "retry-after: 25\r\n", "slow down")
        .await;
    codex.head().await;
    assert_eq!(
        end(&codex.events().await).data["response"]["error"]["message"],
        "Acme says: slow down (429). Please try again in 25s"
    );
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn a_refusal_is_final() {
    let upstream = Upstream::bind();
    let relay = patient(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    upstream.request().await.answer("401 Unauthorized", "", "no").await;
    assert_eq!(codex.answer().await.0.status, 400);
    assert!(!upstream.has_visitor());
}
