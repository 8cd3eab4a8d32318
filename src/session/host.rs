//! The providers of a session: the main one, and further ones beside it whose models are named with the provider before
//! them, as in `kimi/kimi-k3.1-pro`.

use crate::models::Listing;

use super::{Endpoint, Found, Model, Patience, Range, Session};

/// A model that was named with a provider who is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// The whole name.
    pub name: String,
    /// The provider's id.
    pub provider: String,
    /// What is asked for instead, where the name was only remembered.
    pub usual: Option<String>,
}

/// One provider of a session: where it is asked, which models it has, and how long it may take.
#[derive(Debug, Clone)]
pub struct Host {
    /// All names of the provider: its id first, then those by which it may be called as well.
    pub names: Vec<String>,
    /// Where requests go.
    pub endpoint: Endpoint,
    /// All models of the provider, also those that nobody knows.
    pub range: Range,
    /// Models of the provider that Codex can work with; without the session's.
    pub others: Vec<Model>,
    /// Whether its models can be chosen; else it is asked only in the place of others.
    pub is_offered: bool,
    /// How long the provider may take and how often it is asked, where it is not as usual.
    pub patience: Patience,
}

impl Host {
    /// Notes what was found out about the provider's models. [`Session::settled`] says what follows.
    pub fn furnish(&mut self, found: Found) {
        self.range.furnish(found);
    }

    /// Notes the provider's list alone.
    pub fn list(&mut self, listing: Listing) {
        self.range.list(listing);
    }

    /// Whether `model` is this provider's.
    pub(super) fn has(&self, model: &Model) -> bool {
        self.range.further() == model.further.as_deref()
    }

    /// What stands behind the provider's name and a slash.
    fn own_name<'a>(&self, name: &'a str) -> Option<&'a str> {
        let mut names = self.names.iter();
        names.find_map(|own| name.strip_prefix(own.as_str())?.strip_prefix('/'))
    }
}

impl Session {
    /// The main provider first, then the further ones.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        std::iter::once(&self.main).chain(&self.further)
    }

    /// The same, to be furnished.
    pub fn hosts_mut(&mut self) -> impl Iterator<Item = &mut Host> {
        std::iter::once(&mut self.main).chain(&mut self.further)
    }

    /// All models of `host` but the session's that Codex can work with and ask for.
    pub(super) fn others_of(&self, host: &Host) -> Vec<Model> {
        let all = host.range.ids().into_iter().map(|id| host.range.model(id));
        let is_other = |model: &Model| model.is_usable && !model.is(&self.model);
        // A gateway may have a model of just that name.
        let can_be_named = |model: &Model| model.further.is_none() || !self.main.range.knows(&model.slug());
        all.filter(|model| host.is_offered && is_other(model) && can_be_named(model))
            .collect()
    }

    /// The provider that has `model`.
    #[must_use]
    pub fn host(&self, model: &Model) -> &Host {
        self.further.iter().find(|host| host.has(model)).unwrap_or(&self.main)
    }

    pub(super) fn host_mut(&mut self, model: &Model) -> &mut Host {
        self.further
            .iter_mut()
            .find(|host| host.has(model))
            .unwrap_or(&mut self.main)
    }

    /// What was named in vain, if that is the provider's name before it: whoever names their models by makers may mean
    /// their own by it.
    #[must_use]
    pub fn absent(&self) -> Option<&Absent> {
        let range = &self.main.range;
        let is_own = |absent: &&Absent| match absent.usual {
            Some(_) => range.may_have(&absent.name),
            None => range.knows(&absent.name) || range.is_slashed(),
        };
        self.absent.as_ref().filter(|absent| !is_own(absent))
    }

    /// Whose model a name means, and the name without the provider's. What the main provider calls its own is its own,
    /// though it begins like the name of another: gateways name models by their makers.
    pub(super) fn whose<'a>(&self, name: &'a str) -> (&Host, &'a str) {
        if self.main.range.knows(name) {
            return (&self.main, name);
        }
        let further = self.further.iter().filter(|host| host.is_offered);
        let theirs = further.filter_map(|host| Some((host, host.own_name(name)?)));
        let own = self.main.own_name(name).filter(|own| self.main.range.knows(own));
        let found = theirs.chain(own.map(|own| (&self.main, own))).next();
        found.unwrap_or((&self.main, name))
    }
}
