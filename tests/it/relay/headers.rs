//! What a provider says in its headers is for crelay. Codex takes orders from some, and would believe them.

use crelay::provider::dialect::Wire;
use serde_json::json;

use super::client::end;
use super::{STREAMED, Upstream, WHOLE, relay};

/// Codex warns of a flagged account when another model answers than was asked; shows limits of a plan that is not the
/// user's; sends a state back; loads its list of models anew. A browser would keep a cookie.
const ORDERS: &str = "openai-model: another\r\nx-codex-primary-used-percent: 99\r\nx-codex-turn-state: theirs\r\n\
                      x-models-etag: new\r\nx-reasoning-included: true\r\nset-cookie: a=b\r\nx-request-id: r-1\r\n\
                      access-control-allow-origin: *\r\nserver: Acme\r\nx-evil: 1\r\nwww-authenticate: Basic\r\n\
                      openai-processing-ms: 9\r\nratelimit-reset: 1\r\n";

/// All that an answer of the relay may hold.
const OURS: [&str; 8] = [
    "connection",
    "content-type",
    "cache-control",
    "content-length",
    "date",
    "transfer-encoding",
    "retry-after",
    "x-accel-buffering",
];

#[tokio::test]
async fn no_header_of_a_provider_reaches_whoever_asked() {
    let chat = format!("data: {}\n\ndata: [DONE]\n\n", super::upstream::STOP);
    let completed = json!({"type": "response.completed", "response": {"id": "r", "output": []}});
    let native = format!("data: {completed}\n\n");
    for (wire, streamed) in [(Wire::Chat, chat), (Wire::Responses, native)] {
        let upstream = Upstream::bind();
        let relay = relay(&upstream.base_url).speaking(wire).start().await;
        for (asked, status, body) in [
            (STREAMED, "200 OK", streamed.as_str()),
            (WHOLE, "200 OK", streamed.as_str()),
            (STREAMED, "401 Unauthorized", "no"),
            (WHOLE, "429 Too Many Requests", "no"),
            (STREAMED, "503 Service Unavailable", "no"),
        ] {
            let mut codex = relay.post(asked).await;
            upstream.request().await.answer(status, ORDERS, body).await;
            let head = codex.head().await;
            let names = head.names();
            assert!(names.iter().all(|name| OURS.contains(name)), "{status}: {names:?}");
            if asked == STREAMED && head.status == 200 {
                end(&codex.events().await);
            }
        }
    }
}
