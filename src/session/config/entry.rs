//! What the configuration says of one provider and its models.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use crate::models::{Facts, is_window};
use crate::provider::Price;
use crate::provider::dialect::Wire;
use crate::provider::effort::Effort;
use crate::session::heal::Heal;
use crate::session::models::ModelMap;
use crate::session::named::Deputies;
use crate::session::number::whole;
use crate::session::patience::{Retry, Timeouts};
use crate::session::secret::Secret;

/// One `[providers.NAME]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where requests go.
    pub base_url: Option<String>,
    /// The variable that holds the key.
    pub key_env: Option<String>,
    /// A command for `sh` that prints the key.
    pub key_command: Option<String>,
    /// The provider of the table that speaks alike.
    pub dialect: Option<String>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// Certificates of authorities that vouch for this provider; counts instead of the one for all.
    pub ca_file: Option<PathBuf>,
    /// The model of a user who names none.
    pub model: Option<String>,
    /// Short names for models.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Names that stand for models.
    #[serde(default)]
    pub model_map: ModelMap,
    /// The model that reviews, if not the session's.
    pub review_model: Option<String>,
    /// The model of sub-agents, if not the session's.
    pub subagent_model: Option<String>,
    /// The model that finds titles for threads, if not the session's.
    pub small_model: Option<String>,
    /// The protocol of all models.
    pub wire: Option<Wire>,
    /// Which leaked calls and thoughts of this provider are healed.
    pub heal: Option<Heal>,
    /// How long this provider may take.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// How often this provider is asked.
    #[serde(default)]
    pub retry: Retry,
    /// What differs from model to model.
    #[serde(default)]
    pub models: BTreeMap<String, ModelEntry>,
}

/// One `[providers.NAME.models.MODEL]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// The protocol of this model.
    pub wire: Option<Wire>,
    /// What this model costs.
    pub price: Option<Price>,
    /// Its name for people.
    pub name: Option<String>,
    /// Tokens of request and answer together.
    pub context_window: Option<Tokens>,
    /// Most tokens of an answer.
    pub max_output: Option<Tokens>,
    /// Whether it sees images.
    pub vision: Option<bool>,
    /// Whether it calls tools; without, it is not offered.
    pub tools: Option<bool>,
    /// The efforts to choose from.
    pub efforts: Option<Vec<Effort>>,
}

/// So many tokens as a model can read or write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens(u64);

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a whole number of tokens, from 256 to 1000000000";
        whole(deserializer, EXPECTED, is_window).map(Self)
    }
}

impl Entry {
    pub(in crate::session) fn wires(&self) -> Wires {
        let by_model = self.models.iter();
        Wires {
            all: self.wire,
            by_model: by_model
                .filter_map(|(name, model)| Some((name.clone(), model.wire?)))
                .collect(),
        }
    }

    pub(in crate::session) fn deputies(&self) -> Deputies {
        Deputies::named(&self.small_model, &self.review_model, &self.subagent_model)
    }

    /// What the user says of models, by model.
    pub(in crate::session) fn facts(&self) -> BTreeMap<String, Facts> {
        let models = self.models.iter();
        models.map(|(name, model)| (name.clone(), model.facts())).collect()
    }
}

impl ModelEntry {
    fn facts(&self) -> Facts {
        Facts {
            name: self.name.clone(),
            context_window: self.context_window.map(|tokens| tokens.0),
            max_output: self.max_output.map(|tokens| tokens.0),
            vision: self.vision,
            tools: self.tools,
            converses: None,
            efforts: self.efforts.clone(),
            price: self.price,
        }
    }
}

/// Which protocol the configuration chooses for which model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::session) struct Wires {
    all: Option<Wire>,
    by_model: BTreeMap<String, Wire>,
}

impl Wires {
    /// The protocol that is chosen for a model, if one is.
    pub fn of(&self, model: &str) -> Option<Wire> {
        self.by_model.get(model).copied().or(self.all)
    }
}
