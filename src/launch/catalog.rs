//! The model catalog: what Codex must know of a model so that it neither warns nor guesses.
//!
//! One entry that does not parse keeps Codex from starting. These keys parse on 0.118 to 0.169; unknown ones are
//! ignored, so all versions get the same file.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use crate::session::{Effort, Model, Session};
use crate::usage::rounded;

/// Assumed where nobody says it: what the smallest current models have.
const CONTEXT_WINDOW: u64 = 131_072;

/// Tokens of a tool's output before Codex cuts it, as in Codex's own catalog.
const OUTPUT_TOKENS: u64 = 10_000;

/// The default of Codex's own models.
const USUAL: Effort = Effort::Medium;

/// How many models are offered. Each brings the whole base prompt with it, and a picker of hundreds is none: who wants
/// another of a gateway's four hundred names it with `-m`.
const MOST: usize = 60;

/// Part of the window that Codex fills before it sums up what was said, where the answer needs no more than the rest.
const FILLED_PERCENT: u64 = 90;

/// The same where the answer may be long: a part for it is left of which no answer of a turn was seen to need more.
const ROOM_PERCENT: u64 = 20;

#[derive(Serialize)]
struct Catalog<'a> {
    models: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    slug: Cow<'a, str>,
    display_name: Cow<'a, str>,
    description: String,
    default_reasoning_level: Option<&'static str>,
    supported_reasoning_levels: Vec<Level>,
    shell_type: &'static str,
    visibility: &'static str,
    supported_in_api: bool,
    priority: usize,
    upgrade: Option<()>,
    base_instructions: &'a str,
    supports_reasoning_summaries: bool,
    default_reasoning_summary: &'static str,
    support_verbosity: bool,
    apply_patch_tool_type: &'static str,
    truncation_policy: Truncation,
    supports_parallel_tool_calls: bool,
    context_window: u64,
    auto_compact_token_limit: u64,
    effective_context_window_percent: u8,
    experimental_supported_tools: [&'static str; 0],
    input_modalities: &'static [&'static str],
    /// Tools that are found by searching never stand in a request's `tools`, where Chat needs them.
    supports_search_tool: bool,
    /// The first: the second hides a sub-agent's task in a part that is made for OpenAI's encryption.
    multi_agent_version: &'static str,
}

#[derive(Serialize)]
struct Level {
    effort: &'static str,
    description: &'static str,
}

#[derive(Serialize)]
struct Truncation {
    mode: &'static str,
    limit: u64,
}

/// The catalog of `session`, its own model first: Codex takes the first where none is named. Other names for models are
/// there, too, but not offered: Codex warns of a name that it does not find.
pub fn write(session: &Session, instructions: &str) -> serde_json::Result<Vec<u8>> {
    let entry = |model, priority| {
        entry(
            model,
            &session.host(model).endpoint.provider_name,
            priority,
            instructions,
        )
    };
    let offered = offered(session).into_iter().enumerate();
    let mut models: Vec<Entry<'_>> = offered.map(|(priority, model)| entry(model, priority)).collect();
    let others = session.models().count() - models.len();
    if others > 0 {
        tracing::info!(offered = models.len(), others, "the picker does not offer all models");
    }
    for (name, model) in session.other_names() {
        if models.iter().all(|known| known.slug != name) {
            models.push(Entry {
                slug: Cow::Borrowed(name),
                visibility: "hide",
                ..entry(model, models.len())
            });
        }
    }
    serde_json::to_vec_pretty(&Catalog { models })
}

/// The models that are offered. Where there are too many, each provider gives one in turn until there are enough, so
/// that a gateway of hundreds leaves room for those beside it.
fn offered(session: &Session) -> Vec<&Model> {
    let mut shares: Vec<usize> = session.hosts().map(|_| 0).collect();
    // The session's own is there in any case.
    let mut room = MOST - 1;
    while room > 0 {
        let before = room;
        for (share, host) in shares.iter_mut().zip(session.hosts()) {
            let gives = usize::from(room > 0 && *share < host.others.len());
            *share += gives;
            room -= gives;
        }
        if room == before {
            break;
        }
    }
    let hosts = session.hosts().zip(shares);
    let others = hosts.flat_map(|(host, share)| host.others.iter().take(share));
    std::iter::once(&session.model).chain(others).collect()
}

fn entry<'a>(model: &'a Model, provider: &str, priority: usize, instructions: &'a str) -> Entry<'a> {
    let mut levels: Vec<Effort> = model.efforts.iter().copied().map(known).collect();
    levels.dedup();
    // Without a default Codex takes "none" for it, and switches thinking off for who only confirms what is shown.
    let thinking: Vec<Effort> = levels.iter().copied().filter(|level| *level != Effort::None).collect();
    let default = model.default_effort.map(known).or_else(|| USUAL.nearest(&thinking));
    let window = model.context_window.unwrap_or(CONTEXT_WINDOW);
    Entry {
        slug: model.slug(),
        // Two providers may have models of one name.
        display_name: match model.further.is_some() || model.name.is_empty() {
            true => model.slug(),
            false => Cow::Borrowed(&model.name),
        },
        description: description(model, provider),
        default_reasoning_level: default.map(Effort::word),
        supported_reasoning_levels: levels.into_iter().map(level).collect(),
        shell_type: "unified_exec",
        // A model that calls no tools is there only because a name means it. The session's own stands first.
        visibility: if model.is_usable || priority == 0 {
            "list"
        } else {
            "hide"
        },
        supported_in_api: true,
        priority,
        upgrade: None,
        base_instructions: instructions,
        supports_reasoning_summaries: true,
        default_reasoning_summary: "auto",
        support_verbosity: false,
        apply_patch_tool_type: "freeform",
        truncation_policy: Truncation {
            mode: "tokens",
            limit: OUTPUT_TOKENS,
        },
        supports_parallel_tool_calls: true,
        context_window: window,
        auto_compact_token_limit: full(window, model.max_output),
        effective_context_window_percent: 95,
        experimental_supported_tools: [],
        input_modalities: if model.vision { &["text", "image"] } else { &["text"] },
        supports_search_tool: false,
        multi_agent_version: "v1",
    }
}

/// What the picker says beside the name.
fn description(model: &Model, provider: &str) -> String {
    let mut words = provider.to_owned();
    // Writing to a string cannot fail.
    let _ = model
        .context_window
        .map_or(Ok(()), |window| write!(words, ", {} tokens", rounded(window)));
    let _ = match model.price {
        None => Ok(()),
        Some(price) if price.is_nothing() => write!(words, ", free"),
        Some(price) => write!(words, ", ${} in, ${} out for a million", price.input, price.output),
    };
    words
}

/// When Codex sums up: so early that the longest answer still fits, within bounds.
fn full(window: u64, max_output: Option<u64>) -> u64 {
    let percent = |percent: u64| window.saturating_mul(percent) / 100;
    let room = max_output.unwrap_or_default();
    window - room.clamp(percent(100 - FILLED_PERCENT), percent(ROOM_PERCENT))
}

/// Codex before `max` existed does not read it; on the way to the provider, `xhigh` lands on `max` where that is the
/// highest step.
fn known(effort: Effort) -> Effort {
    if effort == Effort::Max { Effort::Xhigh } else { effort }
}

fn level(effort: Effort) -> Level {
    let description = match effort {
        Effort::None => "Answers without thinking first",
        Effort::Minimal => "Thinks as little as possible",
        Effort::Low => "Thinks a little, answers fast",
        Effort::Medium => "Balances speed and thought",
        Effort::High => "Thinks thoroughly",
        Effort::Xhigh | Effort::Max => "Thinks as long as it takes",
    };
    Level {
        effort: effort.word(),
        description,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::launch::sample;
    use crate::session::{Endpoint, Host};

    #[test]
    fn the_sessions_model_stands_first_with_its_levels_in_words_that_every_codex_reads() {
        let catalog: Value = serde_json::from_slice(&write(&sample::session(), "be brief").unwrap()).unwrap();
        let expected = json!({
            "slug": "deepseek-chat",
            "display_name": "DeepSeek Chat",
            "description": "DeepSeek, 128k tokens",
            "default_reasoning_level": "high",
            "supported_reasoning_levels": [
                {"effort": "low", "description": "Thinks a little, answers fast"},
                {"effort": "high", "description": "Thinks thoroughly"},
                {"effort": "xhigh", "description": "Thinks as long as it takes"},
            ],
            "shell_type": "unified_exec",
            "visibility": "list",
            "supported_in_api": true,
            "priority": 0,
            "upgrade": null,
            "base_instructions": "be brief",
            "supports_reasoning_summaries": true,
            "default_reasoning_summary": "auto",
            "support_verbosity": false,
            "apply_patch_tool_type": "freeform",
            "truncation_policy": {"mode": "tokens", "limit": 10000},
            "supports_parallel_tool_calls": true,
            "context_window": 128_000,
            "auto_compact_token_limit": 115_200,
            "effective_context_window_percent": 95,
            "experimental_supported_tools": [],
            "input_modalities": ["text"],
            "supports_search_tool": false,
            "multi_agent_version": "v1",
        });
        assert_eq!(catalog["models"][0], expected);
    }

    #[test]
    fn a_model_thinks_as_codexs_own_do_unless_the_table_knows_better() {
        let default = |efforts: &[Effort], default_effort| {
            let mut session = sample::session();
            session.model.efforts = efforts.to_vec();
            session.model.default_effort = default_effort;
            let catalog: Value = serde_json::from_slice(&write(&session, "").unwrap()).unwrap();
            catalog["models"][0]["default_reasoning_level"].clone()
        };
        use Effort::{High, Low, Max, Medium, None as Off};
        assert_eq!(default(&[Low, Medium, High], None), "medium");
        assert_eq!(default(&[Off, Low, High, Max], None), "high");
        assert_eq!(default(&[Low], None), "low");
        assert_eq!(default(&[Off], None), Value::Null);
        assert_eq!(default(&[], None), Value::Null);
        assert_eq!(default(&[Off, Low, Max], Some(Off)), "none");
        assert_eq!(default(&[Off, Low, Max], Some(Max)), "xhigh");
    }

    #[test]
    fn another_model_says_what_it_sees_and_how_far() {
        let catalog: Value = serde_json::from_slice(&write(&sample::session(), "").unwrap()).unwrap();
        let other = &catalog["models"][1];
        assert_eq!(other["priority"], 1);
        assert_eq!(other["input_modalities"], json!(["text", "image"]));
        assert_eq!(other["context_window"], 131_072);
        assert_eq!(other["supported_reasoning_levels"], json!([]));
        assert_eq!(other["default_reasoning_level"], Value::Null);
        assert_eq!(catalog["models"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_gateway_of_hundreds_leaves_room_for_the_models_of_those_beside_it() {
        let mut session = sample::session();
        let model = |further: Option<&str>, number: usize| Model {
            id: format!("m{number}"),
            further: further.map(str::to_owned),
            ..session.model.clone()
        };
        let host = |id: &str, count: usize| Host {
            endpoint: Endpoint {
                provider: id.to_owned(),
                provider_name: id.to_uppercase(),
                ..session.main.endpoint.clone()
            },
            others: (0..count).map(|number| model(Some(id), number)).collect(),
            ..session.main.clone()
        };
        let further = vec![host("kimi", 2), host("hub", 400)];
        session.main.others = (0..400).map(|number| model(None, number)).collect();
        session.further = further;
        let catalog: Value = serde_json::from_slice(&write(&session, "").unwrap()).unwrap();
        let models = catalog["models"].as_array().unwrap();
        let slugs: Vec<&str> = models.iter().map(|model| model["slug"].as_str().unwrap()).collect();
        let of = |id: &str| slugs.iter().filter(|slug| slug.starts_with(id)).count();
        assert_eq!((slugs.len(), of("kimi/"), of("hub/")), (MOST, 2, 28));
        assert_eq!(slugs[..2], ["deepseek-chat", "m0"]);
        let kimi = models.iter().find(|model| model["slug"] == "kimi/m0").unwrap();
        assert_eq!(kimi["display_name"], "kimi/m0");
        assert!(kimi["priority"].as_u64() > Some(28));
    }
}
