//! Every exchange that was recorded from a real provider goes through the relay as from a server.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crelay::provider::dialect::Wire;
use crelay::translate::Reader;
use crelay::upstream::Class;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::client::Connection;
use super::{Upstream, relay};
use crate::laws::said::Said;
use crate::laws::{End, Exchange, Frame, Heard, Kind, exchanges, frames, hear, native, said};

/// What Codex got for one exchange.
#[derive(Debug)]
enum Told {
    /// A stream of events.
    Heard(Box<Heard>, Value),
    /// A status and its words.
    Refused(u16, String),
}

/// Plays exchanges of one provider through one relay, all at once, and gives what Codex got for each.
async fn play(provider: &str, exchanges: Vec<Exchange>) -> (Vec<(Exchange, Told)>, String) {
    let upstream = Upstream::bind();
    let relay = relay(&upstream.base_url).known_as(provider);
    let wire = match exchanges[0].kind {
        Kind::Chat => Wire::Chat,
        Kind::Responses => Wire::Responses,
    };
    let relay = relay.speaking(wire).start().await;
    let mut turns = JoinSet::new();
    for number in 0..exchanges.len() {
        turns.spawn(ask(relay.address, number));
    }
    for _ in 0..exchanges.len() {
        let request = upstream.request().await;
        let exchange = &exchanges[number(&request.body)];
        let body = std::str::from_utf8(&exchange.body).unwrap();
        request.answer(&format!("{} Recorded", exchange.status), "", body).await;
    }
    let mut told: Vec<Option<Told>> = exchanges.iter().map(|_| None).collect();
    while let Some(turn) = turns.join_next().await {
        let (number, heard) = turn.unwrap();
        told[number] = Some(heard);
    }
    let told = exchanges.into_iter().zip(told.into_iter().flatten()).collect();
    (told, upstream.base_url)
}

/// Which exchange is asked for: it is all that the user says.
fn number(body: &Value) -> usize {
    let messages = body.get("messages").or(body.get("input")).unwrap();
    let content = &messages.as_array().unwrap().last().unwrap()["content"];
    let text = content.as_str().or(content[0]["text"].as_str()).unwrap();
    text.parse().unwrap()
}

async fn ask(address: SocketAddr, number: usize) -> (usize, Told) {
    let mut codex = Connection::to(address).await;
    let body = json!({"model": "m", "stream": true, "input": number.to_string()});
    codex.post(&body.to_string()).await;
    let head = codex.head().await;
    if head.status != 200 {
        return (number, Told::Refused(head.status, codex.rest(&head).await));
    }
    let events: Vec<Value> = codex.events().await.into_iter().map(|event| event.data).collect();
    let error = events.last().unwrap()["response"]["error"].clone();
    (number, Told::Heard(Box::new(hear(&events)), error))
}

#[tokio::test]
async fn every_recorded_answer_is_heard_as_it_was_said() {
    let mut providers: BTreeMap<(String, bool), Vec<Exchange>> = BTreeMap::new();
    for exchange in exchanges() {
        let key = (exchange.provider.clone(), exchange.kind == Kind::Responses);
        providers.entry(key).or_default().push(exchange);
    }
    let played: usize = providers.values().map(Vec::len).sum();
    assert!(played == 0 || played >= 880, "{played} exchanges were found");
    let mut wrong = Vec::new();
    for ((provider, is_native), exchanges) in providers {
        let (told, address) = play(&provider, exchanges).await;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (exchange, told) in &told {
            match judge(exchange, told, &address) {
                Ok(verdict) => *counts.entry(verdict).or_default() += 1,
                Err(fault) => wrong.push(format!("{}: {fault}", exchange.id)),
            }
        }
        let api = if is_native { "responses" } else { "chat" };
        println!("{provider} ({api}): {counts:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is right for an exchange that failed, by what a reader of the answers says they mean.
#[rustfmt::skip]
const FAILED: &[(Class, &[&str])] = &[
    (Class::Auth, &["azure/011", "deepseek/008", "deepseek/009", "doubleword/009", "doubleword/010", "groq/042", "llamacpp/020",
        "mistral/009", "mistral/010", "ollama/006", "openai/071", "openai/072", "openrouter/059", "perplexity/004",
        "llama.cpp-b11434-qwen-tools/error-no-key", "llama.cpp-b11434-qwen-tools/error-wrong-key",
        "responses-api/openai/005", "responses-api/chatgpt/003",
        "vllm-0.32-cpu-think/error-no-key", "vllm-0.32-cpu-think/error-wrong-key"]),
    (Class::Model, &["responses-api/openai/001", "responses-api/openai/003", "responses-api/xai/001", "azure/029", "deepseek/020", "doubleword/013", "doubleword/014", "groq/001", "groq/002", "mistral/039",
        "mistral/040", "openai/011", "openai/012", "openrouter/062", "venice/010", "venice/011"]),
    // A path that llama.cpp does not have; and a server of a test that answers with what it was asked.
    (Class::Address, &["llama.cpp-b11434-qwen-think/error-unknown-path", "llama.cpp-b11434-qwen-tools/error-unknown-path",
        "demo-endpoints-pydantic-workers-dev/001", "demo-endpoints-pydantic-workers-dev/002"]),
    (Class::Overflow, &["ollama/017", "openrouter/063", "perplexity/005", "litellm-1.106-mock-ctx/error-context-overflow-stream", "litellm-1.106-mock-ctx/text-nonstream",
        "litellm-1.106-mock-ctx/text-stream-no-usage-option", "litellm-1.106-mock-ctx/text-stream",
        "litellm-1.106-small-ctx/error-context-overflow-stream", "llama.cpp-b11434-qwen-think/error-context-overflow-nonstream",
        "llama.cpp-b11434-qwen-think/error-context-overflow-stream", "llama.cpp-b11434-qwen-tools/error-context-overflow-nonstream",
        "llama.cpp-b11434-qwen-tools/error-context-overflow-stream", "vllm-0.32-cpu-think/error-context-overflow-nonstream",
        "vllm-0.32-cpu-think/error-context-overflow-stream"]),
    (Class::RateLimit, &["azure/021", "openrouter/007", "openrouter/008", "litellm-1.106-mock-429/error-context-overflow-stream",
        "litellm-1.106-mock-429/text-nonstream", "litellm-1.106-mock-429/text-stream-no-usage-option", "litellm-1.106-mock-429/text-stream"]),
    (Class::Server, &["litellm-1.106-mock-429/responses-native-stream", "litellm-1.106-mock-500/responses-native-stream",
        "litellm-1.106-mock-ctx/responses-native-stream",
        // Its project put an error of its own before the provider's.
        "responses-api/openai/007", "litellm-1.106-mock-500/error-context-overflow-stream", "litellm-1.106-mock-500/text-nonstream",
        "litellm-1.106-mock-500/text-stream-no-usage-option", "litellm-1.106-mock-500/text-stream", "llamacpp/028",
        "llama.cpp-b11434-qwen-tools/parallel-tool-calls-nonstream",
        // After a call.
        "llama.cpp-b11434-qwen-tools/parallel-tool-calls-stream", "llama.cpp-b11434-qwen-tools/tool-shell-array-args-stream",
        // The model broke the rule of its tools, and may keep it the next time.
        "groq/014", "groq/015", "groq/018", "groq/019"]),
    // The index kept no status of these: they come at the end of a stream that began well.
    (Class::Balance, &["responses-api/openai/009"]),
    // The index has it as a good answer: its status was not kept, but stands in it.
    (Class::Filter, &["azure/030"]),
    (Class::Request, &["responses-api/deepseek/003", "deepseek/021", "deepseek/057", "deepseek/058", "deepseek/060", "deepseek/061", "doubleword/011",
        "doubleword/012", "openai/014", "openai/015", "openai/019", "openai/020", "openai/044", "openai/045", "llamacpp/003",
        "llamacpp/004", "llamacpp/018", "llamacpp/019", "llamacpp/029", "llamacpp/030", "llamacpp/056",
        // No status was kept, so these come with a good one.
        "openai/079", "openai/080",
        "llama.cpp-b11434-qwen-think/n2-nonstream", "llama.cpp-b11434-qwen-tools/n2-nonstream",
        "llama.cpp-b11434-qwen-think/error-bad-tool-choice", "llama.cpp-b11434-qwen-think/error-bad-tool-schema",
        "llama.cpp-b11434-qwen-think/error-image-input", "llama.cpp-b11434-qwen-think/error-invalid-json",
        "llama.cpp-b11434-qwen-think/error-missing-messages", "llama.cpp-b11434-qwen-think/error-temperature-string",
        "llama.cpp-b11434-qwen-tools/error-bad-tool-choice", "llama.cpp-b11434-qwen-tools/error-bad-tool-schema",
        "llama.cpp-b11434-qwen-tools/error-image-input", "llama.cpp-b11434-qwen-tools/error-invalid-json",
        "llama.cpp-b11434-qwen-tools/error-missing-messages", "llama.cpp-b11434-qwen-tools/error-temperature-string"]),
];

fn failed(id: &str) -> Option<Class> {
    let row = FAILED.iter().find(|(_, ids)| ids.contains(&id));
    row.map(|(class, _)| *class)
}

fn judge(exchange: &Exchange, told: &Told, address: &str) -> Result<&'static str, String> {
    let said = match exchange.kind {
        Kind::Chat => said(exchange),
        Kind::Responses => None,
    };
    let Some(class) = failed(&exchange.id) else {
        if exchange.kind == Kind::Responses {
            return native_voices(exchange, told);
        }
        let said = said.ok_or("it is no answer")?;
        return match told {
            // An error after the end of an answer takes nothing away from it.
            Told::Heard(..) if said.error.is_some() && said.finish.is_none() => Err("it failed".to_owned()),
            Told::Heard(heard, error) => voices(&said, heard, error),
            Told::Refused(status, words) => Err(format!("{status} {words}")),
        };
    };
    let expected = expected(exchange, class, address);
    let got = match told {
        Told::Refused(400, words) => match serde_json::from_str::<Value>(words) {
            Ok(body) => (body["error"]["code"].clone(), body["error"]["message"].clone()),
            Err(_) => (json!("invalid_prompt"), json!(words)),
        },
        Told::Refused(status, words) => return Err(format!("{status} {words}")),
        Told::Heard(_, error) => (error["code"].clone(), error["message"].clone()),
    };
    if got != expected {
        return Err(format!("{got:?} instead of {expected:?}"));
    }
    // Of an answer that failed in the middle, what was said before is heard as far as it was whole.
    match (said, told) {
        (Some(said), Told::Heard(heard, error)) => voices(&said, heard, error),
        _ => Ok("failed"),
    }
}

/// The same of an endpoint that speaks Responses itself.
fn native_voices(exchange: &Exchange, told: &Told) -> Result<&'static str, String> {
    let Told::Heard(heard, error) = told else {
        return Err(format!("{told:?}"));
    };
    native::check(
        &exchange.id,
        &native::said(&native_frames(exchange)),
        heard,
        Reader::Codex,
    );
    match heard.end {
        End::Completed => Ok("whole"),
        // Two of its events, the last as well, lack a bracket.
        End::Failed if exchange.id == "responses-api/openai/008" => Ok("failed"),
        end => Err(format!("{end:?}: {error}")),
    }
}

/// The frames of a native answer; a whole one says the same in its last.
fn native_frames(exchange: &Exchange) -> Vec<Frame> {
    if exchange.is_streamed() {
        return frames(&exchange.body);
    }
    let response: Value = serde_json::from_slice(&exchange.body).unwrap();
    let items = response["output"].as_array().into_iter().flatten();
    let items = items.map(|item| json!({"type": "response.output_item.done", "item": item}));
    let end = json!({"type": format!("response.{}", response["status"].as_str().unwrap()), "response": response});
    let frame = |data: Value| Frame {
        event: None,
        data: data.to_string(),
    };
    items.chain([end.clone()]).map(frame).collect()
}

/// What the exchange says, if it is an answer.
fn said(exchange: &Exchange) -> Option<Said> {
    if exchange.is_streamed() {
        return Some(said::read(&frames(&exchange.body)));
    }
    let body: Value = serde_json::from_slice(&exchange.body).ok()?;
    let whole = Frame {
        event: None,
        data: body.to_string(),
    };
    // It has come whole, whatever its finish reason says.
    body["choices"].is_array().then(|| Said {
        done: true,
        ..said::read(&[whole])
    })
}

/// The code and the sentence that Codex must get.
fn expected(exchange: &Exchange, class: Class, address: &str) -> (Value, Value) {
    let body = match said(exchange).filter(|_| exchange.kind == Kind::Chat) {
        Some(said) => said.error.unwrap_or_default(),
        None if exchange.is_streamed() => {
            let frames = frames(&exchange.body);
            let told = frames
                .iter()
                .filter_map(|frame| serde_json::from_str::<Value>(&frame.data).ok());
            let mut errors = told.flat_map(|told| [told["response"].clone(), told]);
            errors.find(|told| told["error"].is_object()).unwrap()
        }
        None => serde_json::from_slice(&exchange.body).unwrap_or_default(),
    };
    let words = said::message(&body).split_whitespace().collect::<Vec<_>>().join(" ");
    let error = &body["error"];
    let inner = [&error["status"], &error["code"], &error["status_code"]];
    let inner = inner.iter().find_map(|status| status.as_u64());
    let status = if exchange.status == 200 {
        inner
    } else {
        Some(u64::from(exchange.status))
    };
    let told = match status {
        Some(status) => format!("Acme says: {words} ({status})."),
        None if class == Class::Address => {
            return (
                json!("invalid_prompt"),
                json!(format!(
                    "{address} answered with something that is no answer of an API: is the address right?"
                )),
            );
        }
        None if words.ends_with('.') => format!("Acme says: {words}"),
        None => format!("Acme says: {words}."),
    };
    let (code, hint) = match class {
        Class::Balance => (
            "invalid_prompt",
            " Top up at https://acme.test/keys or choose another provider with `--provider`",
        ),
        Class::Auth => ("invalid_prompt", " Check the key at https://acme.test/keys"),
        Class::Model => ("invalid_prompt", " Choose another model with `-m`"),
        Class::Address => {
            return (
                json!("invalid_prompt"),
                json!(format!("{told} Check the address: it is {address}")),
            );
        }
        Class::Overflow => ("context_length_exceeded", ""),
        Class::RateLimit => ("rate_limit_exceeded", " Please try again in 30s"),
        Class::Server if exchange.status >= 500 => ("rate_limit_exceeded", " Please try again in 5s"),
        // It came in the middle, or the model did something wrong that it may do right at once.
        Class::Server => ("server_error", ""),
        _ => ("invalid_prompt", ""),
    };
    (json!(code), json!(format!("{told}{hint}")))
}

/// The same with thoughts that leaked into the text where they belong, if that is how they were heard.
fn apart(said: &Said, heard: &Heard) -> Said {
    let mut apart = said.clone();
    let leaked = said.text.trim_start().strip_prefix("<think>");
    if let Some(leaked) = leaked.filter(|_| !heard.text.contains("<think>")) {
        let (thoughts, text) = leaked.split_once("</think>").unwrap_or((leaked, ""));
        apart.thoughts.push_str(thoughts);
        apart.text = text.to_owned();
    }
    apart
}

fn voices(said: &Said, heard: &Heard, error: &Value) -> Result<&'static str, String> {
    let said = &apart(said, heard);
    // A call that the limit cut is not heard.
    let is_cut = said.finish.as_deref() == Some("length");
    let calls = if is_cut {
        &said.calls[..heard.calls.len()]
    } else {
        &said.calls[..]
    };
    // Codex hears a refusal as words.
    let words = format!("{}{}", said.text, said.refusal);
    let end = match (said.finish.as_deref(), &said.error) {
        (Some("content_filter"), None) => End::Failed,
        (Some(_), _) => End::Completed,
        (None, None) if said.done => End::Completed,
        (None, _) => End::Failed,
    };
    if heard.end != end {
        return Err(format!("{:?} instead of {end:?}: {error}", heard.end));
    }
    let is_same = |voice: &str, heard: &str, said: &str| {
        let is_beginning = end == End::Failed && said.starts_with(heard);
        let is_heard = heard.trim() == said.trim() || is_beginning;
        is_heard
            .then_some(())
            .ok_or_else(|| format!("{voice}: {said:?} was heard as {heard:?}"))
    };
    is_same("text", &heard.text, &words)?;
    is_same("thoughts", &heard.thoughts, &said.thoughts)?;
    is_same("kept thoughts", &heard.kept, &said.thoughts)?;
    let is_beginning = end == End::Failed && calls.starts_with(&heard.calls);
    if heard.calls != calls && !is_beginning {
        return Err(format!("{calls:?} were heard as {:?}", heard.calls));
    }
    if !heard.text.is_empty() && heard.pages != said.pages {
        return Err(format!("the pages {:?} were heard as {:?}", said.pages, heard.pages));
    }
    if heard.searches > 0 {
        return Err("nobody asked for a search".to_owned());
    }
    if heard.usage != said.usage {
        return Err(format!("{:?} was heard as {:?}", said.usage, heard.usage));
    }
    Ok(if end == End::Completed { "whole" } else { "failed" })
}
