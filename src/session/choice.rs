//! Which provider is meant, and what is known of it: the table, with the configuration over it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use url::Url;

use crate::models::Facts;
use crate::provider::{self, Balance, KeyCheck, Table};

use super::address;
use super::also::AUTO;
use super::config::{Config, Entry, Wires};
use super::error::Error;
use super::heal::Heal;
use super::key::Place;
use super::models::ModelMap;
use super::named::Deputies;
use super::nearest::nearest;
use super::place::is_at;
use super::secret::Secret;
use super::trust::CaFile;

/// All variables of this process, as they came in.
pub type Environment = BTreeMap<OsString, OsString>;

/// What the words are understood by.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Who there is.
    pub table: &'a Table,
    /// What the user has written down.
    pub config: &'a Config,
    /// All variables of this process.
    pub environment: &'a Environment,
    /// Variables of other programs that hold a provider's key, with its id: they count as the provider's own.
    pub strangers: &'a [(&'a str, &'a str)],
    /// Whose keys crelay keeps, by the id, and where.
    pub kept: &'a [(String, Place)],
}

/// The id of an address without a provider.
const BARE: &str = "custom";

/// How many of the user's own providers are named where only some are.
const OWN_EXAMPLES: usize = 3;

/// The variable for the key of an address without a provider.
pub(super) const OWN_KEY: &str = "CRELAY_API_KEY";

/// The provider of this run.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub id: String,
    pub name: String,
    pub base_url: Url,
    /// Whether this is another address than the table's.
    pub is_elsewhere: bool,
    pub key_env: Vec<String>,
    pub key_required: bool,
    pub key_command: Option<String>,
    /// Where crelay keeps the key, if it does.
    pub kept: Option<Place>,
    pub key_check: Option<KeyCheck>,
    pub balance: Option<Balance>,
    pub headers: Vec<(String, Secret)>,
    /// The certificates of authorities that the configuration names.
    pub ca_file: Option<CaFile>,
    /// The model of the configuration.
    pub model: Option<String>,
    /// The protocols of the configuration.
    pub wires: Wires,
    /// What the configuration says of models.
    pub facts: BTreeMap<String, Facts>,
    /// The short names of the configuration.
    pub aliases: BTreeMap<String, String>,
    /// The names that stand for models in the provider's configuration.
    pub model_map: ModelMap,
    /// Who does a part of Codex's work by the provider's configuration.
    pub deputies: Deputies,
    /// What of the provider's text the configuration has healed.
    pub heal: Option<Heal>,
    /// Who speaks like it, and whose models it has.
    pub kind: provider::Provider,
}

impl Ground<'_> {
    /// The value of a variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.environment.get(OsStr::new(name))?.to_string_lossy();
        (!value.is_empty()).then_some(value)
    }

    /// All variables but those in which a key of any provider may stand: for programs that need none.
    #[must_use]
    pub fn without_keys(&self) -> Environment {
        let table = self.table.iter().flat_map(|known| &known.key_env);
        let configured = self
            .config
            .providers
            .values()
            .filter_map(|entry| entry.key_env.as_ref());
        let strangers = self.strangers.iter().map(|(variable, _)| *variable);
        let keys = table.chain(configured).map(String::as_str).chain([OWN_KEY]);
        let keys: Vec<&str> = keys.chain(strangers).collect();
        let mut environment = self.environment.clone();
        environment.retain(|name, _| !keys.iter().any(|key| name == key));
        environment
    }

    /// The provider that is meant. A bare address is nobody's: a provider that only the environment or the
    /// configuration names must not send its key there.
    pub(super) fn choose(&self, provider: Option<&str>, base_url: Option<&str>) -> Result<Chosen, Error> {
        self.check()?;
        let elsewhere = base_url.map(address::read).transpose();
        let elsewhere = elsewhere.map_err(Error::BadAddress)?;
        match (provider, elsewhere) {
            (None, Some(url)) => Ok(self.nobody(url)),
            (Some(name), elsewhere) => self.named(name, Some("`--provider`"), elsewhere),
            (None, None) => self.unnamed(),
        }
    }

    /// Holds the configuration to what there is: a slip is told though this run may not need the line.
    ///
    /// # Errors
    ///
    /// The first slip.
    pub fn check(&self) -> Result<(), Error> {
        let place = self.config.place(&["default_provider"]);
        let default = self.config.default_provider.iter().map(|name| (name, Some(&*place)));
        let place = self.config.place(&["also"]);
        let also = self.config.also.iter().flat_map(|written| &written.0);
        let also = also.filter(|name| *name != AUTO).map(|name| (name, Some(&*place)));
        let own = self.config.providers.keys().map(|name| (name, None));
        for (name, origin) in own.chain(default).chain(also) {
            match self.named(name, origin, None) {
                // What a variable lacks concerns only the runs that need it.
                Ok(_) | Err(Error::NoAddress { .. } | Error::BadVariable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The id of the provider of a session for which none is named.
    ///
    /// # Errors
    ///
    /// When nothing tells which, or too much does.
    pub fn usual(&self) -> Result<String, Error> {
        Ok(self.choose(None, None)?.id)
    }

    fn unnamed(&self) -> Result<Chosen, Error> {
        if let Some(name) = self.variable("CRELAY_PROVIDER") {
            return self.named(&name, Some("`CRELAY_PROVIDER`"), None);
        }
        if let Some(name) = &self.config.default_provider {
            return self.named(name, Some(&self.config.place(&["default_provider"])), None);
        }
        let mut found = self.found();
        match found.len() {
            0 => Err(Error::NoProvider {
                undecided: self.undecided(),
                some: self.some(),
            }),
            1 => {
                let (_, name) = found.remove(0);
                self.named(&name, None, None)
            }
            _ => Err(Error::SeveralProviders(found)),
        }
    }

    /// Where the key of the provider with this id is kept, if it is.
    pub(super) fn kept(&self, id: &str) -> Option<Place> {
        let kept = self.kept.iter().find(|(other, _)| other == id);
        kept.map(|(_, place)| *place)
    }

    /// Each provider whose key is there, with the variable that says so, or else none where crelay keeps it. A key that
    /// was given to crelay itself is for nobody else, so it speaks for every provider that there still is, unless that
    /// one answers without a key as well: then it says no more than that there is such a server.
    fn found(&self) -> Vec<(Option<String>, String)> {
        let mut found: Vec<(Option<String>, String)> = Vec::new();
        let mut heard: Vec<String> = Vec::new();
        for (variable, id) in self.claims() {
            if heard.contains(&variable) || self.variable(&variable).is_none() {
                continue;
            }
            heard.push(variable.clone());
            if found.iter().all(|(_, other)| *other != id) {
                found.push((Some(variable), id));
            }
        }
        for (id, _) in self.kept {
            let speaks = match self.table.find(id) {
                Some(known) => known.key_required,
                None => self.config.providers.contains_key(id),
            };
            if speaks && found.iter().all(|(_, other)| other != id) {
                found.push((None, id.clone()));
            }
        }
        found
    }

    /// A key that is there and decides nothing, with the provider that it could be meant for.
    fn undecided(&self) -> Option<(String, String)> {
        let mut silent = self.table.iter().filter(|known| !known.key_decides);
        silent.find_map(|known| {
            let variable = known.key_env.iter().find(|name| self.variable(name).is_some())?;
            Some((variable.clone(), known.id.clone()))
        })
    }

    /// Which variable speaks for whom, the strongest claim first. The configuration's comes before the table's, and a
    /// variable that several regions and plans share speaks for the first of them. One that other programs read as well
    /// speaks for nobody, unless the configuration says so.
    pub(super) fn claims(&self) -> impl Iterator<Item = (String, String)> {
        let configured = self.config.providers.iter().filter_map(|(name, entry)| {
            let id = self.table.find(name).map_or(name, |known| &known.id);
            Some((entry.key_env.as_ref()?, id))
        });
        let unchanged = |known: &&provider::Provider| self.entry(&known.id).is_none_or(|entry| entry.key_env.is_none());
        let speaks = |known: &&provider::Provider| known.key_required && known.key_decides;
        let remote = self.table.iter().filter(speaks).filter(unchanged);
        let table = remote.flat_map(|known| known.key_env.iter().map(move |name| (name, &known.id)));
        let strangers = self.strangers.iter();
        let strangers = strangers.map(|(variable, id)| ((*variable).to_owned(), (*id).to_owned()));
        let ours = configured.chain(table);
        ours.map(|(variable, id)| (variable.clone(), id.clone()))
            .chain(strangers)
    }

    /// The name that somebody meant who mistyped it.
    fn meant(&self, typed: &str) -> Option<String> {
        // Of two that are as near, the user's own is meant.
        let own = self.config.providers.keys().map(String::as_str);
        nearest(typed, own.chain(self.all_names())).map(str::to_owned)
    }

    /// All names of the table.
    fn all_names(&self) -> impl Iterator<Item = &str> {
        let names = self.table.iter();
        names.flat_map(|known| known.aliases.iter().chain([&known.id]).map(String::as_str))
    }

    /// What helps who writes of a provider that the table does not know, and not where it is.
    fn is_nobody(&self, name: &str) -> String {
        match nearest(name, self.all_names()) {
            Some(meant) => format!("did you mean `[providers.{meant}]`?"),
            None => "write where it is, such as `base_url = \"https://llm.example.com/v1\"`".to_owned(),
        }
    }

    /// Some of those who could be named: the user's own, and examples of the table's.
    fn some(&self) -> Vec<String> {
        let own = self.config.providers.keys();
        let own = own.filter(|name| self.table.find(name).is_none());
        let is_usual = |name: &&String| self.config.default_provider.as_ref() == Some(*name);
        let (usual, others): (Vec<&String>, Vec<&String>) = own.partition(is_usual);
        let own = usual.into_iter().chain(others).cloned();
        let examples = self.table.iter().filter(|known| known.is_example);
        own.take(OWN_EXAMPLES)
            .chain(examples.map(|known| known.id.clone()))
            .collect()
    }

    /// What the configuration says about the provider with this id, under whichever of its names.
    fn entry(&self, id: &str) -> Option<&Entry> {
        self.config.providers.get(self.written(id))
    }

    /// The name under which the configuration speaks of the provider with this id; the id if it does not.
    pub(super) fn written<'b>(&'b self, id: &'b str) -> &'b str {
        let means = |name: &str| self.table.find(name).is_some_and(|known| known.id == id);
        match self.config.providers.contains_key(id) {
            true => id,
            false => self
                .config
                .providers
                .keys()
                .find(|name| means(name))
                .map_or(id, String::as_str),
        }
    }

    /// The provider that `name` means, at the address that was typed, if one was.
    pub(super) fn named(&self, name: &str, origin: Option<&str>, elsewhere: Option<Url>) -> Result<Chosen, Error> {
        let (known, entry) = self.meet(name, origin)?;
        self.settle(known, &entry, elsewhere)
    }

    /// What the table and the configuration say of the provider that `name` means.
    pub(super) fn meet(&self, name: &str, origin: Option<&str>) -> Result<(provider::Provider, Cow<'_, Entry>), Error> {
        let known = self.table.find(name);
        let id = known.map_or(name, |known| &known.id);
        match (known, self.entry(id)) {
            (Some(known), None) => Ok((known.clone(), Cow::Owned(Entry::default()))),
            (Some(known), Some(entry)) => Ok((known.clone(), Cow::Borrowed(entry))),
            (None, Some(entry)) => {
                let mut own = self.table.stranger();
                id.clone_into(&mut own.id);
                id.clone_into(&mut own.name);
                Ok((own, Cow::Borrowed(entry)))
            }
            (None, None) => Err(Error::UnknownProvider {
                name: name.to_owned(),
                origin: origin.map(str::to_owned),
                meant: self.meant(name),
                some: self.some(),
            }),
        }
    }

    /// Puts the configuration over what the table says, and over both the address that was typed.
    fn settle(&self, known: provider::Provider, entry: &Entry, elsewhere: Option<Url>) -> Result<Chosen, Error> {
        let id = known.id.clone();
        let written = self.written(&id);
        let fault = |key: &str, fault: String| self.config.fault(&["providers", written, key], fault);
        let address = entry.base_url.as_ref().map(|text| address::read(text));
        let address = address
            .transpose()
            .map_err(|wrong| fault("base_url", wrong.to_owned()))?;
        // At another address than the table's, everything is there.
        let is_elsewhere = elsewhere.is_some() || address.is_some();
        let base_url = match elsewhere.or(address) {
            Some(url) => url,
            None if known.base_url.is_empty() => {
                return Err(fault("base_url", "is missing".to_owned()).advised(self.is_nobody(&id)));
            }
            None => self.address(&known)?,
        };
        let kind = match &entry.dialect {
            None => known.clone(),
            Some(name) => self.table.find(name).cloned().ok_or_else(|| {
                let names = self.table.iter().map(|other| other.id.as_str());
                let advice = match nearest(name, names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "`crelay providers` tells who there is".to_owned(),
                };
                fault(
                    "dialect",
                    format!("names nobody that crelay knows: there is no `{name}`"),
                )
                .advised(advice)
            })?,
        };
        Ok(Chosen {
            key_env: self.key_env(&known, entry),
            name: known.name,
            base_url,
            is_elsewhere,
            key_required: known.key_required || entry.key_env.is_some(),
            key_command: entry.key_command.clone(),
            kept: self.kept(&id),
            key_check: known.key_check,
            balance: known.balance,
            headers: entry.headers.clone().into_iter().collect(),
            ca_file: self.ca_file(&id, entry),
            model: entry.model.clone(),
            wires: entry.wires(),
            facts: entry.facts(),
            aliases: entry.aliases.clone(),
            model_map: entry.model_map.clone(),
            deputies: entry.deputies(),
            heal: entry.heal.clone(),
            kind,
            id,
        })
    }

    /// All names of the provider with this id, the id first.
    pub(super) fn names(&self, id: &str) -> Vec<String> {
        let known = self.table.find(id).filter(|known| known.id == id);
        let others = known.iter().flat_map(|known| &known.aliases);
        std::iter::once(id.to_owned()).chain(others.cloned()).collect()
    }

    /// All variables in which a key of `known` may stand, the first that is set counts.
    pub(super) fn key_env(&self, known: &provider::Provider, entry: &Entry) -> Vec<String> {
        let own = match &entry.key_env {
            Some(variable) => std::slice::from_ref(variable),
            None => &known.key_env,
        };
        let strangers = self.strangers.iter().filter(|(_, theirs)| *theirs == known.id);
        let strangers = strangers.map(|(variable, _)| (*variable).to_owned());
        own.iter().cloned().chain(strangers).collect()
    }

    /// All variables in which a key of the provider with this id may stand, also those in whose place the configuration
    /// puts another.
    pub(super) fn variables_of(&self, id: &str) -> Vec<String> {
        let known = self.table.find(id).filter(|known| known.id == id);
        let written = self.entry(id).and_then(|entry| entry.key_env.clone());
        let theirs = known.iter().flat_map(|known| known.key_env.clone());
        written.into_iter().chain(theirs).collect()
    }

    /// An address without a provider. Whose host it is, speaks as they do, if possible as the region or plan with that
    /// path; this machine is nobody's in particular.
    fn nobody(&self, base_url: Url) -> Chosen {
        let is_remote = !address::is_loopback(&base_url);
        let theirs = || self.table.iter().filter(|known| is_remote && is_at(known, &base_url));
        let exact = theirs().find(|known| known.base_url.ends_with(base_url.path()));
        let kind = exact
            .or_else(|| theirs().next())
            .cloned()
            .unwrap_or_else(|| self.table.stranger());
        Chosen {
            id: BARE.to_owned(),
            name: address::authority(&base_url),
            base_url,
            is_elsewhere: true,
            key_env: vec![OWN_KEY.to_owned()],
            key_required: false,
            key_command: None,
            // Whatever is kept under the name that stands for it, belongs to a provider of the configuration.
            kept: None,
            key_check: None,
            balance: None,
            headers: Vec::new(),
            ca_file: self.ca_file(BARE, &Entry::default()),
            model: None,
            wires: Wires::default(),
            facts: BTreeMap::new(),
            aliases: BTreeMap::new(),
            model_map: ModelMap::default(),
            deputies: Deputies::default(),
            heal: None,
            kind,
        }
    }
}

/// Whether the id is that of an address without a provider.
pub(super) fn is_bare(id: &str) -> bool {
    id == BARE
}

/// Under which name the choice of a model is remembered: bare addresses have nothing in common but their id.
pub(super) fn memory<'a>(id: &'a str, name: &'a str) -> &'a str {
    if is_bare(id) { name } else { id }
}
