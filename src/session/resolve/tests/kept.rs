//! Keys that crelay keeps.

use super::*;

impl Case {
    fn keeping(mut self, provider: &str) -> Self {
        self.kept.push((provider.to_owned(), Place::Keyring));
        self
    }

    fn source(&self) -> Source {
        self.resolve().unwrap().key
    }
}

fn kept(provider: &str) -> Source {
    Source::Kept {
        provider: provider.to_owned(),
        place: Place::Keyring,
    }
}

#[test]
fn a_kept_key_counts_where_nothing_else_has_one() {
    let case = || Case::new(&[]).keeping("deepseek").provider("deepseek");
    assert_eq!(case().source(), kept("deepseek"));
    assert_eq!(
        case()
            .resolve()
            .unwrap()
            .unlock(|provider, place| {
                assert_eq!((provider, place), ("deepseek", Place::Keyring));
                Ok::<_, Error>(Secret::new("sk-kept"))
            })
            .unwrap()
            .main
            .endpoint
            .key,
        Some(Secret::new("sk-kept"))
    );
    let command = case().config("[providers.deepseek]\nkey_command = \"echo\"\n").source();
    assert!(matches!(command, Source::Command { .. }), "{command}");
    let mut variable = Case::new(&[("DEEPSEEK_API_KEY", "sk-1")])
        .keeping("deepseek")
        .provider("deepseek");
    assert!(matches!(variable.source(), Source::Variable { .. }));
    variable.wish.key_file = Some("key".into());
    assert_eq!(variable.source(), Source::File("key".into()));
}

#[test]
fn a_kept_key_chooses_its_provider() {
    assert_eq!(Case::new(&[]).keeping("groq").source(), kept("groq"));
    // Whoever gave it to crelay meant it for crelay, though other programs have a variable for it.
    assert_eq!(Case::new(&[]).keeping("openai").source(), kept("openai"));
    let both = Case::new(&[("GROQ_API_KEY", "sk-1")]).keeping("groq");
    assert!(matches!(both.source(), Source::Variable { .. }));
    let own = Case::new(&[])
        .keeping("work")
        .config("[providers.work]\nbase_url = \"https://w.example/v1\"\nmodel = \"m\"\n");
    assert_eq!(own.source(), kept("work"));
}

#[test]
fn kept_keys_of_several_providers_choose_nothing() {
    let told = Case::new(&[("DEEPSEEK_API_KEY", "sk-1")]).keeping("groq").told();
    assert!(
        told.starts_with(
            "error: there are keys of several providers: `deepseek` (`DEEPSEEK_API_KEY`), `groq` (kept by crelay)"
        ),
        "{told}"
    );
}

#[test]
fn a_kept_key_of_who_needs_none_chooses_nothing() {
    for keyless in ["demo", "ollama"] {
        let other = Case::new(&[("DEEPSEEK_API_KEY", "sk-1")]).keeping(keyless);
        assert!(matches!(other.source(), Source::Variable { .. }), "{keyless}");
        let alone = Case::new(&[]).keeping(keyless).told();
        assert!(alone.starts_with("error: no provider was named"), "{alone}");
    }
}

#[test]
fn a_key_that_is_kept_for_nobody_any_more_chooses_nothing() {
    let case = Case::new(&[("DEEPSEEK_API_KEY", "sk-1")]).keeping("gone");
    assert_eq!(case.session().main.endpoint.provider, "deepseek");
}

#[test]
fn a_kept_key_goes_to_no_address_without_its_provider() {
    let bare = Case::new(&[])
        .keeping("custom")
        .keeping("deepseek")
        .model("m")
        .base_url("https://a.example/v1");
    assert_eq!(bare.source(), Source::Absent);
    let named = Case::new(&[])
        .keeping("deepseek")
        .provider("deepseek")
        .base_url("https://a.example/v1");
    assert_eq!(named.source(), kept("deepseek"));
    // Their variable stands for the provider's key, so that one is not meant.
    let mut theirs = Case::new(&[]).keeping("deepseek").provider("deepseek");
    theirs.wish.key_env = Some(vec!["THEIRS".to_owned()]);
    assert!(matches!(theirs.resolve(), Err(Error::NoKey { .. })));
}

#[test]
fn a_key_that_was_asked_for_is_used() {
    let mut case = Case::new(&[]).provider("deepseek");
    case.wish.key = Some(Secret::new("sk-typed"));
    assert_eq!(key(&case.session()), Some("sk-typed"));
}

#[test]
fn all_sources_are_told_in_the_order_in_which_they_count() {
    let case = Case::new(&[("ZAI_API_KEY", "sk-1")])
        .keeping("glm")
        .config("[providers.zai]\nkey_command = \"echo\"\n");
    let table = Table::embedded().unwrap();
    let ground = Ground {
        table: &table,
        config: &case.config,
        environment: &case.environment,
        strangers: &[],
        kept: &case.kept,
    };
    let keys = ground.keys("z.ai").unwrap();
    let sources: Vec<String> = keys.sources.iter().map(ToString::to_string).collect();
    assert_eq!((keys.provider.as_str(), keys.are_required), ("glm", true));
    assert_eq!(
        sources,
        [
            "`ZAI_API_KEY`",
            "`key_command` of `glm`",
            "the keyring of `crelay auth`"
        ]
    );
}
