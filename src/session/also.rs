//! Providers beside the main one: who is named, and whose keys are there.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::choice::{Chosen, Ground};
use super::error::Error;
use super::host::Host;
use super::key::{Place, Source};
use super::range::Range;
use super::resolve::{self, Wish};
use super::secret::Secret;

/// The name that stands for every provider whose key is there.
pub const AUTO: &str = "auto";

/// Whom the user wants beside the main provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Also {
    /// Nobody, whatever the configuration says: for what concerns one provider.
    #[default]
    Nobody,
    /// Those of the configuration.
    Configured,
    /// These, in the place of the configuration's; empty names are none.
    Typed(Vec<String>),
}

/// `also` in the configuration: one name, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names)
    }
}

/// Reads [`Written`].
struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Written;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`\"auto\"` or a list of providers")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Written, E> {
        Ok(Written(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<Written, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(names)).map(Written)
    }
}

/// A provider beside the main one, whose key has not been read yet.
#[derive(Debug, Clone)]
pub struct Further {
    /// Without the key.
    pub(super) host: Host,
    /// Where the key will come from.
    pub key: Source,
    /// Whether a session begins without it if its key cannot be read: nobody has named it.
    is_optional: bool,
}

impl Further {
    /// The provider, without its key.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// A session does not begin without it.
    pub(super) fn is_needed(&mut self) {
        self.is_optional = false;
    }

    /// `host`, which is this one as the session has it, with its key; `None` if that cannot be read and nobody needs
    /// it.
    pub(super) fn unlock<E: From<Error>>(
        self,
        mut host: Host,
        kept: impl FnOnce(&str, Place) -> Result<Secret, E>,
    ) -> Result<Option<Host>, E> {
        match self.key.read(kept) {
            Ok(key) => host.endpoint.key = key,
            Err(_) if self.is_optional => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(Some(host))
    }
}

impl Ground<'_> {
    /// The providers that `wish` wants beside `main`, whose key is `key`; each once, and never that one again.
    pub(super) fn further(&self, wish: &Wish, main: &str, key: &Source) -> Result<Vec<Further>, Error> {
        let configured = self.config.also.as_ref().map_or(&[][..], |written| &written.0);
        let (names, origin) = match &wish.also {
            Also::Nobody => return Ok(Vec::new()),
            Also::Configured => (configured, self.config.place(&["also"])),
            Also::Typed(names) => (names.as_slice(), "`--also`".to_owned()),
        };
        let mut taken = BTreeSet::from([main.to_owned()]);
        let mut further = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty() && *name != AUTO) {
            let chosen = self.named(name, Some(&origin), None)?;
            if taken.insert(chosen.id.clone()) {
                further.push(self.beside(wish, chosen, Some(&origin))?);
            }
        }
        if names.iter().any(|name| name == AUTO) {
            for name in self.with_keys(key) {
                // What else such a provider lacks concerns only who names it.
                let Ok(chosen) = self.named(&name, None, None) else {
                    continue;
                };
                if taken.insert(chosen.id.clone()) {
                    further.extend(self.beside(wish, chosen, None).ok());
                }
            }
        }
        Ok(further)
    }

    /// The provider that is `chosen`; `origin` tells who names it.
    pub(super) fn beside(&self, wish: &Wish, chosen: Chosen, origin: Option<&str>) -> Result<Further, Error> {
        let source = {
            let mut sources = self.sources(&chosen.id, &chosen.key_env, chosen.key_command.as_deref(), chosen.kept);
            sources.next()
        };
        let key = match source {
            Some(source) => source,
            None if chosen.key_required => {
                return Err(Error::NoFurtherKey {
                    provider: chosen.id.clone(),
                    origin: origin.unwrap_or_default().to_owned(),
                    variables: chosen.key_env.clone(),
                    console: self.console(&chosen),
                });
            }
            None => Source::Absent,
        };
        resolve::refuse_in_clear(self, &chosen, &key)?;
        // The protocol that was typed is meant for the main one.
        let theirs = Wish {
            no_heal: wish.no_heal.clone(),
            ..Wish::default()
        };
        let range = Range::new(&chosen, &theirs, self.config).beside(&chosen.id);
        Ok(Further {
            host: resolve::host(self, chosen, range, super::Wire::Chat, &key)?,
            key,
            is_optional: origin.is_none(),
        })
    }

    /// The id of the provider that stands before the first slash of a model's name, if it is neither `main` nor one of
    /// `further`.
    pub(super) fn absent(&self, model: &str, main: &str, further: &[Further]) -> Option<String> {
        let (name, _) = model.split_once('/')?;
        let (known, _) = self.meet(name, None).ok()?;
        let mut here = further.iter().map(|further| &further.host.endpoint.provider);
        (known.id != main && here.all(|id| *id != known.id)).then_some(known.id)
    }

    /// Every provider whose key stands in the environment or is kept, by the id. A key that several share speaks for
    /// the first of them, and the one that the main provider has speaks for nobody else. A command for a key may ask
    /// its user, so it runs only for who is named.
    fn with_keys(&self, main: &Source) -> Vec<String> {
        let mut heard = BTreeSet::new();
        if let Source::Variable { name, .. } = main {
            heard.insert(name.clone());
        }
        let mut found = Vec::new();
        let silent = self
            .table
            .iter()
            .filter(|known| known.key_required && !known.key_decides);
        let silent = silent.flat_map(|known| known.key_env.iter().map(|name| (name.clone(), known.id.clone())));
        for (variable, id) in self.claims().chain(silent) {
            if self.variable(&variable).is_some() && heard.insert(variable) {
                found.push(id);
            }
        }
        found.extend(self.kept.iter().map(|(id, _)| id.clone()));
        found
    }
}
