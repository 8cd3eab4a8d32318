//! Who there is, which models they serve, and in which respects each differs.
//!
//! The table is data: [`providers.toml`](https://github.com/crelay/crelay/blob/main/src/provider/providers.toml) and,
//! beside it, `models.toml`. A new provider is a stanza, a new difference is a new variant of an axis in [`dialect`].

#![forbid(unsafe_code)]

mod axes;
pub mod dialect;
pub mod effort;
pub mod repair;
mod table;

pub use table::{Error, Table, matches};

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use axes::Axes;
use dialect::{Dialect, ReasoningRequest};
use table::Family;

/// One row of the table.
#[derive(Debug, Clone, Default)]
pub struct Provider {
    /// The name that is typed.
    pub id: String,
    /// Other names that may be typed.
    pub aliases: Vec<String>,
    /// The name for people.
    pub name: String,
    /// Where requests go; `/chat/completions` is appended, or `/responses`. `{NAME}` stands for what the variable of
    /// that name holds.
    pub base_url: String,
    /// The variable that may hold the address instead; what it leaves open, such as the path, is as in `base_url`.
    pub address_env: Option<String>,
    /// Where requests to the Responses endpoint go, if elsewhere; `/responses` is appended.
    pub responses_url: Option<String>,
    /// The variables that may hold the key; the first that is set counts.
    pub key_env: Vec<String>,
    /// Whether it answers nobody without a key.
    pub key_required: bool,
    /// Whether its key in the environment is enough to choose it. Not where the variable exists for other purposes:
    /// such a one must never decide where a prompt goes.
    pub key_decides: bool,
    /// How a key can be proved, if it can.
    pub key_check: Option<KeyCheck>,
    /// Where what is left on the account is told, if it is.
    pub balance: Option<Balance>,
    /// Where a key is made and paid for, if known.
    pub console: Option<String>,
    /// Whether it tells with each answer what that cost.
    pub tells_cost: bool,
    /// How many seconds may pass without a word of an answer, where its models think longer than others'.
    pub silence_seconds: Option<u64>,
    /// The model of a user who names none.
    pub default_model: Option<String>,
    /// The models that are known, the most useful first.
    pub models: Arc<[Model]>,
    /// Whether it is named where only some can be.
    pub is_example: bool,
    /// What it tells of its models when it is asked.
    pub lists: Lists,
    /// What models.dev calls it.
    pub models_dev: String,
    /// Whether it is a region or a plan of a provider further up.
    pub is_variant: bool,
    /// Those of whom it is like first.
    axes: Vec<Arc<Axes>>,
    families: Arc<[Family]>,
    /// Families that are the same wherever they are served; empty for who serves its own models alone.
    shared: Arc<[Family]>,
}

/// How a key is proved at next to no cost. A list of models proves nothing where it is shown to everybody.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyCheck {
    /// `GET` of `models` below the base address.
    Models,
    /// `GET` of this reference, resolved against the base address with a slash at its end; so it never leaves the host.
    Get(String),
    /// One token of this model's, by chat.
    Chat(String),
}

/// Where a provider tells what is left on the account of a key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// What is asked for with `GET`, resolved as [`KeyCheck::Get`] is.
    pub get: String,
    /// Where the amount stands in the answer, as a JSON pointer: a number, or the text of one; null where nothing
    /// limits it.
    pub amount: String,
    /// In which currency, by its code; or, with a slash before it, where that stands. `None` if nobody says.
    pub currency: Option<String>,
}

/// What a provider tells of its models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lists {
    /// `models` below the base address. There may be others: deployments of the user's own, endpoints with a number.
    #[default]
    Some,
    /// `models` below the base address, and there are no others.
    All,
    /// Nothing, or nothing of what may be asked for.
    Nothing,
    /// As Ollama: all, and `../api/show` says of each what it can.
    Ollama,
    /// As LM Studio: `../api/v0/models` has all, with what they can.
    LmStudio,
    /// As llama.cpp: the one that it holds, by whatever name; `../props` says what it can.
    LlamaCpp,
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The provider's name for it.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Tokens of request and answer together.
    pub context_window: u64,
    /// Most tokens of an answer, where a source gives one that leaves room for the question.
    pub max_output: Option<u64>,
    /// Whether it sees images.
    #[serde(default)]
    pub vision: bool,
    /// What it costs, where that is known and depends on the tokens.
    #[serde(rename = "usd")]
    pub price: Option<Price>,
    /// A short name that may be typed for it.
    pub alias: Option<String>,
}

/// The price of a million tokens, in dollars of the USA.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of the question.
    pub input: f64,
    /// Of the answer.
    pub output: f64,
    /// Of what the provider had cached of the question, if known.
    #[serde(default)]
    pub cached: Option<f64>,
}

impl Price {
    /// Whether it is made of amounts that can be asked for.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let amounts = [Some(self.input), Some(self.output), self.cached];
        let is_amount = |dollars: f64| dollars.is_finite() && dollars >= 0.0;
        amounts.into_iter().flatten().all(is_amount)
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.input == 0.0 && self.output == 0.0
    }
}

/// The axes in which `dialect` is not the generic one, as `providers.toml` spells them. Of an axis with settings of its
/// own there are those that differ.
#[must_use]
pub fn differing(dialect: &Dialect) -> Vec<(&'static str, Value)> {
    let usual = Axes::spelled(&Dialect::default());
    let own = Axes::spelled(dialect).into_iter().zip(usual);
    own.filter(|((_, own), (_, usual))| own != usual)
        .map(|((name, mut own), (_, usual))| {
            if let (Value::Object(own), Value::Object(usual)) = (&mut own, usual) {
                own.retain(|key, value| usual.get(key) != Some(value));
            }
            (name, own)
        })
        .collect()
}

/// An axis as a line of `providers.toml`.
#[must_use]
pub fn axis_line(name: &str, value: &Value) -> String {
    let value = value.serialize(toml_edit::ser::ValueSerializer::new());
    // What JSON holds and TOML does not, no axis has.
    value.map_or_else(|_| name.to_owned(), |value| format!("{name} = {value}"))
}

impl Provider {
    /// How the provider speaks with `model`: its own axes, over them those of the first shared family that the name
    /// belongs to, if it serves those, and over these the ones of its own first family. A ladder of efforts counts only
    /// where there is a way to send a step, and a host that takes fewer choices of a tool takes fewer of every shared
    /// family. An unknown model gets the provider's own axes.
    #[must_use]
    pub fn dialect(&self, model: &str) -> Dialect {
        let mut dialect = Dialect::default();
        for axes in &self.axes {
            axes.apply(&mut dialect);
        }
        if let Some(family) = Family::first(&self.shared, model) {
            let choice = dialect.tool_choice;
            family.axes.apply(&mut dialect);
            dialect.tool_choice = dialect.tool_choice.min(choice);
        }
        if let Some(family) = Family::first(&self.families, model) {
            family.axes.apply(&mut dialect);
        }
        if dialect.reasoning == ReasoningRequest::Silent {
            dialect.efforts.clear();
        }
        dialect
    }

    /// What is known of the model with this name.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.id == id)
    }

    /// Whether this is the provider that `name` means.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}
