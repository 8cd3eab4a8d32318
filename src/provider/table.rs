//! Reads `providers.toml` and `models.toml`: strictly, because a slip of ours must not become a provider's dialect.
//! `build.rs` has made JSON of both, which a start has the time to read whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::axes::Axes;
use super::dialect::Wire;
use super::{Balance, KeyCheck, Lists, Model, Provider};

/// Everyone whom crelay knows, in the order of the file.
#[derive(Debug, Clone)]
pub struct Table {
    providers: Vec<Provider>,
    families: Arc<[Family]>,
}

/// Why the table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no table.
    #[error("the table of providers is damaged")]
    Syntax(#[source] serde_json::Error),
    /// `like` names nobody who stands further up.
    #[error("`{id}` is like `{like}`, who does not stand before it")]
    Like {
        /// Who.
        id: String,
        /// Like whom.
        like: String,
    },
    /// Models of nobody.
    #[error("models are listed for `{0}`, who is no provider")]
    Nobody(String),
}

impl Table {
    /// The table that crelay is built with.
    ///
    /// # Errors
    ///
    /// When the file is damaged, which a test keeps from happening.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse(include_str!(concat!(env!("OUT_DIR"), "/table.json")))
    }

    fn parse(json: &str) -> Result<Self, Error> {
        let File { providers, mut models } = serde_json::from_str(json).map_err(Error::Syntax)?;
        let mut table = Self {
            providers: Vec::new(),
            families: providers.family.into(),
        };
        for stanza in providers.provider {
            let models = models.remove(&stanza.id);
            let provider = stanza.settle(models, &table)?;
            table.providers.push(provider);
        }
        match models.into_keys().next() {
            Some(id) => Err(Error::Nobody(id)),
            None => Ok(table),
        }
    }

    /// The provider with this id or alias, in any case of letters.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.answers_to(name))
    }

    /// Somebody of whom nothing is known. What travels with the models counts there, too: a server that passes on to
    /// DeepSeek or Moonshot refuses what they refuse. It may speak either protocol, and is first taken to speak the
    /// older.
    #[must_use]
    pub fn stranger(&self) -> Provider {
        let either = Axes {
            wires: Some(vec![Wire::Chat, Wire::Responses]),
            ..Axes::default()
        };
        Provider {
            axes: vec![Arc::new(either)],
            shared: Arc::clone(&self.families),
            ..Provider::default()
        }
    }

    /// All, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> + Clone {
        self.providers.iter()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    providers: Providers,
    models: BTreeMap<String, Vec<Model>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Providers {
    /// Families that are the same wherever they are served.
    #[serde(default)]
    family: Vec<Family>,
    provider: Vec<Stanza>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stanza {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    name: String,
    base_url: String,
    address_env: Option<String>,
    responses_url: Option<String>,
    #[serde(default)]
    key_env: Vec<String>,
    #[serde(default = "yes")]
    key_required: bool,
    #[serde(default = "yes")]
    key_decides: bool,
    #[serde(default)]
    example: bool,
    key_check: Option<KeyCheck>,
    balance: Option<Balance>,
    console: Option<String>,
    #[serde(default)]
    tells_cost: bool,
    silence_seconds: Option<u64>,
    /// Models, families and what it hosts are those of this provider where the stanza does not name its own; the axes
    /// that it names are put over that provider's.
    like: Option<String>,
    hosts: Option<Hosts>,
    default_model: Option<String>,
    lists: Option<Lists>,
    models_dev: Option<String>,
    axes: Option<Axes>,
    families: Option<Vec<Family>>,
}

/// Whose models a provider serves.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Hosts {
    /// Its own, whose families stand with it.
    Own,
    /// Anybody's: the shared families count as well.
    EveryFamily,
}

fn yes() -> bool {
    true
}

impl Stanza {
    fn settle(self, models: Option<Vec<Model>>, above: &Table) -> Result<Provider, Error> {
        let nobody = Provider::default();
        let base = match &self.like {
            None => &nobody,
            Some(like) => above.find(like).ok_or_else(|| Error::Like {
                id: self.id.clone(),
                like: like.clone(),
            })?,
        };
        Ok(Provider {
            silence_seconds: self.silence_seconds.or(base.silence_seconds),
            default_model: self.default_model.or_else(|| base.default_model.clone()),
            models: models.map_or_else(|| Arc::clone(&base.models), Arc::from),
            axes: base.axes.iter().cloned().chain(self.axes.map(Arc::new)).collect(),
            families: self.families.map_or_else(|| Arc::clone(&base.families), Arc::from),
            shared: match self.hosts {
                None => Arc::clone(&base.shared),
                Some(Hosts::Own) => Arc::default(),
                Some(Hosts::EveryFamily) => Arc::clone(&above.families),
            },
            is_example: self.example,
            // Whoever is in the table and says nothing else, lists all.
            lists: self
                .lists
                .unwrap_or(if self.like.is_some() { base.lists } else { Lists::All }),
            models_dev: self.models_dev.unwrap_or_else(|| self.id.clone()),
            is_variant: self.like.is_some(),
            id: self.id,
            aliases: self.aliases,
            name: self.name,
            base_url: self.base_url,
            address_env: self.address_env,
            responses_url: self.responses_url,
            key_env: self.key_env,
            key_required: self.key_required,
            key_decides: self.key_decides,
            key_check: self.key_check,
            balance: self.balance,
            console: self.console,
            tells_cost: self.tells_cost,
        })
    }
}

/// Models that differ from others in the same respects: a provider's, or those of one maker wherever they are served.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    #[serde(rename = "match")]
    names: Names,
    pub(super) axes: Axes,
}

/// Names of models in small letters, in which `*` stands for any text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a pattern or a list of patterns")]
enum Names {
    One(String),
    Any(Vec<String>),
}

impl Family {
    /// The one of `families` that counts for the model.
    pub(super) fn first<'a>(families: &'a [Self], model: &str) -> Option<&'a Self> {
        families.iter().find(|family| family.holds(model))
    }

    /// Whether the model belongs to it. Hosts spell names with large letters and small.
    pub(super) fn holds(&self, model: &str) -> bool {
        let model = model.to_ascii_lowercase();
        self.patterns().iter().any(|pattern| matches(pattern, &model))
    }

    fn patterns(&self) -> &[String] {
        match &self.names {
            Names::One(pattern) => std::slice::from_ref(pattern),
            Names::Any(patterns) => patterns,
        }
    }
}

/// Whether `model` is one of those that `pattern` means, in which `*` stands for any text. Letters count as they are.
#[must_use]
pub fn matches(pattern: &str, model: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = model.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
