//! `crelay auth`: the keys that crelay keeps for the user, and those that it finds by itself.

mod first;
mod list;
pub(super) mod options;
mod proof;

use crate::keep::Keep;
use crate::launch;
use crate::provider::Table;
use crate::report::{Report, USAGE};
use crate::session::key::Source;
use crate::session::{self, Ground, Keys, Place, Secret};

use super::environment;
use super::{note, print};

pub(super) use first::{can_ask, resolve};
pub(super) use list::source;
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
        Action::Remove { provider } => remove(provider, &ground, &surroundings.keep),
    }
}

fn set(options: &Set, ground: &Ground<'_>, keep: &Keep) -> Result<u8, Report> {
    if options.key.is_some() {
        let report = Report::new("a key on the command line is shown to everybody on this machine");
        let hint = format!("run `crelay auth set {}`, which asks for it", options.provider);
        return Err(report.hint(hint).code(USAGE));
    }
    let keys = ground.keys(&options.provider, "an argument")?;
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
    keep.set(&keys.provider, place, &key)?;
    print(&format!(
        "the key for `{}` is in {}\n",
        keys.provider,
        whereabouts(keep, &keys.provider, place)
    ))?;
    for source in &keys.sources {
        if matches!(source, Source::Variable { .. } | Source::Command { .. }) {
            note(&format!("{source} counts more"));
        }
    }
    Ok(0)
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

/// A name that means nobody any more may still have a key.
fn remove(name: &str, ground: &Ground<'_>, keep: &Keep) -> Result<u8, Report> {
    let is_kept = ground.kept.iter().any(|(id, _)| id == name);
    let keys: Option<Keys> = match ground.keys(name, "an argument") {
        Ok(keys) => Some(keys),
        Err(_) if is_kept => None,
        Err(error) => return Err(error.into()),
    };
    let id = keys.as_ref().map_or(name, |keys| &keys.provider);
    let places = keep.remove(id)?;
    for place in &places {
        print(&format!("the key for `{id}` is no longer in the {}\n", place.word()))?;
    }
    let others = keys.iter().flat_map(|keys| &keys.sources);
    let others: Vec<String> = others
        .filter(|source| !matches!(source, Source::Kept { .. }))
        .map(ToString::to_string)
        .collect();
    if places.is_empty() {
        let report = Report::new(format!("crelay keeps no key for `{id}`"));
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
