//! Clients that mean harm, or behave as if: promises that are not kept, requests inside of requests, crowds.

use std::time::Duration;

use serde_json::json;

use super::client::{Connection, end};
use super::running::TOKEN;
use super::{Relay, STREAMED, Upstream, WHOLE, relay};

/// A relay whose provider nobody reaches.
async fn lonely() -> Relay {
    relay("http://127.0.0.1:1/v1").start().await
}

/// What a client of this session says of itself.
fn known() -> String {
    format!("host: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n")
}

#[tokio::test]
async fn who_is_refused_is_not_waited_for_and_the_connection_is_over() {
    let relay = lonely().await;
    let known = known();
    for (line, headers, status) in [
        ("POST /v1/responses", "host: 127.0.0.1\r\n", 401),
        (
            "POST /v1/responses",
            "host: 127.0.0.1\r\nauthorization: Bearer no\r\n",
            401,
        ),
        ("POST /v1/responses", "host: evil.test\r\n", 403),
        ("POST /v1/responses", "host: 127.0.0.1\r\norigin: null\r\n", 403),
        ("POST /v1/other", &known, 404),
        ("PUT /v1/responses", &known, 405),
        ("DELETE /v1/models", &known, 405),
        ("GET /v1/models", &known, 200),
        ("GET /health", "host: localhost\r\n", 200),
        ("POST /v1/responses", &format!("{known}content-encoding: br\r\n"), 415),
    ] {
        for promise in ["content-length: 10000000000", "transfer-encoding: chunked"] {
            let mut connection = relay.connect().await;
            let head = format!("{line} HTTP/1.1\r\n{headers}{promise}\r\n\r\n");
            connection.write(head.as_bytes()).await;
            let (head, _) = connection.answer().await;
            assert_eq!(
                (head.status, head.header("connection")),
                (status, Some("close")),
                "{line}"
            );
            connection.closed().await;
        }
    }
}

#[tokio::test]
async fn who_sends_too_much_hears_the_answer_though_nobody_reads_what_is_sent() {
    let relay = lonely().await;
    let piece = vec![b' '; 64 * 1024];
    // As much as the sockets of both sides hold, and more.
    let pieces = 128;
    for (headers, promise, piece) in [
        ("", format!("content-length: {}", piece.len() * pieces), piece.clone()),
        (
            "originator: codex_exec\r\n",
            "transfer-encoding: chunked".to_owned(),
            [b"10000\r\n".as_slice(), &piece, b"\r\n"].concat(),
        ),
    ] {
        let mut connection = relay.connect().await;
        let head = format!("POST /v1/responses HTTP/1.1\r\n{}{headers}{promise}\r\n\r\n", known());
        connection.write(head.as_bytes()).await;
        for _ in 0..pieces {
            connection.write(&piece).await;
        }
        let (head, body) = connection.answer().await;
        assert_eq!(head.status, if headers.is_empty() { 413 } else { 400 }, "{body}");
        assert!(
            body.contains("the request is larger than 1024 bytes: set `max_request_mib`"),
            "{body}"
        );
        connection.closed().await;
    }
}

/// The answers to `bytes`, by their status, until the relay closes the connection.
async fn statuses(relay: &Relay, bytes: &str) -> Vec<u16> {
    let mut connection = relay.connect().await;
    connection.write(bytes.as_bytes()).await;
    connection.finish().await;
    let answers = connection.rest_of_connection().await;
    let heads = answers.split("HTTP/1.1 ").skip(1);
    heads.map(|head| head[..3].parse().unwrap()).collect()
}

/// What a request may hide in, and the one status that answers it; `HIDDEN` stands where one reading sees a body and
/// another a request, `LENGTH` is as long. `KNOWN` is what a client of this session says of itself.
const HIDING_PLACES: &[(&str, &str, u16)] = &[
    (
        "a length beside chunks",
        "POST /health HTTP/1.1\r\nKNOWNcontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
        405,
    ),
    (
        "chunks beside a length",
        "POST /health HTTP/1.1\r\nKNOWNtransfer-encoding: chunked\r\ncontent-length: LENGTH\r\n\r\n0\r\n\r\nHIDDEN",
        405,
    ),
    (
        "two lengths",
        "POST /health HTTP/1.1\r\nKNOWNcontent-length: 0\r\ncontent-length: LENGTH\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a list of lengths",
        "POST /health HTTP/1.1\r\nKNOWNcontent-length: 0, LENGTH\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a length with a sign",
        "POST /health HTTP/1.1\r\nKNOWNcontent-length: +LENGTH\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a coding that is no end",
        "POST /health HTTP/1.1\r\nKNOWNtransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a name before its colon",
        "POST /health HTTP/1.1\r\nKNOWNtransfer-encoding : chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a folded header",
        "POST /health HTTP/1.1\r\nKNOWNx-a: b\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a carriage return inside a header",
        "GET /health HTTP/1.1\r\nKNOWNx-a: b\rtransfer-encoding: chunked\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a zero inside a header",
        "GET /health HTTP/1.1\r\nKNOWNx-a: b\0c\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a size of a chunk that is too large for any number",
        "POST /v1/responses HTTP/1.1\r\nKNOWNtransfer-encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a size of a chunk in another notation",
        "POST /v1/responses HTTP/1.1\r\nKNOWNtransfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "a chunk that ends with a line feed alone",
        "POST /v1/responses HTTP/1.1\r\nKNOWNtransfer-encoding: chunked\r\n\r\n5;a=\n\r\nhello\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "chunks that are read to their end",
        "POST /v1/responses HTTP/1.1\r\nKNOWNtransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "chunks of an older protocol",
        "POST /health HTTP/1.0\r\nKNOWNtransfer-encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
        400,
    ),
    (
        "another host in the line",
        "GET http://evil.test/health HTTP/1.1\r\nKNOWNcontent-length: 3\r\n\r\nHIDDEN",
        403,
    ),
    ("a tunnel", "CONNECT api.test:443 HTTP/1.1\r\nKNOWN\r\n", 403),
    (
        "an upgrade",
        "GET /v1/responses HTTP/1.1\r\nKNOWNconnection: upgrade\r\nupgrade: websocket\r\ncontent-length: 3\r\n\r\nHIDDEN",
        405,
    ),
];

#[tokio::test]
async fn no_request_hides_inside_another() {
    let relay = lonely().await;
    let known = known();
    let hidden = format!("GET /v1/models HTTP/1.1\r\n{known}\r\n");
    for (place, request, status) in HIDING_PLACES {
        let request = request
            .replace("KNOWN", &known)
            .replace("HIDDEN", &hidden)
            .replace("LENGTH", &hidden.len().to_string());
        assert_eq!(statuses(&relay, &request).await, [*status], "{place}");
    }
    // Two requests that stand behind each other are two.
    let both = format!("GET /health HTTP/1.1\r\n{known}\r\n{hidden}");
    assert_eq!(statuses(&relay, &both).await, [200, 200]);
}

#[tokio::test]
async fn a_body_that_hardly_comes_is_not_waited_for() {
    let relay = relay("http://127.0.0.1:1/v1")
        .limits(|limits| limits.reading = Duration::from_millis(50))
        .start()
        .await;
    let mut slow = relay.connect().await;
    let head = format!("POST /v1/responses HTTP/1.1\r\n{}content-length: 100\r\n\r\n", known());
    slow.write(head.as_bytes()).await;
    for _ in 0..5 {
        slow.write(b" ").await;
    }
    let (head, body) = slow.json().await;
    assert_eq!((head.status, &body["error"]["code"]), (408, &json!("request_too_slow")));
    slow.closed().await;
}

#[tokio::test]
async fn a_head_without_an_end_is_refused() {
    let relay = lonely().await;
    let mut endless = relay.connect().await;
    endless.write(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-a: ").await;
    endless.write(&vec![b'a'; 128 * 1024]).await;
    assert_eq!(endless.head().await.status, 431);
}

#[tokio::test]
async fn who_waits_longest_makes_room_for_who_comes() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.connections = 4)
        .start()
        .await;
    // One turn that is being answered since long, and a crowd that asks nothing or half of something.
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    codex.head().await;
    codex.event_named("response.output_text.delta").await;
    let mut crowd = Vec::new();
    for number in 0..50 {
        let mut idle = relay.connect().await;
        if number % 2 == 0 {
            idle.write(b"GET /health HTTP/1.1\r\nhost: loc").await;
        }
        crowd.push(idle);
    }
    let mut newcomer = relay.connect().await;
    newcomer.request("GET", "/v1/models", "").await;
    assert_eq!(newcomer.head().await.status, 200);
    for idle in crowd.drain(..40) {
        idle.closed().await;
    }
    provider.say("lo").await;
    provider.finish().await;
    provider.frame("[DONE]").await;
    assert_eq!(end(&codex.events().await).name, "response.completed");
}

#[tokio::test]
async fn who_comes_when_everybody_is_being_answered_waits_for_the_first_who_was() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.connections = 2)
        .start()
        .await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        let codex = relay.post(WHOLE).await;
        busy.push((codex, upstream.request().await));
    }
    let mut third = relay.post(WHOLE).await;
    assert!(!upstream.has_visitor());
    let (mut first, provider) = busy.remove(0);
    provider.stream("Hello").await;
    assert_eq!(first.head().await.status, 200);
    upstream.request().await.stream("Hello").await;
    assert_eq!(third.head().await.status, 200);
}

#[tokio::test]
async fn nothing_that_a_client_says_becomes_a_header_of_its_own() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).known_as("xai").start().await;
    let evil = "a\r\nx-evil: 1\r\n\r\nGET / HTTP/1.1\r\n";
    let body = json!({
        "model": evil, "input": "hi", "prompt_cache_key": evil, "user": evil, "safety_identifier": evil,
        "metadata": {"session_id": evil}, "client_metadata": {"x-codex-installation-id": evil},
    });
    let mut codex = relay.connect().await;
    codex.post(&body.to_string()).await;
    let exchange = upstream.request().await;
    assert!(exchange.head.contains("x-grok-conv-id: "), "{}", exchange.head);
    assert!(!exchange.head.contains("evil"), "{}", exchange.head);
}

#[tokio::test]
async fn an_idle_connection_is_worth_no_more_than_a_new_one() {
    let relay = relay("http://127.0.0.1:1/v1")
        .limits(|limits| limits.connections = 1)
        .start()
        .await;
    // Each goes on to use its connection for as long as nobody else comes.
    let mut first = relay.connect().await;
    for _ in 0..3 {
        first.request("GET", "/health", "").await;
        assert_eq!(first.answer().await.0.status, 200);
    }
    let mut second = Connection::to(relay.address).await;
    second.request("GET", "/health", "").await;
    assert_eq!(second.answer().await.0.status, 200);
    first.closed().await;
}
