//! Headers that a dialect wants, made of the request alone.

use crate::provider::dialect::{Dialect, HeaderValue};
use crate::translate::names::hash;
use crate::wire::responses::{Content, Input, Item, Request};

use super::images::plain;

/// The longest name of a conversation that is sent as it is; Codex's has 36 characters.
const LONGEST: usize = 64;

/// The headers of a request, in the table's order.
#[must_use]
pub fn headers(dialect: &Dialect, request: &Request) -> Vec<(String, String)> {
    let value = |value: &HeaderValue| match value {
        HeaderValue::Text(text) => Some(text.clone()),
        HeaderValue::Conversation => Some(conversation(request)),
        HeaderValue::Initiator => Some(initiator(&request.input).to_owned()),
        HeaderValue::Vision => shows_image(&request.input).then(|| "true".to_owned()),
    };
    let headers = dialect.headers.iter();
    headers
        .filter_map(|header| Some((header.name.clone(), value(&header.value)?)))
        .collect()
}

/// Codex's name of the thread. A client that gives none is known by how the conversation begins.
fn conversation(request: &Request) -> String {
    let is_plain = |key: &&String| {
        (1..=LONGEST).contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    match &request.prompt_cache_key {
        Some(key) if is_plain(&key) => key.clone(),
        Some(key) => format!("{:016x}", hash(key, 0)),
        None => format!("{:016x}", hash(&beginning(request), 0)),
    }
}

/// All that was said before the model first spoke.
fn beginning(request: &Request) -> String {
    let mut said = vec![request.instructions.clone().unwrap_or_default()];
    match &request.input {
        Input::Text(text) => said.push(text.clone()),
        Input::Items(items) => said.extend(items.iter().map_while(|item| match item {
            Item::Message(message) if message.role.as_deref() != Some("assistant") => Some(plain(&message.content)),
            Item::AdditionalTools(_) => Some(String::new()),
            _ => None,
        })),
    }
    said.join("\0")
}

fn initiator(input: &Input) -> &'static str {
    let spoke = match input {
        Input::Text(_) => true,
        Input::Items(items) => {
            matches!(items.last(), Some(Item::Message(message)) if message.role.as_deref() == Some("user"))
        }
    };
    if spoke { "user" } else { "agent" }
}

fn shows_image(input: &Input) -> bool {
    let Input::Items(items) = input else {
        return false;
    };
    items.iter().any(|item| {
        let content = match item {
            Item::Message(message) => &message.content,
            Item::FunctionCallOutput(output) | Item::CustomToolCallOutput(output) => &output.output,
            _ => return false,
        };
        matches!(content, Content::Parts(parts) if parts.iter().any(|part| part.image_url.is_some()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::provider::dialect::Header;

    use super::*;

    fn said(input: &Value, key: Option<&str>) -> Vec<(String, String)> {
        let header = |name: &str, value| Header {
            name: name.to_owned(),
            value,
        };
        let dialect = Dialect {
            headers: vec![
                header("x-title", HeaderValue::Text("crelay".to_owned())),
                header("x-session", HeaderValue::Conversation),
                header("x-initiator", HeaderValue::Initiator),
                header("x-vision", HeaderValue::Vision),
            ],
            ..Dialect::default()
        };
        let request = json!({"input": input, "prompt_cache_key": key}).to_string();
        headers(&dialect, &serde_json::from_str(&request).unwrap())
    }

    fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
        let found = headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn a_conversation_has_one_name_in_all_its_turns() {
        let user = |text: &str| json!({"type": "message", "role": "user", "content": text});
        let answer = json!({"type": "message", "role": "assistant", "content": "yes"});
        let first = said(&json!([user("hi")]), None);
        let second = said(&json!([user("hi"), answer, user("and?")]), None);
        let other = said(&json!([user("ho")]), None);
        assert_eq!(value(&first, "x-session"), value(&second, "x-session"));
        assert_ne!(value(&first, "x-session"), value(&other, "x-session"));
        let named = said(&json!([user("hi")]), Some("0193-abc"));
        assert_eq!(value(&named, "x-session"), Some("0193-abc"));
        let odd = said(&json!([user("hi")]), Some("a thread\nof mine"));
        assert_eq!(value(&odd, "x-session").map(str::len), Some(16));
        assert_eq!(value(&named, "x-title"), Some("crelay"));
    }

    #[test]
    fn a_tool_s_output_is_sent_by_the_agent_and_an_image_is_announced() {
        let image = json!({"type": "input_image", "image_url": "data:image/png;base64,AAAA"});
        let user = json!({"type": "message", "role": "user", "content": "hi"});
        let output = json!({"type": "function_call_output", "call_id": "c", "output": [image]});
        let typed = said(&json!([user]), None);
        assert_eq!(
            (value(&typed, "x-initiator"), value(&typed, "x-vision")),
            (Some("user"), None)
        );
        let shown = said(&json!([user, output]), None);
        assert_eq!(
            (value(&shown, "x-initiator"), value(&shown, "x-vision")),
            (Some("agent"), Some("true"))
        );
    }
}
