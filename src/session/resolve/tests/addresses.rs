//! Where requests go, over which protocol, and in which dialect.

use super::*;

fn address(case: &Case) -> String {
    case.session().main.endpoint.base_url.to_string()
}

#[test]
fn an_address_that_is_the_users_own_comes_from_a_variable() {
    let azure = |variables: &[(&str, &str)]| {
        let key = [("AZURE_OPENAI_API_KEY", "k")];
        Case::new(&[&key[..], variables].concat()).provider("azure")
    };
    let resource = ("AZURE_RESOURCE_NAME", "mine");
    for (variables, at) in [
        (&[resource][..], "https://mine.openai.azure.com/openai/v1"),
        (
            &[resource, ("AZURE_OPENAI_ENDPOINT", "https://other.openai.azure.com/")],
            "https://other.openai.azure.com/openai/v1",
        ),
        (
            &[("AZURE_OPENAI_ENDPOINT", "other.services.ai.azure.com")],
            "https://other.services.ai.azure.com/openai/v1",
        ),
    ] {
        assert_eq!(address(&azure(variables)), at);
    }
    let written = azure(&[resource]).config("providers.azure.base_url = \"https://proxy.example/v1\"");
    assert_eq!(address(&written), "https://proxy.example/v1");
    let typed = azure(&[]).base_url("https://typed.example/v1");
    assert_eq!(address(&typed), "https://typed.example/v1");
    let speaks = azure(&[resource]).session().model.dialect;
    let bare = Case::default()
        .base_url("https://mine.openai.azure.com/openai/v1")
        .session();
    assert_eq!(bare.model.dialect, speaks);
    assert_ne!(speaks, stranger());
}

#[test]
fn a_missing_address_is_told_only_by_the_run_that_needs_it() {
    let azure = |variables: &[(&str, &str)]| {
        let key = [("AZURE_OPENAI_API_KEY", "k")];
        Case::new(&[&key[..], variables].concat()).provider("azure").told()
    };
    assert_eq!(
        azure(&[]),
        "error: the address of `azure` is not known\n\nhint: set `AZURE_OPENAI_ENDPOINT` or add `--base-url`"
    );
    assert_eq!(
        azure(&[("AZURE_RESOURCE_NAME", "https://mine.openai.azure.com")]),
        "error: `AZURE_RESOURCE_NAME` is not the one word that stands in the address\n\n\
         hint: correct `AZURE_RESOURCE_NAME` or add `--base-url`"
    );
    assert_eq!(
        azure(&[("AZURE_OPENAI_ENDPOINT", "https://me:secret@mine.example")]),
        "error: `AZURE_OPENAI_ENDPOINT` holds a user or password, which would end in logs\n\n\
         hint: correct `AZURE_OPENAI_ENDPOINT` or add `--base-url`"
    );
    let workspace = Case::new(&[("DASHSCOPE_API_KEY", "k")]).provider("qwen-workspace");
    assert!(
        workspace
            .told()
            .ends_with("set `DASHSCOPE_WORKSPACE_ID` or add `--base-url`")
    );
    for config in ["providers.azure.model = \"m\"", "default_provider = \"azure\""] {
        let other = Case::default().config(config).provider("demo");
        assert_eq!(other.session().main.endpoint.provider, "demo");
    }
    let default = Case::default().config("default_provider = \"azure\"").told();
    assert!(
        default.starts_with("error: the address of `azure` is not known"),
        "{default}"
    );
}

#[test]
fn ollama_is_where_its_own_client_looks() {
    let at = |value: &str| address(&Case::new(&[("OLLAMA_HOST", value)]).provider("ollama").model("m"));
    assert_eq!(at(""), "http://localhost:11434/v1");
    assert_eq!(at("0.0.0.0:8080"), "http://localhost:8080/v1");
    assert_eq!(at("gpu.example"), "http://gpu.example:11434/v1");
    let keyed = Case::new(&[("OLLAMA_HOST", "gpu.example"), ("OLLAMA_API_KEY", "k")]);
    assert_eq!(key(&keyed.provider("ollama").model("m").session()), None);
    // A variable of the server's decides nothing by itself.
    assert!(matches!(
        Case::new(&[("OLLAMA_HOST", "gpu.example")]).resolve(),
        Err(Error::NoProvider { .. })
    ));
}

#[test]
fn a_bare_address_never_gets_a_providers_key() {
    let variables = [("DEEPSEEK_API_KEY", "secret"), ("CRELAY_PROVIDER", "deepseek")];
    for url in ["https://elsewhere.example/v1", "https://api.deepseek.com/v1"] {
        let case = Case::new(&variables).base_url(url).model("m");
        let session = case.session();
        assert_eq!(key(&session), None, "{url}");
        assert_eq!(session.main.endpoint.provider, "custom");
    }
    let own = Case::new(&[("CRELAY_API_KEY", "mine")])
        .base_url("https://elsewhere.example/v1")
        .model("m");
    assert_eq!(key(&own.session()), Some("mine"));
}

/// How somebody speaks of whom nothing is known.
fn stranger() -> Dialect {
    Table::embedded().unwrap().stranger().dialect("my-model")
}

#[test]
fn the_protocol_is_the_typed_one_or_the_configured_one_or_the_tables() {
    let wire = |case: Case| case.session().model.dialect.wire();
    let local = || Case::default().base_url("http://localhost:8000/v1").model("my-model");
    assert_eq!(wire(local()), Wire::Chat);
    assert_eq!(wire(local().wire(Wire::Responses)), Wire::Responses);
    let work = |more: &str| {
        let config = format!("[providers.work]\nbase_url = \"https://llm.example/v1\"\n{more}");
        Case::default().config(&config).provider("work").model("my-model")
    };
    assert_eq!(wire(work("")), Wire::Chat);
    assert_eq!(wire(work("wire = \"responses\"")), Wire::Responses);
    assert_eq!(wire(work("wire = \"responses\"").wire(Wire::Chat)), Wire::Chat);
    let one = "wire = \"responses\"\nmodels.my-model.wire = \"chat\"";
    assert_eq!(wire(work(one)), Wire::Chat);
    assert_eq!(wire(work(one).model("other")), Wire::Responses);
}

#[test]
fn a_protocol_that_a_model_is_not_served_in_is_an_error_and_another_models_is_not() {
    let mistral = || Case::new(&[("MISTRAL_API_KEY", "k")]).provider("mistral");
    let refused = mistral().wire(Wire::Responses).resolve().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Mistral does not serve `mistral-large-4` over `responses`"
    );
    let report = crate::report::Report::from(refused);
    assert_eq!(
        report.to_string().lines().last(),
        Some("hint: leave `--wire` out: it is `chat`")
    );
    let configured = mistral().config("[providers.mistral]\nwire = \"responses\"").resolve();
    let report = crate::report::Report::from(configured.unwrap_err());
    let hint = "hint: take `wire` out of the configuration, or add `--wire chat`";
    assert_eq!(report.to_string().lines().last(), Some(hint));
    let other = "[providers.mistral]\nmodels.devstral-2512.wire = \"responses\"";
    assert_eq!(mistral().config(other).session().model.dialect.wire(), Wire::Chat);
}

#[test]
fn a_bare_address_speaks_as_the_provider_whose_host_it_is() {
    let dialect = |url: &str, model: &str| Case::default().base_url(url).model(model).session().model.dialect;
    let deepseek = dialect("https://api.deepseek.com/beta", "deepseek-flash");
    assert_eq!(deepseek.replay, Replay::ContentAlways);
    assert_eq!(
        dialect("https://api.moonshot.cn/v1", "kimi-k3").schema,
        Schema::Moonshot
    );
    let generic = stranger();
    let plan = dialect("https://opencode.ai/zen/go/v1", "deepseek-v4-pro");
    let whole = dialect("https://opencode.ai/zen/v1", "deepseek-v4-pro");
    assert_ne!(plan.reasoning, whole.reasoning);
    assert_eq!(dialect("https://api.deepseek.com.example/v1", "my-model"), generic);
    assert_eq!(dialect("http://localhost:8000/v1", "my-model"), generic);
    let own_models = Case::default().base_url("https://api.deepseek.com").session();
    assert_eq!(own_models.model.id, "deepseek-v4-pro");
}

#[test]
fn a_stranger_is_told_nothing_but_what_travels_with_the_model() {
    let config = "[providers.work]\nbase_url = \"https://llm.example/v1\"";
    let own = |model: &str| Case::default().config(config).provider("work").model(model).session();
    let bare = |model: &str| {
        Case::default()
            .base_url("https://llm.example/v1")
            .model(model)
            .session()
    };
    for model in [own("moonshotai/Kimi-K3").model, bare("moonshotai/Kimi-K3").model] {
        let expected = Dialect {
            schema: Schema::Moonshot,
            replay: Replay::ContentAlways,
            call_ids: CallIds::Dotted,
            ..stranger()
        };
        assert_eq!(model.dialect, expected);
    }
    assert_eq!(own("my-model").model.dialect, stranger());
}

#[test]
fn a_named_provider_moves_with_dialect_and_key() {
    let case = Case::new(&[("DEEPSEEK_API_KEY", "k")]);
    let session = case
        .provider("deepseek")
        .base_url("https://mirror.example/v1/")
        .session();
    assert_eq!(session.main.endpoint.base_url.as_str(), "https://mirror.example/v1");
    assert_eq!(session.main.endpoint.provider, "deepseek");
    assert_eq!(key(&session), Some("k"));
    assert_eq!(session.model.dialect.replay, Replay::ContentAlways);
}

#[test]
fn a_key_never_travels_unencrypted_unless_that_is_allowed() {
    let url = "http://10.0.0.5:8000/v1";
    let case = || Case::new(&[("CRELAY_API_KEY", "k")]).base_url(url).model("m");
    let told = case().told();
    assert!(
        told.starts_with("error: a key would reach `10.0.0.5:8000` unencrypted\n\nhint: use `https`"),
        "{told}"
    );
    assert_eq!(key(&case().config("allow_http = true").session()), Some("k"));
    assert_eq!(key(&Case::default().base_url(url).model("m").session()), None);
    let loopback = Case::new(&[("CRELAY_API_KEY", "k")])
        .base_url("http://127.0.0.1:1/v1")
        .model("m");
    assert_eq!(key(&loopback.session()), Some("k"));
    let header = "[providers.mine]\nbase_url = \"http://10.0.0.5/v1\"\nmodel = \"m\"\nheaders = { X-Key = \"k\" }";
    assert!(matches!(
        Case::default().config(header).provider("mine").resolve(),
        Err(Error::InClear(_))
    ));
}
