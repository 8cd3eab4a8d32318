use std::collections::BTreeSet;

use super::super::dialect::{
    CallIds, Dialect, Native, ReasoningRequest, Replay, Schema, System, ToolChoice, WebSearch,
};
use super::super::effort::Effort::{High, Low, Max, Medium, None as Off, Xhigh};
use super::*;

mod rows;

fn table() -> Table {
    Table::embedded().unwrap()
}

/// The table that `providers` and `models`, both in TOML, make.
fn read(providers: &str, models: &str) -> Result<Table, Error> {
    let toml = |text| toml_edit::de::from_str::<serde_json::Value>(text).unwrap();
    let both = serde_json::json!({"providers": toml(providers), "models": toml(models)});
    Table::parse(&both.to_string())
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
        let address = provider.base_url.replace(['{', '}', '_'], "");
        let url = url::Url::parse(&address).unwrap();
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
        // Where a model is known, there is one for those who name none.
        assert_eq!(known.is_some(), !provider.models.is_empty(), "{}", provider.id);
    }
}

#[test]
fn every_model_stands_once_and_leaves_room_for_the_question() {
    for provider in table().iter() {
        let ids: BTreeSet<&str> = provider.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids.len(), provider.models.len(), "{}", provider.id);
        for model in provider.models.iter() {
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
        let families = provider.families.iter();
        let patterns = families.clone().chain(&*provider.shared).flat_map(Family::patterns);
        let models = provider.models.iter().map(|model| model.id.as_str());
        for model in patterns.map(String::as_str).chain(models).chain(["somebody-else"]) {
            let dialect = provider.dialect(model);
            let rises = dialect.efforts.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(rises, "{} {model}: {:?}", provider.id, dialect.efforts);
            let mut own = families.clone().filter(|family| family.holds(model));
            let own = own.next().and_then(|family| family.axes.efforts.as_ref());
            // A ladder that a provider itself names was not meant to be dropped.
            assert!(own.is_none_or(|own| *own == dialect.efforts), "{} {model}", provider.id);
        }
        let mut axes = provider.axes.iter().rev();
        let silent = axes.clone().find_map(|axes| axes.reasoning).unwrap_or_default() == ReasoningRequest::Silent;
        let ladder = axes.find_map(|axes| axes.efforts.as_ref()).map_or(0, Vec::len);
        assert!(!silent || ladder == 0, "{}", provider.id);
    }
}

#[test]
fn every_pattern_is_reached_and_written_in_small_letters() {
    let table = table();
    let lists = table.iter().map(|provider| (&provider.id[..], &provider.families[..]));
    for (whose, families) in lists.chain([("shared", &*table.families)]) {
        for (place, family) in families.iter().enumerate() {
            for pattern in family.patterns() {
                assert_eq!(*pattern, pattern.to_ascii_lowercase(), "{whose}");
                let example = pattern.replace('*', "x");
                let first = families.iter().position(|other| other.holds(&example));
                assert_eq!(first, Some(place), "{whose} {pattern}");
            }
        }
    }
}

#[test]
fn a_shared_family_says_nothing_that_is_its_hosts_to_say() {
    for family in &*table().families {
        let own = Axes {
            efforts: None,
            replay: None,
            tool_choice: None,
            schema: None,
            call_ids: None,
            after_tool: None,
            placeholder: None,
            special_tokens: None,
            heal: None,
            ..family.axes.clone()
        };
        assert_eq!(own, Axes::default(), "{:?}", family.patterns());
        assert_ne!(family.axes, Axes::default(), "{:?}", family.patterns());
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
            names: Names::One(pattern.to_owned()),
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
    assert!(holds("*kimi-k3*", "moonshotai/Kimi-K3"));
    let any: Family = toml_edit::de::from_str("match = [\"a*\", \"b*\"]\naxes = {}").unwrap();
    assert!(any.holds("ax") && any.holds("bx") && !any.holds("cx"));
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
    assert_eq!(ladder("groq", "qwen/qwen3.6-27b"), [Off, High]);
    assert_eq!(dialect("groq", "qwen/qwen3.6-27b").word(High), "default");
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

/// A table of one shared family and of a provider with `lines`.
fn host(lines: &str) -> Provider {
    let text = format!(
        "[[family]]\nmatch = \"*big*\"\naxes = {{ efforts = [\"low\"], replay = \"content\", schema = \"xai\", tool_choice = \"required\" }}\n\
         [[provider]]\nid = \"a\"\nname = \"A\"\nbase_url = \"https://a\"\n{lines}"
    );
    read(&text, "").unwrap().find("a").unwrap().clone()
}

#[test]
fn who_is_like_another_differs_only_in_the_axes_that_it_names() {
    let table = table();
    let web_search = |provider: &str| table.find(provider).unwrap().dialect("glm-5.3").web_search;
    assert_eq!(
        [web_search("glm"), web_search("zhipu")],
        [WebSearch::ToolPrime, WebSearch::Tool]
    );
    let others = |provider: &str| Dialect {
        web_search: WebSearch::None,
        native: Native::default(),
        ..table.find(provider).unwrap().dialect("glm-5.3")
    };
    assert_eq!(others("glm"), others("zhipu"));
    assert_ne!(others("zhipu"), Dialect::default());
}

#[test]
fn a_host_s_axes_give_way_to_the_family_and_the_family_s_to_those_of_the_host_s_own_family() {
    let own = host(
        "hosts = \"every-family\"\nfamilies = [{ match = \"big*\", axes = { schema = \"mistral\" } }]\n\
         axes = { reasoning = \"effort\", efforts = [\"max\"], replay = \"reasoning\", schema = \"moonshot\" }",
    );
    let big = own.dialect("Big-1");
    assert_eq!(
        (&big.efforts[..], big.replay, big.schema),
        (&[Low][..], Replay::Content, Schema::Mistral)
    );
    assert_eq!(own.dialect("its-big").schema, Schema::Xai);
    let small = own.dialect("small");
    assert_eq!(
        (&small.efforts[..], small.replay, small.schema),
        (&[Max][..], Replay::Reasoning, Schema::Moonshot)
    );
}

#[test]
fn a_shared_family_counts_only_for_who_hosts_it_and_its_ladder_only_where_a_step_can_be_sent() {
    assert_eq!(host("").dialect("big"), Dialect::default());
    assert_eq!(host("hosts = \"own\"").dialect("big"), Dialect::default());
    let silent = host("hosts = \"every-family\"").dialect("big");
    assert_eq!((&silent.efforts[..], silent.replay), (&[][..], Replay::Content));
}

#[test]
fn a_family_widens_no_choice_that_its_host_has_narrowed() {
    let choice = |host_s: &str| {
        let axes = format!("hosts = \"every-family\"\naxes = {{ tool_choice = \"{host_s}\" }}");
        host(&axes).dialect("big").tool_choice
    };
    assert_eq!(choice("absent"), ToolChoice::Absent);
    assert_eq!(choice("none"), ToolChoice::None);
    assert_eq!(choice("named"), ToolChoice::Required);
    assert_eq!(
        dialect("together", "moonshotai/Kimi-K3").tool_choice,
        ToolChoice::Required
    );
    assert_eq!(dialect("together", "somebody/else").tool_choice, ToolChoice::Named);
}

#[test]
fn a_family_is_the_same_on_every_host() {
    assert_eq!(dialect("openrouter", "x-ai/grok-4.7").schema, Schema::Xai);
    assert_eq!(dialect("vllm", "moonshotai/Kimi-K3").schema, Schema::Moonshot);
    assert_eq!(
        dialect("llamacpp", "DeepSeek-V4-Flash-Q4_K_M").replay,
        Replay::ContentAlways
    );
    assert_eq!(dialect("lmstudio", "deepseek-r1-distill-qwen-7b").replay, Replay::Never);
    assert_eq!(dialect("vllm", "mistralai/Devstral-2-123B").call_ids, CallIds::Nine);
    assert_eq!(
        dialect("vllm", "my-own"),
        table().find("vllm").unwrap().dialect("another")
    );
    // The name of the field is Ollama's own.
    assert_eq!(dialect("ollama", "deepseek-v4-flash").replay, Replay::Reasoning);
    assert_eq!(dialect("ollama", "gpt-oss:20b").efforts, [Low, Medium, High]);
}

#[test]
fn a_slip_in_the_table_is_an_error() {
    let row = "[[provider]]\nid = \"a\"\nname = \"A\"\nbase_url = \"https://a\"\n";
    let model = "a = [{ id = \"m\", name = \"M\", context_window = 1, usd = [1, 2, 3] }]";
    assert!(read(row, model).is_ok());
    for line in [
        "axes = { rolls = 1 }",
        "axes = { replay = \"sometimes\" }",
        "families = [{ match = \"m\" }]",
        "families = [{ match = 1, axes = {} }]",
        "hosts = \"some\"",
        "key_check = \"perhaps\"",
        "key_check = { chat = \"m\", get = \"n\" }",
        "[[family]]\nmatch = \"m\"\naxes = { rolls = 1 }",
        "[[families]]\nmatch = \"m\"\naxes = {}",
    ] {
        let told = read(&format!("{row}{line}"), model);
        assert!(matches!(told, Err(Error::Syntax(_))), "{line}");
    }
    for slip in ["usd = [1]", "usd = [1, 2, 3, 4]", "usd = 1", "window = 1"] {
        let told = read(row, &model.replace("usd = [1, 2, 3]", slip));
        assert!(matches!(told, Err(Error::Syntax(_))), "{slip}");
    }
    let like = read(&format!("{row}like = \"b\""), "");
    assert!(matches!(like, Err(Error::Like { .. })));
    let nobody = read(row, "b = []");
    assert!(matches!(nobody, Err(Error::Nobody(id)) if id == "b"));
}
