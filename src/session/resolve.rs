//! From the words to the session.

use std::path::{Path, PathBuf};

use crate::provider;
use crate::provider::dialect::{Grammar, Grammars};

use super::address;
use super::arguments::Arguments;
use super::choice::{self, Chosen, Ground, OWN_KEY};
use super::config::Config;
use super::error::Error;
use super::key::Source;
use super::search::Said;
use super::secret::Secret;
use super::{Endpoint, Model, Session, Wire};

/// What was typed for crelay itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// `--provider`.
    pub provider: Option<String>,
    /// `--model`.
    pub model: Option<String>,
    /// `--base-url`.
    pub base_url: Option<String>,
    /// `--key-file`; `-` is standard input.
    pub key_file: Option<PathBuf>,
    /// Whether Codex's own configuration, with the user's profile over it, turns live search of the web on or off.
    pub search: Option<bool>,
    /// `--wire`.
    pub wire: Option<Wire>,
    /// `--no-heal`: these, or all if it names none.
    pub no_heal: Option<Vec<Grammar>>,
}

/// A session whose key has not been read yet: that may ask the user or run a command, and a rehearsal does neither.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Without the key.
    pub session: Session,
    /// Where the key will come from.
    pub key: Source,
}

impl Resolved {
    /// Reads the key.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is no key.
    pub fn unlock(self) -> Result<Session, Error> {
        let mut session = self.session;
        session.endpoint.key = self.key.read()?;
        Ok(session)
    }
}

/// Understands the words. `remembered` tells the model that was chosen last with a provider, or at a bare
/// address.
///
/// # Errors
///
/// When provider, address, key or model cannot be told; the sentence says what to type.
pub fn resolve(
    ground: &Ground<'_>,
    wish: &Wish,
    arguments: &Arguments,
    remembered: &dyn Fn(&str) -> Option<String>,
) -> Result<Resolved, Error> {
    let chosen = ground.choose(wish.provider.as_deref(), wish.base_url.as_deref())?;
    let explicit = explicit_model(wish, arguments)?;
    let key = key(ground, wish, &chosen)?;
    let tells_secrets = key != Source::Absent || !chosen.headers.is_empty();
    let in_clear = chosen.base_url.scheme() == "http" && !address::is_loopback(&chosen.base_url);
    if tells_secrets && in_clear && !ground.config.allow_http {
        return Err(Error::InClear(address::authority(&chosen.base_url)));
    }
    let model_is_explicit = explicit.is_some();
    let id = explicit
        .or_else(|| remembered(choice::memory(&chosen.id, &chosen.name)))
        .or_else(|| chosen.model.clone())
        .or_else(|| chosen.kind.default_model.clone())
        .ok_or_else(|| Error::NoModel(chosen.name.clone()))?;
    if id.is_empty() || id.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::BadModel(id));
    }
    let others = chosen.kind.models.iter().filter(|known| known.id != id);
    let model = |id: &str| healed(model(&chosen.kind, id), wish, ground.config, &chosen);
    let own = spoken(model(&id), wish, &chosen)?;
    let responses_url = match own.dialect.wire() {
        // Another model may want it; what it lacks is told to whoever starts with that one.
        Wire::Chat => ground.responses_url(&chosen).unwrap_or_default(),
        Wire::Responses => ground.responses_url(&chosen)?,
    };
    let said = Said {
        line: arguments.search,
        crelay: ground.config.web_search,
        codex: wish.search,
    };
    let session = Session {
        id: random_hex::<4>()?,
        search: said.decide(own.dialect.searches()),
        model: own,
        // A model that does not speak as is wished speaks as it does.
        others: others
            .map(|known| model(&known.id))
            .map(|other| spoken(other.clone(), wish, &chosen).unwrap_or(other))
            .collect(),
        model_is_explicit,
        token: Secret::new(random_hex::<32>()?),
        hidden_env: hidden_env(ground, &chosen),
        endpoint: Endpoint {
            console: ground.console(&chosen),
            provider: chosen.id,
            provider_name: chosen.name,
            base_url: chosen.base_url,
            responses_url,
            key: None,
            headers: chosen.headers,
        },
    };
    Ok(Resolved { session, key })
}

fn explicit_model(wish: &Wish, arguments: &Arguments) -> Result<Option<String>, Error> {
    match (&wish.model, &arguments.model) {
        (Some(ours), Some(theirs)) if ours != theirs => Err(Error::TwoModels {
            ours: ours.clone(),
            theirs: theirs.clone(),
        }),
        (ours, theirs) => Ok(ours.as_ref().or(theirs.as_ref()).cloned()),
    }
}

fn key(ground: &Ground<'_>, wish: &Wish, chosen: &Chosen) -> Result<Source, Error> {
    if let Some(path) = &wish.key_file {
        let is_input = path == Path::new("-");
        return Ok(if is_input {
            Source::Input {
                provider: chosen.name.clone(),
            }
        } else {
            Source::File(path.clone())
        });
    }
    let set = |name: &String| Some((name.clone(), ground.variable(name)?));
    if let Some((name, value)) = chosen.key_env.iter().find_map(set) {
        return Ok(Source::Variable {
            name,
            value: Secret::new(value),
        });
    }
    match &chosen.key_command {
        Some(command) => Ok(Source::Command {
            provider: chosen.id.clone(),
            command: command.clone(),
        }),
        None if chosen.key_required => Err(Error::NoKey {
            provider: chosen.id.clone(),
            variables: chosen.key_env.clone(),
            console: ground.console(chosen),
        }),
        None => Ok(Source::Absent),
    }
}

/// A model of which nothing is known is taken to be blind: Codex then says in words what an image would have shown,
/// where a provider would refuse the whole turn. Its window is left to Codex.
fn model(kind: &provider::Provider, id: &str) -> Model {
    let dialect = kind.dialect(id);
    let known = kind.model(id);
    Model {
        id: id.to_owned(),
        name: known.map_or(id, |known| &known.name).to_owned(),
        context_window: known.map(|known| known.context_window),
        max_output: known.and_then(|known| known.max_output),
        vision: known.is_some_and(|known| known.vision),
        efforts: dialect.efforts.clone(),
        default_effort: None,
        dialect,
    }
}

/// The model, listening for what is wanted: by the command line, the provider's entry, the whole configuration, or else
/// the table.
fn healed(mut model: Model, wish: &Wish, config: &Config, chosen: &Chosen) -> Model {
    let table = model.dialect.heal.clone();
    let grammars = &mut model.dialect.heal;
    for heal in [&config.heal, &chosen.heal].into_iter().flatten() {
        heal.put_over(grammars, &table);
    }
    match wish.no_heal.as_deref() {
        None => {}
        Some([]) => *grammars = Grammars::none(),
        Some(these) => these.iter().for_each(|grammar| grammars.set(*grammar, false)),
    }
    model
}

/// The model in the protocol that was typed, or else configured.
fn spoken(mut model: Model, wish: &Wish, chosen: &Chosen) -> Result<Model, Error> {
    let configured = || chosen.wires.of(&model.id);
    let Some(wire) = wish.wire.or_else(configured) else {
        return Ok(model);
    };
    let own = model.dialect.wire();
    if model.dialect.speak(wire) {
        return Ok(model);
    }
    Err(Error::NoWire {
        provider: chosen.name.clone(),
        model: model.id,
        wire,
        own,
        typed: wish.wire.is_some(),
    })
}

/// All variables in which the provider's key may stand, set or not. The table's count also where the configuration
/// names another: that key is the provider's, too.
fn hidden_env(ground: &Ground<'_>, chosen: &Chosen) -> Vec<String> {
    let mut hidden = chosen.key_env.clone();
    let known = ground.table.find(&chosen.id);
    let theirs = known.iter().flat_map(|known| known.key_env.iter().map(String::as_str));
    for name in theirs.chain([OWN_KEY]) {
        if !hidden.iter().any(|other| other == name) {
            hidden.push(name.to_owned());
        }
    }
    hidden.retain(|name| !ground.config.keep_env.keeps(name));
    hidden
}

fn random_hex<const BYTES: usize>() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(Error::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests;
