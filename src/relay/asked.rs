//! What a request says, with what it refers to.

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::translate::Reader;
use crate::wire::responses::{self, Input};

use super::refusal::{self, Body, Refusal};
use super::store::{Store, append};

/// A request whose input is the whole conversation.
pub struct Asked {
    /// As it is translated.
    pub request: responses::Request,
    /// As it came.
    pub whole: Whole,
    /// The items of its input as they came, for who keeps them: the elements of a JSON array. Empty for Codex.
    pub conversation: String,
}

/// A request as it came. Clones share the bytes.
#[derive(Debug, Clone)]
pub struct Whole {
    body: Bytes,
    /// The conversation, where it does not stand in the body.
    conversation: Option<String>,
}

/// The one field that is wanted as it came.
#[derive(Deserialize)]
struct Came<'a> {
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

/// Reads a body and puts the conversation that it follows before its input.
///
/// # Errors
///
/// The answer to a request that cannot be read, or that follows what is not kept.
pub fn read(body: &Bytes, reader: Reader, store: &Store) -> Result<Asked, Box<Response<Body>>> {
    // A list would be read as the fields in their order.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    let request = if is_object {
        serde_json::from_slice(body)
    } else {
        Err(serde::de::Error::custom("it is no JSON object"))
    };
    let request: responses::Request = request.map_err(|error| unreadable(reader, &error))?;
    let before = match request.previous_response_id.as_deref() {
        Some(id) => Some(
            store
                .find(id)
                .ok_or_else(|| Box::new(Refusal::Previous.response(reader)))?,
        ),
        None => None,
    };
    let mut asked = Asked {
        request,
        whole: Whole {
            body: body.clone(),
            conversation: None,
        },
        conversation: String::new(),
    };
    if reader == Reader::Codex && before.is_none() {
        return Ok(asked);
    }
    let came: Came<'_> = serde_json::from_slice(body).map_err(|error| unreadable(reader, &error))?;
    let Some(answer) = before else {
        asked.conversation = elements(came.input);
        return Ok(asked);
    };
    asked.conversation.clone_from(&answer.conversation);
    append(&mut asked.conversation, &elements(came.input));
    let items = serde_json::from_str(&format!("[{}]", asked.conversation));
    asked.request.input = Input::Items(items.map_err(|error| unreadable(reader, &error))?);
    asked.whole.conversation = Some(asked.conversation.clone());
    Ok(asked)
}

impl Whole {
    /// The request with all its fields, and the whole conversation as its input.
    pub fn read(&self) -> Value {
        let mut whole: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if let Some(conversation) = &self.conversation {
            // The list was read before.
            whole["input"] = serde_json::from_str(&format!("[{conversation}]")).unwrap_or_default();
        }
        whole
    }
}

/// The elements of an input, which is a list, a text or nothing.
fn elements(input: Option<&RawValue>) -> String {
    let json = input.map_or("null", RawValue::get);
    if let Some(list) = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return list.trim().to_owned();
    }
    if json.starts_with('"') {
        return format!(r#"{{"type":"message","role":"user","content":{json}}}"#);
    }
    String::new()
}

/// Codex shows the words of a plain 400; others read an error in the API's shape.
fn unreadable(reader: Reader, error: &serde_json::Error) -> Box<Response<Body>> {
    let words = format!("the request cannot be read: {error}");
    Box::new(match reader {
        Reader::Codex => refusal::text(StatusCode::BAD_REQUEST, words),
        Reader::Other => refusal::error(StatusCode::BAD_REQUEST, "unreadable_request", &words),
    })
}
