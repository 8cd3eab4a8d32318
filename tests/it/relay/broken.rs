//! When crelay itself breaks in the middle of a turn: that turn ends in words, and the others go on.

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use super::client::{end, spoken};
use super::{STREAMED, Upstream, WHOLE, relay};

const WORDS: &str = "crelay itself failed on this request, which it should not: report it, please; its log says more";

/// A log that panics when it is told this, for the first time: nothing that comes from outside makes crelay panic, but
/// every turn logs.
struct Breaks {
    at: &'static str,
    is_whole: AtomicBool,
}

impl Breaks {
    /// For all that happens on this thread, which is all of a test.
    fn at(at: &'static str) -> tracing::subscriber::DefaultGuard {
        // Whoever comes later finds it set.
        let _ = tracing::subscriber::set_global_default(Undecided);
        let is_whole = AtomicBool::new(true);
        tracing::subscriber::set_default(Self { at, is_whole })
    }
}

/// Whether anybody listens to an event is remembered as it was seen from the thread that logged it first, which may be
/// another test's. With this for all others it has to be asked each time.
struct Undecided;

impl Subscriber for Undecided {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, _: &Event<'_>) {}
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Whether an event says this.
struct Says(&'static str, bool);

impl Visit for Says {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.1 |= field.name() == "message" && format!("{value:?}") == self.0;
    }
}

impl Subscriber for Breaks {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("crelay::")
    }

    fn event(&self, event: &Event<'_>) {
        let mut says = Says(self.at, false);
        event.record(&mut says);
        assert!(
            !(says.1 && self.is_whole.swap(false, Ordering::Relaxed)),
            "broken on purpose"
        );
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_turn_that_breaks_while_it_is_answered_ends_in_words_and_the_others_go_on() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.patience = std::time::Duration::ZERO)
        .start()
        .await;
    let mut other = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    other.head().await;
    other.event_named("response.output_text.delta").await;

    let _log = Breaks::at("the provider answers");
    let mut codex = relay.post(STREAMED).await;
    codex.head().await;
    upstream.request().await.stream("Hello").await;
    let events = codex.events().await;
    let response = &end(&events).data["response"];
    assert_eq!(response["error"]["message"], WORDS);
    // Codex shows the words of this code, and asks no more.
    assert_eq!(response["error"]["code"], "invalid_prompt");
    assert_eq!(response["id"], events[0].data["response"]["id"]);
    assert_eq!(events[0].name, "response.created");
    // The same connection is good for the next turn.
    codex.post(STREAMED).await;
    codex.head().await;
    upstream.request().await.stream("Hello").await;
    assert_eq!(spoken(&codex.events().await), "Hello");

    provider.say("lo").await;
    provider.finish().await;
    provider.frame("[DONE]").await;
    assert_eq!(end(&other.events().await).name, "response.completed");
}

#[tokio::test]
async fn a_turn_that_breaks_before_it_is_answered_is_refused_in_words() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for body in [STREAMED, WHOLE] {
        let log = Breaks::at("a turn begins");
        let mut codex = relay.post(body).await;
        let (head, words) = codex.answer().await;
        assert_eq!((head.status, words.as_str()), (400, WORDS));
        drop(log);
        codex.request("GET", "/health", "").await;
        assert_eq!(codex.answer().await.0.status, 200);
    }
    let _log = Breaks::at("the provider answers");
    let mut client = relay.connect().await;
    client.request_as_other("POST", "/v1/responses", WHOLE).await;
    upstream.request().await.stream("Hello").await;
    let (head, body) = client.json().await;
    assert_eq!(
        (head.status, body["error"]["code"].as_str()),
        (500, Some("internal_error"))
    );
    assert_eq!(body["error"]["message"], WORDS);
}
