//! Everything of a request that is neither item nor tool.

use serde_json::{Map, Value, json};

use crate::provider::dialect::{NativeParam, NativeTool, NativeUnknown, ToolChoice};
use crate::provider::effort::Effort;
use crate::translate::names::{Kind, Origin, Tools};
use crate::translate::request::Target;
use crate::translate::request::options::response_format;
use crate::wire::responses::Request;

use super::tools::Declared;

/// What crelay writes itself, or does itself in the provider's place.
const OWN: [&str; 10] = [
    "background",
    "conversation",
    "include",
    "input",
    "instructions",
    "model",
    "previous_response_id",
    "store",
    "stream",
    "tools",
];

/// What an endpoint can only read if its maker is asked for it.
const ENCRYPTED: &str = "reasoning.encrypted_content";

/// The parameters in the order in which they came, and a sentence for the instructions where the endpoint cannot be
/// told the answer's format otherwise. A forced choice may narrow the tools.
pub fn options(
    target: Target<'_>,
    request: &Request,
    fields: &Map<String, Value>,
    declared: &mut Declared,
    names: &Tools,
) -> (Map<String, Value>, Option<String>) {
    let native = &target.dialect.native;
    let mut options = Map::new();
    let mut sentence = None;
    for (name, value) in fields
        .iter()
        .filter(|(name, value)| !OWN.contains(&name.as_str()) && !value.is_null())
    {
        let written = match name.as_str() {
            "max_output_tokens" => limit(target, value),
            "reasoning" => reasoning(target, request, value),
            "tool_choice" => None,
            "text" => {
                let (text, needed) = text(target, request, value, declared.any_offered);
                sentence = needed;
                text
            }
            "parallel_tool_calls" if !declared.any_offered => None,
            other => may_pass(target, other).then(|| value.clone()),
        };
        options.extend(written.map(|value| (name.clone(), value)));
    }
    if let Some(choice) = tool_choice(target, request, declared, names) {
        options.insert("tool_choice".to_owned(), choice);
    }
    if native.takes(NativeParam::Store) {
        options.insert("store".to_owned(), json!(false));
    }
    if native.takes(NativeParam::Include) {
        options.insert("include".to_owned(), include(fields.get("include")));
    }
    target.dialect.leave_out_of(&mut options);
    (options, sentence)
}

/// Whether a parameter goes out as it came.
fn may_pass(target: Target<'_>, name: &str) -> bool {
    let native = &target.dialect.native;
    let param = match name {
        "parallel_tool_calls" => NativeParam::ParallelToolCalls,
        "prompt_cache_key" => NativeParam::PromptCacheKey,
        "temperature" | "top_p" => NativeParam::Sampling,
        "metadata" => NativeParam::Metadata,
        "service_tier" => NativeParam::ServiceTier,
        "safety_identifier" | "user" => NativeParam::Identity,
        _ => return native.unknown == NativeUnknown::Kept,
    };
    native.takes(param)
}

fn limit(target: Target<'_>, asked: &Value) -> Option<Value> {
    let most = target.max_output.unwrap_or(u64::MAX);
    asked.as_u64().map(|asked| json!(asked.min(most)))
}

/// The wish for reasoning, on the provider's ladder.
fn reasoning(target: Target<'_>, request: &Request, value: &Value) -> Option<Value> {
    let native = &target.dialect.native;
    let mut wished = value.as_object()?.clone();
    let wish = request
        .reasoning
        .as_ref()
        .and_then(|reasoning| Effort::parse(reasoning.effort.as_deref()?));
    let step = wish.and_then(|wish| wish.nearest(&target.dialect.efforts));
    let step = step.filter(|step| *step != Effort::None || native.takes(NativeParam::EffortNone));
    wished.shift_remove("effort");
    if !native.takes(NativeParam::Summary) {
        wished.shift_remove("summary");
    }
    if native.unknown == NativeUnknown::LeftOut {
        wished.retain(|name, _| name == "summary");
    }
    wished.retain(|_, value| !value.is_null());
    if let Some(step) = step {
        wished.shift_insert(0, "effort".to_owned(), json!(target.dialect.word(step)));
    }
    (!wished.is_empty()).then_some(Value::Object(wished))
}

/// Format and verbosity, and a sentence where the format must be told in words.
fn text(target: Target<'_>, request: &Request, value: &Value, any_offered: bool) -> (Option<Value>, Option<String>) {
    let native = &target.dialect.native;
    let mut text = value.as_object().cloned().unwrap_or_default();
    if !native.takes(NativeParam::Verbosity) {
        text.shift_remove("verbosity");
    }
    if native.unknown == NativeUnknown::LeftOut {
        text.retain(|name, _| name == "verbosity" || name == "format");
    }
    let format = request.text.as_ref().and_then(|text| text.format.as_ref());
    let mut chat = Map::new();
    let sentence = format.and_then(|format| response_format(target.dialect, format, !any_offered, &mut chat));
    if sentence.is_some() {
        // What chat would be told beside the sentence, in the other protocol's place.
        text.shift_remove("format");
        text.extend(
            chat.shift_remove("response_format")
                .map(|format| ("format".to_owned(), format)),
        );
    }
    ((!text.is_empty()).then_some(Value::Object(text)), sentence)
}

/// Without it, reasoning that only its maker can read would not come, and could not go back.
fn include(asked: Option<&Value>) -> Value {
    let mut include = asked.and_then(Value::as_array).cloned().unwrap_or_default();
    if !include.iter().any(|name| name == ENCRYPTED) {
        include.push(json!(ENCRYPTED));
    }
    Value::Array(include)
}

/// The choice of a tool, as far as the model lets itself be told. `auto` is the default everywhere and never sent.
fn tool_choice(target: Target<'_>, request: &Request, declared: &mut Declared, names: &Tools) -> Option<Value> {
    let allowed = target.dialect.tool_choice;
    if declared.tools.is_empty() {
        return None;
    }
    match request.tool_choice.as_ref() {
        // What only the history mentions must not be called.
        _ if !declared.any_offered => Some(json!("none")),
        Some(Value::String(word)) => match (word.as_str(), allowed) {
            ("none", _) => Some(json!("none")),
            ("required", ToolChoice::Required | ToolChoice::Named | ToolChoice::Any) => Some(json!("required")),
            _ => None,
        },
        Some(Value::Object(choice)) => {
            let name = named(target, choice, names, declared);
            match (name, allowed) {
                (_, ToolChoice::None) => None,
                (Some(name), ToolChoice::Required) => {
                    declared.tools.retain(|tool| tool["name"] == name["name"]);
                    Some(json!("required"))
                }
                (Some(name), _) => Some(name),
                (None, _) => {
                    let is_kept = target.dialect.native.unknown == NativeUnknown::Kept;
                    is_kept.then(|| Value::Object(choice.clone()))
                }
            }
        }
        _ => None,
    }
}

/// The tool that an object names, under the name that it goes by here; `None` if it is not declared.
fn named(target: Target<'_>, choice: &Map<String, Value>, names: &Tools, declared: &Declared) -> Option<Value> {
    let text = |key: &str| choice.get(key).and_then(Value::as_str);
    let is_custom = text("type") == Some("custom");
    let stays = is_custom && target.dialect.native.has(NativeTool::Custom);
    let kind = if is_custom { Kind::Custom } else { Kind::Function };
    let name = names.find(&Origin::new(text("namespace"), text("name")?, kind))?;
    let is_declared = declared.tools.iter().any(|tool| tool["name"] == name);
    let kind = if stays { "custom" } else { "function" };
    is_declared.then(|| json!({"type": kind, "name": name}))
}
