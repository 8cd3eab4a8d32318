//! Who may speak to the relay, and about what.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::json;

use super::running::TOKEN;
use super::{STREAMED, Upstream, WHOLE, relay};

/// A relay whose provider nobody reaches.
async fn lonely() -> super::Relay {
    relay("http://127.0.0.1:1/v1").start().await
}

#[tokio::test]
async fn strangers_are_refused_before_their_body_is_read() {
    let relay = lonely().await;
    let authorization = format!("authorization: Bearer {TOKEN}\r\n");
    for (headers, status, code) in [
        ("host: 127.0.0.1\r\n".to_owned(), 401, "invalid_token"),
        (
            "host: 127.0.0.1\r\nauthorization: Bearer wrong\r\n".to_owned(),
            401,
            "invalid_token",
        ),
        (format!("host: evil.test\r\n{authorization}"), 403, "host_refused"),
        (authorization.clone(), 403, "host_refused"),
        (
            format!("host: 127.0.0.1\r\norigin: http://127.0.0.1\r\n{authorization}"),
            403,
            "origin_refused",
        ),
    ] {
        let mut connection = relay.connect().await;
        // The body is promised and never sent.
        let head = format!("POST /v1/responses HTTP/1.1\r\n{headers}content-length: 100\r\n\r\n");
        connection.write(head.as_bytes()).await;
        let (head, body) = connection.json().await;
        assert_eq!(
            (head.status, &body["error"]["code"]),
            (status, &json!(code)),
            "{headers}"
        );
        assert_eq!(head.header("www-authenticate"), (status == 401).then_some("Bearer"));
    }
}

#[tokio::test]
async fn health_needs_no_token_but_is_not_for_web_pages() {
    let relay = lonely().await;
    let mut connection = relay.connect().await;
    connection
        .write(b"GET /health HTTP/1.1\r\nhost: localhost:80\r\n\r\n")
        .await;
    let (head, body) = connection.json().await;
    assert_eq!((head.status, body), (200, json!({ "status": "ok" })));
    connection
        .write(b"GET /health HTTP/1.1\r\nhost: localhost\r\norigin: null\r\n\r\n")
        .await;
    assert_eq!(connection.json().await.0.status, 403);
}

#[tokio::test]
async fn the_models_of_the_session_are_listed() {
    let relay = lonely().await;
    let mut connection = relay.connect().await;
    connection.request("GET", "/v1/models", "").await;
    let (head, body) = connection.json().await;
    let listed = |id: &str| json!({ "id": id, "object": "model", "created": 0, "owned_by": "acme" });
    let expected = json!({ "object": "list", "data": [listed("m"), listed("n")] });
    assert_eq!((head.status, body), (200, expected));
}

#[tokio::test]
async fn other_paths_and_methods_are_named() {
    let relay = lonely().await;
    let mut connection = relay.connect().await;
    for (method, path, status, allow) in [
        ("GET", "/v1/chat/completions", 404, None),
        ("GET", "/v1/responses/", 404, None),
        ("GET", "/v1/responses", 405, Some("POST")),
        ("DELETE", "/v1/models", 405, Some("GET")),
        ("POST", "/health", 405, Some("GET")),
    ] {
        connection.request(method, path, "").await;
        let (head, body) = connection.json().await;
        assert_eq!((head.status, head.header("allow")), (status, allow), "{method} {path}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_however_it_is_sent() {
    let relay = lonely().await;
    let long = "x".repeat(1025);
    let mut connection = relay.connect().await;
    connection.request_as_other("POST", "/v1/responses", &long).await;
    let (head, body) = connection.json().await;
    assert_eq!(
        (head.status, &body["error"]["code"]),
        (413, &json!("request_too_large"))
    );
    let mut connection = relay.connect().await;
    let head = format!(
        "POST /v1/responses HTTP/1.1\r\nhost: [::1]\r\nauthorization: Bearer {TOKEN}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    connection.write(format!("{head}401\r\n{long}\r\n").as_bytes()).await;
    assert_eq!(connection.json().await.0.status, 413);
}

/// Any other status than 400 would have it sent again, five times.
#[tokio::test]
async fn codex_is_told_of_a_body_beyond_the_limit_in_the_form_that_it_shows() {
    let relay = relay("http://127.0.0.1:1/v1")
        .limits(|limits| limits.body = 64 << 20)
        .start()
        .await;
    let mut codex = relay.connect().await;
    let promise = format!("content-length: {}\r\noriginator: codex_exec", (64 << 20) + 1);
    let head =
        format!("POST /v1/responses HTTP/1.1\r\nhost: [::1]\r\nauthorization: Bearer {TOKEN}\r\n{promise}\r\n\r\n");
    codex.write(head.as_bytes()).await;
    let (head, body) = codex.answer().await;
    assert_eq!(
        (head.status, head.header("content-type")),
        (400, Some("text/plain; charset=utf-8"))
    );
    assert_eq!(
        body,
        "the request is larger than 64 MiB: set `max_request_mib` in crelay's configuration higher (256 at most), or go on \
         in a new conversation"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_in_words() {
    let relay = lonely().await;
    let mut connection = relay.connect().await;
    connection.post("{\"input\":7}").await;
    let (head, body) = connection.answer().await;
    assert_eq!(head.status, 400);
    assert_eq!(head.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(body.contains("expected a text or a list of items as `input`"), "{body}");
}

#[tokio::test]
async fn a_packed_body_is_read_and_its_bomb_is_not() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut connection = relay.connect().await;
    let gzip = gzip(STREAMED.as_bytes());
    let zstd = compress_to_vec(STREAMED.as_bytes(), CompressionLevel::Fastest);
    for (coding, packed) in [("gzip", &gzip), ("zstd", &zstd), ("Identity", &STREAMED.into())] {
        connection.post_packed(coding, packed).await;
        let exchange = upstream.request().await;
        assert_eq!(exchange.body["messages"][0]["content"], "hi", "{coding}");
        exchange.stream("Hello").await;
        assert_eq!(connection.head().await.status, 200, "{coding}");
        connection.events().await;
    }
    let long = vec![b' '; 1025];
    for (coding, packed, status, code) in [
        ("gzip", self::gzip(&long), 413, "request_too_large"),
        (
            "zstd",
            compress_to_vec(&long[..], CompressionLevel::Fastest),
            413,
            "request_too_large",
        ),
        ("zstd", gzip, 400, "broken_encoding"),
        ("gzip", zstd, 400, "broken_encoding"),
        ("br", Vec::new(), 415, "unsupported_encoding"),
        ("gzip, zstd", Vec::new(), 415, "unsupported_encoding"),
    ] {
        connection.post_packed(coding, &packed).await;
        let (head, body) = connection.json().await;
        assert_eq!(
            (head.status, &body["error"]["code"]),
            (status, &json!(code)),
            "{coding}"
        );
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn the_provider_sees_its_key_and_nothing_of_codex() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut connection = relay.post(WHOLE).await;
    let exchange = upstream.request().await;
    let head = &exchange.head;
    assert!(head.starts_with("post /v1/chat/completions http/1.1\r\n"), "{head}");
    let version = env!("CARGO_PKG_VERSION");
    for header in [
        "authorization: bearer sk-of-the-provider",
        "content-type: application/json",
        "accept: text/event-stream, application/json",
        "x-team: blue",
        &format!("user-agent: crelay/{version}"),
    ] {
        assert!(head.lines().any(|line| line == header), "{header} is not in {head}");
    }
    assert!(!head.contains(TOKEN), "{head}");
    assert_eq!(exchange.body["model"], "m");
    exchange.stream("hello").await;
    assert_eq!(connection.json().await.0.status, 200);
}
