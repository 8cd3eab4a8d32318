//! Whether a request is one that no provider refuses, and in which words the provider at hand would refuse it. Looks at
//! one request alone; what must agree with earlier turns stands in `history`.

mod knobs;
mod messages;
mod schema;
mod tools;

use serde_json::{Map, Value};

use super::rules::words::Kind;
use super::rules::{Rules, Search};

/// What the provider answers instead of a turn.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub message: String,
}

impl Refusal {
    /// That `kind` of mistake, in the provider's words.
    pub fn of(rules: &Rules, kind: Kind, detail: impl AsRef<str>) -> Self {
        let (status, message) = rules.words(kind, detail.as_ref());
        Self { status, message }
    }
}

pub type Checked = Result<(), Refusal>;

fn refuse(rules: &Rules, kind: Kind, detail: impl AsRef<str>) -> Checked {
    Err(Refusal::of(rules, kind, detail))
}

/// Everything that can be said of one request.
pub fn request(rules: &Rules, body: &Value) -> Checked {
    let Some(body) = body.as_object() else {
        return refuse(rules, Kind::Form, "request body is not an object");
    };
    fields(rules, body)?;
    options(rules, body)?;
    knobs::all(rules, body)?;
    tools::all(rules, body)?;
    messages::all(rules, body)
}

/// Fields that every request may have.
const ALWAYS: [&str; 5] = ["model", "messages", "stream", "tools", "tool_choice"];

fn fields(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let searching: &[&str] = match rules.search {
        Search::Fields(fields) => fields,
        Search::None | Search::Tool(..) | Search::Builtin(_) => &[],
    };
    for name in body.keys().map(String::as_str) {
        let is_known = ALWAYS.contains(&name)
            || [rules.fields, rules.limits, searching]
                .iter()
                .any(|known| known.contains(&name))
            || rules.knobs.iter().any(|(knob, _)| knob.split('.').next() == Some(name))
            || (name == "stream_options" && rules.stream_options)
            || (name == "response_format" && !rules.formats.is_empty());
        if !is_known {
            return refuse(rules, Kind::Field, format!("body: unknown field `{name}`"));
        }
    }
    for (one, other) in rules.either {
        if body.contains_key(*one) && body.contains_key(*other) {
            return refuse(rules, Kind::Both, format!("`{one}` and `{other}`"));
        }
    }
    Ok(())
}

/// `members` of an object of the request.
fn known(rules: &Rules, object: &Value, members: &[&str], place: &str) -> Checked {
    let names = object.as_object().into_iter().flat_map(Map::keys);
    let unknown = names.map(String::as_str).find(|name| !members.contains(name));
    match unknown {
        Some(name) => refuse(rules, Kind::Field, format!("{place}: unknown field `{name}`")),
        None => Ok(()),
    }
}

fn options(rules: &Rules, body: &Map<String, Value>) -> Checked {
    if body.get("model").and_then(Value::as_str) != Some(rules.model) {
        return refuse(
            rules,
            Kind::Model,
            body.get("model").unwrap_or(&Value::Null).to_string(),
        );
    }
    if body.get("stream") != Some(&Value::Bool(true)) {
        return refuse(
            rules,
            Kind::Form,
            "this test provider only streams: `stream` must be true",
        );
    }
    if let Some(options) = body.get("stream_options") {
        known(rules, options, &["include_usage"], "stream_options")?;
    }
    if let Some(choice) = body.get("tool_choice") {
        let word = choice.as_str().or_else(|| choice["type"].as_str());
        one_of(rules, Kind::Choice, word, rules.tool_choices, "tool_choice")?;
    }
    for name in rules.limits {
        let Some(limit) = body.get(*name) else { continue };
        if limit.as_u64().is_none_or(|limit| limit > rules.most) {
            return refuse(
                rules,
                Kind::Limit,
                format!("Invalid {name} value, the valid range is [1, {}]", rules.most),
            );
        }
    }
    types(rules, body)?;
    format(rules, body)
}

/// The types of what is optional.
fn types(rules: &Rules, body: &Map<String, Value>) -> Checked {
    for (name, value) in body {
        let fits = match name.as_str() {
            "parallel_tool_calls" | "tool_stream" | "store" | "cache_prompt" | "enable_search" => value.is_boolean(),
            "prompt_cache_key" | "user" | "safety_identifier" | "service_tier" | "verbosity" | "session_id" => {
                value.is_string()
            }
            "temperature" | "top_p" => value.is_number(),
            _ => true,
        };
        if !fits {
            return refuse(rules, Kind::Form, format!("{name}: invalid type: {value}"));
        }
    }
    Ok(())
}

fn format(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let Some(format) = body.get("response_format") else {
        return Ok(());
    };
    one_of(
        rules,
        Kind::Format,
        format["type"].as_str(),
        rules.formats,
        "response_format",
    )?;
    if format["type"] == "json_schema" {
        known(
            rules,
            &format["json_schema"],
            &["name", "schema", "strict", "description"],
            "response_format",
        )?;
        if !format["json_schema"]["name"].is_string() || !format["json_schema"]["schema"].is_object() {
            return refuse(
                rules,
                Kind::Format,
                "response_format.json_schema needs a name and a schema",
            );
        }
    }
    let speaks_of_json = Value::from_iter(body.get("messages").cloned())
        .to_string()
        .to_lowercase()
        .contains("json");
    if format["type"] == "json_object" && !speaks_of_json {
        return refuse(
            rules,
            Kind::Format,
            "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
        );
    }
    Ok(())
}

fn one_of(rules: &Rules, kind: Kind, word: Option<&str>, words: &[&str], name: &str) -> Checked {
    match word {
        Some(word) if words.contains(&word) => Ok(()),
        _ => refuse(
            rules,
            kind,
            format!(
                "Unsupported value: '{name}' does not support {word:?} with this model. Supported values are: {words:?}."
            ),
        ),
    }
}
