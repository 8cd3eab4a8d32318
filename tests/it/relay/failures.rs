//! Answers that do not come, or do not come to an end, and what Codex is told.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{end, spoken};
use super::running::{KEY, Relay};
use super::upstream::Exchange;
use super::{STREAMED, Upstream, WHOLE, relay};

/// What a streamed turn is told when the provider answers so.
async fn refused(status: &str, headers: &str, body: &str) -> String {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    upstream.request().await.answer(status, headers, body).await;
    let (head, words) = codex.answer().await;
    assert_eq!(
        (head.status, head.header("content-type")),
        (400, Some("text/plain; charset=utf-8"))
    );
    words
}

/// The error of the one failed event that a streamed turn ends with when the provider answers so.
async fn failed(status: &str, headers: &str, body: &str) -> Value {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    upstream.request().await.answer(status, headers, body).await;
    assert_eq!(codex.head().await.status, 200);
    let events = codex.events().await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["response.created", "response.in_progress", "response.failed"]);
    end(&events).data["response"]["error"].clone()
}

#[tokio::test]
async fn what_will_not_pass_is_told_in_plain_words() {
    let wrong_key = json!({ "error": { "message": format!("Incorrect API key provided: {KEY}") } }).to_string();
    for (status, body, words) in [
        (
            "401 Unauthorized",
            wrong_key.as_str(),
            "Acme says: Incorrect API key provided: … (401). Check the key at https://acme.test/keys",
        ),
        (
            "402 Payment Required",
            r#"{"error":{"message":"Insufficient Balance"}}"#,
            "Acme says: Insufficient Balance (402). Top up at https://acme.test/keys or choose another provider with \
             `--provider`",
        ),
        (
            "404 Not Found",
            r#"{"error":{"message":"The model `m` does not exist"}}"#,
            "Acme says: The model `m` does not exist (404). Choose another model with `-m`",
        ),
        (
            "422 Unprocessable Entity",
            "\u{1b}[31mextra\u{7}",
            "Acme says: extra (422).",
        ),
        ("400 Bad Request", "", "Acme answered 400 without a word."),
    ] {
        assert_eq!(refused(status, "", body).await, words, "{status}");
    }
}

#[tokio::test]
async fn a_web_page_is_told_by_its_title() {
    let page = "<!doctype html><html><head><title>404 Not\nFound</title></head><body>…</body></html>";
    let words = refused("404 Not Found", "content-type: text/html\r\n", page).await;
    assert!(
        words.starts_with("Acme says: 404 Not Found. Check the address: it is http://127.0.0.1:"),
        "{words}"
    );
    let words = refused(
        "200 OK",
        "content-type: text/html\r\n",
        "<html><title>Log in</title></html>",
    )
    .await;
    assert!(
        words.starts_with("http://127.0.0.1:")
            && words.ends_with(" answered with the web page “Log in”, not with an API: is the address right?"),
        "{words}"
    );
}

#[tokio::test]
async fn codex_is_told_no_wait_that_it_would_not_come_back_from() {
    let told = async |words: &str| {
        let body = json!({"error": {"message": words}}).to_string();
        failed("429 Too Many Requests", "retry-after: 5\r\n", &body).await["code"].clone()
    };
    assert_eq!(told("Please try again in 4s").await, "rate_limit_exceeded");
    assert_eq!(told("Please try again in 4000s").await, "server_error");
}

#[tokio::test]
async fn a_full_context_has_the_code_that_codex_knows() {
    let body = r#"{"error":{"message":"This model's maximum context length is 8192 tokens"}}"#;
    let error = failed("400 Bad Request", "", body).await;
    let expected = json!({
        "code": "context_length_exceeded",
        "message": "Acme says: This model's maximum context length is 8192 tokens (400).",
    });
    assert_eq!(error, expected);
}

/// The last event of a turn of one thread, with tools, that the provider answers so.
async fn ended(relay: &Relay, upstream: &Upstream, answer: impl AsyncFnOnce(Exchange)) -> Value {
    let tool = json!({"type": "function", "name": "f", "parameters": {"type": "object"}});
    let request = json!({"model": "m", "stream": true, "input": "hi", "prompt_cache_key": "t", "tools": [tool]});
    let mut codex = relay.post(&request.to_string()).await;
    answer(upstream.request().await).await;
    codex.head().await;
    end(&codex.events().await).data["response"].clone()
}

#[tokio::test]
async fn a_full_context_makes_codex_sum_up_and_go_on_but_not_twice_in_a_row() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let refused = async |exchange: Exchange| exchange.answer("400 Bad Request", "", "prompt is too long").await;
    let told = ended(&relay, &upstream, refused).await;
    assert_eq!(
        (&told["status"], &told["end_turn"], &told["output"]),
        (&json!("completed"), &json!(false), &json!([]))
    );
    assert_eq!(told["usage"]["total_tokens"], 272_000);
    let told = ended(&relay, &upstream, refused).await;
    assert_eq!(told["error"]["code"], "context_length_exceeded");
    let said = ended(&relay, &upstream, async |exchange: Exchange| {
        exchange.stream("Hello").await
    })
    .await;
    assert_eq!(said["status"], "completed");
    // Some do not say it: no word, and no room for one.
    let silent = async |mut exchange: Exchange| {
        exchange.begin().await;
        exchange
            .frame(r#"{"choices":[{"index":0,"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":0}}"#)
            .await;
        exchange.frame("[DONE]").await;
    };
    let told = ended(&relay, &upstream, silent).await;
    assert_eq!(
        (&told["status"], &told["end_turn"]),
        (&json!("completed"), &json!(false))
    );
}

#[tokio::test]
async fn a_limit_tells_codex_how_long_to_wait() {
    let error = failed(
        "429 Too Many Requests",
        "retry-after: 7\r\n",
        r#"{"error":{"message":"Slow down!"}}"#,
    )
    .await;
    let expected = json!({
        "code": "rate_limit_exceeded",
        "message": "Acme says: Slow down! (429). Please try again in 7s",
    });
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a_wait_that_nobody_wants_is_told_at_once() {
    let words = refused("429 Too Many Requests", "retry-after: 3600\r\n", "Come back later").await;
    assert_eq!(
        words,
        "Acme says: Come back later (429). It resets in 1h 0m; until then, choose another provider with `--provider`"
    );
}

#[tokio::test]
async fn a_broken_provider_is_an_event_that_codex_may_retry() {
    let error = failed("500 Internal Server Error", "", "").await;
    let told = |words: &str| json!({ "code": "rate_limit_exceeded", "message": words });
    let expected = told("Acme answered 500 without a word. Please try again in 5s");
    assert_eq!(error, expected);
    let error = failed("503 Service Unavailable", "", "<html><title>Busy</title></html>").await;
    assert_eq!(error, told("Acme says: Busy (503). Please try again in 10s"));
    let error = failed("200 OK", "content-type: text/event-stream\r\n", "").await;
    let expected = told("the answer of Acme broke off: it was empty. Please try again in 5s");
    assert_eq!(error, expected);
}

#[tokio::test]
async fn an_error_inside_a_stream_is_told_as_if_it_had_come_as_a_status() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    // Nothing was said before it, so a status can still tell it.
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider
        .frame(r#"{"error":{"code":402,"message":"Insufficient credits"}}"#)
        .await;
    let (head, words) = codex.answer().await;
    assert_eq!(head.status, 400);
    assert!(
        words.starts_with("Acme says: Insufficient credits (402). Top up"),
        "{words}"
    );
    provider.hung_up().await;
    // Something was said, so only an event can.
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    provider
        .frame(r#"{"error":{"code":402,"message":"Insufficient credits"}}"#)
        .await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(spoken(&events), "Hel");
    assert_eq!(end(&events).data["response"]["error"]["code"], "invalid_prompt");
    provider.hung_up().await;
}

#[tokio::test]
async fn what_will_not_pass_is_an_event_once_the_stream_has_begun() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .limits(|limits| limits.patience = Duration::ZERO)
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let provider = upstream.request().await;
    assert_eq!(codex.head().await.status, 200);
    assert_eq!(codex.event().await.unwrap().name, "response.created");
    provider.answer("401 Unauthorized", "", "no").await;
    let events = codex.events().await;
    let expected = json!({
        "code": "invalid_prompt",
        "message": "Acme says: no (401). Check the key at https://acme.test/keys",
    });
    assert_eq!(end(&events).data["response"]["error"], expected);
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_failed() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for is_reset in [true, false] {
        let mut codex = relay.post(STREAMED).await;
        let mut provider = upstream.request().await;
        provider.begin().await;
        provider.say("Hel").await;
        codex.head().await;
        codex.event_named("response.output_text.delta").await;
        if is_reset {
            provider.reset();
        } else {
            drop(provider);
        }
        let failed = codex.event_named("response.failed").await;
        assert_eq!(failed.data["response"]["error"]["code"], "server_error", "{failed:?}");
        assert_eq!(codex.event().await, None);
    }
}

#[tokio::test]
async fn a_server_of_this_machine_that_does_not_run_is_told_at_once() {
    // Bound, so that nobody else takes the port, but not listening.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = nobody.local_addr().unwrap();
    let relay = relay(&format!("http://{address}/v1"));
    // A second attempt would wait for ever.
    let relay = relay.upstream(|limits| {
        limits.retry.attempts = 2;
        limits.retry.pause = limits.retry.budget;
    });
    let relay = relay.start().await;
    let words = format!("nothing listens at {address}: is the server running?");
    let mut codex = relay.post(STREAMED).await;
    let (head, told) = codex.answer().await;
    // Codex does not repeat what was refused so.
    assert_eq!((head.status, told), (400, words.clone()));
    let mut other = relay.post(WHOLE).await;
    let (head, body) = other.json().await;
    assert_eq!((head.status, &body["error"]["message"]), (502, &json!(words)));
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .upstream(|limits| {
            limits.first = Some(Duration::from_millis(50));
            limits.idle = Some(Duration::from_millis(50));
        })
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let silent = upstream.request().await;
    codex.head().await;
    let events = codex.events().await;
    let message = end(&events).data["response"]["error"]["message"].clone();
    assert_eq!(
        message,
        "Acme did not answer: no word came for 50ms. Please try again in 5s"
    );
    silent.hung_up().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    codex.head().await;
    let events = codex.events().await;
    let message = end(&events).data["response"]["error"]["message"].clone();
    assert_eq!(message, "Acme did not answer: nothing more came for 50ms.");
    provider.hung_up().await;
}

#[tokio::test]
async fn an_error_whose_words_hardly_come_is_told_with_those_that_came() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url)
        .upstream(|limits| limits.refusal = Duration::from_millis(50))
        .start()
        .await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = upstream.request().await;
    let words = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\nno such key";
    provider.write(words).await;
    let (head, told) = codex.answer().await;
    assert_eq!(
        (head.status, told.as_str()),
        (
            400,
            "Acme says: no such key (401). Check the key at https://acme.test/keys"
        )
    );
    provider.hung_up().await;
}

#[tokio::test]
async fn whoever_asks_for_a_whole_answer_gets_a_status() {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    for (given, status, code) in [
        ("401 Unauthorized", 502, "invalid_prompt"),
        ("429 Too Many Requests", 429, "rate_limit_exceeded"),
        ("500 Internal Server Error", 500, "server_error"),
    ] {
        let mut codex = relay.post(WHOLE).await;
        upstream.request().await.answer(given, "retry-after: 2\r\n", "no").await;
        let (head, body) = codex.json().await;
        assert_eq!((head.status, &body["error"]["code"]), (status, &json!(code)), "{given}");
        assert_eq!(head.header("retry-after"), Some("2"));
    }
    let mut codex = relay.post(WHOLE).await;
    let mut provider = upstream.request().await;
    provider.begin().await;
    provider.say("Hel").await;
    drop(provider);
    let (head, body) = codex.json().await;
    assert_eq!((head.status, &body["error"]["code"]), (502, &json!("server_error")));
}

#[tokio::test]
async fn nobody_is_followed_elsewhere_and_where_to_is_told() {
    let upstream = Upstream::bind();
    let elsewhere = Upstream::bind();
    let relay = relay(&upstream.base_url).start().await;
    let there = elsewhere.base_url.strip_prefix("http://").unwrap();
    let here = upstream.base_url.strip_suffix("/v1").unwrap();
    for (status, location, told) in [
        (
            "307 Temporary Redirect",
            format!("http://me:pw@{there}/x?key={KEY}#y"),
            format!("http://{there}/x"),
        ),
        (
            "308 Permanent Redirect",
            "https://a.example".to_owned(),
            "https://a.example/".to_owned(),
        ),
        ("302 Found", "/login?from=v1".to_owned(), format!("{here}/login")),
        (
            "301 Moved Permanently",
            "//b.example/a".to_owned(),
            "http://b.example/a".to_owned(),
        ),
        ("303 See Other", "data:text/plain,hi".to_owned(), "data:".to_owned()),
    ] {
        let mut codex = relay.post(STREAMED).await;
        let headers = format!("location: {location}\r\n");
        upstream.request().await.answer(status, &headers, "").await;
        let (head, words) = codex.answer().await;
        let status = &status[..3];
        let expected = format!(
            "Acme sends requests on to {told} ({status}), where the key was not meant to go. If that is its address now, \
             use it: with `--base-url`, or `base_url` in the configuration"
        );
        assert_eq!((head.status, words), (400, expected));
    }
    assert!(!elsewhere.has_visitor());
    let words = refused("307 Temporary Redirect", "", "").await;
    assert!(
        words.starts_with("Acme answered 307 without a word. Check the address: it is http"),
        "{words}"
    );
}
