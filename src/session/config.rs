//! crelay's own `config.toml`: strict, because a slip must not send a prompt elsewhere.

mod entry;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml_edit::{Key, TableLike};
use url::Url;

use crate::models::{is_name, is_window};

use super::error::Error;
use super::heal::Heal;
use super::patience::{Patience, Retry, Timeouts};

pub use entry::Entry;
pub(super) use entry::Wires;

/// What stands in the file. Without a file everything is absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The provider of a user who names none.
    pub default_provider: Option<String>,
    /// Where Codex is.
    pub codex: Option<PathBuf>,
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
    pub max_request_mib: Option<i64>,
    /// Which leaked calls and thoughts are healed.
    pub heal: Option<Heal>,
    /// Most that a session may cost, in dollars.
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
    /// On which line each key stands, by its whole name.
    #[serde(skip)]
    lines: BTreeMap<String, usize>,
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected `true`, `false` or a list of variables")]
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

/// Mebibytes of a request that are read unless the configuration says otherwise. Codex repeats the whole conversation
/// with every request, images inside of it: this is room for dozens of screenshots.
const REQUEST: usize = 64;

/// The most that the configuration may say. A request is held two or three times while it is translated.
const LARGEST_REQUEST: usize = 256;

/// Codex's own longest is a tenth of it.
const LONGEST_INSTRUCTIONS: u64 = 256 << 10;

/// The data set of models.dev (its own site, read 2026-11-21).
const MODELS_DEV: &str = "https://models.dev/api.json";

/// Headers that belong to the connection or to crelay.
const RESERVED_HEADERS: [&str; 6] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
];

/// A folder, a pipe or a device in the file's place would be read for ever, or not at all.
fn read(path: &Path) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file"));
    }
    std::fs::read_to_string(path)
}

impl Config {
    /// Reads the file at `path`, which need not exist.
    ///
    /// # Errors
    ///
    /// When it cannot be read or holds anything that is not understood.
    pub fn read(path: &Path) -> Result<Self, Error> {
        match read(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::parse("", path),
            Err(source) => Err(Error::File {
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
        let mut config: Self = toml_edit::de::from_str(text).map_err(|error| Error::Config {
            place: format!(
                "{}{}",
                path.display(),
                place(text, error.span().map_or(0, |span| span.start))
            ),
            fault: error.message().trim_end().replace('\n', " "),
        })?;
        path.clone_into(&mut config.path);
        if let Ok(document) = toml_edit::Document::parse(text) {
            note_lines(text, "", document.as_table(), &mut config.lines);
        }
        config.check_heal("heal", config.heal.as_ref())?;
        config.models_dev()?;
        if config.request_mib().is_none() {
            let fault = format!("is not between 1 and {LARGEST_REQUEST}");
            return Err(config.fault("max_request_mib", fault));
        }
        if config.max_cost.is_some_and(|dollars| !is_amount(dollars)) {
            return Err(config.fault("max_cost", "is no amount that can be spent".to_owned()));
        }
        for (name, entry) in &config.providers {
            config.check_headers(name, entry)?;
            config.check_heal(&format!("providers.{name}.heal"), entry.heal.as_ref())?;
            config.check_models(name, entry)?;
            if entry.key_env.is_some() && entry.key_command.is_some() {
                let fault = "stands beside `key_env`: keep the one that the key comes from";
                return Err(config.fault(&format!("providers.{name}.key_command"), fault.to_owned()));
            }
        }
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
        let fault = |fault: String| self.fault("instructions_file", fault);
        let path = self.path.parent().unwrap_or(Path::new("")).join(path);
        let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if length > LONGEST_INSTRUCTIONS {
            return Err(fault(format!(
                "is longer than {} KiB, and goes with every model",
                LONGEST_INSTRUCTIONS >> 10
            )));
        }
        let text = read(&path).map_err(|error| fault(format!("cannot be read: {error}")))?;
        match text.trim().is_empty() {
            true => Err(fault("is an empty file".to_owned())),
            false => Ok(Some(text)),
        }
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
            .ok_or_else(|| self.fault("models_dev", "is no address of `http` or `https`".to_owned()))
    }

    /// The largest request of a client that is read, in bytes.
    #[must_use]
    pub fn max_request(&self) -> usize {
        // Nothing else passed the reading.
        self.request_mib().unwrap_or(REQUEST) << 20
    }

    fn request_mib(&self) -> Option<usize> {
        let Some(given) = self.max_request_mib else {
            return Some(REQUEST);
        };
        let given = usize::try_from(given).ok();
        given.filter(|given| (1..=LARGEST_REQUEST).contains(given))
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

    fn check_heal(&self, key: &str, heal: Option<&Heal>) -> Result<(), Error> {
        match heal.and_then(Heal::fault) {
            Some((name, fault)) => Err(self.fault(&format!("{key}.{name}"), fault)),
            None => Ok(()),
        }
    }

    fn check_models(&self, provider: &str, entry: &Entry) -> Result<(), Error> {
        for (name, model) in &entry.models {
            let fault = |key: &str, fault: &str| {
                let key = format!("providers.{provider}.models.{name}.{key}");
                Err(self.fault(&key, fault.to_owned()))
            };
            if model.price.is_some_and(|price| !price.is_sound()) {
                return fault("price", "is no price of a million tokens in dollars");
            }
            for (key, tokens) in [
                ("context_window", model.context_window),
                ("max_output", model.max_output),
            ] {
                if tokens.is_some_and(|tokens| !is_window(tokens)) {
                    return fault(key, "is no number of tokens that a model has");
                }
            }
        }
        for (alias, model) in &entry.aliases {
            if !is_name(alias) || !is_name(model) {
                let key = format!("providers.{provider}.aliases.{alias}");
                return Err(self.fault(&key, "stands for no name of a model".to_owned()));
            }
        }
        Ok(())
    }

    fn check_headers(&self, provider: &str, entry: &Entry) -> Result<(), Error> {
        for (name, value) in &entry.headers {
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let is_text = |byte: u8| (b' '..=b'~').contains(&byte);
            let fault = if name.is_empty() || !name.bytes().all(is_token) {
                "is no name of a header"
            } else if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                "is set by crelay itself"
            } else if !value.expose().bytes().all(is_text) {
                "has a value that no header can carry"
            } else {
                continue;
            };
            return Err(self.fault(&format!("providers.{provider}.headers.{name}"), fault.to_owned()));
        }
        Ok(())
    }

    /// The line on which `key` stands, by its whole name.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.get(key).copied()
    }

    /// An error about what stands at `key`, which is its whole name.
    pub(super) fn fault(&self, key: &str, fault: String) -> Error {
        Error::Config {
            place: self.place(key),
            fault,
        }
    }

    /// Where `key` stands; the line of its table if it is missing there.
    pub(super) fn place(&self, key: &str) -> String {
        let table = key.rsplit_once('.').map_or("", |(table, _)| table);
        let line = self.lines.get(key).or_else(|| self.lines.get(table));
        let line = line.map_or(String::new(), |line| format!(", line {line}"));
        format!("{}{line}, key `{key}`", self.path.display())
    }
}

/// Whether so many dollars can be spent.
#[must_use]
pub fn is_amount(dollars: f64) -> bool {
    dollars.is_finite() && dollars > 0.0
}

/// Notes the lines of all keys of `table`, whose own name stands in `above` with a dot behind it.
fn note_lines(text: &str, above: &str, table: &dyn TableLike, lines: &mut BTreeMap<String, usize>) {
    for (name, item) in table.iter() {
        let whole = format!("{above}{name}");
        if let Some(span) = table.key(name).and_then(Key::span) {
            lines.insert(whole.clone(), number(text, span.start));
        }
        if let Some(inner) = item.as_table_like() {
            note_lines(text, &format!("{whole}."), inner, lines);
        }
    }
}

/// The number of the line on which the byte at `offset` stands.
fn number(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

/// Line and key of the byte at `offset`. A key is told only if it is one: values may be secret.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let number = number(text, offset);
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    match line
        .split_once('=')
        .map(|(key, _)| key.trim())
        .filter(|key| is_key(key))
    {
        Some(key) => format!(", line {number}, key `{key}`"),
        None => format!(", line {number}"),
    }
}

#[cfg(test)]
mod tests;
