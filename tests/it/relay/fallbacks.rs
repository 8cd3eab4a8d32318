//! Who has nothing left to answer with is relieved by another, which the user is told, and is asked again when its time
//! has come. One address plays both: who is asked is told by the model.

use std::time::Duration;

use crelay::provider::dialect::{Dialect, ReasoningRequest, Replay, Wire};
use crelay::session::Effort;
use serde_json::{Value, json};

use super::client::{Connection, end, spoken};
use super::running::{Relay, Setup};
use super::upstream::Exchange;
use super::{STREAMED, Upstream, WHOLE, relay};

const BALANCE: (&str, &str) = (
    "402 Payment Required",
    r#"{"error":{"message":"Insufficient Balance"}}"#,
);
const BUSY: (&str, &str) = ("503 Service Unavailable", r#"{"error":{"message":"Busy"}}"#);

/// `m`, which `n` may stand in for.
fn relieved(upstream: &Upstream) -> Setup {
    relay(&upstream.base_url).relieved_by("n", Dialect::default())
}

/// The next request, which is for this model.
async fn asked(upstream: &Upstream, model: &str) -> Exchange {
    let exchange = upstream.request().await;
    assert_eq!(exchange.body["model"], model);
    exchange
}

async fn fails(upstream: &Upstream, model: &str, (status, body): (&str, &str)) {
    asked(upstream, model).await.answer(status, "", body).await;
}

/// What is thought, and what is said, in a turn that goes well.
async fn heard(codex: &mut Connection) -> (String, String) {
    assert_eq!(codex.head().await.status, 200);
    let events = codex.events().await;
    assert_eq!(end(&events).name, "response.completed");
    let thoughts = events
        .iter()
        .filter(|event| event.name == "response.reasoning_summary_text.delta");
    let thoughts = thoughts.map(|event| event.data["delta"].as_str().unwrap()).collect();
    (thoughts, spoken(&events))
}

/// A turn that `model` answers at once; what the user is told of it.
async fn answered(relay: &Relay, upstream: &Upstream, model: &str) -> String {
    let mut codex = relay.post(STREAMED).await;
    asked(upstream, model).await.stream("Hello").await;
    let (told, said) = heard(&mut codex).await;
    assert_eq!(said, "Hello");
    told
}

#[tokio::test]
async fn whoever_is_exhausted_is_relieved_in_the_same_turn_and_a_sentence_tells_it() {
    for (status, headers, body, told) in [
        (
            BALANCE.0,
            "",
            BALANCE.1,
            "Acme says: Insufficient Balance (402): `n` of Acme answers instead, for 1h 0m",
        ),
        (
            BUSY.0,
            "",
            BUSY.1,
            "Acme says: Busy (503): `n` of Acme answers instead, for 5m",
        ),
        (
            "429 Too Many Requests",
            "retry-after: 90\r\n",
            "Slow down",
            "Acme says: Slow down (429): `n` of Acme answers instead, for 1m",
        ),
        (
            "429 Too Many Requests",
            "",
            "Weekly usage limit reached, resets in 5 days 10 hours",
            "Acme says: Weekly usage limit reached, resets in 5 days 10 hours (429): `n` of Acme answers instead, for \
             1h 0m",
        ),
        (
            "500 Internal Server Error",
            "",
            "",
            "Acme answered 500 without a word: `n` of Acme answers instead, for 5m",
        ),
        (
            "200 OK",
            "content-type: text/event-stream\r\n",
            "data: {\"error\":{\"code\":402,\"message\":\"Insufficient credits\"}}\n\n",
            "Acme says: Insufficient credits (402): `n` of Acme answers instead, for 1h 0m",
        ),
        (
            "200 OK",
            "content-type: text/event-stream\r\n",
            "data: {\"error\":{\"code\":\"insufficient_quota\",\"message\":\"Is your credit gone?\"}}\n\n",
            "Acme says: Is your credit gone? `n` of Acme answers instead, for 1h 0m",
        ),
    ] {
        let upstream = Upstream::bind();
        let relay = relieved(&upstream).start().await;
        let mut codex = relay.post(STREAMED).await;
        asked(&upstream, "m").await.answer(status, headers, body).await;
        asked(&upstream, "n").await.stream("Hello").await;
        assert_eq!(heard(&mut codex).await, (told.to_owned(), "Hello".to_owned()));
    }
}

#[tokio::test]
async fn what_the_user_can_put_right_or_one_request_is_refused_for_is_told_and_not_hidden() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    for (status, body, words) in [
        (
            "401 Unauthorized",
            "no",
            "Acme says: no (401). Check the key at https://acme.test/keys",
        ),
        (
            "404 Not Found",
            r#"{"error":{"message":"The model `m` does not exist"}}"#,
            "Acme says: The model `m` does not exist (404). Choose another model with `-m`",
        ),
        ("422 Unprocessable Entity", "extra", "Acme says: extra (422)."),
        (
            "400 Bad Request",
            "The request was rejected because it was considered high risk",
            "Acme says: The request was rejected because it was considered high risk (400).",
        ),
    ] {
        let mut codex = relay.post(STREAMED).await;
        fails(&upstream, "m", (status, body)).await;
        let (head, told) = codex.answer().await;
        assert_eq!((head.status, told.as_str()), (400, words));
        assert!(!upstream.has_visitor(), "{status}");
    }
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "m", ("400 Bad Request", "prompt is too long")).await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(
        end(&events).data["response"]["error"]["code"],
        "context_length_exceeded"
    );
    assert!(!upstream.has_visitor());
    // None of them was left alone for it.
    assert_eq!(answered(&relay, &upstream, "m").await, "");
}

#[tokio::test]
async fn who_was_relieved_is_left_alone_for_a_time_and_then_asked_again() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    let limit = asked(&upstream, "m").await;
    limit
        .answer("429 Too Many Requests", "retry-after: 120\r\n", "Slow down")
        .await;
    asked(&upstream, "n").await.stream("Hello").await;
    assert!(heard(&mut codex).await.0.starts_with("Acme says: Slow down (429)"));
    // It is told once.
    assert_eq!(answered(&relay, &upstream, "n").await, "");
    relay.pass(118);
    assert_eq!(answered(&relay, &upstream, "n").await, "");
    relay.pass(3);
    assert_eq!(answered(&relay, &upstream, "m").await, "");
    assert_eq!(answered(&relay, &upstream, "m").await, "");
}

#[tokio::test]
async fn a_provider_that_is_still_exhausted_when_its_time_has_come_is_relieved_once_more() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    for seconds in [3601, 0] {
        let mut codex = relay.post(STREAMED).await;
        fails(&upstream, "m", BALANCE).await;
        asked(&upstream, "n").await.stream("Hello").await;
        assert!(heard(&mut codex).await.0.contains("(402)"));
        relay.pass(seconds);
    }
    assert_eq!(answered(&relay, &upstream, "n").await, "");
}

#[tokio::test]
async fn when_all_fail_the_first_is_told_and_why_the_others_did_too() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).relieved_by("o", Dialect::default()).start().await;
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "m", BALANCE).await;
    fails(&upstream, "n", ("401 Unauthorized", "no")).await;
    fails(&upstream, "o", ("422 Unprocessable Entity", "extra")).await;
    let (head, told) = codex.answer().await;
    let words = "Acme says: Insufficient Balance (402). Top up at https://acme.test/keys or choose another provider with \
                 `--provider`. The fallbacks failed as well: Acme says: no (401); Acme says: extra (422).";
    assert_eq!((head.status, told.as_str()), (400, words));
    // What concerned one request alone is no reason to leave anybody alone; and where all are, nobody is.
    for order in [["o", "m", "n"], ["m", "n", "o"]] {
        let mut other = relay.post(WHOLE).await;
        for model in order {
            fails(&upstream, model, BUSY).await;
        }
        let (head, body) = other.json().await;
        assert_eq!(
            (head.status, &body["error"]["code"]),
            (503, &json!("rate_limit_exceeded"))
        );
    }
}

#[tokio::test]
async fn where_one_of_all_can_soon_be_asked_again_codex_asks_again() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "m", BALANCE).await;
    fails(&upstream, "n", BUSY).await;
    codex.head().await;
    let events = codex.events().await;
    let expected = json!({
        "code": "rate_limit_exceeded",
        "message": "Acme says: Insufficient Balance (402). Top up at https://acme.test/keys or choose another provider \
                    with `--provider`. The fallbacks failed as well: Acme says: Busy (503). Please try again in 10s",
    });
    assert_eq!(end(&events).data["response"]["error"], expected);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_for_the_one_who_is_left_is_summed_up() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "m", BALANCE).await;
    fails(&upstream, "n", ("400 Bad Request", "prompt is too long")).await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(
        end(&events).data["response"]["error"]["code"],
        "context_length_exceeded"
    );
}

#[tokio::test]
async fn before_a_turn_fails_those_who_were_left_alone_are_asked_as_well() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "m", BALANCE).await;
    asked(&upstream, "n").await.stream("Hello").await;
    heard(&mut codex).await;
    let mut codex = relay.post(STREAMED).await;
    fails(&upstream, "n", BUSY).await;
    asked(&upstream, "m").await.stream("Hello").await;
    let told = heard(&mut codex).await.0;
    assert_eq!(told, "Acme says: Busy (503): `m` of Acme answers instead, for 5m");
    // Who answers is no longer left alone.
    assert_eq!(answered(&relay, &upstream, "m").await, "");
}

#[tokio::test]
async fn an_answer_that_has_begun_is_nobody_elses() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut codex = relay.post(STREAMED).await;
    let mut provider = asked(&upstream, "m").await;
    provider.begin().await;
    provider.say("Hel").await;
    provider.frame(r#"{"error":{"code":503,"message":"Busy"}}"#).await;
    codex.head().await;
    let events = codex.events().await;
    assert_eq!(
        (spoken(&events).as_str(), end(&events).name.as_str()),
        ("Hel", "response.failed")
    );
    assert!(!upstream.has_visitor());
}

#[tokio::test]
async fn a_client_that_hangs_up_while_a_fallback_is_asked_ends_that_request() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    for body in [STREAMED, WHOLE] {
        let codex = relay.post(body).await;
        fails(&upstream, "m", ("422 Unprocessable Entity", "overloaded")).await;
        let provider = asked(&upstream, "n").await;
        drop(codex);
        provider.hung_up().await;
        relay.pass(301);
    }
}

#[tokio::test]
async fn a_stream_that_has_begun_without_the_provider_tells_it_just_as_well() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).limits(|limits| limits.patience = Duration::ZERO);
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let first = asked(&upstream, "m").await;
    assert_eq!(codex.head().await.status, 200);
    assert_eq!(codex.event().await.unwrap().name, "response.created");
    first.answer(BUSY.0, "", BUSY.1).await;
    asked(&upstream, "n").await.stream("Hello").await;
    let events = codex.events().await;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names[..6],
        [
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
        ]
    );
    assert_eq!(spoken(&events), "Hello");
}

#[tokio::test]
async fn nobody_is_waited_for_while_another_can_answer_at_once_and_the_last_one_is() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).upstream(|limits| limits.retry.attempts = 2);
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let limited = async |model: &str, seconds: &str| {
        let headers = format!("retry-after: {seconds}\r\n");
        let limit = asked(&upstream, model).await;
        limit.answer("429 Too Many Requests", &headers, "Slow down").await;
    };
    // What passes at once is not worth a change.
    limited("m", "0").await;
    limited("m", "0").await;
    limited("n", "0").await;
    asked(&upstream, "n").await.stream("Hello").await;
    heard(&mut codex).await;
    relay.pass(61);
    let mut codex = relay.post(STREAMED).await;
    limited("m", "30").await;
    asked(&upstream, "n").await.stream("Hello").await;
    heard(&mut codex).await;
}

#[tokio::test]
async fn a_fallback_is_asked_in_its_own_words_and_otherwise_where_it_refuses_them() {
    let upstream = Upstream::bind();
    let thinking = Dialect {
        reasoning: ReasoningRequest::Effort,
        efforts: vec![Effort::Low, Effort::High],
        ..Dialect::default()
    };
    let relay = relay(&upstream.base_url).relieved_by("n", thinking).start().await;
    let request = json!({"model": "m", "stream": true, "input": "hi", "reasoning": {"effort": "high"}}).to_string();
    let mut codex = relay.post(&request).await;
    // What was learned of one is not asked of the other.
    let refused = |field: &str| format!("Unrecognized request argument supplied: {field}");
    fails(&upstream, "m", ("400 Bad Request", &refused("stream_options"))).await;
    let second = asked(&upstream, "m").await;
    assert_eq!(second.body["stream_options"], Value::Null);
    second.answer(BUSY.0, "", BUSY.1).await;
    let third = asked(&upstream, "n").await;
    assert_eq!(third.body["reasoning_effort"], "high");
    assert_ne!(third.body["stream_options"], Value::Null);
    third.answer("400 Bad Request", "", &refused("reasoning_effort")).await;
    let fourth = asked(&upstream, "n").await;
    assert_eq!(fourth.body["reasoning_effort"], Value::Null);
    fourth.stream("Hello").await;
    heard(&mut codex).await;
    // And stays so.
    let mut codex = relay.post(&request).await;
    let next = asked(&upstream, "n").await;
    assert_eq!(next.body["reasoning_effort"], Value::Null);
    next.stream("Hello").await;
    heard(&mut codex).await;
}

#[tokio::test]
async fn other_clients_get_the_answer_alone() {
    let upstream = Upstream::bind();
    let relay = relieved(&upstream).start().await;
    let mut client = relay.connect().await;
    client.request_as_other("POST", "/v1/responses", WHOLE).await;
    fails(&upstream, "m", BUSY).await;
    asked(&upstream, "n").await.stream("Hello").await;
    let (head, answer) = client.json().await;
    assert_eq!(head.status, 200);
    assert_eq!(answer["output"].as_array().unwrap().len(), 1);
    assert_eq!(answer["output"][0]["content"][0]["text"], "Hello");
    // A conversation is summed up by whoever can.
    client.request_as_other("POST", "/v1/responses/compact", WHOLE).await;
    fails(&upstream, "n", BUSY).await;
    asked(&upstream, "m").await.stream("A summary.").await;
    assert_eq!(client.json().await.0.status, 200);
}

/// A conversation with thoughts, a patch in its own words and what came of it.
fn history() -> Value {
    json!([
        {"type": "message", "role": "user", "content": "Work."},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "A file."}],
            "encrypted_content": "crelay1:{\"t\":\"A file.\"}"},
        {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_1", "name": "apply_patch", "input": PATCH},
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "Done."},
        {"type": "message", "role": "user", "content": "And now?"},
    ])
}

const PATCH: &str = "*** Begin Patch\n*** Add File: a\n+a\n*** End Patch";

/// What ends an answer, in either protocol.
async fn end_natively(mut exchange: Exchange) {
    exchange.begin().await;
    let part = json!({"type": "output_text", "text": "Hello", "annotations": []});
    let message = json!({"type": "message", "id": "msg_9", "role": "assistant", "content": [part]});
    let response = json!({"id": "resp_9", "object": "response", "status": "completed", "output": [message]});
    let end = json!({"type": "response.completed", "response": response});
    exchange.frame(&end.to_string()).await;
}

#[tokio::test]
async fn a_conversation_goes_on_in_the_protocol_of_whoever_answers() {
    let dialect = |wire| Dialect {
        wires: vec![wire],
        replay: Replay::Content,
        ..Dialect::default()
    };
    let tool = json!({"type": "custom", "name": "apply_patch", "description": "Patches.",
        "format": {"type": "grammar", "syntax": "lark", "definition": "start: \"a\""}});
    for (own, other) in [
        (Wire::Chat, Wire::Chat),
        (Wire::Chat, Wire::Responses),
        (Wire::Responses, Wire::Chat),
        (Wire::Responses, Wire::Responses),
    ] {
        let upstream = Upstream::bind();
        let relay = relay(&upstream.base_url)
            .limits(|limits| limits.body = 1 << 20)
            .dialect(dialect(own))
            .relieved_by("n", dialect(other))
            .start()
            .await;
        let mut input = history();
        for turn in 0..2 {
            let request = json!({"model": "m", "stream": true, "input": input, "tools": [tool]});
            let mut codex = relay.post(&request.to_string()).await;
            if turn == 0 {
                let first = asked(&upstream, "m").await;
                assert_eq!(first.head.starts_with("post /v1/responses"), own == Wire::Responses);
                first.answer(BUSY.0, "", BUSY.1).await;
            }
            let second = asked(&upstream, "n").await;
            assert_eq!(second.head.starts_with("post /v1/responses"), other == Wire::Responses);
            let body = second.body.to_string();
            assert!(body.contains("*** Add File: a") && body.contains("And now?"), "{body}");
            assert!(
                !body.contains("Busy"),
                "what the user is told is no part of the conversation: {body}"
            );
            assert!(other == Wire::Responses || body.contains("A file."), "{body}");
            match other {
                Wire::Chat => second.stream("Hello").await,
                Wire::Responses => end_natively(second).await,
            }
            codex.head().await;
            let events = codex.events().await;
            let output = end(&events).data["response"]["output"].as_array().unwrap().clone();
            assert_eq!(output.len(), 2 - turn, "{output:?}");
            assert_eq!(output.last().unwrap()["content"][0]["text"], "Hello");
            // Codex's history goes on with all items.
            input.as_array_mut().unwrap().extend(output);
            let next = json!({"type": "message", "role": "user", "content": "And then?"});
            input.as_array_mut().unwrap().push(next);
        }
    }
}
