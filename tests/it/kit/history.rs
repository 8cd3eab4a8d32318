//! What the provider remembers, and what must therefore hold for the next request: nothing that was sent changes, what
//! the provider said comes back as it was, and its thoughts come back where it wants them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::check::{Checked, Refusal};
use super::rules::words::Kind;
use super::rules::{Replay, Rules};
use super::turn::{Said, details, signature_of_call};

/// What one conversation has sent.
#[derive(Default)]
pub struct History {
    messages: Vec<String>,
    tools: Vec<String>,
}

/// The parts of a request that a provider caches, as the bytes in which they came.
#[derive(Deserialize)]
struct Cached<'a> {
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    tools: Vec<&'a RawValue>,
}

impl History {
    /// Checks that nothing has changed, and returns how many bytes of the request the provider knew already.
    pub fn accept(&mut self, rules: &Rules, bytes: &[u8]) -> Result<usize, Refusal> {
        let unreadable = |error| Refusal::of(rules, Kind::Form, format!("unreadable request: {error}"));
        let cached: Cached<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
        let messages = bytes_of(&cached.messages);
        let tools = bytes_of(&cached.tools);
        let known = self.messages.iter().chain(&self.tools).map(String::len).sum();
        unchanged(rules, "tools", &self.tools, &tools)?;
        unchanged(rules, "messages", &self.messages, &messages)?;
        self.messages = messages;
        self.tools = tools;
        Ok(known)
    }
}

/// Every assistant message is one of the turns that this provider has `said`, in their order, or one that `others`
/// have. Conversations share them: one may go on where another has been.
pub fn voices(rules: &Rules, mut said: &[Said], others: &[Said], body: &Value) -> Checked {
    let messages = body["messages"].as_array().into_iter().flatten().enumerate();
    for (index, message) in messages.filter(|(_, message)| message["role"] == "assistant") {
        let Some(origin) = said.iter().position(|said| is_said(said, message)) else {
            if is_filler(rules, message) || others.iter().any(|said| is_same(said, message)) {
                continue;
            }
            let detail = format!("messages[{index}]: this provider never said {message}");
            return Err(Refusal::of(rules, Kind::History, detail));
        };
        thought(rules, index, &said[origin], message)?;
        said = &said[origin + 1..];
    }
    Ok(())
}

/// The same where other providers have answered in between: what this one has said comes back all the same, and what it
/// has not has the thoughts that it wants to see with every message, and none that only their maker can read.
pub fn voices_among_others(rules: &Rules, mut said: &[Said], body: &Value) -> Checked {
    let messages = body["messages"].as_array().into_iter().flatten().enumerate();
    for (index, message) in messages.filter(|(_, message)| message["role"] == "assistant") {
        match said.split_first() {
            Some((next, rest)) if is_said(next, message) => {
                thought(rules, index, next, message)?;
                said = rest;
            }
            _ if is_filler(rules, message) => {}
            _ => foreign(rules, index, message)?,
        }
    }
    match said.first() {
        None => Ok(()),
        Some(lost) => Err(Refusal::of(
            rules,
            Kind::History,
            format!("this did not come back: {lost:?}"),
        )),
    }
}

/// What another has said, as this provider takes it.
fn foreign(rules: &Rules, index: usize, message: &Value) -> Checked {
    let calls = message["tool_calls"].is_array();
    let is_text = |field: &str| message[field].is_string();
    let is_thought = |field: &str| message[field].as_str().is_some_and(|text| !text.trim().is_empty());
    let no_details = message["reasoning_details"].is_null();
    let is_taken = match rules.replay {
        Replay::Kept(field) => is_thought(field) || !calls,
        Replay::WithCalls(field) => is_text(field) || !calls,
        Replay::Everywhere(field) => is_text(field),
        Replay::DetailsAnd(field) => no_details && is_text(field),
        Replay::Signature => !message["tool_calls"][0]["extra_content"].is_null() || !calls,
        Replay::Unknown | Replay::Allowed(_) | Replay::Details | Replay::Part | Replay::Somewhere => no_details,
    };
    if is_taken {
        return Ok(());
    }
    let detail = format!("{index}: what another has said is not to be read like this: {message}");
    Err(Refusal::of(rules, Kind::Thoughts, detail))
}

fn bytes_of(values: &[&RawValue]) -> Vec<String> {
    values.iter().map(|value| value.get().to_owned()).collect()
}

/// `before` must be a prefix of `now`, byte for byte; else the provider computes everything anew.
fn unchanged(rules: &Rules, name: &str, before: &[String], now: &[String]) -> Checked {
    for (index, was) in before.iter().enumerate() {
        let Some(is) = now.get(index) else {
            return Err(Refusal::of(
                rules,
                Kind::History,
                format!("{name}[{index}] is gone; it was {was}"),
            ));
        };
        if is != was {
            let detail = format!("{name}[{index}] has changed; it was {was} and is {is}");
            return Err(Refusal::of(rules, Kind::History, detail));
        }
    }
    Ok(())
}

/// Between a tool's answer and a user's message some providers need a message that they never said.
fn is_filler(rules: &Rules, message: &Value) -> bool {
    !rules.user_after_tool && message["tool_calls"].is_null()
}

fn is_said(said: &Said, message: &Value) -> bool {
    let calls = calls_of(message).iter().zip(&said.calls);
    let mut ids = calls.map(|(call, made)| call["id"] == *made.id);
    ids.all(|is_same| is_same) && is_same(said, message)
}

fn calls_of(message: &Value) -> &[Value] {
    message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whatever the calls are numbered with.
fn is_same(said: &Said, message: &Value) -> bool {
    let calls = calls_of(message);
    let same_calls = calls.len() == said.calls.len()
        && calls.iter().zip(&said.calls).all(|(call, made)| {
            call["function"]["name"] == *made.name
                && json(call["function"]["arguments"].as_str()) == json(Some(&made.arguments))
        });
    same_calls && spoken(&text_of(&message["content"])) == said.text
}

fn json(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok()
}

/// Without the thoughts that some models write into their words.
fn spoken(text: &str) -> &str {
    let tagged = text
        .strip_prefix("<think>")
        .and_then(|rest| rest.split_once("</think>"));
    tagged.map_or(text, |(_, spoken)| spoken.trim_start_matches('\n'))
}

/// The text of a content in either form, without thoughts.
fn text_of(content: &Value) -> String {
    let parts = content.as_array().into_iter().flatten();
    let texts = parts.filter_map(|part| part["text"].as_str());
    content.as_str().into_iter().chain(texts).collect()
}

/// What the model thought must come back exactly, where the provider wants it.
fn thought(rules: &Rules, index: usize, origin: &Said, message: &Value) -> Checked {
    let in_field = |field: &str| message[field].as_str() == Some(&origin.reasoning);
    let absent = |field: &str| message[field].is_null();
    let calls = !origin.calls.is_empty();
    let silent = origin.reasoning.is_empty();
    let text = |field: &str| message[field].as_str();
    // Who thought nothing has a blank in the field, or a sentence that says so.
    let blank = |field: &str| silent && text(field).is_some_and(|text| text.trim().is_empty());
    let sentence =
        |field: &str| silent && text(field).is_some_and(|text| text.contains(' ') && !text.trim().is_empty());
    let returned = match rules.replay {
        Replay::Unknown => true,
        Replay::Allowed(field) => absent(field) || in_field(field),
        Replay::Kept(field) => match silent {
            true => absent(field) || sentence(field),
            false => in_field(field) || (absent(field) && !calls),
        },
        Replay::WithCalls(field) => in_field(field) || blank(field) || (absent(field) && !calls),
        Replay::Everywhere(field) => in_field(field) || blank(field),
        Replay::Details => silent || message["reasoning_details"] == details(&origin.reasoning),
        Replay::DetailsAnd(field) => {
            let details =
                silent || absent("reasoning_details") || message["reasoning_details"] == details(&origin.reasoning);
            details && (in_field(field) || blank(field))
        }
        Replay::Part => {
            let parts = message["content"].as_array().into_iter().flatten();
            let thinking = parts.filter_map(|part| part["thinking"].as_array()).flatten();
            let returned: String = thinking.filter_map(|part| part["text"].as_str()).collect();
            returned.is_empty() || returned == origin.reasoning
        }
        Replay::Signature => signed(origin, message),
        Replay::Somewhere => silent || somewhere(message) == Some(&origin.reasoning),
    };
    if returned {
        return Ok(());
    }
    let said = &origin.reasoning;
    Err(Refusal::of(
        rules,
        Kind::Thoughts,
        format!("{index}: the reasoning was {said:?}, and this came back: {message}"),
    ))
}

/// The first of several calls carries the signature of them all.
fn signed(origin: &Said, message: &Value) -> bool {
    let Some(first) = origin.calls.first() else {
        return true;
    };
    message["tool_calls"][0]["extra_content"] == signature_of_call(&first.id)
}

/// The thoughts of a message, in any of the forms that `MiniMax` writes.
fn somewhere(message: &Value) -> Option<&str> {
    let detail = message["reasoning_details"][0]["text"].as_str();
    let content = message["content"].as_str().unwrap_or_default();
    let tagged = content
        .strip_prefix("<think>")
        .and_then(|rest| rest.split_once("</think>"));
    let field = message["reasoning_content"].as_str();
    detail.or(field).or(tagged.map(|(thought, _)| thought.trim()))
}
