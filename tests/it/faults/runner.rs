//! One runner for every row: plays a fault between a provider and Codex's side, and holds what came to its law.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::date_time_ymd;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::apart::{Apart, runtime};
use super::fault::{ATTEMPTS, End, Fault, Line, Shown};
use super::provider::{Opened, Provider, Signals};
use super::table::Row;
use crate::kit::Authority;
use crate::laws::{self, hear};
use crate::relay::client::{Connection, Event, Head};
use crate::relay::running::{KEY, Relay, Setup, TOKEN, relay};

/// What Codex got.
#[derive(Debug)]
pub enum Told {
    /// A status, and what stood below it.
    Refused(Head, String),
    /// A stream of events.
    Streamed(Head, Vec<Event>),
}

/// Plays a fault and gives its row.
///
/// # Panics
///
/// When it does not end as it should.
pub fn play(fault: &Fault) -> Row {
    let runtime = runtime();
    let began = Instant::now();
    let turn = async { tokio::time::timeout(fault.bound.time, turn(fault)).await };
    let (told, requests, memory) = runtime.block_on(turn).expect("it ends in time");
    let time = began.elapsed();
    check(fault, &told);
    assert_eq!(requests, fault.requests, "requests to the provider");
    let most = fault.bound.memory;
    assert!(memory <= most, "{memory} bytes were held, and {most} may be");
    Row {
        name: fault.name.clone(),
        told: told.shown(),
        requests: Some(requests),
        time,
        memory,
    }
}

async fn turn(fault: &Fault) -> (Told, usize, u64) {
    let signals = Arc::new(Signals::default());
    let authority = Authority::new("ours");
    let mut provider = Provider::bind(fault.meets.clone(), Arc::clone(&signals));
    if let Some(opened) = opened(fault.line, &authority) {
        provider = provider.opened(opened);
    }
    let relay = Apart::start(before(&provider.base_url, fault).trusting(&authority)).await;
    let (told, requests) = provider.meet(ask(&relay.relay, fault, &signals.codex)).await;
    (told, requests, relay.stopped().await)
}

fn opened(line: Line, authority: &Authority) -> Option<Opened> {
    let host = "127.0.0.1";
    let identity = |shown| match shown {
        Shown::Good => authority.identity(host),
        Shown::Foreign => Authority::new("theirs").identity(host),
        Shown::Misnamed => authority.identity("gateway.example"),
        Shown::Expired => authority.identity_with(host, |it| it.not_after = date_time_ymd(2024, 2, 29)),
        Shown::Early => authority.identity_with(host, |it| it.not_before = date_time_ymd(3000, 1, 1)),
        Shown::Authority => authority.as_server(),
    };
    Some(match line {
        Line::Clear => return None,
        Line::Promised => Opened::Clear,
        Line::Tls(shown) => Opened::Tls(identity(shown).acceptor(&["http/1.1"])),
        Line::Http2(window) => Opened::Http2(identity(Shown::Good).acceptor(&["h2"]), window),
    })
}

fn before(base_url: &str, fault: &Fault) -> Setup {
    let setup = relay(base_url).known_as(fault.who).limits(|limits| {
        limits.body = 64 * 1024 * 1024;
        limits.after_finish = Duration::from_millis(50);
    });
    setup.upstream(|limits| {
        limits.first = fault.silence;
        limits.idle = fault.silence;
        limits.retry.attempts = ATTEMPTS;
        if fault.silence.is_some() {
            // As with the usual limits, no time is left for a second attempt.
            limits.retry.budget = Duration::ZERO;
        }
    })
}

/// Asks as Codex does, and hears the answer out.
async fn ask(relay: &Relay, fault: &Fault, codex: &Notify) -> Told {
    let tools = json!([
        { "type": "function", "name": "run", "parameters": { "type": "object", "properties": { "command": { "type": "string" } } } },
        { "type": "function", "name": "look", "parameters": { "type": "object", "properties": {} } },
    ]);
    let request = json!({ "model": "m", "stream": true, "input": fault.input, "tools": tools }).to_string();
    let mut connection = relay.post(&request).await;
    let head = connection.head().await;
    let told = if head.header("content-type") == Some("text/event-stream") {
        let mut events = Vec::new();
        while let Some(event) = connection.event().await {
            if !matches!(event.name.as_str(), "response.created" | "response.in_progress") {
                codex.notify_one();
            }
            events.push(event);
        }
        Told::Streamed(head, events)
    } else {
        let body = connection.rest(&head).await;
        Told::Refused(head, body)
    };
    is_alive(connection).await;
    told
}

/// The same connection takes the next request: nothing came after the end, and the relay lives.
async fn is_alive(mut connection: Connection) {
    connection.request("GET", "/health", "").await;
    assert_eq!(connection.answer().await.0.status, 200);
}

fn check(fault: &Fault, told: &Told) {
    let all = format!("{told:?}");
    for secret in [KEY, TOKEN] {
        assert!(!all.contains(secret), "a secret is told: {all}");
    }
    assert!(
        !all.contains('\u{1b}') && !all.contains("\\u001b"),
        "a terminal would move: {all}"
    );
    assert!(
        !all.contains("openai-model"),
        "headers of the provider are passed on: {all}"
    );
    match told {
        Told::Refused(head, body) => check_status(fault, head, body),
        Told::Streamed(head, events) => {
            assert_eq!(head.status, 200);
            check_stream(fault, events);
        }
    }
}

fn check_status(fault: &Fault, head: &Head, body: &str) {
    let kind = head.header("content-type").unwrap_or_default();
    let End::Words(words) = &fault.end else {
        panic!("it should be {:?}, and is {} {body}", fault.end, head.status);
    };
    assert_eq!((head.status, kind), (400, "text/plain; charset=utf-8"), "{body}");
    assert!(body.contains(words.as_ref()), "“{words}” is not in {body}");
}

fn check_stream(fault: &Fault, events: &[Event]) {
    let told = events.iter().filter(|event| event.name != "keepalive");
    let told: Vec<Value> = told
        .zip(0..)
        .map(|(event, number)| {
            let mut event = event.data.clone();
            event["sequence_number"] = Value::from(number);
            event
        })
        .collect();
    let heard = hear(&told);
    let last = &told.last().unwrap()["response"];
    match &fault.end {
        End::Failed(code, words) => check_error(last, code, words),
        End::Waits(words) => {
            check_error(last, "rate_limit_exceeded", words);
            check_error(last, "rate_limit_exceeded", "try again in ");
        }
        End::Overflow(words) => check_error(last, "context_length_exceeded", words),
        End::Completes => assert_eq!(heard.end, laws::End::Completed, "{last}"),
        end => panic!("it should be {end:?}, and is {last}"),
    }
    let shown: String = events.iter().filter_map(spoken).collect();
    assert_eq!(shown, fault.shown, "what was shown");
    assert_eq!(heard.calls.len(), fault.calls, "calls that are done: {:?}", heard.calls);
}

fn check_error(response: &Value, code: &str, words: &str) {
    assert_eq!(response["status"], "failed", "{response}");
    assert_eq!(response["error"]["code"], code, "{response}");
    let message = response["error"]["message"].as_str().unwrap();
    assert!(message.contains(words), "“{words}” is not in “{message}”");
}

fn spoken(event: &Event) -> Option<&str> {
    (event.name == "response.output_text.delta").then(|| event.data["delta"].as_str())?
}

impl Told {
    fn shown(&self) -> String {
        match self {
            Self::Refused(head, body) => format!("{} {body}", head.status),
            Self::Streamed(_, events) => {
                let last = events.last().unwrap();
                let error = &last.data["response"]["error"];
                let error = error["code"].as_str().zip(error["message"].as_str());
                let end = last.name.trim_start_matches("response.");
                error.map_or(end.to_owned(), |(code, message)| format!("{end} {code}: {message}"))
            }
        }
    }
}
