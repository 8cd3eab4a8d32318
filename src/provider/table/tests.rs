use std::collections::BTreeSet;

use super::super::dialect::{ReasoningRequest, Replay, Schema, System};
use super::super::effort::Effort::{High, Low, Max, Medium, None as Off, Xhigh};
use super::*;

fn table() -> Table {
    Table::embedded().unwrap()
}

fn dialect(provider: &str, model: &str) -> Dialect {
    table().find(provider).unwrap().dialect(model)
}

#[test]
fn no_two_providers_answer_to_the_same_name() {
    let table = table();
    let names: Vec<&String> = table
        .iter()
        .flat_map(|provider| provider.aliases.iter().chain([&provider.id]))
        .collect();
    let distinct: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    assert_eq!(distinct.len(), names.len());
    assert!(names.iter().all(|name| **name == name.to_ascii_lowercase()));
}

#[test]
fn every_address_is_one_and_a_key_never_travels_in_clear() {
    for provider in table().iter() {
        let url = url::Url::parse(&provider.base_url).unwrap();
        assert!(!provider.base_url.ends_with('/'), "{}", provider.id);
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
        assert_eq!(url.scheme(), if loopback { "http" } else { "https" }, "{}", provider.id);
        assert_eq!(provider.key_required, !loopback, "{}", provider.id);
        assert!(!provider.key_required || provider.key_env.len() == 1, "{}", provider.id);
        assert_eq!(provider.key_required, provider.console.is_some(), "{}", provider.id);
        let console = provider.console.as_deref().unwrap_or("https://example.com");
        assert_eq!(url::Url::parse(console).unwrap().scheme(), "https", "{}", provider.id);
    }
}

#[test]
fn every_default_model_is_known() {
    for provider in table().iter() {
        let known = provider.default_model.as_ref().map(|id| provider.model(id).is_some());
        assert_ne!(known, Some(false), "{}", provider.id);
        assert!(!provider.key_required || known.is_some(), "{}", provider.id);
    }
}

#[test]
fn every_model_stands_once_and_leaves_room_for_the_question() {
    for provider in table().iter() {
        let ids: BTreeSet<&str> = provider.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids.len(), provider.models.len(), "{}", provider.id);
        for model in &provider.models {
            let answer = model.max_output.unwrap_or(1);
            assert!(
                0 < answer && answer < model.context_window,
                "{} {}",
                provider.id,
                model.id
            );
        }
    }
}

#[test]
fn every_ladder_rises_and_stands_where_it_can_be_sent() {
    for provider in table().iter() {
        let unknown = ["somebody-else"].into_iter();
        let patterns = provider.families.iter().map(|family| family.pattern.as_str());
        let models = provider.models.iter().map(|model| model.id.as_str());
        for model in unknown.chain(patterns).chain(models) {
            let dialect = provider.dialect(model);
            let rises = dialect.efforts.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(rises, "{} {model}: {:?}", provider.id, dialect.efforts);
            let silent = dialect.reasoning == ReasoningRequest::Silent;
            assert_eq!(silent, dialect.efforts.is_empty(), "{} {model}", provider.id);
        }
    }
}

#[test]
fn every_family_is_reached() {
    for provider in table().iter() {
        for (place, family) in provider.families.iter().enumerate() {
            let example = family.pattern.replace('*', "x");
            let first = provider.families.iter().position(|other| other.holds(&example));
            assert_eq!(first, Some(place), "{} {}", provider.id, family.pattern);
        }
    }
}

#[test]
fn a_name_is_found_by_alias_in_any_case() {
    let table = table();
    for (name, id) in [
        ("moonshot", "kimi"),
        ("moonshot-cn", "kimi-cn"),
        ("ZAI", "glm"),
        ("zai-coding-plan", "glm-coding"),
        ("dashscope", "qwen"),
        ("Grok", "xai"),
        ("deepseek", "deepseek"),
    ] {
        assert_eq!(table.find(name).map(|provider| provider.id.as_str()), Some(id));
    }
    assert!(table.find("nobody").is_none());
}

#[test]
fn a_pattern_holds_the_names_it_means() {
    let holds = |pattern: &str, model: &str| {
        let family = Family {
            pattern: pattern.to_owned(),
            axes: Axes::default(),
        };
        family.holds(model)
    };
    assert!(holds("kimi-k3*", "kimi-k3"));
    assert!(holds("kimi-k3*", "kimi-k3.1-pro"));
    assert!(!holds("kimi-k3*", "my-kimi-k3"));
    assert!(holds("exact", "exact"));
    assert!(!holds("exact", "exactly"));
    assert!(holds("*reasoning*", "grok-4-fast-non-reasoning"));
    assert!(holds("a*b*c", "a-b-c"));
    assert!(!holds("a*b*c", "a-c"));
    assert!(!holds("aba*aba", "aba"));
}

#[test]
fn each_generation_of_a_family_has_its_own_ladder() {
    let ladder = |provider, model| dialect(provider, model).efforts;
    assert_eq!(ladder("deepseek", "deepseek-v4-pro"), [Off, Low, High, Max]);
    assert_eq!(ladder("kimi", "kimi-k3.1-pro"), [Low, High, Max]);
    assert_eq!(ladder("kimi-cn", "kimi-k2.6"), [Off, High]);
    assert_eq!(ladder("kimi", "kimi-k2.7-code"), []);
    assert_eq!(ladder("kimi-coding", "k3-256k"), [Low, High, Max]);
    assert_eq!(ladder("kimi-coding", "kimi-for-coding-highspeed"), []);
    assert_eq!(ladder("glm", "glm-5.2"), [Off, High, Max]);
    assert_eq!(ladder("zhipu-coding-plan", "glm-5.3-highspeed"), [Low, High, Max]);
    assert_eq!(ladder("qwen-cn", "qwen3.8-flash"), [Off, Low, Medium, Xhigh]);
    assert_eq!(ladder("groq", "openai/gpt-oss-20b"), [Low, Medium, High]);
    assert_eq!(ladder("groq", "qwen/qwen3.6-27b"), []);
    assert_eq!(ladder("groq", "llama-3.3-70b-versatile"), []);
    assert_eq!(ladder("xai", "grok-4.7"), [Low, Medium, High, Xhigh]);
    assert_eq!(ladder("xai", "grok-4.7-non-reasoning"), []);
    assert_eq!(ladder("xai", "grok-code-fast-1"), []);
    assert_eq!(ladder("openrouter", "z-ai/glm-5.3"), [Low, High, Max]);
    assert_eq!(ladder("openrouter", "somebody/else"), [Low, Medium, High]);
}

#[test]
fn reasoning_goes_back_as_each_provider_wants_it() {
    let replay = |provider, model| dialect(provider, model).replay;
    assert_eq!(replay("deepseek", "deepseek-flash"), Replay::ContentAlways);
    assert_eq!(replay("deepseek", "deepseek-reasoner"), Replay::Never);
    assert_eq!(
        replay("openrouter", "deepseek/deepseek-v4.1-flash"),
        Replay::ContentAlways
    );
    assert_eq!(replay("openrouter", "openai/gpt-6.1-sol"), Replay::Details);
    assert_eq!(replay("mistral", "mistral-large-4"), Replay::ThinkingPart);
    assert_eq!(replay("mistral", "devstral-2512"), Replay::Never);
    assert_eq!(replay("glm", "glm-5.3"), Replay::Content);
    assert_eq!(dialect("glm", "glm-5.3").reasoning, ReasoningRequest::ThinkingKept);
}

#[test]
fn a_family_adds_to_its_provider_and_takes_nothing_else_away() {
    let kimi = dialect("openrouter", "moonshotai/kimi-k3.1-pro");
    assert_eq!(kimi.schema, Schema::Moonshot);
    assert_eq!(kimi.reasoning, ReasoningRequest::Object);
    assert_eq!(dialect("openrouter", "openai/gpt-6.1-sol").system, System::Developer);
    assert_eq!(dialect("openrouter", "z-ai/glm-5.3").system, System::Leading);
}

#[test]
fn a_slip_in_the_table_is_an_error() {
    let unknown_axis = "[[provider]]\nid = \"a\"\nname = \"A\"\nbase_url = \"https://a\"\naxes = { rolls = 1 }";
    assert!(matches!(Table::parse(unknown_axis), Err(Error::Syntax(_))));
    let nobody = "[[provider]]\nid = \"a\"\nname = \"A\"\nbase_url = \"https://a\"\nlike = \"b\"";
    assert!(matches!(Table::parse(nobody), Err(Error::Like { .. })));
}
