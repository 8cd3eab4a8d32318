//! The table of providers against the collected facts: nobody is missing, and no figure has slipped.
//!
//! The facts are not part of the project; the tests run where they are (`CRELAY_SHARED`, default `../shared`).

use std::fs;
use std::path::PathBuf;

use crelay::provider::effort::Effort;
use crelay::provider::{Provider, Table};
use serde_json::Value;

/// Who is not in the table, and why.
const LEFT_OUT: [(&str, &str); 2] = [
    (
        "github-copilot",
        "wants a login in the browser, whose token is exchanged",
    ),
    ("github-models", "its limits are smaller than Codex's own prompt"),
];

/// Which address of a provider is the row's, where that is not simply `chat`.
const ADDRESS: [(&str, &str); 1] = [("azure", "v1")];

/// Windows that another source has smaller than the one that the facts put first.
const SMALLER_WINDOWS: [(&str, &str); 11] = [
    ("zai", "glm-4.7"),
    ("dashscope", "qwen3-coder-plus"),
    ("dashscope-cn", "qwen3-coder-plus"),
    ("mistral", "mistral-small-2603"),
    ("mistral", "devstral-2512"),
    ("mistral", "devstral-latest"),
    ("mistral", "codestral-2508"),
    ("mistral", "zai-glm-5-3"),
    ("cerebras", "qwen-3.8-27b"),
    ("stepfun", "step-5-preview"),
    ("volcengine", "doubao-seed-2-0-code-preview-260215"),
];

pub fn facts(file: &str, list: &str) -> Option<Vec<Value>> {
    let folder = std::env::var_os("CRELAY_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(text) = fs::read(folder.join("facts").join(file)) else {
        eprintln!("no facts here: set CRELAY_SHARED to check the table against them");
        return None;
    };
    let mut facts: Value = serde_json::from_slice(&text).unwrap();
    Some(serde_json::from_value(facts[list].take()).unwrap())
}

fn row<'a>(table: &'a Table, id: &str) -> Option<&'a Provider> {
    let row = table.find(id);
    let is_left_out = LEFT_OUT.iter().any(|(other, _)| *other == id);
    assert_eq!(row.is_none(), is_left_out, "{id}");
    row
}

#[test]
fn everybody_who_can_be_reached_is_in_the_table_with_address_and_key() {
    let Some(facts) = facts("providers.json", "providers") else {
        return;
    };
    let table = Table::embedded().unwrap();
    assert!(facts.len() > 40);
    for fact in &facts {
        let id = fact["id"].as_str().unwrap();
        let Some(row) = row(&table, id) else { continue };
        let which = ADDRESS
            .iter()
            .find(|(other, _)| *other == id)
            .map_or("chat", |(_, which)| which);
        let address = fact["base_urls"][which].as_str().unwrap();
        assert_eq!(row.base_url.replace("AZURE_RESOURCE_NAME", "resource"), address, "{id}");
        let variables = fact["env"].as_array().unwrap();
        let known = |name: &String| variables.contains(&Value::from(name.as_str()));
        assert!(
            row.key_env
                .iter()
                .chain(&row.address_env)
                .all(|name| known(name) || id == "azure"),
            "{id}"
        );
        if row.key_required {
            assert_eq!(row.default_model.as_deref(), fact["default_model"].as_str(), "{id}");
        }
    }
}

#[test]
fn every_model_that_calls_tools_is_listed_with_the_figures_of_its_source() {
    let Some(facts) = facts("models.json", "models") else {
        return;
    };
    let table = Table::embedded().unwrap();
    let mut seen = 0;
    for fact in &facts {
        let (id, slug) = (fact["provider"].as_str().unwrap(), fact["slug"].as_str().unwrap());
        let is_note = slug.starts_with('_');
        let Some(row) = row(&table, id).filter(|_| !is_note && fact["tool_call"] != false) else {
            continue;
        };
        let model = row.model(slug).unwrap_or_else(|| panic!("{id} lacks {slug}"));
        let window = fact["context_window"].as_u64().unwrap();
        if SMALLER_WINDOWS.contains(&(id, slug)) {
            assert!(model.context_window < window, "{id} {slug}");
        } else {
            assert_eq!(model.context_window, window, "{id} {slug}");
        }
        let most = fact["max_output"].as_u64().unwrap();
        assert!(model.max_output.is_none_or(|limit| limit <= most), "{id} {slug}");
        assert_eq!(model.vision, fact["vision"] == true, "{id} {slug}");
        if let Some(price) = model.price {
            let told = |key: &str| fact[key].as_f64();
            assert_eq!(
                (Some(price.input), Some(price.output)),
                (told("price_in"), told("price_out")),
                "{id} {slug}"
            );
            assert!(
                price.cached.is_none() || price.cached == told("price_cached"),
                "{id} {slug}"
            );
        }
        seen += 1;
    }
    assert!(seen > 170, "{seen}");
}

/// The steps of effort that any source knows of the model; empty where none says.
fn steps(fact: &Value) -> Vec<String> {
    let options = fact["reasoning_options"].as_array().into_iter().flatten();
    let values = options.filter_map(|option| option["values"].as_array()).flatten();
    let named = values.filter_map(Value::as_str).map(str::to_owned);
    let levels = fact["thinking_level_map"].as_object().into_iter().flatten();
    let mapped = levels
        .filter(|(_, word)| !word.is_null())
        .map(|(level, _)| level.clone());
    named.chain(mapped).collect()
}

#[test]
fn no_model_is_sent_a_step_that_no_source_knows() {
    let Some(facts) = facts("models.json", "models") else {
        return;
    };
    let table = Table::embedded().unwrap();
    let mut seen = 0;
    for fact in facts.iter().filter(|fact| !steps(fact).is_empty()) {
        let (id, slug) = (fact["provider"].as_str().unwrap(), fact["slug"].as_str().unwrap());
        let Some(row) = row(&table, id) else { continue };
        for step in row.dialect(slug).efforts.iter().filter(|step| **step != Effort::None) {
            assert!(
                steps(fact).contains(&step.word().to_owned()),
                "{id} {slug}: {}",
                step.word()
            );
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}
