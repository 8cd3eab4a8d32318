//! The data set of models.dev: `api.json`, a map of providers, each with a map of models. Prices are dollars for a
//! million tokens (<https://models.dev>, read 2026-11-21).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::provider::Price;
use crate::provider::effort::Effort;

use super::{Facts, is_name};

/// What the data set says, by provider and model.
pub type Everything = BTreeMap<String, BTreeMap<String, Facts>>;

#[derive(Deserialize)]
struct Provider {
    models: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Model {
    name: Option<String>,
    limit: Option<Limit>,
    modalities: Option<Modalities>,
    tool_call: Option<bool>,
    cost: Option<Cost>,
    reasoning_options: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Limit {
    context: Option<f64>,
    output: Option<f64>,
}

#[derive(Deserialize)]
struct Modalities {
    input: Option<Vec<String>>,
    output: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Cost {
    input: Option<f64>,
    output: Option<f64>,
    cache_read: Option<f64>,
}

/// Reads the data set, as far as it is about `providers`, whose names are those of models.dev. One model that cannot be
/// read costs none of the others.
///
/// # Errors
///
/// When it is no map of providers.
pub fn read(json: &[u8], providers: &[&str]) -> serde_json::Result<Everything> {
    // What nobody asks for is passed over without being built.
    let raw: BTreeMap<String, &serde_json::value::RawValue> = serde_json::from_slice(json)?;
    let mut everything = Everything::new();
    for name in providers {
        let provider = raw.get(*name).map(|raw| serde_json::from_str::<Provider>(raw.get()));
        let models = provider.and_then(Result::ok).and_then(|provider| provider.models);
        let models = models.unwrap_or_default().into_iter();
        let facts = models
            .filter(|(id, _)| is_name(id))
            .filter_map(|(id, model)| Some((id, facts(serde_json::from_value(model).ok()?))));
        everything.insert((*name).to_owned(), facts.collect());
    }
    Ok(everything)
}

fn facts(model: Model) -> Facts {
    let limit = model.limit.unwrap_or(Limit {
        context: None,
        output: None,
    });
    let (input, output) = match model.modalities {
        Some(modalities) => (modalities.input, modalities.output),
        None => (None, None),
    };
    let has = |kinds: Vec<String>, kind: &str| kinds.iter().any(|known| known == kind);
    Facts {
        name: model.name,
        context_window: limit.context.map(|tokens| tokens as u64),
        max_output: limit.output.map(|tokens| tokens as u64),
        vision: input.map(|kinds| has(kinds, "image")),
        tools: model.tool_call,
        converses: output.map(|kinds| has(kinds, "text")),
        efforts: model.reasoning_options.map(|options| efforts(&options)),
        price: model.cost.and_then(|cost| {
            Some(Price {
                input: cost.input?,
                output: cost.output?,
                cached: cost.cache_read,
            })
        }),
    }
    .sound()
}

/// Of the ways to steer its reasoning those that have steps; words that crelay does not know are no steps.
fn efforts(options: &[Value]) -> Vec<Effort> {
    let steps = options.iter().filter(|option| option["type"] == "effort");
    let words = steps.filter_map(|option| option["values"].as_array()).flatten();
    words.filter_map(|word| Effort::parse(word.as_str()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_of_those_who_are_asked_for_is_read_and_the_rest_passed_over() {
        let json = br#"{
            "deepseek": {"id": "deepseek", "env": ["DEEPSEEK_API_KEY"], "models": {
                "deepseek-flash": {"id": "deepseek-flash", "name": "DeepSeek  V4.1\u001b[2J Flash", "attachment": true,
                    "reasoning": true, "tool_call": true, "limit": {"context": 1000000, "output": 384000},
                    "reasoning_options": [{"type": "toggle"}, {"type": "effort", "values": ["max", "low", "high", "odd"]}],
                    "modalities": {"input": ["text", "image"], "output": ["text"]},
                    "cost": {"input": 0.3, "output": 1.2, "cache_read": 0.006}},
                "broken": {"limit": {"context": "much"}},
                "a name": {"tool_call": true},
                "bare": {"limit": {"context": 0, "output": -5}, "cost": {"input": -1, "output": 1}, "reasoning_options": null}
            }},
            "odd": 7,
            "kimi": {"models": {"k": {}}}
        }"#;
        let everything = read(json, &["deepseek", "odd", "absent"]).unwrap();
        assert_eq!(everything.keys().collect::<Vec<_>>(), ["absent", "deepseek", "odd"]);
        let flash = Facts {
            name: Some("DeepSeek V4.1 Flash".to_owned()),
            context_window: Some(1_000_000),
            max_output: Some(384_000),
            vision: Some(true),
            tools: Some(true),
            converses: Some(true),
            efforts: Some(vec![Effort::Low, Effort::High, Effort::Max]),
            price: Some(Price {
                input: 0.3,
                output: 1.2,
                cached: Some(0.006),
            }),
        };
        let expected = [
            ("bare".to_owned(), Facts::default()),
            ("deepseek-flash".to_owned(), flash),
        ];
        assert_eq!(everything["deepseek"], expected.into());
        assert!(everything["odd"].is_empty() && everything["absent"].is_empty());
    }

    #[test]
    fn what_is_no_map_of_providers_is_an_error() {
        for json in [&b"<html>"[..], b"[]", b"{\"a\": {\"models\": {}}"] {
            assert!(read(json, &["a"]).is_err());
        }
    }
}
