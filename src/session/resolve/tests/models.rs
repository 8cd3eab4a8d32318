//! Which model a session starts with, and which others it has.

use super::*;

#[test]
fn the_model_is_the_typed_else_the_remembered_else_the_configured_else_the_tables() {
    let case = || Case::new(&[("DEEPSEEK_API_KEY", "k")]);
    let config = "[providers.deepseek]\nmodel = \"configured\"";
    let mut all = case().config(config).model("typed");
    all.remembered = Some("remembered");
    assert_eq!(all.session().model.id, "typed");
    assert!(all.session().model_is_explicit);
    all.wish.model = None;
    assert_eq!(all.session().model.id, "remembered");
    assert!(!all.session().model_is_explicit);
    assert_eq!(case().config(config).session().model.id, "configured");
    assert_eq!(case().session().model.id, "deepseek-v4-pro");
    let told = Case::default().provider("vllm").told();
    assert_eq!(
        told,
        "error: no model was named, and crelay knows none for vLLM\n\n\
         hint: name one with `-m`; `crelay models -P vllm` lists those that there are"
    );
}

#[test]
fn the_model_among_codexs_arguments_is_the_sessions() {
    let mut case = Case::new(&[("DEEPSEEK_API_KEY", "k")]);
    case.arguments.model = Some("deepseek-flash".to_owned());
    let session = case.session();
    assert_eq!(
        (session.model.id.as_str(), session.model_is_explicit),
        ("deepseek-flash", true)
    );
    case.wish.model = Some("deepseek-flash".to_owned());
    assert_eq!(case.session().model.id, "deepseek-flash");
    case.wish.model = Some("deepseek-v4-pro".to_owned());
    let error = case.resolve().unwrap_err();
    assert!(matches!(error, Error::TwoModels { .. }));
}

#[test]
fn a_name_that_is_none_is_refused() {
    for name in ["", " ", "a b", "a\nb"] {
        let case = Case::new(&[("DEEPSEEK_API_KEY", "k")]).model(name);
        assert!(matches!(case.resolve(), Err(Error::BadModel(_))), "{name:?}");
    }
}

#[test]
fn the_picker_gets_the_other_models_and_the_session_its_own_first() {
    let session = Case::new(&[("DEEPSEEK_API_KEY", "k")])
        .model("deepseek-flash")
        .session();
    let ids: Vec<&str> = session.models().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["deepseek-flash", "deepseek-v4-pro"]);
    assert!(session.model.vision && !session.main.others[0].vision);
    let unknown = Case::new(&[("DEEPSEEK_API_KEY", "k")]).model("deepseek-v9").session();
    assert_eq!(unknown.model.context_window, None);
    assert!(!unknown.model.vision);
    assert_eq!(unknown.main.others.len(), 2);
}

/// What DeepSeek lists, with all that the table knows of it and one more.
fn listed(names: &[&str]) -> Found {
    let models = names.iter().map(|id| crate::models::Listed {
        id: (*id).to_owned(),
        ..Default::default()
    });
    let listing = crate::models::Listing {
        models: models.collect(),
        is_part: false,
    };
    Found {
        listing: Some(listing),
        ..Found::default()
    }
}

#[test]
fn what_stands_for_a_model_is_found_as_the_sessions_own_is() {
    let config = r#"
        model_map = { "gpt-6" = "flash", "o3" = "elsewhere", "o*" = "pro" }
        small_model = "flash"
        review_model = "elsewhere"
        [providers.deepseek]
        model_map = { "gpt-*" = "deepseek-v4-p" }
        subagent_model = "flash"
    "#;
    let mut case = Case::new(&[("DEEPSEEK_API_KEY", "k")]).config(config);
    let all = ["deepseek-v4-pro", "deepseek-flash"];
    let session = |case: &Case| case.session().furnished(listed(&all));
    let found = session(&case).unwrap();
    let means = |asked: &str| found.model(Some(asked)).id.clone();
    // The provider's entry counts before what is said of all, and that only where the provider has it.
    assert_eq!(means("gpt-6"), "deepseek-v4-pro");
    assert_eq!(means("o3"), "deepseek-v4-pro");
    assert_eq!(found.model(Some("nobody")).id, found.model.id);
    let named = |named: &Option<Named>| named.as_ref().and_then(Named::model).map(str::to_owned);
    assert_eq!(named(&found.deputies.small).as_deref(), Some("deepseek-flash"));
    assert_eq!(named(&found.deputies.review), None);
    assert_eq!(named(&found.deputies.subagent).as_deref(), Some("deepseek-flash"));
    assert_eq!(found.models().count(), 2);
    // What was typed counts before both, and must be there.
    case.wish.small_model = Some("pro".to_owned());
    case.wish.model_map = "gpt-6=flash".parse().unwrap();
    let typed = session(&case).unwrap();
    assert_eq!(typed.model(Some("gpt-6")).id, "deepseek-flash");
    assert_eq!(named(&typed.deputies.small).as_deref(), Some("deepseek-v4-pro"));
    case.wish.small_model = Some("deepseek-flsh".to_owned());
    assert!(matches!(session(&case), Err(Error::UnknownModel { typed, .. }) if typed == "deepseek-flsh"));
    case.wish.small_model = None;
    case.wish.model_map = "gpt-6=deepseek-flsh".parse().unwrap();
    assert!(matches!(session(&case), Err(Error::UnknownModel { typed, .. }) if typed == "deepseek-flsh"));
}

#[test]
fn who_does_a_part_of_the_work_does_it_though_another_stands_for_all_names() {
    let mut case = Case::new(&[("DEEPSEEK_API_KEY", "k")]);
    case.wish.model_map = "*=pro".parse().unwrap();
    case.wish.small_model = Some("flash".to_owned());
    let session = case.session();
    let small = session.deputies.small.as_ref().and_then(Named::model);
    assert_eq!(session.model(small).id, "deepseek-flash");
    assert_eq!(session.model(Some("gpt-6")).id, "deepseek-v4-pro");
}

#[test]
fn what_stands_for_a_model_has_a_name_that_a_model_can_have() {
    let fault = |text: &str| Config::parse(text, Path::new("c")).unwrap_err().to_string();
    let ends = |text: &str, end: &str| assert!(fault(text).ends_with(end), "{}", fault(text));
    ends(
        "model_map = { a = \"b c\" }",
        "`model_map.a` stands for no name of a model",
    );
    ends(
        "[providers.mine]\nmodel_map.b = \"gpt-*\"",
        "`providers.mine.model_map.b` stands for no name of a model",
    );
    ends(
        "model_map = { \"a b\" = \"c\" }",
        "is no name of a model, nor a pattern of names",
    );
    ends("\nsmall_model = \"\"", "`small_model` is no name of a model");
    assert!(fault("model_map = [\"a=b\"]").contains("a table such as `{ \"gpt-*\" = \"NAME\" }`"));
}
