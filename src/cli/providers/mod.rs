//! `crelay providers`: who there is, and whose keys there are.

pub(super) mod options;
mod show;
mod test;

use serde_json::{Value, json};

use crate::provider::Table;
use crate::report::Report;
use crate::session::{self, Ground, Keys};

use super::auth;
use super::environment;

use options::{Action, Options};

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let config = surroundings.config()?;
    let table = Table::embedded().map_err(session::Error::from)?;
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &surroundings.kept(),
    };
    ground.check()?;
    match &options.action {
        None => list(&ground, options.json),
        Some(Action::Show { provider, json }) => show::show(&ground, provider, *json),
        Some(Action::Test { provider, json }) => test::test(&ground, &surroundings, provider, *json),
    }
}

fn list(ground: &Ground<'_>, is_json: bool) -> Result<u8, Report> {
    let all: Result<Vec<Keys>, session::Error> = ground.ids().map(|id| ground.keys(id)).collect();
    let all = all?;
    if is_json {
        let list: Vec<Value> = all.iter().map(|keys| object(ground, keys)).collect();
        return super::print(&format!("{:#}\n", Value::from(list)));
    }
    let id = all.iter().map(|keys| keys.provider.chars().count()).max().unwrap_or(0);
    let name = all.iter().map(|keys| keys.name.chars().count()).max().unwrap_or(0);
    let lines = all
        .iter()
        .map(|keys| format!("{:<id$}  {:<name$}  {}\n", keys.provider, keys.name, key(keys)));
    super::print(&lines.collect::<String>())
}

/// Where the key is that counts, or would be.
fn key(keys: &Keys) -> String {
    match (keys.sources.first(), keys.variables.first()) {
        (Some(source), _) => format!("key from {source}"),
        (None, _) if !keys.are_required => "needs no key".to_owned(),
        (None, Some(variable)) => format!("no key (`{variable}`)"),
        (None, None) => "no key".to_owned(),
    }
}

/// What is known without asking anybody.
fn object(ground: &Ground<'_>, keys: &Keys) -> Value {
    let known = ground.table.find(&keys.provider);
    let own = ground.config.providers.get(&keys.provider);
    let sources: Vec<Value> = keys.sources.iter().map(auth::source).collect();
    let own_model = own.and_then(|entry| entry.model.clone());
    json!({
        "id": keys.provider,
        "name": keys.name,
        "aliases": known.map_or(&[][..], |known| &known.aliases),
        "key_env": keys.variables,
        "key_required": keys.are_required,
        "sources": sources,
        "model": own_model.or_else(|| known?.default_model.clone()),
        "models": known.map(|known| known.models.iter().map(|model| &model.id).collect::<Vec<_>>()),
    })
}
