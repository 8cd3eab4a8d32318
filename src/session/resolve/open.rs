//! Sessions whose clients name their models themselves.

use super::super::config::Config;
use super::super::{Environment, Error};
use super::tests::nothing_is_kept;
use super::*;
use crate::provider::Table;
use crate::provider::dialect::Replay;

const STRANGERS: &[(&str, &str)] = &[("THEIR_KEY", "zhipu-coding-plan")];

fn resolved(variables: &[(&str, &str)], wish: Wish) -> Result<Session, Error> {
    let table = Table::embedded().unwrap();
    let environment = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let environment: Environment = environment.collect();
    let ground = Ground {
        table: &table,
        config: &Config::default(),
        environment: &environment,
        strangers: STRANGERS,
        kept: &[],
    };
    resolve(&ground, &wish, &Arguments::default(), &|_| None)?.unlock(nothing_is_kept)
}

fn open() -> Wish {
    Wish {
        is_open: true,
        ..Wish::default()
    }
}

fn at(url: &str) -> Wish {
    Wish {
        base_url: Some(url.to_owned()),
        ..open()
    }
}

#[test]
fn a_name_stands_for_another_model_and_that_one_is_listed() {
    let wish = Wish {
        provider: Some("deepseek".to_owned()),
        model_map: "gpt-*=deepseek-v4-flash, mine=deepseek-v9".parse().unwrap(),
        ..Wish::default()
    };
    let session = resolved(&[("DEEPSEEK_API_KEY", "k")], wish).unwrap();
    let means = |asked: &str| session.model(Some(asked)).id.clone();
    assert_eq!(means("gpt-5.5"), "deepseek-v4-flash");
    assert_eq!(means("mine"), "deepseek-v9");
    assert_eq!(means("deepseek-v4-flash"), "deepseek-v4-flash");
    assert_eq!(means("unheard-of"), "deepseek-v4-pro");
    let listed: Vec<&str> = session.models().map(|model| model.id.as_str()).collect();
    assert_eq!(listed.iter().filter(|id| **id == "deepseek-v4-flash").count(), 1);
    assert_eq!(listed.last(), Some(&"deepseek-v9"));
}

#[test]
fn a_client_that_knows_what_it_wants_is_not_corrected() {
    let session = resolved(&[], at("https://api.deepseek.com/v1")).unwrap();
    let newer = session.model(Some("deepseek-v9"));
    assert_eq!(newer.id, "deepseek-v9");
    assert_eq!(newer.dialect.replay, Replay::ContentAlways);
    assert_eq!(session.model(None).id, "deepseek-v4-pro");
    let named = Wish {
        model: Some("deepseek-v4-flash".to_owned()),
        ..at("https://api.deepseek.com/v1")
    };
    let session = resolved(&[], named).unwrap();
    assert_eq!(session.model(Some("deepseek-v9")).id, "deepseek-v4-flash");
}

#[test]
fn a_server_that_nobody_knows_needs_no_model_beforehand() {
    let session = resolved(&[], at("http://127.0.0.1:8000/v1")).unwrap();
    assert_eq!(session.model(None).id, "default");
    assert_eq!(session.model(Some("mine")).id, "mine");
}

#[test]
fn a_key_of_another_program_speaks_for_its_provider_as_a_key_of_ours_does() {
    let session = resolved(&[("THEIR_KEY", "t")], open()).unwrap();
    assert_eq!(session.main.endpoint.provider, "zhipu-coding-plan");
    assert_eq!(session.main.endpoint.key.unwrap().expose(), "t");
    assert!(session.hidden_env.contains(&"THEIR_KEY".to_owned()));
    let both = resolved(&[("THEIR_KEY", "t"), ("DEEPSEEK_API_KEY", "d")], open());
    assert!(matches!(both, Err(Error::SeveralProviders(_))));
}

#[test]
fn a_key_that_is_looked_for_elsewhere_is_not_the_providers_own() {
    let elsewhere = Wish {
        provider: Some("deepseek".to_owned()),
        key_env: Some(vec!["THEIR_KEY".to_owned()]),
        ..at("http://127.0.0.1:8000/v1")
    };
    let missing = resolved(&[("DEEPSEEK_API_KEY", "d")], elsewhere.clone());
    assert!(matches!(missing, Err(Error::NoKey { variables, .. }) if variables == ["THEIR_KEY"]));
    let session = resolved(&[("DEEPSEEK_API_KEY", "d"), ("THEIR_KEY", "t")], elsewhere).unwrap();
    assert_eq!(session.main.endpoint.key.unwrap().expose(), "t");
}
