//! All models of a provider, also those that the table does not know, as the user wants them spoken with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::models::{self, Facts, Found, Listing, Meant, Names, Origin, join};
use crate::provider;
use crate::provider::Lists;
use crate::provider::dialect::{Codes, Dialect, Grammar, Grammars};

use super::choice::Chosen;
use super::config::{Config, Wires};
use super::error::Error;
use super::heal::Heal;
use super::resolve::Wish;
use super::{Model, Wire};

/// The models of this run's provider.
#[derive(Debug, Clone, Default)]
pub struct Range {
    kind: provider::Provider,
    provider_name: String,
    /// The provider's id, if it is not the session's main one.
    further: Option<String>,
    /// Whether this is another address than the table's.
    is_elsewhere: bool,
    /// The protocols of the configuration, and the one that was typed.
    wires: Wires,
    wire: Option<Wire>,
    /// What is listened for: what counts more comes later.
    heals: Vec<Heal>,
    no_heal: Option<Vec<Grammar>>,
    /// What the configuration says of models.
    facts: BTreeMap<String, Facts>,
    /// The short names of the configuration.
    aliases: BTreeMap<String, String>,
    /// What others say of models.
    found: Arc<Found>,
}

impl Range {
    pub(super) fn new(chosen: &Chosen, wish: &Wish, config: &Config) -> Self {
        Self {
            kind: chosen.kind.clone(),
            provider_name: chosen.name.clone(),
            further: None,
            is_elsewhere: chosen.is_elsewhere,
            wires: chosen.wires.clone(),
            wire: wish.wire,
            heals: [&config.heal, &chosen.heal].into_iter().flatten().cloned().collect(),
            no_heal: wish.no_heal.clone(),
            facts: chosen.facts.clone(),
            aliases: chosen.aliases.clone(),
            found: Arc::default(),
        }
    }

    /// The provider's id, if it is not the session's main one.
    pub(super) fn further(&self) -> Option<&str> {
        self.further.as_deref()
    }

    /// Whose codes its errors carry where no model is asked.
    #[must_use]
    pub fn codes(&self) -> Codes {
        self.kind.dialect("").codes
    }

    /// The same as that of a further provider with this id.
    pub(super) fn beside(self, id: &str) -> Self {
        Self {
            further: Some(id.to_owned()),
            ..self
        }
    }

    /// What the provider can be asked about its models.
    #[must_use]
    pub fn lists(&self) -> Lists {
        self.kind.lists
    }

    /// What models.dev calls the provider; empty if it does not know it.
    #[must_use]
    pub fn models_dev(&self) -> &str {
        &self.kind.models_dev
    }

    /// Whether the provider has given its list.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.found.listing.is_some()
    }

    /// Notes what was found out about its models.
    pub(super) fn furnish(&mut self, found: Found) {
        self.found = Arc::new(found);
    }

    /// Notes the provider's list alone.
    pub(super) fn list(&mut self, listing: Listing) {
        Arc::make_mut(&mut self.found).listing = Some(listing);
    }

    /// Ids of all models, the most useful first: those of the configuration and the table, as far as the provider lists
    /// them or lists not all it has, then the rest of its list.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        let listed = self.listed();
        let is_there = |id: &&str| !self.knows_all() || listed.contains(id);
        let table = self.kind.models.iter().map(|model| model.id.as_str()).filter(is_there);
        let configured = self.facts.keys().map(String::as_str);
        let mut told = BTreeSet::new();
        let all = table.chain(configured).chain(listed.iter().copied());
        all.filter(|id| told.insert(*id)).collect()
    }

    /// All short names of a model.
    pub fn aliases_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.names().aliases.into_iter();
        names.filter(move |(_, model)| *model == id).map(|(alias, _)| alias)
    }

    /// Which model `typed` means: itself where nothing better is known.
    pub(super) fn meant<'a>(&'a self, typed: &'a str) -> Result<&'a str, Error> {
        match self.names().find(typed) {
            Meant::Itself | Meant::Unheard => Ok(typed),
            Meant::Alias(meant) | Meant::Beginning(meant) => Ok(meant),
            Meant::Nothing(nearest) => Err(Error::UnknownModel {
                provider: self.provider_name.clone(),
                typed: typed.to_owned(),
                nearest: nearest.into_iter().map(str::to_owned).collect(),
            }),
        }
    }

    /// Whether a model has this name, or this short one.
    pub(super) fn knows(&self, name: &str) -> bool {
        let names = self.names();
        names.models.contains(&name) || names.aliases.iter().any(|(alias, _)| *alias == name)
    }

    /// The model that `typed` means, if it is known that there is one.
    pub(super) fn known<'a>(&'a self, typed: &'a str) -> Option<&'a str> {
        match self.names().find(typed) {
            Meant::Itself => Some(typed),
            Meant::Alias(meant) | Meant::Beginning(meant) => Some(meant),
            Meant::Unheard | Meant::Nothing(_) => None,
        }
    }

    /// Whether there may be a model of this name, in which a slash stands.
    pub(super) fn may_have(&self, name: &str) -> bool {
        self.knows(name) || (!self.knows_all() && self.is_slashed())
    }

    /// Whether names of models hold slashes, as far as that is known.
    pub(super) fn is_slashed(&self) -> bool {
        let names = self.names().models;
        names.is_empty() || names.iter().any(|name| name.contains('/'))
    }

    /// The model that a short name stands for.
    pub(super) fn alias(&self, typed: &str) -> Option<&str> {
        match self.names().find(typed) {
            Meant::Alias(meant) => Some(meant),
            _ => None,
        }
    }

    fn names(&self) -> Names<'_> {
        let table = self.kind.models.iter();
        let known = table.clone().map(|model| model.id.as_str());
        let configured = self.facts.keys().map(String::as_str);
        let short = table.filter_map(|model| Some((model.alias.as_deref()?, model.id.as_str())));
        let own = self.aliases.iter().map(|(alias, id)| (alias.as_str(), id.as_str()));
        // Of one that several speak of, a beginning is that of one model.
        let mut told = BTreeSet::new();
        let all = self.listed().into_iter().chain(known).chain(configured);
        Names {
            models: all.filter(|id| told.insert(*id)).collect(),
            aliases: short.chain(own).collect(),
            // What somebody else's list leaves out may be there all the same.
            are_all: self.knows_all() && !self.is_elsewhere,
        }
    }

    fn listed(&self) -> Vec<&str> {
        let listing = self.found.listing.iter().flat_map(|listing| &listing.models);
        listing.map(|model| model.id.as_str()).collect()
    }

    /// Whether there are no models beside those that are known.
    fn knows_all(&self) -> bool {
        let believes = matches!(self.kind.lists, Lists::All | Lists::Ollama | Lists::LmStudio);
        let listing = self.found.listing.as_ref();
        believes && listing.is_some_and(|listing| !listing.is_part && !listing.models.is_empty())
    }

    /// The model with this name. One that does not speak as is wished speaks as it does.
    pub(super) fn model(&self, id: &str) -> Model {
        self.spoken(id).unwrap_or_else(|_| self.healed(id))
    }

    /// The model in the protocol that was typed, or else configured.
    pub(super) fn spoken(&self, id: &str) -> Result<Model, Error> {
        let mut model = self.healed(id);
        let Some(wire) = self.wire.or_else(|| self.wires.of(id)) else {
            return Ok(model);
        };
        let own = model.dialect.wire();
        if model.dialect.speak(wire) {
            return Ok(model);
        }
        Err(Error::NoWire {
            provider: self.provider_name.clone(),
            model: model.id,
            wire,
            own,
            typed: self.wire.is_some(),
        })
    }

    /// The model, listening for what is wanted: by the command line, the provider's entry, the whole configuration, or
    /// else the table.
    fn healed(&self, id: &str) -> Model {
        let mut model = self.joined(id);
        let table = model.dialect.heal.clone();
        let grammars = &mut model.dialect.heal;
        for heal in &self.heals {
            heal.put_over(grammars, &table);
        }
        match self.no_heal.as_deref() {
            None => {}
            Some([]) => *grammars = Grammars::none(),
            Some(these) => these.iter().for_each(|grammar| grammars.set(*grammar, false)),
        }
        model
    }

    /// What counts of all that is said of a model. One of which nothing is known is taken to be blind: Codex then says
    /// in words what an image would have shown, where a provider would refuse the whole turn. Its window is left to
    /// Codex.
    fn joined(&self, id: &str) -> Model {
        let mut dialect = self.kind.dialect(id);
        let table = self.of_table(id, &dialect);
        let mut live = self.found.listing.iter().flat_map(|listing| &listing.models);
        let live = live.find(|model| model.id == id).map(|model| &model.facts);
        let sources = [
            (Origin::Configuration, self.facts.get(id)),
            (Origin::Provider, live),
            (Origin::Table, Some(&table)),
            (Origin::ModelsDev, self.found.dev.get(id)),
        ];
        let sources = sources.into_iter().filter_map(|(origin, facts)| Some((origin, facts?)));
        let (facts, mut origins) = join(&sources.collect::<Vec<_>>());
        if dialect.reasoning.has_steps() {
            dialect.efforts = facts.efforts.unwrap_or_default();
        } else if origins.efforts != Origin::Nobody {
            // What nobody can ask for is no choice; that it thinks or not may be one.
            origins.efforts = Origin::Table;
        }
        Model {
            id: id.to_owned(),
            further: self.further.clone(),
            name: facts.name.unwrap_or_else(|| id.to_owned()),
            context_window: facts.context_window,
            max_output: facts.max_output,
            vision: facts.vision.unwrap_or_default(),
            efforts: dialect.efforts.clone(),
            default_effort: None,
            price: facts.price,
            is_usable: facts.tools != Some(false) && facts.converses.unwrap_or_else(|| models::converses(id)),
            origins,
            dialect,
        }
    }

    /// What the table says of a model: its row, and the ladder of its family.
    fn of_table(&self, id: &str, dialect: &Dialect) -> Facts {
        let row = self.kind.model(id);
        let knows_ladder = row.is_some() || !dialect.efforts.is_empty();
        Facts {
            efforts: knows_ladder.then(|| dialect.efforts.clone()),
            ..row.map(Facts::of_table).unwrap_or_default()
        }
    }
}
