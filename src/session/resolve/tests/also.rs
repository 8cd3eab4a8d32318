//! Sessions of several providers.

use super::super::super::{Also, Found, Session, Unlisted};
use super::*;
use crate::models::Listing;

const KEYS: [(&str, &str); 3] = [
    ("DEEPSEEK_API_KEY", "sk-deepseek"),
    ("MOONSHOT_API_KEY", "sk-kimi"),
    ("ZAI_API_KEY", "sk-glm"),
];

impl Case {
    fn also(mut self, names: &[&str]) -> Self {
        self.wish.also = Also::Typed(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    fn remembered(mut self, model: &'static str) -> Self {
        self.remembered = Some(model);
        self
    }
}

fn deepseek(names: &[&str]) -> Case {
    Case::new(&KEYS).provider("deepseek").also(names)
}

/// Each provider with its key.
fn hosts(session: &Session) -> Vec<(&str, Option<&str>)> {
    let hosts = session.hosts().map(|host| &host.endpoint);
    hosts
        .map(|endpoint| (endpoint.provider.as_str(), endpoint.key.as_ref().map(Secret::expose)))
        .collect()
}

/// Whom a name means, and which model.
fn meant(session: &Session, name: &str) -> (String, String) {
    let model = session.model(Some(name));
    (session.host(&model).endpoint.provider.clone(), model.id.clone())
}

fn pair(provider: &str, model: &str) -> (String, String) {
    (provider.to_owned(), model.to_owned())
}

#[test]
fn each_provider_beside_the_main_one_comes_with_its_own_key_once() {
    let session = deepseek(&["kimi", "zai", "", "glm", "moonshot", "deepseek"]).session();
    let expected = [
        ("deepseek", Some("sk-deepseek")),
        ("kimi", Some("sk-kimi")),
        ("glm", Some("sk-glm")),
    ];
    assert_eq!(hosts(&session), expected);
    for variable in KEYS.map(|(variable, _)| variable).iter().chain(&["CRELAY_API_KEY"]) {
        assert!(session.hidden_env.iter().any(|name| name == variable), "{variable}");
    }
    assert_eq!(hosts(&deepseek(&[]).session()).len(), 1);
}

#[test]
fn what_was_typed_stands_in_the_place_of_the_configuration_which_is_not_asked_by_who_needs_one_provider() {
    let mut case = Case::new(&KEYS).provider("deepseek").config("also = [\"kimi\"]");
    assert_eq!(case.session().further.len(), 0);
    case.wish.also = Also::Configured;
    assert_eq!(hosts(&case.session())[1].0, "kimi");
    assert_eq!(hosts(&case.also(&["glm"]).session())[1].0, "glm");
    let mut auto = Case::new(&KEYS).provider("deepseek").config("also = \"auto\"");
    auto.wish.also = Also::Configured;
    assert_eq!(auto.session().further.len(), 2);
}

#[test]
fn auto_is_everybody_whose_key_is_there_and_nobody_who_would_have_to_be_asked() {
    let config = "[providers.asks]\nbase_url = \"https://a.example/v1\"\nkey_command = \"exit 1\"\n\
                  [providers.mine]\nbase_url = \"https://m.example/v1\"\nkey_env = \"MINE\"\n\
                  [providers.clear]\nbase_url = \"http://c.example/v1\"\nkey_env = \"CLEAR\"\n";
    let mut variables = KEYS.to_vec();
    variables.extend([
        ("MINE", "sk-mine"),
        ("CLEAR", "sk-clear"),
        ("OPENAI_API_KEY", "sk-openai"),
        // Whose address is not known, and what is no key.
        ("AZURE_OPENAI_API_KEY", "sk-azure"),
        ("MISTRAL_API_KEY", "no key at all"),
    ]);
    let session = Case::new(&variables)
        .provider("kimi-cn")
        .config(config)
        .also(&["auto"])
        .session();
    let ids: Vec<&str> = hosts(&session).into_iter().map(|(id, _)| id).collect();
    // The key of `kimi-cn` stands in the variable of `kimi`, which it is not for.
    assert_eq!(ids, ["kimi-cn", "mine", "deepseek", "glm", "openai"]);
}

#[test]
fn a_missing_key_and_a_mistyped_name_are_told_with_who_named_them() {
    let case = Case::new(&KEYS[..1]).provider("deepseek");
    assert_eq!(
        case.also(&["kimi"]).told(),
        "error: no API key for `kimi`, which `--also` names\n\nhint: set `MOONSHOT_API_KEY` or run `crelay auth set \
         kimi` (keys are made at https://platform.kimi.ai/console/api-keys)"
    );
    assert_eq!(
        deepseek(&["kimmi"]).told(),
        "error: there is no provider `kimmi` (`--also`)\n\nhint: did you mean `kimi`?"
    );
}

#[test]
fn a_name_means_the_main_provider_unless_another_stands_before_it() {
    let session = deepseek(&["kimi", "zai"]).session();
    for (name, expected) in [
        ("deepseek-v4-pro", pair("deepseek", "deepseek-v4-pro")),
        ("deepseek/deepseek-flash", pair("deepseek", "deepseek-flash")),
        ("kimi/kimi-k3.1-pro", pair("kimi", "kimi-k3.1-pro")),
        ("moonshot/kimi-k3.1-pro", pair("kimi", "kimi-k3.1-pro")),
        ("zai/glm-5.3", pair("glm", "glm-5.3")),
        // What nobody knows stays where the user's prompts go in any case.
        ("kimi-k3.1-pro", pair("deepseek", "deepseek-v4-pro")),
        ("kimi/nothing", pair("deepseek", "deepseek-v4-pro")),
        ("mistral/mistral-large-4", pair("deepseek", "deepseek-v4-pro")),
        ("gpt-5.5", pair("deepseek", "deepseek-v4-pro")),
    ] {
        assert_eq!(meant(&session, name), expected, "{name}");
    }
    let slugs: Vec<String> = session.models().map(|model| model.slug().into_owned()).collect();
    assert!(slugs.contains(&"kimi/kimi-k3.1-pro".to_owned()) && slugs.contains(&"glm/glm-5.3".to_owned()));
    assert_eq!(slugs[0], "deepseek-v4-pro");
    let open = Session {
        unlisted: Unlisted::AsNamed,
        ..session
    };
    assert_eq!(meant(&open, "kimi/new"), pair("kimi", "new"));
    assert_eq!(meant(&open, "new"), pair("deepseek", "new"));
}

#[test]
fn a_gateway_means_its_own_by_a_makers_name() {
    let mut variables = KEYS.to_vec();
    variables.push(("OPENROUTER_API_KEY", "sk-or"));
    let mut session = Case::new(&variables)
        .provider("openrouter")
        .also(&["deepseek"])
        .session();
    let list = r#"{"data": [{"id": "deepseek/deepseek-v4-pro"}, {"id": "z-ai/glm-5.3"}]}"#;
    session.main.list(Listing::read(list.as_bytes()).unwrap());
    let session = session.settled().unwrap();
    assert_eq!(
        meant(&session, "deepseek/deepseek-v4-pro"),
        pair("openrouter", "deepseek/deepseek-v4-pro")
    );
    assert_eq!(
        meant(&session, "deepseek/deepseek-flash"),
        pair("deepseek", "deepseek-flash")
    );
    let mut slugs: Vec<String> = session.models().map(|model| model.slug().into_owned()).collect();
    let count = slugs.len();
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), count, "{slugs:?}");
}

#[test]
fn a_session_begins_with_a_model_of_another_provider_that_is_here() {
    let session = deepseek(&["kimi"]).model("moonshot/kimi-k3.1-pro").session();
    assert_eq!(session.model.slug(), "kimi/kimi-k3.1-pro");
    assert_eq!(session.host(&session.model).endpoint.provider, "kimi");
    assert_eq!(session.main.endpoint.provider, "deepseek");
    let named: Vec<&str> = session.other_names().map(|(name, _)| name).collect();
    assert_eq!(named, ["moonshot/kimi-k3.1-pro"]);
    assert_eq!(
        deepseek(&[]).model("kimi/kimi-k3.1-pro").told(),
        "error: `kimi/kimi-k3.1-pro` is a model of `kimi`, which is not in this session\n\nhint: add `--also kimi`"
    );
    let mapped = deepseek(&["kimi"]);
    let mut mapped = mapped;
    mapped.wish.model_map = "gpt-*=kimi/kimi-k3.1-pro".parse().unwrap();
    assert_eq!(meant(&mapped.session(), "gpt-5.5"), pair("kimi", "kimi-k3.1-pro"));
}

#[test]
fn a_remembered_model_of_a_provider_who_is_not_here_is_left_alone() {
    let remembered = |names: &[&str]| deepseek(names).remembered("kimi/kimi-k3.1-pro").session();
    let (here, away) = (remembered(&["kimi"]), remembered(&["glm"]));
    assert_eq!(here.model.slug(), "kimi/kimi-k3.1-pro");
    assert!(here.absent().is_none());
    assert_eq!(away.model.slug(), "deepseek-v4-pro");
    assert_eq!(away.absent().map(|absent| absent.provider.as_str()), Some("kimi"));
    // A gateway may have it, until it has said what it has.
    let gateway = Case::new(&[("OPENROUTER_API_KEY", "k")]).provider("openrouter");
    let unheard = gateway.remembered("minimax/minimax-m9").session();
    assert_eq!(unheard.model.id, "minimax/minimax-m9");
    let list = |ids: &str| Found {
        listing: Listing::read(format!(r#"{{"data": [{ids}]}}"#).as_bytes()),
        ..Found::default()
    };
    let with = list(r#"{"id": "minimax/minimax-m9"}, {"id": "z-ai/glm-5.3"}"#);
    let without = list(r#"{"id": "z-ai/glm-5.3"}"#);
    let model = |found| unheard.clone().furnished(found).unwrap().model.id;
    assert_eq!(model(with), "minimax/minimax-m9");
    assert_eq!(model(without), "z-ai/glm-5.3");
}
