//! What holds for every row, and that no line of the table stands there for nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn no_two_rows_contradict_each_other() {
    let table = table();
    let mut addresses = BTreeSet::new();
    let mut owners = BTreeMap::new();
    for provider in table.iter() {
        assert!(addresses.insert(&provider.base_url), "{} twice", provider.base_url);
        for variable in &provider.key_env {
            let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(variable.bytes().all(is_name), "{variable}");
            // A key belongs to one house: whoever else names its variable is a region or a plan of that.
            let owner: &mut &Provider = owners.entry(variable).or_insert(provider);
            assert!(
                provider.is_variant || owner.id == provider.id,
                "{variable}: {}, {}",
                owner.id,
                provider.id
            );
            assert_eq!(owner.key_decides, provider.key_decides, "{variable}");
        }
    }
}

#[test]
fn every_key_can_be_proved_with_a_model_that_is_listed() {
    for provider in table().iter() {
        match &provider.key_check {
            None => assert!(!provider.key_required, "{}", provider.id),
            Some(KeyCheck::Models) => {}
            Some(KeyCheck::Get(reference)) => {
                let base = url::Url::parse(&format!("{}/", provider.base_url)).unwrap();
                let asked = base.join(reference).unwrap();
                assert_eq!(asked.host(), base.host(), "{}", provider.id);
            }
            Some(KeyCheck::Chat(model)) => assert!(provider.model(model).is_some(), "{} {model}", provider.id),
        }
    }
}

#[test]
fn no_price_is_absurd() {
    for provider in table().iter() {
        for model in provider.models.iter() {
            let Some(price) = model.price else { continue };
            let cached = price.cached.unwrap_or_default();
            let rises = 0.0 <= cached && cached <= price.input && price.input <= price.output && price.output < 200.0;
            assert!(rises, "{} {}: {price:?}", provider.id, model.id);
        }
    }
}

/// Patterns that no listed model answers to, and what they are for.
const UNLISTED: [(&str, &[&str]); 6] = [
    (
        "models of before, that are still served here and there",
        &[
            "*deepseek-chat*",
            "*deepseek-r1*",
            "*deepseek-reasoner*",
            "*glm-4*",
            "*glm-5p2*",
            "*gpt-5*",
            "*gpt-5.6*",
            "*grok-4.6*",
            "*minimax-m2*",
            "*step-3*",
            "*step-3.5*",
            "deepseek-reasoner*",
        ],
    ),
    (
        "models that people run themselves",
        &[
            "*codestral*",
            "*deepseek-v3*",
            "*devstral*",
            "*hunyuan*",
            "*/hy3*",
            "*/hy4*",
            "*magistral*",
            "*ministral*",
            "*mistral*",
            "*mixtral*",
            "*pixtral*",
            "*qwen*-thinking*",
            "*qwen*coder*",
            "*qwen3.5*",
            "*qwen3.6*",
            "*qwen3.8*",
        ],
    ),
    (
        "models that gateways pass on, and of which crelay lists the open ones",
        &["*claude*", "*gemini*", "*minimax-m3*", "anthropic/*"],
    ),
    (
        "names that another host may spell so",
        &["*deepseek-flash*", "*minimax-m3p1*", "*qwen-3.8*", "*qwen3p8*"],
    ),
    (
        "models that OpenCode serves in another protocol, and crelay does not list",
        &["gpt-*", "muse-*"],
    ),
    (
        "models that differ, and are not for Codex in the first place",
        &[
            "*-search-preview*",
            "*composer*",
            "*grok*reasoning*",
            "*grok-build*",
            "*grok-code*",
            "*reasoning*",
            "grok-build*",
            "grok-code-fast*",
        ],
    ),
];

#[test]
fn every_pattern_is_for_a_listed_model_or_for_one_that_users_name() {
    let table = table();
    let models = |provider: &Provider| -> Vec<String> {
        let ids = provider.models.iter().map(|model| model.id.to_ascii_lowercase());
        ids.collect()
    };
    let is_hosted = |pattern: &String| {
        let hosts = table.iter().filter(|provider| !provider.shared.is_empty());
        hosts.flat_map(models).any(|model| matches(pattern, &model))
    };
    let is_served = |pattern: &String| {
        // A region or a plan has the families of its house, whichever models it serves; a server of this machine has
        // whatever its user put there.
        let has = |family: &Family| family.patterns().contains(pattern);
        let house = table.iter().filter(|other| other.families.iter().any(has));
        let is_local = house.clone().any(|provider| !provider.key_required);
        let any = |model: String| matches(pattern, &model);
        house.clone().flat_map(models).any(any) || is_local && is_hosted(pattern)
    };
    let shared = table.families.iter().flat_map(Family::patterns);
    let own = table.iter().flat_map(|provider| provider.families.iter());
    let own = own.flat_map(Family::patterns);
    let idle: BTreeSet<&str> = shared
        .clone()
        .filter(|pattern| !is_hosted(pattern))
        .chain(own.clone().filter(|pattern| !is_served(pattern)))
        .map(String::as_str)
        .collect();
    let unlisted: BTreeSet<&str> = UNLISTED.iter().flat_map(|(_, patterns)| *patterns).copied().collect();
    let unexplained: Vec<&&str> = idle.difference(&unlisted).collect();
    assert!(
        unexplained.is_empty(),
        "no listed model is any of {unexplained:?}: say in `UNLISTED` what they are for"
    );
    let all: BTreeSet<&str> = shared.chain(own).map(String::as_str).collect();
    let gone: Vec<&&str> = unlisted.difference(&all).collect();
    assert!(gone.is_empty(), "no family has any of {gone:?}");
}

#[test]
fn every_listed_model_of_a_host_belongs_to_a_family_or_has_nothing_that_travels() {
    let strangers = ["nemotron", "big-pickle", "doubao-seed"];
    for provider in table().iter().filter(|provider| !provider.shared.is_empty()) {
        for model in provider.models.iter() {
            let known = provider.shared.iter().any(|family| family.holds(&model.id));
            let stranger = strangers.iter().any(|name| model.id.contains(name));
            assert!(known != stranger, "{} {}", provider.id, model.id);
        }
    }
}

#[test]
fn a_short_name_means_one_model_of_its_provider() {
    let table = Table::embedded().unwrap();
    for provider in table.iter() {
        let mut aliases: Vec<&str> = provider
            .models
            .iter()
            .filter_map(|model| model.alias.as_deref())
            .collect();
        let count = aliases.len();
        aliases.sort_unstable();
        aliases.dedup();
        assert_eq!(aliases.len(), count, "{}", provider.id);
        assert!(
            aliases.iter().all(|alias| provider.model(alias).is_none()),
            "{}",
            provider.id
        );
    }
}
