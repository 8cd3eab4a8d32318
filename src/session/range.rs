//! All models of a provider, also those that the table does not know, as the user wants them spoken with.

use std::collections::BTreeMap;

use crate::provider;
use crate::provider::dialect::{Grammar, Grammars};

use super::choice::Chosen;
use super::config::{Config, Wires};
use super::error::Error;
use super::heal::Heal;
use super::resolve::Wish;
use super::{Model, Price, Wire};

/// The models of this run's provider.
#[derive(Debug, Clone)]
pub struct Range {
    kind: provider::Provider,
    provider_name: String,
    /// The protocols of the configuration, and the one that was typed.
    wires: Wires,
    wire: Option<Wire>,
    /// What is listened for: what counts more comes later.
    heals: Vec<Heal>,
    no_heal: Option<Vec<Grammar>>,
    /// The prices of the configuration.
    prices: BTreeMap<String, Price>,
}

impl Range {
    pub(super) fn new(chosen: &Chosen, wish: &Wish, config: &Config) -> Self {
        Self {
            kind: chosen.kind.clone(),
            provider_name: chosen.name.clone(),
            wires: chosen.wires.clone(),
            wire: wish.wire,
            heals: [&config.heal, &chosen.heal].into_iter().flatten().cloned().collect(),
            no_heal: wish.no_heal.clone(),
            prices: chosen.prices.clone(),
        }
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
        let mut model = self.known(id);
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

    /// A model of which nothing is known is taken to be blind: Codex then says in words what an image would have shown,
    /// where a provider would refuse the whole turn. Its window is left to Codex.
    fn known(&self, id: &str) -> Model {
        let dialect = self.kind.dialect(id);
        let known = self.kind.model(id);
        Model {
            id: id.to_owned(),
            name: known.map_or(id, |known| &known.name).to_owned(),
            context_window: known.map(|known| known.context_window),
            max_output: known.and_then(|known| known.max_output),
            vision: known.is_some_and(|known| known.vision),
            efforts: dialect.efforts.clone(),
            default_effort: None,
            price: self.prices.get(id).copied().or_else(|| known?.price),
            dialect,
        }
    }
}
