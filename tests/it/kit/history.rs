//! What the provider remembers, and what must therefore hold for the next request: nothing that was sent changes, what
//! the provider said comes back as it was, and its thoughts come back where it wants them.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::check::{Checked, Refusal};
use super::rules::{Reasoning, Rules};
use super::turn::{Said, details};

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
    pub fn accept(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let cached: Cached<'_> =
            serde_json::from_slice(bytes).map_err(|error| Refusal::new(format!("unreadable request: {error}")))?;
        let messages = bytes_of(&cached.messages);
        let tools = bytes_of(&cached.tools);
        let known = self.messages.iter().chain(&self.tools).map(String::len).sum();
        unchanged("tools", &self.tools, &tools)?;
        unchanged("messages", &self.messages, &messages)?;
        self.messages = messages;
        self.tools = tools;
        Ok(known)
    }
}

/// Every assistant message is one of the turns that this provider has `said`, in their order. Conversations share them:
/// one may go on where another has been.
pub fn voices(rules: &Rules, mut said: &[Said], body: &Value) -> Checked {
    let messages = body["messages"].as_array().into_iter().flatten().enumerate();
    for (index, message) in messages.filter(|(_, message)| message["role"] == "assistant") {
        let Some(origin) = said.iter().position(|said| is_said(said, message)) else {
            if is_filler(rules, message) {
                continue;
            }
            return Err(Refusal::new(format!(
                "messages[{index}]: this provider never said {message}"
            )));
        };
        thought(rules, index, &said[origin], message)?;
        said = &said[origin + 1..];
    }
    Ok(())
}

fn bytes_of(values: &[&RawValue]) -> Vec<String> {
    values.iter().map(|value| value.get().to_owned()).collect()
}

/// `before` must be a prefix of `now`, byte for byte; else the provider computes everything anew.
fn unchanged(name: &str, before: &[String], now: &[String]) -> Checked {
    for (index, was) in before.iter().enumerate() {
        let Some(is) = now.get(index) else {
            return Err(Refusal::new(format!("{name}[{index}] is gone; it was {was}")));
        };
        if is != was {
            return Err(Refusal::new(format!(
                "{name}[{index}] has changed; it was {was} and is {is}"
            )));
        }
    }
    Ok(())
}

/// Between a tool's answer and a user's message some providers need a message that they never said.
fn is_filler(rules: &Rules, message: &Value) -> bool {
    !rules.user_after_tool && message["tool_calls"].is_null()
}

fn is_said(said: &Said, message: &Value) -> bool {
    let calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let same_calls = calls.len() == said.calls.len()
        && calls.iter().zip(&said.calls).all(|(call, made)| {
            call["id"] == *made.id
                && call["function"]["name"] == *made.name
                && json(call["function"]["arguments"].as_str()) == json(Some(&made.arguments))
        });
    same_calls && text_of(&message["content"]) == said.text
}

fn json(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok()
}

/// The text of a content in either form, without thoughts.
fn text_of(content: &Value) -> String {
    let parts = content.as_array().into_iter().flatten();
    let texts = parts.filter_map(|part| part["text"].as_str());
    content.as_str().into_iter().chain(texts).collect()
}

/// What the model thought must come back exactly, where the provider wants it.
fn thought(rules: &Rules, index: usize, origin: &Said, message: &Value) -> Checked {
    let returned = match rules.reasoning {
        Reasoning::None => return Ok(()),
        Reasoning::Content { missing } => {
            let returned = message["reasoning_content"].as_str();
            if returned.is_none() && origin.calls.is_empty() {
                return Ok(());
            }
            if returned != Some(&origin.reasoning) {
                return Err(Refusal::new(missing.replace("{}", &index.to_string())));
            }
            return Ok(());
        }
        Reasoning::Details => {
            if origin.reasoning.is_empty() || message["reasoning_details"] == details(&origin.reasoning) {
                return Ok(());
            }
            &message["reasoning_details"]
        }
        Reasoning::Part => {
            let parts = message["content"].as_array().into_iter().flatten();
            let thinking = parts.filter_map(|part| part["thinking"].as_array()).flatten();
            let returned: String = thinking.filter_map(|part| part["text"].as_str()).collect();
            if returned.is_empty() || returned == origin.reasoning {
                return Ok(());
            }
            &message["content"]
        }
    };
    Err(Refusal::new(format!(
        "messages[{index}]: the reasoning was {:?} and came back as {returned}",
        origin.reasoning
    )))
}
