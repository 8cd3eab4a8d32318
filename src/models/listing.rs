//! The list that a provider gives of its models. OpenAI's form says no more than names; most say more, each in words of
//! its own, and all of them are read from anyone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::provider::Price;
use crate::provider::effort::Effort;

use super::{Facts, is_name, purpose};

/// A provider's models, in its own order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Each once.
    pub models: Vec<Listed>,
    /// Whether it goes on where this ends, or speaks of models by patterns.
    pub is_part: bool,
}

/// A model of the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The provider's name for it.
    pub id: String,
    /// What the provider says of it.
    pub facts: Facts,
}

/// More than any gateway has. What stands behind them is not read.
const MOST: usize = 4000;

/// How Google puts before a name what it is a name of.
const KIND_BEFORE_NAME: &str = "models/";

// Where each fact may stand, as JSON pointers; who is known to say it there. What counts more stands first.

/// Google's own form, Ollama and LM Studio's second form have no `id`.
const NAMES: [&str; 4] = ["/id", "/model", "/key", "/name"];

/// OpenRouter and Together; Anthropic and Google; Google's own form; LM Studio.
const DISPLAYED: [&str; 3] = ["/display_name", "/displayName", "/name"];

/// What is loaded counts before what could be (LM Studio); then llama.cpp, vLLM and SGLang, OpenRouter's host and
/// OpenRouter, Moonshot, Together and Fireworks, Groq, Mistral, Google, Anthropic and LiteLLM, GitHub.
const WINDOWS: [&str; 13] = [
    "/loaded_context_length",
    "/loaded_instances/0/config/context_length",
    "/meta/n_ctx",
    "/max_model_len",
    "/top_provider/context_length",
    "/context_length",
    "/context_window",
    "/max_context_length",
    "/inputTokenLimit",
    "/max_input_tokens",
    "/capabilities/limits/max_context_window_tokens",
    "/limits/max_input_tokens",
    "/providers/0/context_length",
];

/// OpenRouter; Groq; Anthropic and LiteLLM; Google; GitHub.
const OUTPUTS: [&str; 6] = [
    "/top_provider/max_completion_tokens",
    "/max_completion_tokens",
    "/max_output_tokens",
    "/outputTokenLimit",
    "/capabilities/limits/max_output_tokens",
    "/limits/max_output_tokens",
];

/// Mistral and LM Studio's second form; GitHub; Moonshot; Fireworks.
const SEES: [&str; 5] = [
    "/capabilities/vision",
    "/capabilities/supports/vision",
    "/supports_image_in",
    "/supports_image_input",
    "/supports_vision",
];

/// Mistral; GitHub; LM Studio's second form; Fireworks; LiteLLM; Hugging Face's first host.
const CALLS: [&str; 6] = [
    "/capabilities/function_calling",
    "/capabilities/supports/tool_calls",
    "/capabilities/trained_for_tool_use",
    "/supports_tools",
    "/supports_function_calling",
    "/providers/0/supports_tools",
];

/// Mistral; Fireworks.
const CHATS: [&str; 2] = ["/capabilities/completion_chat", "/supports_chat"];

/// StepFun; OpenRouter; GitHub; Ollama.
const STEPS: [&str; 4] = [
    "/reasoning_effort_support_list",
    "/reasoning/supported_efforts",
    "/capabilities/supports/reasoning_effort",
    "/thinking/values",
];

/// OpenRouter and Hugging Face; others without the table around it.
const INPUT_KINDS: [&str; 2] = ["/architecture/input_modalities", "/input_modalities"];
const OUTPUT_KINDS: [&str; 2] = ["/architecture/output_modalities", "/output_modalities"];

/// What `type` says of models that answer in words, as Together, LM Studio, Fireworks and Vercel call them.
const CONVERSING: [&str; 8] = [
    "chat",
    "code",
    "language",
    "llm",
    "model",
    "text",
    "text-generation",
    "vlm",
];

impl Listing {
    /// Reads an answer to `GET models`: OpenAI's `data`, `models`, or the bare array of Together. `None` if it is no
    /// list.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(json).ok()?;
        let list = [&body["data"], &body["models"], &body];
        let entries = list.into_iter().find_map(Value::as_array)?;
        let mut listing = Self {
            models: Vec::new(),
            is_part: body["has_more"] == true || body["nextPageToken"].is_string() || entries.len() > MOST,
        };
        for entry in entries.iter().take(MOST) {
            listing.add(entry);
        }
        Some(listing)
    }

    fn add(&mut self, entry: &Value) {
        let Some(id) = entry.as_str().or_else(|| text(entry, &NAMES)) else {
            return;
        };
        let id = id.strip_prefix(KIND_BEFORE_NAME).unwrap_or(id);
        // LiteLLM lists what it passes on to others as `openai/*`.
        if id.contains('*') {
            self.is_part = true;
            return;
        }
        let is_gone = entry["active"] == false || entry["status"] == "Shutdown";
        if is_gone || !is_name(id) || self.models.iter().any(|known| known.id == id) {
            return;
        }
        self.models.push(Listed {
            id: id.to_owned(),
            facts: facts(entry).sound(),
        });
    }
}

fn facts(entry: &Value) -> Facts {
    let context_window = number(entry, &WINDOWS);
    // Some give the window for it, which leaves no room for the question.
    let leaves_room = |tokens: &u64| context_window.is_none_or(|window| *tokens < window);
    Facts {
        name: text(entry, &DISPLAYED).map(str::to_owned),
        context_window,
        max_output: number(entry, &OUTPUTS).filter(leaves_room),
        vision: vision(entry),
        tools: tools(entry),
        converses: talks(entry),
        efforts: first(entry, &STEPS).and_then(Value::as_array).map(|words| {
            let known = words.iter().filter_map(|word| Effort::parse(word.as_str()?));
            known.collect()
        }),
        price: price(entry),
    }
}

fn vision(entry: &Value) -> Option<bool> {
    let kinds = list(entry, &INPUT_KINDS).map(|kinds| kinds.iter().any(|kind| kind == "image"));
    let capable = capabilities(entry).and_then(|all| all.contains(&"completion").then(|| all.contains(&"vision")));
    let by_type = (entry["type"] == "vlm").then_some(true);
    switch(entry, &SEES).or(kinds).or(capable).or(by_type)
}

fn tools(entry: &Value) -> Option<bool> {
    let parameters = entry["supported_parameters"].as_array();
    let parameters = parameters.map(|known| known.iter().any(|name| name == "tools"));
    let capable = capabilities(entry).and_then(|all| {
        let calls = all.contains(&"tools") || all.contains(&"tool_use");
        // Ollama names all that a model can; LM Studio lets those call, too, that were not trained for it.
        (calls || all.contains(&"completion")).then_some(calls)
    });
    switch(entry, &CALLS).or(parameters).or(capable)
}

fn talks(entry: &Value) -> Option<bool> {
    let kinds = list(entry, &OUTPUT_KINDS).map(|kinds| kinds.iter().any(|kind| kind == "text"));
    let methods = entry["supportedGenerationMethods"].as_array();
    let methods = methods.map(|known| known.iter().any(|name| name == "generateContent"));
    let capable = capabilities(entry).and_then(|all| match (all.contains(&"completion"), all.contains(&"embedding")) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    });
    let by_type = entry["type"].as_str().map(|word| CONVERSING.contains(&word));
    let said = switch(entry, &CHATS).or(kinds).or(methods).or(capable).or(by_type);
    // A gateway calls models of images and speech chat models as well, if they are asked for by chat.
    said.filter(|talks| !talks || text(entry, &NAMES).is_none_or(purpose::converses))
}

/// Ollama's and LM Studio's list of words.
fn capabilities(entry: &Value) -> Option<Vec<&str>> {
    let words = entry["capabilities"].as_array()?;
    Some(words.iter().filter_map(Value::as_str).collect())
}

/// OpenRouter and those who followed it write dollars for one token, as text; Together and Hugging Face dollars for a
/// million, as numbers.
fn price(entry: &Value) -> Option<Price> {
    let pricing = first(entry, &["/pricing", "/providers/0/pricing"])?;
    let dollars = |names: &[&str]| {
        let value = names.iter().find_map(|name| pricing.get(name))?;
        match value.as_str() {
            Some(text) => Some(million(text.trim_start_matches('$').parse().ok()?)),
            None => value.as_f64(),
        }
    };
    Some(Price {
        input: dollars(&["prompt", "input"])?,
        output: dollars(&["completion", "output"])?,
        cached: dollars(&["input_cache_read", "input_cache_reads", "cached_input"]),
    })
}

/// A million times so much, without the noise behind the last digit.
fn million(dollars: f64) -> f64 {
    (dollars * 1e12).round() / 1e6
}

/// What stands at the first of `places` where anything stands.
fn first<'a>(entry: &'a Value, places: &[&str]) -> Option<&'a Value> {
    let found = places.iter().filter_map(|place| entry.pointer(place));
    found.into_iter().find(|value| !value.is_null())
}

fn text<'a>(entry: &'a Value, places: &[&str]) -> Option<&'a str> {
    places.iter().find_map(|place| entry.pointer(place)?.as_str())
}

/// A number of tokens. Nothing says zero and means it.
fn number(entry: &Value, places: &[&str]) -> Option<u64> {
    let mut found = places.iter().filter_map(|place| entry.pointer(place)?.as_u64());
    found.find(|tokens| *tokens > 0)
}

fn switch(entry: &Value, places: &[&str]) -> Option<bool> {
    places.iter().find_map(|place| entry.pointer(place)?.as_bool())
}

fn list<'a>(entry: &'a Value, places: &[&str]) -> Option<&'a Vec<Value>> {
    places.iter().find_map(|place| entry.pointer(place)?.as_array())
}

/// What Ollama answers to `POST api/show` about one model. Its window is the one that its owner has set; what the
/// weights could hold is more than the server gives them, unless the model runs already (`api/ps`).
#[must_use]
pub fn ollama_details(json: &[u8]) -> Option<Facts> {
    let body: Value = serde_json::from_slice(json).ok()?;
    let mut facts = facts(&body);
    let parameters = body["parameters"].as_str().unwrap_or_default();
    let mut lines = parameters.lines().map(str::split_whitespace);
    let set = lines.find_map(|mut words| (words.next() == Some("num_ctx")).then(|| words.next()?.parse().ok())?);
    let trained = body["model_info"].as_object().and_then(|info| {
        let mut lengths = info.iter().filter(|(key, _)| key.ends_with(".context_length"));
        lengths.find_map(|(_, length)| length.as_u64())
    });
    facts.context_window = set.or(trained);
    Some(facts.sound())
}

/// Which models of Ollama's run at the moment, and with which window, of its answer to `GET api/ps`.
#[must_use]
pub fn ollama_running(json: &[u8]) -> Vec<(String, u64)> {
    let body: Value = serde_json::from_slice(json).unwrap_or_default();
    let models = body["models"].as_array().into_iter().flatten();
    let running = models.filter_map(|model| {
        let name = text(model, &["/model", "/name"])?;
        Some((name.to_owned(), number(model, &["/context_length"])?))
    });
    running.collect()
}

/// What llama.cpp gives each conversation with the one model that it holds, of its answer to `GET props`.
#[must_use]
pub fn llama_props(json: &[u8]) -> Option<Facts> {
    let body: Value = serde_json::from_slice(json).ok()?;
    let facts = Facts {
        context_window: number(&body, &["/default_generation_settings/n_ctx", "/n_ctx"]),
        vision: switch(&body, &["/modalities/vision"]),
        ..Facts::default()
    };
    Some(facts.sound())
}

#[cfg(test)]
mod tests;
