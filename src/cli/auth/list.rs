//! Which keys there are, where they come from and how they end.

use serde_json::{Value, json};

use crate::keep::{self, Keep};
use crate::report::Report;
use crate::session::key::Source;
use crate::session::{self, Ground, Keys, Secret};

use super::super::{note, print};

/// Of shorter keys four characters would give away too much.
const SHORTEST: usize = 16;

/// As many characters of a key as tell it from others.
const SHOWN: usize = 4;

/// Tells all keys that there are. No `key_command` is run for it.
pub(super) fn list(ground: &Ground<'_>, keep: &Keep, is_json: bool) -> Result<u8, Report> {
    let mut all: Vec<(Keys, Option<String>)> = Vec::new();
    for id in ground.ids() {
        let keys = ground.keys(id)?;
        if let Some(source) = keys.sources.first() {
            let ending = ending(&keys, source, keep);
            all.push((keys, ending));
        }
    }
    // Whose provider is gone from the configuration.
    let orphans: Vec<&str> = ground
        .kept
        .iter()
        .map(|(id, _)| id.as_str())
        .filter(|id| ground.ids().all(|known| known != *id))
        .collect();
    for id in orphans {
        note(&format!(
            "a key is kept for `{id}`, who is no provider any more: `crelay auth remove {id}` removes it"
        ));
    }
    if is_json {
        let list: Vec<Value> = all
            .iter()
            .map(|(keys, ending)| object(keys, ending.as_deref()))
            .collect();
        return print(&format!("{:#}\n", Value::from(list)));
    }
    if all.is_empty() {
        return print("no keys: `crelay auth set deepseek` asks for one and keeps it\n");
    }
    let width = all
        .iter()
        .map(|(keys, _)| keys.provider.chars().count())
        .max()
        .unwrap_or(0);
    let lines = all.iter().map(|(keys, ending)| {
        let ending = ending.as_ref().map_or("-".to_owned(), |ending| format!("…{ending}"));
        let sources: Vec<String> = keys.sources.iter().map(ToString::to_string).collect();
        format!("{:<width$}  {ending:<5}  {}\n", keys.provider, sources.join(", then "))
    });
    print(&lines.collect::<String>())
}

/// How the key ends that counts, if that may be shown and can be had without asking anybody but the keyring.
fn ending(keys: &Keys, source: &Source, keep: &Keep) -> Option<String> {
    if matches!(source, Source::Command { .. }) {
        return None;
    }
    let key: Result<Option<Secret>, Fault> =
        source.read(|provider, place| Ok(keep.key(provider, place, keep::LOOKING)?));
    match key {
        Ok(key) => key.as_ref().and_then(last),
        Err(fault) => {
            fault.note(&keys.provider);
            None
        }
    }
}

/// Why the end of a key is not told.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Kept(#[from] keep::Error),
    #[error(transparent)]
    Source(#[from] session::Error),
}

impl Fault {
    /// What is the matter with the keyring as a whole is said once, and of nobody's key.
    fn note(&self, provider: &str) {
        match self {
            Self::Kept(keep::Error::Shut) => {}
            Self::Kept(error) if error.is_of_all() => note(&format!("{error}, so the ends of its keys are not told")),
            other => note(&format!("`{provider}`: {other}")),
        }
    }
}

/// The end of a key, by which it is told from others, if that gives nothing away.
pub(in crate::cli) fn last(key: &Secret) -> Option<String> {
    let key = key.expose();
    // A key is ASCII, or reading it had failed.
    (key.len() >= SHORTEST).then(|| key[key.len() - SHOWN..].to_owned())
}

fn object(keys: &Keys, ending: Option<&str>) -> Value {
    let sources: Vec<Value> = keys.sources.iter().map(source).collect();
    json!({
        "provider": keys.provider,
        "name": keys.name,
        "sources": sources,
        "last_four": ending,
    })
}

/// Where a key is, for programs.
pub(in crate::cli) fn source(source: &Source) -> Value {
    match source {
        Source::Variable { name, .. } => json!({"kind": "variable", "name": name}),
        Source::Command { .. } => json!({"kind": "key_command"}),
        Source::Kept { place, .. } => json!({"kind": place.word()}),
        // What is typed is nobody's to list.
        Source::Absent | Source::Input { .. } | Source::File(_) | Source::Answer(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_by_its_end_only_if_that_leaves_enough_of_it() {
        for (key, end) in [
            ("sk-0123456789wxyz", Some("wxyz")),
            ("0123456789abcdef", Some("cdef")),
            ("0123456789abcde", None),
            ("k", None),
        ] {
            assert_eq!(last(&Secret::new(key)).as_deref(), end, "{key}");
        }
    }
}
