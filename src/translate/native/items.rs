//! Single items as the endpoint takes them.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{Dialect, Native, NativeOutputs, NativeParam, NativeSearch, NativeTool, NativeUnknown};
use crate::translate::names::{Kind, Origin, Tools};
use crate::translate::request::history::SEE_BELOW;
use crate::translate::request::images::UNSEEN;
use crate::translate::request::{Target, calls, files};
use crate::wire::responses::{ContentPart, Item};

/// The fields of a part that every endpoint knows.
const PART: [&str; 9] = [
    "type",
    "text",
    "refusal",
    "image_url",
    "detail",
    "filename",
    "file_data",
    "file_url",
    "file_id",
];

/// Writes items.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// For whom.
    pub target: Target<'a>,
    /// The tools under the names that the provider sees.
    pub names: &'a Tools,
}

/// What an output says and shows, apart.
pub struct Outcome {
    /// All text.
    pub text: String,
    /// The images.
    pub images: Vec<Value>,
}

/// Whether an item of a type that crelay does not know goes out as it came.
pub fn is_kept(kind: &str, dialect: &Dialect) -> bool {
    let native = &dialect.native;
    match kind {
        "web_search_call" => dialect.native_search != NativeSearch::None,
        "image_generation_call" => native.has(NativeTool::ImageGeneration),
        _ => native.unknown == NativeUnknown::Kept,
    }
}

/// Whether calls of this tool go out as the items that they are, and not as calls of a function.
pub fn is_own(origin: &Origin, native: &Native) -> bool {
    let namespaced = origin.namespace.is_some();
    match origin.kind {
        Kind::Function => namespaced && native.has(NativeTool::Namespace),
        Kind::Custom => native.has(NativeTool::Custom) && (!namespaced || native.has(NativeTool::Namespace)),
        // What is found stands in namespaces.
        Kind::ToolSearch => native.has(NativeTool::ToolSearch) && native.has(NativeTool::Namespace),
        Kind::LocalShell => native.has(NativeTool::LocalShell),
        // Such calls are never items.
        Kind::WebSearch => false,
    }
}

/// Words of the user.
pub fn user(text: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
}

impl Writer<'_> {
    fn native(&self) -> &Native {
        &self.target.dialect.native
    }

    /// A message; `None` if it says nothing. Its id is left out: Codex gives ids of its own, and endpoints look for
    /// theirs in what they stored, which is nothing.
    pub fn message(&self, raw: &Value, role: &str) -> Option<Value> {
        let fields = raw.as_object()?;
        let content = match fields.get("content") {
            Some(parts @ Value::Array(_)) => {
                let mut parts = self.parts(parts);
                parts.retain(|part| part.get("text").is_none_or(|text| text != ""));
                parts.iter_mut().for_each(|part| spoken(part, role));
                json!(parts)
            }
            Some(text @ Value::String(_)) => text.clone(),
            _ => return None,
        };
        if content == json!([]) || content == json!("") {
            return None;
        }
        let mut message = Map::from_iter([
            ("type".to_owned(), json!("message")),
            ("role".to_owned(), json!(role)),
            ("content".to_owned(), content),
        ]);
        let is_kept = self.native().unknown == NativeUnknown::Kept;
        for (name, value) in fields {
            let passes = match name.as_str() {
                "id" => false,
                "phase" => self.native().takes(NativeParam::Phase),
                _ => is_kept,
            };
            if passes && !message.contains_key(name) {
                message.insert(name.clone(), value.clone());
            }
        }
        Some(Value::Object(message))
    }

    /// A part of a message or an output.
    fn part(&self, raw: &Value) -> Value {
        let is_image = raw["type"] == "input_image";
        if is_image && !self.target.vision {
            return json!({"type": "input_text", "text": UNSEEN});
        }
        let mut part = raw.clone();
        if let Some(fields) = part.as_object_mut()
            && self.native().unknown == NativeUnknown::LeftOut
        {
            fields.retain(|name, value| PART.contains(&name.as_str()) && !value.is_null());
        }
        part
    }

    /// A call under the id that it has here.
    pub fn call(&self, item: &Item, raw: &Value, call_id: &str) -> Value {
        if self.is_own(item) {
            return own(raw, call_id);
        }
        let origin = calls::origin(item);
        let name = origin.and_then(|origin| self.names.find(&origin)).unwrap_or_default();
        json!({"type": "function_call", "call_id": call_id, "name": name, "arguments": calls::arguments(item)})
    }

    fn is_own(&self, call: &Item) -> bool {
        calls::origin(call).is_some_and(|origin| is_own(&origin, self.native()))
    }

    /// What answers a call. Images that cannot stand in it go to `images`.
    pub fn output(&self, call: &Item, answer: (&Item, &Value), call_id: &str, images: &mut Vec<Value>) -> Value {
        let (output, raw) = answer;
        if matches!(output, Item::ToolSearchOutput(_)) && self.is_own(call) {
            return own(raw, call_id);
        }
        let takes_parts = self.native().outputs == NativeOutputs::Parts;
        if takes_parts && raw["output"].as_array().is_some_and(|parts| !parts.is_empty()) {
            return self.answered(call, call_id, json!(self.parts(&raw["output"])));
        }
        let mut outcome = self.outcome(output, raw);
        if outcome.text.is_empty() && !outcome.images.is_empty() {
            SEE_BELOW.clone_into(&mut outcome.text);
        }
        images.append(&mut outcome.images);
        self.answered(call, call_id, json!(outcome.text))
    }

    /// An output of a call with whatever it says.
    pub fn answered(&self, call: &Item, call_id: &str, output: Value) -> Value {
        let kind = match call {
            Item::CustomToolCall(_) if self.is_own(call) => "custom_tool_call_output",
            _ => "function_call_output",
        };
        json!({"type": kind, "call_id": call_id, "output": output})
    }

    /// What an output says and shows.
    pub fn outcome(&self, output: &Item, raw: &Value) -> Outcome {
        if !raw["output"].is_array() {
            return Outcome {
                text: calls::outcome(self.target, self.names, output).text().into_string(),
                images: Vec::new(),
            };
        }
        let mut images = Vec::new();
        let mut texts = Vec::new();
        for part in self.parts(&raw["output"]) {
            let text = ["text", "refusal"].iter().find_map(|name| part[*name].as_str());
            match text {
                Some(text) => texts.push(text.to_owned()),
                None if part["image_url"].is_string() => images.push(part),
                // A file is told in words, as text or by its name.
                None => texts.extend(named(&part)),
            }
        }
        let text = texts.join("\n");
        Outcome { text, images }
    }

    fn parts(&self, raw: &Value) -> Vec<Value> {
        let parts = raw.as_array().into_iter().flatten();
        parts.map(|part| self.part(part)).collect()
    }
}

/// Names the text of a part after who speaks: some clients take the one name for all.
fn spoken(part: &mut Value, role: &str) {
    if matches!(part["type"].as_str(), Some("input_text" | "output_text" | "text")) {
        let name = if role == "assistant" {
            "output_text"
        } else {
            "input_text"
        };
        part["type"] = json!(name);
    }
}

/// The item as it came, with the id that its call has here.
fn own(raw: &Value, call_id: &str) -> Value {
    let mut item = raw.clone();
    if let Some(fields) = item.as_object_mut() {
        fields.shift_remove("id");
        fields.insert("call_id".to_owned(), json!(call_id));
    }
    item
}

/// A file in words.
fn named(part: &Value) -> Option<String> {
    let part = part.to_string();
    let part: ContentPart<'_> = serde_json::from_str(&part).ok()?;
    (part.r#type.as_deref() == Some("input_file")).then(|| files::words(&part))
}
