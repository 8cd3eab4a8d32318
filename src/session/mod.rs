//! What the typed words mean: one immutable value for this run.
//!
//! [`Arguments::understand`] reads Codex's own arguments, [`Config::read`] the configuration, and [`resolve()`] puts
//! both together with what was typed for crelay and with the environment, which comes in as an [`Environment`]. The key
//! is read last, by [`Resolved::unlock`]. Whose keys crelay keeps comes in as a list, too; who opens them is not told
//! here.

#![forbid(unsafe_code)]

mod address;
mod also;
pub mod arguments;
mod choice;
mod config;
mod error;
mod fallback;
pub mod folders;
mod heal;
mod hiding;
mod host;
pub mod key;
mod keys;
mod misplaced;
mod models;
mod named;
mod nearest;
mod number;
mod offer;
mod patience;
mod place;
mod prompt;
mod range;
mod resolve;
mod search;
pub mod secret;
mod settings;
mod trust;

use std::borrow::Cow;
use std::fmt;

pub use crate::provider::dialect::Codes;
use crate::provider::dialect::Dialect;
pub use crate::provider::dialect::{Grammar, Wire};
pub use crate::provider::effort::Effort;
pub use crate::provider::repair::Repair;
pub use crate::provider::{Balance, KeyCheck, Lists, Price};

pub use crate::models::{Found, Origins};
pub use also::{AUTO, Also, Further};
pub use arguments::{Arguments, Command};
pub use choice::{Environment, Ground};
pub use config::{Config, Entry, Instructions, KeepEnv, is_amount};
pub use error::Error;
pub use folders::Folders;
pub use heal::Heal;
pub use hiding::Hiding;
pub use host::{Absent, Host};
pub use key::Place;
pub use keys::Keys;
pub use misplaced::takes_key;
pub use models::{ModelMap, Unlisted};
pub use named::{Deputies, Named};
pub use nearest::nearest;
pub use patience::{Attempts, Patience, Retry, Seconds, Timeout, Timeouts};
pub use range::Range;
pub use resolve::{Resolved, Wish, resolve};
pub use search::{Search, is_live};
pub use secret::{Secret, resembles_key};
pub use settings::{Origin, Setting};
pub use trust::Authorities;

/// Everything that is decided before Codex starts, and nothing that changes after.
#[derive(Debug, Clone)]
pub struct Session {
    /// Eight hex digits, unique among living sessions; part of file names.
    pub id: String,
    /// The provider that was chosen: all goes there that does not name another.
    pub main: Host,
    /// Providers beside it whose models can be chosen as well, no two of one id.
    pub further: Vec<Host>,
    /// Models that answer in the place of others whose provider cannot, the first before the next.
    pub fallbacks: Vec<Model>,
    /// The model that the session starts with.
    pub model: Model,
    /// The name that it was asked for by.
    pub asked: String,
    /// Names that stand for models.
    pub model_map: ModelMap,
    /// Models that do a part of Codex's work in the place of the session's.
    pub deputies: Deputies,
    /// What becomes of a request for another model.
    pub unlisted: Unlisted,
    /// The same name, if it begins with that of a provider who is not here.
    pub absent: Option<Absent>,
    /// Whether the user named the model for this run, so that neither a remembered choice nor a project's counts.
    pub model_is_explicit: bool,
    /// Whether it is the one that was chosen last in Codex's own picker.
    pub model_is_remembered: bool,
    /// What Codex is told about its search of the web.
    pub search: Search,
    /// What Codex must show to the relay.
    pub token: Secret,
    /// The largest request of a client that is read, in bytes.
    pub max_request: usize,
    /// Environment variables that hold keys of the session's providers and are taken from the child.
    pub hidden_env: Vec<String>,
}

/// Where requests go.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The provider's id in the table or the configuration; `custom` for a bare address.
    pub provider: String,
    /// The provider's name, for people.
    pub provider_name: String,
    /// Its path has no slash at the end (a bare host keeps its one); `/chat/completions` is appended, or `/responses`.
    pub base_url: url::Url,
    /// Where requests to the Responses endpoint go, if elsewhere; `/responses` is appended.
    pub responses_url: Option<url::Url>,
    /// The key; absent where none is needed.
    pub key: Option<Secret>,
    /// Where the key came from, for people; absent where there is none, or the user has just typed it.
    pub key_origin: Option<String>,
    /// Extra headers of the configuration and the table.
    pub headers: Vec<(String, Secret)>,
    /// Who vouches for it, over TLS.
    pub authorities: Authorities,
    /// Where the user gets or tops up a key, if known.
    pub console: Option<String>,
    /// Whether each answer tells what it cost.
    pub tells_cost: bool,
    /// Whose dialect it speaks, by the table's id; a name that is not in the table if it is nobody's.
    pub dialect: String,
}

/// One model, as the picker and the translator need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The provider's name for it.
    pub id: String,
    /// The id of the provider that has it, if that is not the session's main one.
    pub further: Option<String>,
    /// For people.
    pub name: String,
    /// Tokens of request and answer together; `None` if not known.
    pub context_window: Option<u64>,
    /// Most tokens of an answer, if known.
    pub max_output: Option<u64>,
    /// Whether it sees images.
    pub vision: bool,
    /// The efforts to choose from, in Codex's words, lowest first.
    pub efforts: Vec<Effort>,
    /// The effort if the user chose none.
    pub default_effort: Option<Effort>,
    /// What it costs, if known.
    pub price: Option<Price>,
    /// Whether Codex can work with it: it answers in words, and calls tools.
    pub is_usable: bool,
    /// Who says all this.
    pub origins: Origins,
    /// How the provider speaks with this model.
    pub dialect: Dialect,
}

impl Session {
    /// The model that a request means: the one that the name stands for, or else has.
    #[must_use]
    pub fn model(&self, asked: Option<&str>) -> Cow<'_, Model> {
        let Some(asked) = asked else {
            return Cow::Borrowed(&self.model);
        };
        // Who was named to do a part of the work does it, whatever a pattern says of all names.
        let is_deputy = self.deputies.iter().any(|named| named.model() == Some(asked));
        let target = self.model_map.target(asked).filter(|_| !is_deputy);
        let (host, id) = self.whose(target.unwrap_or(asked));
        let listed = |id: &str| {
            host.others
                .iter()
                .chain([&self.model])
                .find(|model| host.has(model) && model.id == id)
        };
        let known = listed(id).or_else(|| listed(host.range.alias(id)?));
        match (known, self.unlisted) {
            (Some(model), _) => Cow::Borrowed(model),
            (None, Unlisted::ByOwn) => Cow::Borrowed(&self.model),
            (None, Unlisted::AsNamed) => Cow::Owned(host.range.model(id)),
        }
    }

    /// The same session, with what was found out about the main provider's models: which one was meant, what each can,
    /// and which there are.
    ///
    /// # Errors
    ///
    /// When the model that was named is none, or does not speak as was wished.
    pub fn furnished(mut self, found: Found) -> Result<Self, Error> {
        self.main.furnish(found);
        self.settled()
    }

    /// The same session once all is known about its providers' models that will be.
    ///
    /// # Errors
    ///
    /// When the model that was named is none, or does not speak as was wished.
    pub fn settled(mut self) -> Result<Self, Error> {
        if let Some(absent) = self.absent() {
            let Some(usual) = &absent.usual else {
                return Err(Error::AbsentProvider {
                    model: absent.name.clone(),
                    provider: absent.provider.clone(),
                });
            };
            self.asked = usual.clone();
        }
        let (host, asked) = self.whose(&self.asked);
        let id = match self.model_is_explicit {
            true => host.range.meant(asked)?,
            false => host.range.alias(asked).unwrap_or(asked),
        };
        self.model = host.range.spoken(id)?;
        let others: Vec<Vec<Model>> = self.hosts().map(|host| self.others_of(host)).collect();
        for (host, others) in self.hosts_mut().zip(others) {
            host.others = others;
        }
        self.settle_names()?;
        self.fallbacks = self.settled_fallbacks()?;
        let mapped = self.model_map.pairs().map(|(_, to)| to);
        let deputies = self.deputies.iter().filter_map(Named::model);
        let named = mapped.chain(deputies).map(|name| self.whose(name));
        let named: Vec<Model> = named.map(|(host, id)| host.range.model(id)).collect();
        for model in named {
            if self.models().all(|known| !known.is(&model)) {
                self.host_mut(&model).others.push(model);
            }
        }
        Ok(self)
    }

    /// Finds out which models are meant by the names of others that the user gave.
    fn settle_names(&mut self) -> Result<(), Error> {
        let mut model_map = std::mem::take(&mut self.model_map);
        let mut deputies = std::mem::take(&mut self.deputies);
        for named in model_map.named_mut().chain(deputies.iter_mut()) {
            named.settle(|typed, is_for_all| {
                let (host, own) = self.whose(typed);
                let id = match is_for_all {
                    true => host.range.known(own),
                    false => Some(host.range.meant(own)?),
                };
                Ok(id.map(|id| host.range.model(id).slug().into_owned()))
            })?;
        }
        self.model_map = model_map;
        self.deputies = deputies;
        Ok(())
    }

    /// The model of this name among those that Codex may ask for.
    fn named(&self, name: &str) -> Option<&Model> {
        let (host, id) = self.whose(name);
        self.models().find(|model| host.has(model) && model.id == id)
    }

    /// Names under which Codex may ask for a model beside those that it is offered: the one that was typed, those that
    /// stand for others, and those of models that do a part of its work.
    pub fn other_names(&self) -> impl Iterator<Item = (&str, &Model)> {
        let asked = (self.asked != self.model.slug()).then_some((self.asked.as_str(), &self.model));
        let pairs = self.model_map.pairs().filter(|(from, _)| !from.contains('*'));
        let mapped = pairs.filter_map(|(from, to)| Some((from, self.named(to)?)));
        let deputies = self.deputies.iter().filter_map(Named::model);
        let deputies = deputies.filter_map(|name| Some((name, self.named(name)?)));
        asked.into_iter().chain(mapped).chain(deputies)
    }

    /// The session's model first, then the others, the main provider's before all.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        let others = self.hosts().flat_map(|host| &host.others);
        std::iter::once(&self.model).chain(others)
    }
}

impl Model {
    /// The name by which Codex asks for it: its id, behind the provider's where that is a further one.
    #[must_use]
    pub fn slug(&self) -> Cow<'_, str> {
        match &self.further {
            None => Cow::Borrowed(&self.id),
            Some(provider) => Cow::Owned(format!("{provider}/{}", self.id)),
        }
    }

    /// Whether both are the same model of the same provider.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id && self.further == other.further
    }

    /// Asks so that what was refused is not asked again; says whether anything is asked otherwise.
    pub fn repair(&mut self, repair: &Repair) -> bool {
        match repair {
            Repair::NoImages => std::mem::take(&mut self.vision),
            Repair::Efforts(_) | Repair::AlwaysThinks | Repair::LeaveOut(_) => self.dialect.repair(repair),
        }
    }
}

impl Endpoint {
    /// Whether it is an address without a provider, whose key comes from `CRELAY_API_KEY`.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        choice::is_bare(&self.provider)
    }

    /// Whether it can only be this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        address::is_loopback(&self.base_url)
    }

    /// Under which name the choice of a model is remembered: the provider's id, or a bare address.
    #[must_use]
    pub fn memory(&self) -> &str {
        choice::memory(&self.provider, &self.provider_name)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.provider_name, self.base_url)
    }
}
