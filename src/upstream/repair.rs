//! Whether a refusal says how to ask instead. Pure: it is found here, and done by whoever translates the request.
//!
//! Only what is said in so many words counts: a field that is blamed for its value is not left out, and a list is a
//! list only where it is said to be one.

use crate::session::{Effort, Repair};

use super::complaint::Complaint;
use super::failure::Class;
use super::patterns::holds;

/// What says that a model sees no images.
const BLIND: &[&str] = &[
    // DeepSeek (recorded).
    "unknown variant `image_url`, expected `text`",
    // llama.cpp (recorded), OpenRouter, MiMo and Ollama (github/app #2163, oai-compatible-copilot #229, ollama #17301).
    "image input is not supported",
    "support image input",
    // OpenAI (vllm #11629).
    "image_url is only supported by certain models",
    // Groq, where the model sees none: parts are sent only where there is an image.
    "content' : value must be a string",
    // Proxies, in words of their own.
    "does not support images",
    "does not support image inputs",
    "does not support vision",
    "is not a multimodal model",
];

/// What says that thinking cannot be turned off.
const ALWAYS_THINKS: &[&str] = &[
    // OpenRouter (omp).
    "reasoning is mandatory",
    // GLM-5.3 (probe).
    "不支持关闭思考",
];

/// What says that a forced choice cannot be had, and that the question of the choice is better left open.
const FREE_CHOICE: &[&str] = &[
    // DeepSeek (recorded).
    "does not support this tool_choice",
    // Kimi (probe).
    "tool_choice '*' is incompatible",
    // vLLM without a parser (memory).
    "\"auto\" tool choice requires",
];

/// What stands directly before the name of a field that is not taken.
const BEFORE: &[&str] = &[
    // OpenAI (recorded), Azure (zed #52000), and whoever writes like them.
    "unknown parameter: ",
    "unsupported parameter: ",
    "unsupported value: ",
    "unrecognized request argument supplied: ",
    // serde, with which DeepSeek reads; Go; Gemini.
    "unknown field ",
    "unknown field: ",
    "unknown name ",
    // Groq (cerebras alike), Fireworks, vLLM (memory).
    ": property ",
    "extra inputs are not permitted, field: ",
    "'type': 'extra_forbidden', 'loc': ('body', ",
    // xAI (memory).
    "argument not supported on this model: ",
    "does not support parameter ",
    // OpenRouter (memory).
    "that support the provided ",
];

/// What stands directly behind the name of a field that is not taken.
const BEHIND: &[&str] = &[
    " is not supported",
    " is unsupported",
    " is not allowed",
    " parameter is not supported",
    // Kimi: `invalid temperature: only 1 is allowed for this model` (probe).
    ": only # is allowed",
];

/// What stands before the values that are known.
const LISTS: &[&str] = &[
    "supported values are",
    "supported types are",
    "valid values are",
    "allowed values are",
    "valid levels",
    "must be one of",
    "expected one of",
    "input should be",
    "one of",
];

/// What comes after a list: what was sent instead.
const AFTER_LIST: &[&str] = &["got", "received", "but", "instead", "not"];

/// How to ask instead, if the refusal says it. Only a request that was refused as it is can be asked otherwise.
pub fn find(class: Class, complaint: &Complaint) -> Option<Repair> {
    if class != Class::Request {
        return None;
    }
    let says = |patterns: &[&str]| {
        let texts = &complaint.texts;
        patterns
            .iter()
            .any(|pattern| texts.iter().any(|text| holds(text, pattern)))
    };
    if says(BLIND) {
        return Some(Repair::NoImages);
    }
    if says(ALWAYS_THINKS) {
        return Some(Repair::AlwaysThinks);
    }
    if says(FREE_CHOICE) {
        return Some(Repair::LeaveOut(vec!["tool_choice".to_owned()]));
    }
    efforts(complaint).or_else(|| fields(complaint))
}

/// The efforts that are known, where one was refused: because the field is named, or because nothing else is and all
/// that is listed are efforts.
fn efforts(complaint: &Complaint) -> Option<Repair> {
    let is_about = |text: &str| text.contains("effort");
    let is_blamed = complaint.fields.iter().any(|field| is_about(field));
    let nobody_is_blamed = complaint.fields.is_empty();
    complaint.texts.iter().find_map(|text| {
        let words = LISTS.iter().find_map(|cue| listed(text, cue))?;
        let steps = words.iter().filter(|word| Effort::parse(word).is_some()).count();
        let are_efforts = nobody_is_blamed && steps > 1 && steps == words.len() && !text.contains("verbosity");
        (steps > 0 && (is_blamed || is_about(text) || are_efforts)).then_some(Repair::Efforts(words))
    })
}

/// The words of the list behind `cue`.
fn listed(text: &str, cue: &str) -> Option<Vec<String>> {
    let rest = &text[text.find(cue)? + cue.len()..];
    let sentence = rest.split(". ").next().unwrap_or_default();
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let words = words.filter(|word| !word.is_empty() && !["and", "or", "default"].contains(word));
    let words: Vec<String> = words
        .take_while(|word| !AFTER_LIST.contains(word))
        .map(str::to_owned)
        .collect();
    (!words.is_empty()).then_some(words)
}

/// The fields that are not taken: those that the error names as such, else those in its words.
fn fields(complaint: &Complaint) -> Option<Repair> {
    let codes = ["unknown_parameter", "unsupported_parameter", "unsupported_value"];
    let is_named = complaint.codes.iter().any(|code| codes.contains(&code.as_str()));
    let mut fields = complaint.unknown.clone();
    if is_named {
        fields.extend(complaint.fields.iter().cloned());
    }
    if fields.is_empty() {
        let texts = complaint.texts.iter();
        fields.extend(texts.filter_map(|text| {
            let before = BEFORE.iter().find_map(|cue| name_behind(text, cue));
            before.or_else(|| BEHIND.iter().find_map(|cue| name_before(text, cue)))
        }));
    }
    (!fields.is_empty()).then_some(Repair::LeaveOut(fields))
}

const QUOTES: [char; 3] = ['\'', '"', '`'];

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.[]".contains(character)
}

/// The name behind `cue`. Groq says in which message the field stands.
fn name_behind(text: &str, cue: &str) -> Option<String> {
    let start = text.find(cue)?;
    let rest = text[start + cue.len()..].trim_start_matches(QUOTES);
    let name = rest.split(|c| !is_of_name(c)).next()?.trim_end_matches('.');
    let is_in_message = holds(&text[..start], "'messages.#");
    let place = if is_in_message && cue.contains("property") {
        "messages."
    } else {
        ""
    };
    (!name.is_empty()).then(|| format!("{place}{name}"))
}

/// The name before `cue`; where it is not quoted, only what can be nothing but a name.
fn name_before(text: &str, cue: &str) -> Option<String> {
    let literal = cue.split('#').next()?;
    let before = text
        .match_indices(literal)
        .find(|(start, _)| holds(&text[*start..], cue))?
        .0;
    let quoted = text[..before].trim_end_matches(QUOTES);
    let name = quoted.rsplit(|c| !is_of_name(c)).next()?;
    let is_quoted = quoted.len() < before;
    let is_name = is_quoted || name.contains('_') || literal.starts_with(':');
    (is_name && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
