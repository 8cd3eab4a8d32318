//! crelay's own `config.toml`: strict, because a slip must not send a prompt elsewhere.

mod check;
mod entry;
mod fault;
mod places;
mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use url::Url;

use super::also::Written;
use super::error::Error;
use super::heal::Heal;
use super::models::ModelMap;
use super::named::Deputies;
use super::number::{number, whole};
use super::patience::{Patience, Retry, Timeouts};
use crate::report;

use places::{Place, Places};

pub use entry::Entry;
pub(super) use entry::Wires;
pub(super) use places::dotted;

/// What stands in the file. Without a file everything is absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The provider of a user who names none.
    pub default_provider: Option<String>,
    /// Providers beside it, whose models can be chosen as well.
    pub also: Option<Written>,
    /// Where Codex is.
    pub codex: Option<PathBuf>,
    /// Models that answer while the provider cannot, the first before the next.
    pub fallback: Option<Vec<String>>,
    /// Which variables stay in the environment of Codex though they hold the provider's key.
    #[serde(default)]
    pub keep_env: KeepEnv,
    /// Whether a key may travel unencrypted to another machine.
    #[serde(default)]
    pub allow_http: bool,
    /// Certificates of authorities that vouch for providers beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether models search the web, where the provider can and Codex's arguments do not say otherwise.
    pub web_search: Option<bool>,
    /// The largest request of a client that is read, in MiB.
    #[serde(default, deserialize_with = "mebibytes")]
    pub max_request_mib: Option<usize>,
    /// Which leaked calls and thoughts are healed.
    pub heal: Option<Heal>,
    /// Most that a session may cost, in dollars.
    #[serde(default, deserialize_with = "amount")]
    pub max_cost: Option<f64>,
    /// Whether a log of each session is kept; absent is no.
    pub log: Option<bool>,
    /// Whether it is written down what sessions use; absent is yes.
    pub usage: Option<bool>,
    /// Whether nobody but providers is asked for anything.
    #[serde(default)]
    pub offline: bool,
    /// Where the data set of models.dev is, if elsewhere.
    pub models_dev: Option<String>,
    /// The base prompt of Codex for these models, if not Codex's own.
    pub instructions: Option<Instructions>,
    /// A file with the base prompt; counts before `instructions`.
    pub instructions_file: Option<PathBuf>,
    /// Names that stand for models of whichever provider has them.
    #[serde(default)]
    pub model_map: ModelMap,
    /// The model that reviews, if not the session's.
    pub review_model: Option<String>,
    /// The model of sub-agents, if not the session's.
    pub subagent_model: Option<String>,
    /// The model that finds titles for threads, if not the session's.
    pub small_model: Option<String>,
    /// How long a provider may take.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// How often it is asked.
    #[serde(default)]
    pub retry: Retry,
    /// Further providers, and changes to those of the table.
    #[serde(default)]
    pub providers: BTreeMap<String, Entry>,
    /// The file, for messages.
    #[serde(skip)]
    pub path: PathBuf,
    /// Where each key stands.
    #[serde(skip)]
    places: Places,
}

/// Which base prompt Codex is given, where it is not one of the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instructions {
    /// The installed Codex's own for models that it does not know.
    Codex,
    /// A short one of crelay's.
    Short,
}

/// Which variables stay in the environment of Codex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepEnv {
    /// All or none.
    All(bool),
    /// These.
    These(Vec<String>),
}

impl Default for KeepEnv {
    fn default() -> Self {
        Self::All(false)
    }
}

impl KeepEnv {
    pub(super) fn keeps(&self, variable: &str) -> bool {
        match self {
            Self::All(all) => *all,
            Self::These(names) => names.iter().any(|name| name == variable),
        }
    }
}

impl<'de> Deserialize<'de> for KeepEnv {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Kept)
    }
}

/// Reads [`KeepEnv`] as it is written.
struct Kept;

impl<'de> Visitor<'de> for Kept {
    type Value = KeepEnv;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`true`, `false` or a list of variables")
    }

    fn visit_bool<E: de::Error>(self, all: bool) -> Result<KeepEnv, E> {
        Ok(KeepEnv::All(all))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<KeepEnv, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(names)).map(KeepEnv::These)
    }
}

fn mebibytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let is_fair = |given| (1..=LARGEST_REQUEST as u64).contains(&given);
    let given = whole(deserializer, "a whole number of MiB, from 1 to 256", is_fair)?;
    usize::try_from(given).map(Some).map_err(de::Error::custom)
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let expected = "a number of dollars, more than 0";
    number(deserializer, expected, |dollars| is_amount(dollars).then_some(dollars)).map(Some)
}

/// Mebibytes of a request that are read unless the configuration says otherwise. Codex repeats the whole conversation
/// with every request, images inside of it: this is room for dozens of screenshots.
const REQUEST: usize = 64;

/// The most that the configuration may say. A request is held two or three times while it is translated.
const LARGEST_REQUEST: usize = 256;

/// Codex's own longest is a tenth of it.
const LONGEST_INSTRUCTIONS: u64 = 256 << 10;

/// The data set of models.dev (its own site, read 2026-11-21).
const MODELS_DEV: &str = "https://models.dev/api.json";

/// In bytes: hundreds of providers. What is longer is no configuration.
const LONGEST: u64 = 1 << 20;

/// The text of the file at `path`, which has at most `longest` bytes. A folder, a pipe or a device in its place would
/// be read for ever, or not at all.
fn read(path: &Path, longest: u64) -> io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::other(format!("it is longer than {} KiB", longest >> 10)));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no text in UTF-8"))
}

impl Config {
    /// Reads the file at `path`, which need not exist.
    ///
    /// # Errors
    ///
    /// When it cannot be read or holds anything that is not understood.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&Self::text(path)?, path)
    }

    /// The text of the file at `path`; nothing if there is none.
    pub(super) fn text(path: &Path) -> Result<String, Error> {
        match read(path, LONGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|source| Error::File {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Reads the text of the file at `path`, which is only named.
    ///
    /// # Errors
    ///
    /// When it holds anything that is not understood.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let wrong = |offset: usize, fault: String, hint: Option<String>| Error::Config {
            place: format!("{}:{}", path.display(), Place::new(text, offset)),
            fault,
            hint,
        };
        let document = toml_edit::Document::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            wrong(offset, fault::of_syntax(error.message()), None)
        })?;
        let mut config: Self =
            tree::read(document.as_table()).map_err(|fault| wrong(fault.at(), fault.to_string(), fault.hint()))?;
        path.clone_into(&mut config.path);
        config.places = Places::of(text, document.as_table());
        config.check()?;
        Ok(config)
    }

    /// The base prompt in the user's file, which stands beside the configuration unless its whole path is told.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or nothing stands in it.
    pub fn own_instructions(&self) -> Result<Option<String>, Error> {
        let Some(path) = &self.instructions_file else {
            return Ok(None);
        };
        let fault = |fault: String| self.fault(&["instructions_file"], fault);
        let path = self.path.parent().unwrap_or(Path::new("")).join(path);
        let text = read(&path, LONGEST_INSTRUCTIONS).map_err(|error| {
            let words = report::words(&error);
            fault(format!("names `{}`, which cannot be read: {words}", path.display()))
        })?;
        match text.trim().is_empty() {
            true => Err(fault(format!("names `{}`, which is empty", path.display()))),
            false => Ok(Some(text)),
        }
    }

    /// The names that stand for models of whichever provider has them.
    pub(super) fn model_map(&self) -> ModelMap {
        self.model_map.clone().for_all()
    }

    /// Who does a part of Codex's work where the provider has them.
    pub(super) fn deputies(&self) -> Deputies {
        Deputies::named(&self.small_model, &self.review_model, &self.subagent_model).for_all()
    }

    /// Where the data set of models.dev is.
    ///
    /// # Errors
    ///
    /// When what is written there is no address.
    pub fn models_dev(&self) -> Result<Url, Error> {
        let address = self.models_dev.as_deref().unwrap_or(MODELS_DEV);
        let address = Url::parse(address).ok().filter(|address| address.has_host());
        address
            .filter(|address| ["http", "https"].contains(&address.scheme()))
            .ok_or_else(|| self.fault(&["models_dev"], "is no address of `http` or `https`"))
    }

    /// The largest request of a client that is read, in bytes.
    #[must_use]
    pub fn max_request(&self) -> usize {
        self.max_request_mib.unwrap_or(REQUEST) << 20
    }

    /// How long `provider` may take and how often it is asked, as far as the file says.
    pub(super) fn patience(&self, provider: &str) -> Patience {
        let own = self.providers.get(provider).map(|entry| Patience {
            timeouts: entry.timeouts,
            retry: entry.retry,
        });
        own.unwrap_or_default().or(Patience {
            timeouts: self.timeouts,
            retry: self.retry,
        })
    }

    /// The line on which `key` stands, by its whole name.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<usize> {
        self.places.exact(key).map(|place| place.line)
    }

    /// An error about what stands at the key of this path.
    pub(super) fn fault(&self, path: &[&str], fault: impl fmt::Display) -> Error {
        Error::Config {
            place: self.file(path),
            fault: format!("`{}` {fault}", dotted(path.iter().copied())),
            hint: None,
        }
    }

    /// The key of this path, and where it stands.
    pub(super) fn place(&self, path: &[&str]) -> String {
        format!("`{}` in {}", dotted(path.iter().copied()), self.file(path))
    }

    /// The file, line and column of the key of this path; those of its table if it is missing there.
    fn file(&self, path: &[&str]) -> String {
        let place = self.places.find(path);
        let place = place.map_or(String::new(), |place| format!(":{place}"));
        format!("{}{place}", self.path.display())
    }
}

/// Whether so many dollars can be spent.
#[must_use]
pub fn is_amount(dollars: f64) -> bool {
    dollars.is_finite() && dollars > 0.0
}

#[cfg(test)]
mod tests;
