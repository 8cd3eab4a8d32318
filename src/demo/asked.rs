//! A request as the demo reads it: strictly, so that a wrong one is noticed here and not at a paid provider.

use serde::Deserialize;
use serde_json::Value;

/// The body of `POST /chat/completions`, as far as the script depends on it.
#[derive(Debug, Deserialize)]
pub struct Asked {
    pub model: String,
    pub messages: Vec<Message>,
    #[serde(default)]
    pub tools: Vec<Tool>,
    #[serde(default)]
    pub stream: bool,
    pub response_format: Option<ResponseFormat>,
    /// Length of the whole request in bytes.
    #[serde(skip)]
    pub bytes: usize,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    System {
        #[expect(dead_code, reason = "must be there and be text; what it says changes nothing")]
        content: String,
    },
    User {
        content: Content,
    },
    Assistant {
        #[serde(default)]
        tool_calls: Vec<Call>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

/// What a user says: text, or text and images.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Content {
    Text(String),
    Parts(Vec<Part>),
}

impl Content {
    /// All that is said in words.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts.iter().filter_map(|part| part.text.as_deref()).collect(),
        }
    }

    /// The address of the last image, if any is shown.
    pub fn image(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Parts(parts) => parts
                .iter()
                .rev()
                .find_map(|part| Some(part.image_url.as_ref()?.url.as_str())),
        }
    }
}

/// A part of what a user says.
#[derive(Debug, Deserialize)]
pub struct Part {
    pub text: Option<String>,
    pub image_url: Option<Image>,
}

/// An image.
#[derive(Debug, Deserialize)]
pub struct Image {
    pub url: String,
}

/// An earlier call.
#[derive(Debug, Deserialize)]
pub struct Call {
    pub id: String,
}

/// A tool that is offered.
#[derive(Debug, Deserialize)]
pub struct Tool {
    pub function: Function,
}

/// Its declaration.
#[derive(Debug, Deserialize)]
pub struct Function {
    pub name: String,
    #[serde(default)]
    pub parameters: Value,
}

/// What the answer must look like.
#[derive(Debug, Deserialize)]
pub struct ResponseFormat {
    pub r#type: String,
    pub json_schema: Option<JsonSchema>,
}

/// The schema of the answer.
#[derive(Debug, Deserialize)]
pub struct JsonSchema {
    pub schema: Value,
}

/// Reads a request, or says what is wrong with it.
pub fn read(body: &[u8]) -> Result<Asked, String> {
    let mut asked: Asked =
        serde_json::from_slice(body).map_err(|error| format!("the request cannot be read: {error}"))?;
    asked.bytes = body.len();
    if !asked.stream {
        return Err("the demo only streams".to_owned());
    }
    if asked.messages.is_empty() {
        return Err("there are no messages".to_owned());
    }
    answered(&asked.messages)?;
    Ok(asked)
}

/// Every call is answered once, right after the message that made it.
fn answered(messages: &[Message]) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if let Message::Tool { tool_call_id, .. } = message {
            let Some(place) = open.iter().position(|id| id == tool_call_id) else {
                return Err(format!("nothing was called that `{tool_call_id}` would answer"));
            };
            open.swap_remove(place);
            continue;
        }
        unanswered(&open)?;
        if let Message::Assistant { tool_calls } = message {
            open = tool_calls.iter().map(|call| call.id.as_str()).collect();
        }
    }
    unanswered(&open)
}

fn unanswered(open: &[&str]) -> Result<(), String> {
    match open.first() {
        Some(id) => Err(format!("the call `{id}` has no answer")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(messages: &str) -> Option<String> {
        read(format!(r#"{{"model":"demo","stream":true,"messages":{messages}}}"#).as_bytes()).err()
    }

    #[test]
    fn a_conversation_must_be_whole() {
        let call = r#"{"role":"assistant","tool_calls":[{"id":"a"},{"id":"b"}]}"#;
        let (a, b) = (
            r#"{"role":"tool","tool_call_id":"a","content":""}"#,
            r#"{"role":"tool","tool_call_id":"b","content":""}"#,
        );
        let user = r#"{"role":"user","content":"hi"}"#;
        assert_eq!(complaint(&format!("[{user},{call},{b},{a},{user}]")), None);
        assert_eq!(
            complaint(&format!("[{call},{a},{user}]")).unwrap(),
            "the call `b` has no answer"
        );
        assert_eq!(
            complaint(&format!("[{call},{a}]")).unwrap(),
            "the call `b` has no answer"
        );
        let twice = complaint(&format!("[{call},{a},{a}]")).unwrap();
        assert_eq!(twice, "nothing was called that `a` would answer");
        assert_eq!(complaint("[]").unwrap(), "there are no messages");
    }

    #[test]
    fn an_odd_shape_is_refused() {
        assert!(complaint(r#"[{"role":"developer","content":"x"}]"#).is_some());
        assert!(complaint(r#"[{"role":"tool","content":"x"}]"#).is_some());
        assert!(complaint(r#"[{"role":"system"}]"#).is_some());
        let whole = read(br#"{"model":"demo","messages":[{"role":"user","content":"x"}]}"#);
        assert_eq!(whole.err().unwrap(), "the demo only streams");
    }
}
