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
