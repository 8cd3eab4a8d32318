//! What is known of models, from several who tell of them, and which model a name means.
//!
//! [`Facts`] is what one of them says of one model. [`Listing`] reads a provider's own list in all its spellings,
//! [`dev`] the data set of models.dev; [`Facts::of_table`] is what crelay itself was built with. [`join`] says which
//! counts, and [`Origins`] who said it. [`Names`] finds the model that somebody meant. Who asks, and keeps what was
//! answered, is `stock`.

#![forbid(unsafe_code)]

pub mod dev;
mod join;
mod listing;
mod names;
mod purpose;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plain;
use crate::provider::effort::Effort;
use crate::provider::{self, Price};

pub use join::{Origin, Origins, join};
pub use listing::{Listed, Listing, llama_props, ollama_details, ollama_running};
pub use names::{Meant, Names};
pub use purpose::converses;

/// What somebody says of a model. What he does not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tokens of request and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// Most tokens of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Whether it sees images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// Whether it calls tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Whether it answers in words, as models of images, speech or vectors do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converses: Option<bool>,
    /// The efforts to choose from, lowest first; empty if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efforts: Option<Vec<Effort>>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// What was found out about a provider's models, beside what the configuration and the table say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The provider's own list, if it has given one.
    pub listing: Option<Listing>,
    /// What models.dev says, by the provider's name for each.
    pub dev: BTreeMap<String, Facts>,
}

/// No window is smaller than this, and none as large as the second.
const WINDOWS: std::ops::RangeInclusive<u64> = 256..=1_000_000_000;

/// Longer than any name of a model, or for one, that was seen.
const LONGEST_NAME: usize = 200;

impl Facts {
    /// What the table says. Every model of the table was chosen because it calls tools.
    #[must_use]
    pub fn of_table(model: &provider::Model) -> Self {
        Self {
            name: Some(model.name.clone()),
            context_window: Some(model.context_window),
            max_output: model.max_output,
            vision: Some(model.vision),
            tools: Some(true),
            converses: Some(true),
            efforts: None,
            price: model.price,
        }
    }

    /// Without what cannot be: others wrote it, and one number that Codex cannot read keeps it from starting.
    #[must_use]
    fn sound(mut self) -> Self {
        self.name = self.name.map(|name| plain::line(&name));
        self.name = self
            .name
            .filter(|name| !name.is_empty() && name.chars().count() <= LONGEST_NAME);
        self.context_window = self.context_window.filter(|tokens| is_window(*tokens));
        self.max_output = self.max_output.filter(|tokens| is_window(*tokens));
        self.price = self.price.filter(Price::is_sound);
        if let Some(efforts) = &mut self.efforts {
            efforts.sort_unstable();
            efforts.dedup();
        }
        self
    }
}

/// Whether a window, or an answer, can have so many tokens.
#[must_use]
pub fn is_window(tokens: u64) -> bool {
    WINDOWS.contains(&tokens)
}

/// Whether a model can have this name: it stands on command lines, in Codex's catalog and in requests.
#[must_use]
pub fn is_name(id: &str) -> bool {
    let is_fair = |character: char| !plain::is_hostile(character) && !character.is_whitespace();
    !id.is_empty() && id.len() <= LONGEST_NAME && id.chars().all(is_fair)
}
