//! What a request says, with what it refers to.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use hyper::{Response, StatusCode};
use memchr::memmem;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::translate::{Compaction, Reader};
use crate::wire::json;
use crate::wire::responses::{Input, Request};

use super::refusal::{self, Body, Refusal};
use super::store::{Store, append};

/// A request as it came. It is read as often as it is put in words, and nothing that was read of it is kept: of a long
/// conversation, nearly all is text that passes through. Clones share the bytes.
#[derive(Debug, Clone)]
pub struct Asked {
    body: Bytes,
    /// The list that is the input, where not all of it stands in the body.
    conversation: Option<Arc<str>>,
    /// The model that answers in the place of the one that is asked for.
    deputy: Option<String>,
    /// Whether a summary is asked for.
    is_compaction: bool,
}

/// The fields that are wanted as they came.
#[derive(Deserialize)]
struct Came<'a> {
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
    #[serde(default)]
    previous_response_id: Option<Value>,
}

/// Reads a body and puts the conversation that it follows before its input.
///
/// # Errors
///
/// The answer to a request that follows what is not kept.
pub fn read(body: &Bytes, reader: Reader, store: &Store) -> Result<Asked, Box<Response<Body>>> {
    let asked = Asked {
        body: body.clone(),
        conversation: None,
        deputy: None,
        is_compaction: false,
    };
    // Nobody else names it, and a body may be long.
    if memmem::find(body, b"\"previous_response_id\"").is_none() {
        return Ok(asked);
    }
    let unreadable = |error: serde_json::Error| unreadable(reader, &error);
    let came: Came<'_> = json::from_slice(body).map_err(unreadable)?;
    let Some(Value::String(id)) = came.previous_response_id else {
        return Ok(asked);
    };
    let earlier = store
        .find(&id)
        .ok_or_else(|| Box::new(Refusal::Previous.response(reader)))?;
    let mut conversation = earlier.conversation.clone();
    append(&mut conversation, &elements(came.input));
    Ok(Asked {
        conversation: Some(format!("[{conversation}]").into()),
        ..asked
    })
}

impl Asked {
    /// The same for another model, if one is given.
    #[must_use]
    pub fn answered_by(self, deputy: Option<&str>) -> Self {
        Self {
            deputy: deputy.map(str::to_owned),
            ..self
        }
    }

    /// The same for a summary of its conversation.
    #[must_use]
    pub fn summed_up(self) -> Self {
        Self {
            is_compaction: true,
            ..self
        }
    }

    /// The request, as far as crelay knows its fields. What can be read once can always be read.
    pub fn request(&self) -> Result<Request<'_>, serde_json::Error> {
        // A list would be read as the fields in their order.
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(serde::de::Error::custom("it is no JSON object"));
        }
        let mut request: Request<'_> = json::from_slice(&self.body)?;
        if let Some(conversation) = &self.conversation {
            request.input = Input::Items(json::from_str(conversation)?);
        }
        if let Some(deputy) = &self.deputy {
            request.model = Some(deputy.clone());
        }
        Ok(match self.is_compaction {
            true => Compaction::begin(request).1,
            false => request,
        })
    }

    /// The request with all its fields as they came, and the whole conversation as its input.
    pub fn whole(&self) -> Value {
        let mut whole = json::from_slice(&self.body).unwrap_or_else(|_| fields(&self.body, |_| true));
        if let Some(conversation) = &self.conversation {
            whole["input"] = readable(conversation).unwrap_or_default();
        }
        match self.is_compaction {
            true => Compaction::amend(whole),
            false => whole,
        }
    }

    /// The items of its input as they came, for who keeps them: the elements of a JSON array.
    pub fn conversation(&self) -> String {
        if let Some(conversation) = &self.conversation {
            return conversation[1..conversation.len() - 1].to_owned();
        }
        let came = json::from_slice::<Came<'_>>(&self.body);
        came.map(|came| elements(came.input)).unwrap_or_default()
    }
}

/// The fields of a request that are wanted. One that is nested too deep costs no other.
pub fn fields(body: &[u8], is_wanted: impl Fn(&str) -> bool) -> Value {
    let fields: BTreeMap<String, &RawValue> = json::from_slice(body).unwrap_or_default();
    let wanted = fields.into_iter().filter(|(name, _)| is_wanted(name));
    wanted
        .filter_map(|(name, raw)| Some((name, readable(raw.get())?)))
        .collect()
}

/// A value, or of a list the elements, that can be read.
fn readable(text: &str) -> Option<Value> {
    let elements = || {
        let list: Vec<&RawValue> = json::from_str(text).ok()?;
        Some(
            list.into_iter()
                .filter_map(|raw| json::from_str::<Value>(raw.get()).ok())
                .collect(),
        )
    };
    json::from_str(text).ok().or_else(elements)
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
pub fn unreadable(reader: Reader, error: &serde_json::Error) -> Box<Response<Body>> {
    let words = format!("the request cannot be read: {error}");
    Box::new(match reader {
        Reader::Codex => refusal::text(StatusCode::BAD_REQUEST, words),
        Reader::Other => refusal::error(StatusCode::BAD_REQUEST, "unreadable_request", &words),
    })
}
