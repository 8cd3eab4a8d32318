//! `crelay auth`: the keys that crelay keeps for the user, and those that it finds by itself.

mod first;
mod list;
pub(super) mod options;
mod proof;

use crate::keep::{self, Keep};
use crate::launch;
use crate::provider::Table;
use crate::report::{Report, USAGE};
use crate::session::key::Source;
use crate::session::{self, Ground, Keys, Place, Secret};

use super::environment;
use super::{note, print};

pub(super) use first::{can_ask, resolve};
pub(super) use list::{last, source};
use options::{Action, Set};
pub(super) use proof::{Proof, ask as prove};

/// Does what was typed.
pub(super) fn main(action: &Action) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let config = surroundings.config()?;
    let table = Table::embedded().map_err(session::Error::from)?;
    let kept = surroundings.keep.list()?;
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &kept,
    };
    launch::shield();
    match action {
        Action::Set(options) => set(options, &ground, &surroundings.keep),
        Action::List { json } => list::list(&ground, &surroundings.keep, *json),
        Action::Remove { provider } => remove(provider.as_deref(), &ground, &surroundings.keep),
    }
}

fn set(options: &Set, ground: &Ground<'_>, keep: &Keep) -> Result<u8, Report> {
    let named = options.provider.as_deref();
    let is_known = |name: &str| ground.ids().any(|id| id == name);
    let is_key = |name: &str| !is_known(name) && session::resembles_key(name);
    if options.key.is_some() || named.is_some_and(is_key) {
        let report = Report::new("a key on the command line is shown to everybody on this machine");
        let name = named.filter(|name| !is_key(name)).unwrap_or("deepseek");
        let hint = format!("run `crelay auth set {name}`, which asks for it");
        return Err(report.hint(hint).code(USAGE));
    }
    let keys = match &options.provider {
        Some(name) => ground.keys(name)?,
        None => ground.keys(&usual(ground)?)?,
    };
    if !keys.are_required {
        note(&format!(
            "{} answers without a key, too: one that is kept does not choose it, and is for what may stand before it",
            keys.name
        ));
    }
    let key = ask(&keys.name)?;
    if !options.no_check {
        match proof::prove(ground, &keys.provider, &key)? {
            Proof::Accepted => {}
            Proof::Refused(words) => {
                let report = Report::new(format!("the key is not kept: {words}"));
                return Err(report.hint("`--no-check` keeps it all the same"));
            }
            Proof::Open(words) => note(&format!("the key is not checked: {words}")),
        }
    }
    let place = if options.file { Place::File } else { Place::Keyring };
    let kept = keep.set(&keys.provider, place, &key);
    kept.map_err(|error| unkept(error, &keys))?;
    print(&format!(
        "the key for {} is in {}\n",
        keys.name,
        whereabouts(keep, &keys.provider, place)
    ))?;
    for source in &keys.sources {
        if matches!(source, Source::Variable { .. } | Source::Command { .. }) {
            note(&format!("{source} counts more"));
        }
    }
    Ok(0)
}

/// The provider of a session for which none is named: whoever keeps a key for another says which.
fn usual(ground: &Ground<'_>) -> Result<String, Report> {
    ground.usual().map_err(|error| match error {
        session::Error::NoProvider { .. } | session::Error::SeveralProviders(_) => {
            let report = Report::new("it is not said whose key this is");
            report.hint("name the provider, as in `crelay auth set deepseek`; `crelay providers` lists all")
        }
        error => error.into(),
    })
}

/// What to do where there is no keyring, or none that opens, for this very provider.
fn unkept(error: keep::Error, keys: &Keys) -> Report {
    let is_ring = matches!(
        error,
        keep::Error::NoKeyring(_) | keep::Error::Closed(_) | keep::Error::Silent(_)
    );
    let report = Report::from(error);
    if !is_ring {
        return report;
    }
    let file = format!("`crelay auth set {} --file`", keys.provider);
    let variable = keys.variables.first();
    let variable = variable.map_or(String::new(), |name| format!("set `{name}`, or "));
    report.hint(format!(
        "{variable}keep the key in a file that only you can read: {file}"
    ))
}

/// Asks for a key in a terminal, and else reads the first line of standard input.
fn ask(name: &str) -> Result<Secret, Report> {
    let input = Source::Input {
        provider: name.to_owned(),
    };
    // Such a source has a key or an error.
    let key = input.read(|_, _| Err(nothing()))?;
    key.ok_or_else(nothing)
}

fn nothing() -> Report {
    Report::new("no key was given")
}

fn whereabouts(keep: &Keep, provider: &str, place: Place) -> String {
    match place {
        Place::Keyring => "the keyring".to_owned(),
        Place::File => format!("`{}`", keep.file(provider).display()),
    }
}

/// The only one whose key is kept.
fn only<'a>(ground: &Ground<'a>) -> Result<&'a str, Report> {
    let kept: Vec<&str> = ground.kept.iter().map(|(id, _)| id.as_str()).collect();
    match kept.as_slice() {
        [] => Err(Report::new("crelay keeps no key").hint("`crelay auth list` tells which there are")),
        [id] => Ok(id),
        [first, ..] => {
            let report = Report::new(format!("crelay keeps several keys: for `{}`", kept.join("`, `")));
            Err(report.hint(format!("say which, as in `crelay auth remove {first}`")))
        }
    }
}

/// A name that means nobody any more may still have a key.
fn remove(name: Option<&str>, ground: &Ground<'_>, keep: &Keep) -> Result<u8, Report> {
    let name = name.map_or_else(|| only(ground), Ok)?;
    let is_kept = ground.kept.iter().any(|(id, _)| id == name);
    let keys: Option<Keys> = match ground.keys(name) {
        Ok(keys) => Some(keys),
        Err(_) if is_kept => None,
        Err(error) => return Err(error.into()),
    };
    let id = keys.as_ref().map_or(name, |keys| &keys.provider);
    let who = keys
        .as_ref()
        .map_or_else(|| format!("`{id}`"), |keys| keys.name.clone());
    let places = keep.remove(id)?;
    for place in &places {
        print(&format!("the key for {who} is no longer in the {}\n", place.word()))?;
    }
    let others = keys.iter().flat_map(|keys| &keys.sources);
    let others: Vec<String> = others
        .filter(|source| !matches!(source, Source::Kept { .. }))
        .map(ToString::to_string)
        .collect();
    if places.is_empty() {
        let report = Report::new(format!("crelay keeps no key for {who}"));
        return Err(match others.first() {
            Some(source) => report.hint(format!("the one that is used comes from {source}")),
            None => report.hint("`crelay auth list` tells which there are"),
        });
    }
    if let Some(source) = others.first() {
        note(&format!("{source} still holds one"));
    }
    Ok(0)
}
