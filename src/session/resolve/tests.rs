use std::path::Path;

use super::super::Attempts;
use super::super::config::Config;
use super::super::{Environment, Error};
use super::*;
use crate::provider::Table;
use crate::provider::dialect::{CallIds, Dialect, Replay, Schema};

mod addresses;
mod also;
mod fallbacks;
mod kept;
mod models;

/// No test reads what is kept.
pub(super) fn nothing_is_kept(provider: &str, _: Place) -> Result<Secret, Error> {
    panic!("the key of {provider} is not kept")
}

/// What one test knows; nothing of it is read from the machine.
#[derive(Default)]
struct Case {
    wish: Wish,
    arguments: Arguments,
    config: Config,
    environment: Environment,
    remembered: Option<&'static str>,
    kept: Vec<(String, Place)>,
}

impl Case {
    fn new(variables: &[(&str, &str)]) -> Self {
        let environment = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Self {
            environment: environment.collect(),
            ..Self::default()
        }
    }

    fn provider(mut self, name: &str) -> Self {
        self.wish.provider = Some(name.to_owned());
        self
    }

    fn base_url(mut self, url: &str) -> Self {
        self.wish.base_url = Some(url.to_owned());
        self
    }

    fn model(mut self, name: &str) -> Self {
        self.wish.model = Some(name.to_owned());
        self
    }

    fn config(mut self, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        self.config = Config::read(&path).unwrap();
        self
    }

    fn wire(mut self, wire: Wire) -> Self {
        self.wish.wire = Some(wire);
        self
    }

    fn resolve(&self) -> Result<Resolved, Error> {
        let table = Table::embedded().unwrap();
        let ground = Ground {
            table: &table,
            config: &self.config,
            environment: &self.environment,
            strangers: &[],
            kept: &self.kept,
        };
        let remembered = |_: &str| self.remembered.map(str::to_owned);
        resolve(&ground, &self.wish, &self.arguments, &remembered)
    }

    fn session(&self) -> Session {
        self.resolve().unwrap().unlock(nothing_is_kept).unwrap()
    }

    fn told(&self) -> String {
        crate::report::Report::from(self.resolve().unwrap_err()).to_string()
    }
}

fn key(session: &Session) -> Option<&str> {
    session.main.endpoint.key.as_ref().map(Secret::expose)
}

#[test]
fn the_typed_provider_counts_before_variable_configuration_and_keys() {
    let variables = [
        ("CRELAY_PROVIDER", "groq"),
        ("GROQ_API_KEY", "g"),
        ("XAI_API_KEY", "x"),
        ("MISTRAL_API_KEY", "m"),
    ];
    let config = "default_provider = \"mistral\"";
    let chosen = |case: Case| case.session().main.endpoint.provider;
    assert_eq!(chosen(Case::new(&variables).config(config).provider("grok")), "xai");
    assert_eq!(chosen(Case::new(&variables).config(config)), "groq");
    assert_eq!(chosen(Case::new(&variables[1..]).config(config)), "mistral");
    assert_eq!(chosen(Case::new(&variables[3..])), "mistral");
}

#[test]
fn a_key_that_regions_and_plans_share_means_the_first_of_them() {
    for (variable, provider) in [
        ("MOONSHOT_API_KEY", "kimi"),
        ("KIMI_API_KEY", "kimi-coding"),
        ("ZAI_API_KEY", "glm"),
        ("ZHIPU_API_KEY", "zhipu"),
        ("DASHSCOPE_API_KEY", "qwen"),
        ("DEEPSEEK_API_KEY", "deepseek"),
    ] {
        let session = Case::new(&[(variable, "k")]).session();
        assert_eq!(session.main.endpoint.provider, provider, "{variable}");
        assert_eq!(key(&session), Some("k"), "{variable}");
    }
}

#[test]
fn no_key_and_several_keys_are_told_apart() {
    let none = Case::new(&[("DEEPSEEK_API_KEY", ""), ("VLLM_API_KEY", "v")]).told();
    assert!(
        none.starts_with("error: no provider was named, and no key tells which\n\nhint: give"),
        "{none}"
    );
    assert!(
        none.contains("`deepseek`, `kimi`, `glm`, ") && none.contains("`demo`"),
        "{none}"
    );
    let several = Case::new(&[("DEEPSEEK_API_KEY", "secret"), ("GROQ_API_KEY", "secret")]).told();
    assert_eq!(
        several,
        "error: there are keys of several providers: `deepseek` (`DEEPSEEK_API_KEY`), `groq` (`GROQ_API_KEY`)\n\n\
         hint: choose with `--provider deepseek`, `CRELAY_PROVIDER` or `default_provider` in the configuration"
    );
}

#[test]
fn a_variable_that_other_programs_read_never_decides_where_a_prompt_goes() {
    for (variable, provider) in [
        ("OPENAI_API_KEY", "openai"),
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("GEMINI_API_KEY", "gemini"),
        ("HF_TOKEN", "huggingface"),
        ("NVIDIA_API_KEY", "nvidia"),
        ("OLLAMA_API_KEY", "ollama-cloud"),
    ] {
        let told = Case::new(&[(variable, "k")]).told();
        let expected = format!(
            "error: no provider was named, and no key tells which\n\n\
             hint: other programs read `{variable}`, too, so it chooses nothing: add `--provider {provider}`"
        );
        assert_eq!(told, expected);
        let beside = Case::new(&[(variable, "k"), ("DEEPSEEK_API_KEY", "k")]).session();
        assert_eq!(beside.main.endpoint.provider, "deepseek");
        let named = Case::new(&[(variable, "k")]).provider(provider).session();
        assert_eq!(key(&named), Some("k"), "{provider}");
    }
    let config = "[providers.work]\nbase_url = \"https://llm.example/v1\"\nkey_env = \"OPENAI_API_KEY\"\nmodel = \"m\"";
    let written = Case::new(&[("OPENAI_API_KEY", "k")]).config(config).session();
    assert_eq!(written.main.endpoint.provider, "work");
}

#[test]
fn an_unknown_provider_is_told_with_where_it_was_written() {
    let typed = Case::default().provider("deepsek").told();
    assert_eq!(
        typed,
        "error: there is no provider `deepsek` (`--provider`)\n\nhint: did you mean `deepseek`?"
    );
    let set = Case::new(&[("CRELAY_PROVIDER", "x")]).told();
    assert!(
        set.starts_with("error: there is no provider `x` (`CRELAY_PROVIDER`)\n\nhint: there are `deepseek`"),
        "{set}"
    );
    let written = Case::default()
        .config("\ndefault_provider = \"mistrall\"")
        .provider("demo")
        .told();
    assert!(
        written.contains("there is no provider `mistrall` (`default_provider` in ")
            && written.contains("config.toml:2:20)\n\nhint: did you mean `mistral`?"),
        "{written}"
    );
}

#[test]
fn a_missing_key_is_told_with_its_variable() {
    let told = Case::default().provider("deepseek").told();
    assert_eq!(
        told,
        "error: no API key for `deepseek`\n\nhint: set `DEEPSEEK_API_KEY` or run `crelay auth set deepseek` \
         (keys are made at https://platform.deepseek.com/api_keys)"
    );
}

#[test]
fn keys_are_made_where_the_table_says_only_for_its_own_address() {
    let deepseek = Some("https://platform.deepseek.com/api_keys");
    let work = |url: &str| format!("[providers.work]\nkey_env = \"K\"\ndialect = \"deepseek\"\nbase_url = \"{url}\"");
    let case = |name: &str| {
        Case::new(&[("K", "k"), ("DEEPSEEK_API_KEY", "k")])
            .provider(name)
            .model("m")
    };
    for (case, console) in [
        (case("deepseek"), deepseek),
        (case("deepseek").base_url("https://api.deepseek.com/v1"), deepseek),
        (case("deepseek").base_url("https://llm.example/v1"), None),
        (
            case("deepseek").config("providers.deepseek.dialect = \"kimi\""),
            deepseek,
        ),
        (
            case("deepseek").config("providers.deepseek.base_url = \"https://llm.example\""),
            None,
        ),
        (case("work").config(&work("https://llm.example/v1")), None),
        (case("work").config(&work("https://api.deepseek.com/v1")), deepseek),
    ] {
        assert_eq!(
            case.session().main.endpoint.console.as_deref(),
            console,
            "{:?}",
            case.wish
        );
    }
    let told = Case::default()
        .provider("work")
        .config(&work("https://llm.example/v1"))
        .told();
    assert_eq!(
        told,
        "error: no API key for `work`\n\nhint: set `K` or run `crelay auth set work`"
    );
    let bare = Case::default().base_url("https://api.deepseek.com").model("m");
    assert_eq!(bare.session().main.endpoint.console.as_deref(), deepseek);
}

#[test]
fn a_key_of_one_service_is_never_sent_to_another() {
    for (provider, variable) in [
        ("kimi", "KIMI_API_KEY"),
        ("kimi-cn", "KIMI_API_KEY"),
        ("kimi-coding", "MOONSHOT_API_KEY"),
        ("glm", "ZHIPU_API_KEY"),
        ("glm-coding", "ZHIPU_API_KEY"),
        ("zhipu", "ZAI_API_KEY"),
        ("zhipu-coding-plan", "BIGMODEL_API_KEY"),
    ] {
        let resolved = Case::new(&[(variable, "k")]).provider(provider).resolve();
        assert!(matches!(resolved, Err(Error::NoKey { .. })), "{provider} {variable}");
    }
}

#[test]
fn a_provider_of_this_machine_needs_no_key_but_sends_one() {
    let local = Case::default().provider("vllm").model("m");
    assert_eq!(local.resolve().unwrap().key, Source::Absent);
    let keyed = Case::new(&[("VLLM_API_KEY", "v")]).provider("vllm").model("m");
    assert_eq!(key(&keyed.session()), Some("v"));
}

#[test]
fn the_configuration_describes_a_provider_of_ones_own() {
    let config = r#"
        default_provider = "mycorp"
        [providers.mycorp]
        base_url = "https://llm.mycorp.example/v1"
        key_env = "MYCORP_KEY"
        dialect = "kimi"
        model = "kimi-k2.6"
        headers = { X-Team = "blue" }
    "#;
    let session = Case::new(&[("MYCORP_KEY", "k")]).config(config).session();
    assert_eq!(session.main.endpoint.provider, "mycorp");
    assert_eq!(session.main.endpoint.base_url.as_str(), "https://llm.mycorp.example/v1");
    assert_eq!(key(&session), Some("k"));
    assert_eq!(session.model.dialect.schema, Schema::Moonshot);
    assert_eq!(
        session.main.endpoint.headers,
        [("X-Team".to_owned(), Secret::new("blue"))]
    );
    assert_eq!(session.hidden_env, ["MYCORP_KEY", "CRELAY_API_KEY"]);
    assert!(matches!(
        Case::default().config(config).resolve(),
        Err(Error::NoKey { .. })
    ));
}

#[test]
fn the_configuration_changes_a_provider_of_the_table_under_any_of_its_names() {
    let config = "[providers.moonshot]\nkey_env = \"MY_KIMI\"\nbase_url = \"https://kimi.example/v1\"";
    let case = Case::new(&[("MY_KIMI", "k")]).config(config);
    assert_eq!(case.session().main.endpoint.provider, "kimi");
    let session = case.provider("kimi").session();
    assert_eq!(session.main.endpoint.base_url.as_str(), "https://kimi.example/v1");
    assert_eq!(key(&session), Some("k"));
    assert_eq!(session.model.dialect.schema, Schema::Moonshot);
}

#[test]
fn the_patience_with_a_provider_is_the_same_under_any_of_its_names() {
    for name in ["moonshot", "kimi"] {
        let config = format!("[providers.{name}.retry]\nattempts = 7\n");
        let session = Case::new(&[("MOONSHOT_API_KEY", "k")]).config(&config).session();
        assert_eq!(session.main.patience.retry.attempts, Some(Attempts(7)), "{name}");
    }
}

#[test]
fn a_slip_in_a_providers_configuration_names_file_line_and_key() {
    // Whether or not this run needs the line.
    let told = |config: &str| Case::default().config(config).provider("demo").told();
    for (config, expected) in [
        (
            "[providers.mine]\nmodel = \"m\"",
            "1:12: `providers.mine.base_url` is missing\n\nhint: write where it is, such as `base_url = ",
        ),
        (
            "[providers.mine]\nbase_url = \"https://a.example\"\ndialect = \"x\"",
            "3:11: `providers.mine.dialect` names nobody that crelay knows: there is no `x`\n\nhint: `crelay providers` tells who there is",
        ),
        (
            "\n[providers.kimi]\ndialect = \"deepsek\"",
            "3:11: `providers.kimi.dialect` names nobody that crelay knows: there is no `deepsek`\n\nhint: did you mean `deepseek`?",
        ),
        (
            "[providers.work]\n\nbase_url = \"x\"",
            "3:12: `providers.work.base_url` is no address",
        ),
        (
            "[providers.kim]\nwire = \"chat\"",
            "1:12: `providers.kim.base_url` is missing\n\nhint: did you mean `[providers.kimi]`?",
        ),
        (
            "[providers.moonshot]\ndialect = \"kim\"",
            "2:11: `providers.moonshot.dialect` names nobody that crelay knows: there is no `kim`\n\nhint: did you mean `kimi`?",
        ),
        (
            "providers.work.base_url = \"\"",
            "1:27: `providers.work.base_url` is no address",
        ),
    ] {
        let told = told(config);
        assert!(told.contains(&format!("config.toml:{expected}")), "{told}");
    }
}

#[test]
fn a_program_that_needs_no_key_gets_none_of_any_provider() {
    let case = Case::new(&[
        ("PATH", "/bin"),
        ("DEEPSEEK_API_KEY", "sk-1"),
        ("CRELAY_API_KEY", "sk-2"),
        ("MYCORP_KEY", "sk-3"),
    ])
    .config("[providers.mycorp]\nbase_url = \"https://a.test\"\nkey_env = \"MYCORP_KEY\"\n");
    let table = Table::embedded().unwrap();
    let ground = Ground {
        table: &table,
        config: &case.config,
        environment: &case.environment,
        strangers: &[],
        kept: &[],
    };
    assert_eq!(
        ground.without_keys(),
        Environment::from([("PATH".into(), "/bin".into())])
    );
}

#[test]
fn a_key_is_read_from_file_variable_or_command_in_this_order() {
    let config = "[providers.deepseek]\nkey_command = \"printf from-command\"";
    let command = Case::default().config(config).provider("deepseek");
    assert_eq!(key(&command.session()), Some("from-command"));
    let mut variable = Case::new(&[("DEEPSEEK_API_KEY", "from-variable")]).config(config);
    assert_eq!(key(&variable.session()), Some("from-variable"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "from-file\n").unwrap();
    variable.wish.key_file = Some(path);
    assert_eq!(key(&variable.session()), Some("from-file"));
    variable.wish.key_file = Some(Path::new("-").to_owned());
    let provider = "DeepSeek".to_owned();
    assert_eq!(variable.resolve().unwrap().key, Source::Input { provider });
}

#[test]
fn every_variable_of_the_key_is_hidden_unless_it_is_kept() {
    let hidden = |config: &str| {
        let case = Case::new(&[("MOONSHOT_API_KEY", "k"), ("WORK_KEY", "w")]).config(config);
        case.provider("kimi").session().hidden_env
    };
    let own = "providers.kimi.key_env = \"WORK_KEY\"";
    assert_eq!(hidden(own), ["WORK_KEY", "MOONSHOT_API_KEY", "CRELAY_API_KEY"]);
    let kept = format!("keep_env = [\"MOONSHOT_API_KEY\"]\n{own}");
    assert_eq!(hidden(&kept), ["WORK_KEY", "CRELAY_API_KEY"]);
    assert_eq!(hidden(""), ["MOONSHOT_API_KEY", "CRELAY_API_KEY"]);
    assert_eq!(hidden("keep_env = [\"MOONSHOT_API_KEY\"]"), ["CRELAY_API_KEY"]);
    assert!(hidden("keep_env = true").is_empty());
}

#[test]
fn two_sessions_share_neither_id_nor_token() {
    let case = Case::default().provider("demo");
    let (one, two) = (case.session(), case.session());
    assert_eq!((one.id.len(), one.token.expose().len()), (8, 64));
    assert_ne!(one.id, two.id);
    assert_ne!(one.token, two.token);
    assert!(!format!("{one:?}").contains(one.token.expose()));
}

#[test]
fn every_provider_of_the_table_makes_a_session() {
    for provider in Table::embedded().unwrap().iter() {
        let names = provider.base_url.split(['{', '}']).skip(1).step_by(2);
        let keys = provider.key_env.iter().map(String::as_str);
        let variables: Vec<(&str, &str)> = names.chain(keys).map(|name| (name, "k")).collect();
        let case = Case::new(&variables).provider(&provider.id).model("any");
        let session = case.session();
        assert_eq!(session.main.endpoint.provider, provider.id);
        let address = super::super::address::fill(&provider.base_url, |_| Ok::<_, ()>("k".to_owned()));
        assert_eq!(
            session.main.endpoint.base_url.as_str().trim_end_matches('/'),
            address.unwrap()
        );
        let bare = Case::default()
            .base_url(session.main.endpoint.base_url.as_str())
            .model("any");
        assert!(
            provider.key_required == (bare.session().main.endpoint.console.is_some()),
            "{}",
            provider.id
        );
    }
}

#[test]
fn what_is_healed_is_said_nearest_to_the_command_line() {
    let deepseek = |config: &str| {
        Case::new(&[("DEEPSEEK_API_KEY", "k")])
            .provider("deepseek")
            .config(config)
    };
    let heals = |case: Case, grammar| case.session().models().all(|model| model.dialect.heal.has(grammar));
    assert!(heals(deepseek(""), Grammar::Dsml) && heals(deepseek(""), Grammar::Think));
    assert!(!heals(deepseek("heal = false"), Grammar::Dsml));
    assert!(!heals(deepseek("heal = { dsml = false }"), Grammar::Dsml));
    assert!(heals(deepseek("heal = { dsml = false }"), Grammar::Think));
    assert!(heals(
        deepseek("heal = { think-prefilled = true }"),
        Grammar::ThinkPrefilled
    ));
    // The provider's entry stands over the whole configuration, and the command line over both.
    assert!(heals(
        deepseek("heal = false\n[providers.deepseek]\nheal = true"),
        Grammar::Dsml
    ));
    let mut case = deepseek("heal = true");
    case.wish.no_heal = Some(vec![Grammar::Dsml]);
    assert!(!heals(case, Grammar::Dsml));
    let mut case = deepseek("[providers.deepseek]\nheal = true");
    case.wish.no_heal = Some(Vec::new());
    let session = case.session();
    assert!(session.models().all(|model| model.dialect.heal.iter().next().is_none()));
}
