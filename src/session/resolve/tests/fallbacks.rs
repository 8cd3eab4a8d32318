//! Who answers in the place of the session's provider.

use super::super::super::also::Also;
use super::*;

const KEYS: [(&str, &str); 3] = [
    ("DEEPSEEK_API_KEY", "d"),
    ("ZAI_API_KEY", "z"),
    ("OPENROUTER_API_KEY", "o"),
];

impl Case {
    fn fallbacks(mut self, words: &[&str]) -> Self {
        self.wish.fallbacks = Also::Typed(words.iter().map(|word| (*word).to_owned()).collect());
        self
    }
}

/// The provider and the model of each.
fn told(session: &Session) -> Vec<String> {
    let fallbacks = session.fallbacks.iter();
    fallbacks.map(|model| session.host(model).fallback(model)).collect()
}

fn deepseek(words: &[&str]) -> Case {
    Case::new(&KEYS).provider("deepseek").fallbacks(words)
}

#[test]
fn a_fallback_is_a_provider_and_a_model_or_one_of_them() {
    for (word, expected) in [
        ("glm/glm-5.3-flash", "glm/glm-5.3-flash"),
        ("zai/glm-5.3-flash", "glm/glm-5.3-flash"),
        // Under any of its names, and with its usual model.
        ("z.ai", "glm/glm-5.3"),
        ("zai/", "glm/glm-5.3"),
        // Models hold slashes themselves.
        ("openrouter/moonshotai/kimi-k2", "openrouter/moonshotai/kimi-k2"),
        // The session's own provider has other models.
        ("flash", "deepseek/deepseek-flash"),
        ("deepseek/deepseek-v4-flash", "deepseek/deepseek-v4-flash"),
        ("deepseek", "deepseek/deepseek-v4-pro"),
    ] {
        assert_eq!(told(&deepseek(&[word]).session()), [expected], "{word}");
    }
    let session = deepseek(&["zai", "", "openrouter/a/b", "zai/glm-5.3-flash"]).session();
    assert_eq!(told(&session), ["glm/glm-5.3", "openrouter/a/b", "glm/glm-5.3-flash"]);
    // Each provider is there once, with its key, and out of Codex's sight.
    let keys: Vec<Option<&str>> = session
        .further
        .iter()
        .map(|host| host.endpoint.key.as_ref().map(Secret::expose))
        .collect();
    assert_eq!(keys, [Some("z"), Some("o")]);
    for variable in ["DEEPSEEK_API_KEY", "ZAI_API_KEY", "OPENROUTER_API_KEY"] {
        assert!(session.hidden_env.iter().any(|hidden| hidden == variable), "{variable}");
    }
}

#[test]
fn who_only_answers_in_the_place_of_others_is_not_there_to_be_chosen() {
    let session = deepseek(&["zai"]).session();
    assert!(session.models().all(|model| model.further.is_none()));
    assert_eq!(session.model(Some("zai/glm-5.3")).id, session.model.id);
    let mut both = deepseek(&["zai/glm-5.3-flash"]);
    both.wish.also = Also::Typed(vec!["zai".to_owned()]);
    let session = both.resolve().unwrap().session;
    assert_eq!(session.further.len(), 1);
    assert_eq!(session.model(Some("zai/glm-5.3")).slug(), "glm/glm-5.3");
    assert_eq!(told(&session), ["glm/glm-5.3-flash"]);
}

#[test]
fn the_name_of_a_provider_counts_before_a_model_that_begins_like_it() {
    let case = Case::new(&KEYS)
        .provider("openrouter")
        .config("[providers.openrouter.models.\"deepseek/deepseek-v4-pro\"]\nvision = false\n");
    let session = case.fallbacks(&["deepseek/deepseek-v4-pro"]).session();
    assert_eq!(told(&session), ["deepseek/deepseek-v4-pro"]);
    assert_eq!(session.host(&session.fallbacks[0]).endpoint.provider, "deepseek");
    let case = Case::new(&KEYS).provider("openrouter");
    let session = case.fallbacks(&["openrouter/deepseek/deepseek-v4-pro"]).session();
    assert_eq!(session.fallbacks[0].further, None);
}

#[test]
fn the_configuration_names_them_unless_the_line_does() {
    let config = "fallback = [\"zai/glm-5.3-flash\", \"openrouter/a/b\"]";
    let case = || {
        let mut case = Case::new(&KEYS).provider("deepseek").config(config);
        case.wish.fallbacks = Also::Configured;
        case
    };
    assert_eq!(told(&case().session()), ["glm/glm-5.3-flash", "openrouter/a/b"]);
    assert_eq!(told(&case().fallbacks(&["zai"]).session()), ["glm/glm-5.3"]);
    assert_eq!(told(&case().fallbacks(&[""]).session()), [""; 0]);
    // Of the session's own provider it is another model.
    assert_eq!(
        told(&case().provider("zai").session()),
        ["glm/glm-5.3-flash", "openrouter/a/b"]
    );
    let mut nobody = case();
    nobody.wish.fallbacks = Also::Nobody;
    assert_eq!(told(&nobody.session()), [""; 0]);
}

#[test]
fn a_bare_address_has_whatever_models_there_are() {
    let case = Case::new(&KEYS).base_url("http://localhost:8000/v1").model("big");
    let session = case.fallbacks(&["small", "zai"]).session();
    assert_eq!(told(&session), ["custom/small", "glm/glm-5.3"]);
}

#[test]
fn what_a_fallback_lacks_is_told_at_the_start() {
    let missing = Case::new(&KEYS[..1]).provider("deepseek").fallbacks(&["zai"]).told();
    assert_eq!(
        missing,
        "error: no API key for `glm`, which `--fallback` names\n\nhint: set `ZAI_API_KEY` or run `crelay auth set glm` \
         (keys are made at https://z.ai/manage-apikey/apikey-list)"
    );
    for (word, expected) in [
        (
            "zia/glm-5.3",
            "error: there is no provider `zia` (`--fallback`)\n\nhint: did you mean `zai`?",
        ),
        (
            "ollama",
            "error: no model was named for `ollama`, which `--fallback` names, and crelay knows none\n\nhint: write \
             `ollama/MODEL`; `crelay models -P ollama` lists those that there are",
        ),
        (
            "zai/glm 5",
            "error: `zai/glm 5` is no name of a model\n\nhint: name one as the provider spells it",
        ),
    ] {
        assert_eq!(deepseek(&[word]).told(), expected, "{word}");
    }
}

#[test]
fn a_slip_in_a_configured_fallback_is_told_before_any_session() {
    let checked = |case: &Case| {
        let ground = Ground {
            table: &Table::embedded().unwrap(),
            config: &case.config,
            environment: &case.environment,
            strangers: &[],
            kept: &[],
        };
        ground
            .check_fallbacks()
            .map_err(|error| crate::report::Report::from(error).to_string())
    };
    let config = |word: &str| format!("default_provider = \"deepseek\"\nfallback = [{word:?}]\n");
    for word in ["glm:5", "depseek/x", "nobody/x", "small"] {
        let mut case = Case::new(&KEYS).config(&config(word));
        case.wish.fallbacks = Also::Configured;
        let told = checked(&case).unwrap_err();
        assert_eq!(told, case.told());
    }
    for word in ["zai", "zai/glm-5.3", "openrouter/a/b", "flash"] {
        assert_eq!(checked(&Case::new(&KEYS).config(&config(word))), Ok(()), "{word}");
    }
    // A gateway's models may be called as they like.
    let own = "[providers.mine]\nbase_url = \"http://localhost:1/v1\"\nmodels.\"maker/big:8b\" = { vision = false }\n";
    for usual in ["deepseek", "mine"] {
        let config = format!("default_provider = {usual:?}\nfallback = [\"maker/big:8b\"]\n{own}");
        assert_eq!(checked(&Case::new(&KEYS).config(&config)), Ok(()), "{usual}");
    }
    // Who is asked may be typed: then only what is near a name is a slip.
    for (word, is_slip) in [
        ("maker/big", false),
        ("big:8b", false),
        ("depseek/x", true),
        ("glm:5", true),
    ] {
        let case = Case::new(&[]).config(&format!("fallback = [{word:?}]"));
        assert_eq!(checked(&case).is_err(), is_slip, "{word}");
    }
    // A provider without a usual model is no fallback by itself.
    let case =
        Case::new(&KEYS).config("fallback = [\"mine\"]\n[providers.mine]\nbase_url = \"http://localhost:1/v1\"\n");
    assert!(checked(&case).is_err());
}
