//! From the words to the session.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use crate::plain;
use crate::provider::dialect::Grammar;
use crate::provider::{Balance, KeyCheck};

use super::address;
use super::also::{Also, Further};
use super::arguments::Arguments;
use super::choice::{self, Chosen, Ground, OWN_KEY};
use super::error::Error;
use super::key::{Place, Source};
use super::patience::{Patience, Timeout, Timeouts};
use super::range::Range;
use super::search::{Said, Search};
use super::secret::Secret;
use super::trust::Authorities;
use super::{Absent, Deputies, Endpoint, Found, Host, ModelMap, Named, Session, Unlisted, Wire};

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
    /// Variables that may hold the key instead of the provider's own, of which then none counts.
    pub key_env: Option<Vec<String>>,
    /// The key of a user who was asked for it.
    pub key: Option<Secret>,
    /// `--model-map`.
    pub model_map: ModelMap,
    /// `--small-model`.
    pub small_model: Option<String>,
    /// `--also`.
    pub also: Also,
    /// `--fallback`, in the words that were typed.
    pub fallbacks: Also,
    /// Whether clients say with each request which model they want, as those of `crelay serve`. Then one need not be
    /// known beforehand, and a name that nobody knows is passed on unless a model was named for such.
    pub is_open: bool,
}

/// A session whose key has not been read yet: that may ask the user or run a command, and a rehearsal does neither.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Without the key.
    pub session: Session,
    /// Where the key of the main provider will come from.
    pub key: Source,
    /// The providers beside it.
    pub further: Vec<Further>,
    /// How the key can be proved, if it can.
    pub key_check: Option<KeyCheck>,
    /// Where what is left on the account is told, if it is.
    pub balance: Option<Balance>,
}

impl Resolved {
    /// Reads the keys. `kept` gives those that are kept for a provider.
    ///
    /// # Errors
    ///
    /// When one cannot be read or is none.
    pub fn unlock<E: From<Error>>(self, mut kept: impl FnMut(&str, Place) -> Result<Secret, E>) -> Result<Session, E> {
        let mut session = self.session;
        session.main.endpoint.key = self.key.read(&mut kept)?;
        let mut further = Vec::new();
        for (host, locked) in session.further.into_iter().zip(self.further) {
            further.extend(locked.unlock(host, &mut kept)?);
        }
        session.further = further;
        Ok(session)
    }
}

/// The model of an open session for which none is known. Servers that hold one model take any name for it.
const ANY_MODEL: &str = "default";

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
    let mut chosen = ground.choose(wish.provider.as_deref(), wish.base_url.as_deref())?;
    if let Some(variables) = &wish.key_env {
        chosen.key_env.clone_from(variables);
        chosen.kept = None;
    }
    let explicit = explicit_model(wish, arguments)?;
    let key = key(ground, wish, &chosen)?;
    refuse_in_clear(ground, &chosen, &key)?;
    let model_is_explicit = explicit.is_some();
    let mut further = ground.further(wish, &chosen.id, &key)?;
    let chosen_last = remembered(choice::memory(&chosen.id, &chosen.name)).filter(|_| !model_is_explicit);
    let model_is_remembered = chosen_last.is_some();
    let id = model_id(wish, &chosen, explicit.or(chosen_last))?;
    let absent = ground.absent(&id, &chosen.id, &further).map(|provider| Absent {
        usual: usual_model(&chosen).filter(|_| !model_is_explicit),
        name: id.clone(),
        provider,
    });
    let range = Range::new(&chosen, wish, ground.config);
    let fallbacks = ground.fallbacks(wish, (&chosen, &range), &mut further)?;
    let own = range.spoken(&id)?;
    let wire = own.dialect.wire();
    let (key_check, balance) = (chosen.key_check.clone(), chosen.balance.clone());
    let said = Said {
        line: arguments.search,
        crelay: ground.config.web_search,
        codex: wish.search,
    };
    let (model_map, deputies) = named(ground, wish, &chosen);
    let session = Session {
        id: random_hex::<4>()?,
        search: Search::Off,
        model: own,
        asked: id,
        further: further.iter().map(|further| further.host().clone()).collect(),
        fallbacks,
        model_map,
        deputies,
        unlisted: unlisted(wish, model_is_explicit),
        model_is_explicit,
        model_is_remembered: model_is_remembered && absent.is_none(),
        absent,
        token: Secret::new(random_hex::<32>()?),
        max_request: ground.config.max_request(),
        hidden_env: hidden_env(ground, &chosen, &further),
        main: host(ground, chosen, range, wire, &key)?,
    };
    let mut session = session.furnished(Found::default())?;
    session.search = said.decide(session.model.dialect.searches());
    Ok(Resolved {
        session,
        key,
        further,
        key_check,
        balance,
    })
}

/// The provider that is `chosen`, without its key, for a model that speaks `wire`.
pub(super) fn host(ground: &Ground<'_>, chosen: Chosen, range: Range, wire: Wire, key: &Source) -> Result<Host, Error> {
    let responses_url = match wire {
        // Another model may want it; what it lacks is told to whoever starts with that one.
        Wire::Chat => ground.responses_url(&chosen).unwrap_or_default(),
        Wire::Responses => ground.responses_url(&chosen)?,
    };
    let authorities = authorities(ground, &chosen, responses_url.as_ref())?;
    Ok(Host {
        names: ground.names(&chosen.id),
        patience: patience(ground, &chosen),
        range,
        others: Vec::new(),
        is_offered: true,
        endpoint: Endpoint {
            console: ground.console(&chosen),
            tells_cost: chosen.kind.tells_cost,
            dialect: chosen.kind.id,
            provider: chosen.id,
            provider_name: chosen.name,
            base_url: chosen.base_url,
            responses_url,
            key: None,
            key_origin: key.origin(),
            headers: chosen.headers,
            authorities,
        },
    })
}

/// Names that stand for models and models that do a part of the work: as typed, else as configured for this provider,
/// else as for all.
fn named(ground: &Ground<'_>, wish: &Wish, chosen: &Chosen) -> (ModelMap, Deputies) {
    let config = ground.config;
    let typed = Deputies {
        small: wish.small_model.as_deref().map(Named::here),
        ..Deputies::default()
    };
    let model_map = wish.model_map.clone().over(chosen.model_map.clone());
    let deputies = typed.or(chosen.deputies.clone());
    (model_map.over(config.model_map()), deputies.or(config.deputies()))
}

fn unlisted(wish: &Wish, model_is_explicit: bool) -> Unlisted {
    match wish.is_open && !model_is_explicit {
        true => Unlisted::AsNamed,
        false => Unlisted::ByOwn,
    }
}

/// Whoever listens between here and another machine would have the key.
pub(super) fn refuse_in_clear(ground: &Ground<'_>, chosen: &Chosen, key: &Source) -> Result<(), Error> {
    let tells_secrets = *key != Source::Absent || !chosen.headers.is_empty();
    let in_clear = chosen.base_url.scheme() == "http" && !address::is_loopback(&chosen.base_url);
    if tells_secrets && in_clear && !ground.config.allow_http {
        return Err(Error::InClear(address::authority(&chosen.base_url)));
    }
    Ok(())
}

/// Who vouches for the provider, if any of its addresses is encrypted.
fn authorities(ground: &Ground<'_>, chosen: &Chosen, responses_url: Option<&Url>) -> Result<Authorities, Error> {
    match is_encrypted(&chosen.base_url) || responses_url.is_some_and(is_encrypted) {
        true => ground.authorities(chosen.ca_file.as_ref()),
        false => Ok(Authorities::default()),
    }
}

fn is_encrypted(url: &Url) -> bool {
    url.scheme() == "https"
}

/// The model that the session starts with: the one that somebody chose, or that is usual.
fn model_id(wish: &Wish, chosen: &Chosen, wished: Option<String>) -> Result<String, Error> {
    let id = wished
        .or_else(|| usual_model(chosen))
        .or_else(|| wish.is_open.then(|| ANY_MODEL.to_owned()))
        .ok_or_else(|| Error::NoModel {
            provider: chosen.name.clone(),
            asking: asking(wish, chosen),
        })?;
    match id.is_empty() || id.chars().any(|c| plain::is_hostile(c) || c.is_whitespace()) {
        true => Err(Error::BadModel(id)),
        false => Ok(id),
    }
}

/// The model of who names none.
pub(super) fn usual_model(chosen: &Chosen) -> Option<String> {
    chosen.model.as_ref().or(chosen.kind.default_model.as_ref()).cloned()
}

/// The command that lists the models of `chosen`, as it was named here.
fn asking(wish: &Wish, chosen: &Chosen) -> String {
    let mut words = "crelay models".to_owned();
    if !choice::is_bare(&chosen.id) {
        words.push_str(&format!(" -P {}", chosen.id));
    }
    if wish.base_url.is_some() {
        words.push_str(&format!(" --base-url {}", chosen.base_url));
    }
    words
}

/// How long the provider may take and how often it is asked: as the configuration says, under whichever of its names,
/// and else as the table does where it knows of a reason.
fn patience(ground: &Ground<'_>, chosen: &Chosen) -> Patience {
    let silence = chosen.kind.silence_seconds;
    let silence = silence.map(|seconds| Timeout::After(Duration::from_secs(seconds)));
    let usual = Timeouts {
        first: silence,
        idle: silence,
        ..Timeouts::default()
    };
    let configured = ground.config.patience(ground.written(&chosen.id));
    configured.or(Patience {
        timeouts: usual,
        ..Patience::default()
    })
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
    let mut found = ground.sources(&chosen.id, &chosen.key_env, chosen.key_command.as_deref(), chosen.kept);
    match found.next().or_else(|| wish.key.clone().map(Source::Answer)) {
        Some(source) => Ok(source),
        None if chosen.key_required => Err(Error::NoKey {
            provider: chosen.id.clone(),
            name: chosen.name.clone(),
            variables: chosen.key_env.clone(),
            console: ground.console(chosen),
        }),
        None => Ok(Source::Absent),
    }
}

/// All variables in which keys of the providers may stand, set or not. The table's count also where the configuration
/// names another: that key is the provider's, too.
fn hidden_env(ground: &Ground<'_>, chosen: &Chosen, further: &[Further]) -> Vec<String> {
    let ids = further.iter().map(|further| &further.host().endpoint.provider);
    let known = std::iter::once(&chosen.id).chain(ids);
    let theirs = known.flat_map(|id| ground.variables_of(id));
    let mut hidden: Vec<String> = Vec::new();
    for name in chosen.key_env.iter().cloned().chain(theirs).chain([OWN_KEY.to_owned()]) {
        if !hidden.contains(&name) {
            hidden.push(name);
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

#[cfg(test)]
mod open;
