//! The files: one for each account's list, one for each provider in what models.dev says. Any of them may be deleted, or
//! broken, at any time; then it is not there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::digest::{Context, SHA256};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::files::{self, Root};
use crate::models::dev::Everything;
use crate::models::{Facts, Listing};
use crate::session::Endpoint;

/// Changes whenever files of an earlier crelay would be misread.
const VERSION: u32 = 1;

/// Ten times what the longest list takes.
const AT_MOST: u64 = 16 << 20;

/// How long the list of an account is kept that nobody uses any more.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// Where they are.
#[derive(Debug, Clone)]
pub struct Shelf {
    cache: PathBuf,
    lists: PathBuf,
    dev: PathBuf,
}

/// One of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer<T> {
    version: u32,
    /// When it was asked for, in seconds since 1970.
    pub asked: u64,
    /// What was said.
    pub said: T,
}

impl Shelf {
    pub fn new(cache: &Path) -> Self {
        Self {
            cache: cache.to_owned(),
            lists: cache.join("models"),
            dev: cache.join("models.dev"),
        }
    }

    /// The kept list of `endpoint`; `said` is `None` where it gave none.
    pub fn list(&self, endpoint: &Endpoint) -> Option<Answer<Option<Listing>>> {
        self.read(&self.path(endpoint))
    }

    /// The list that was kept last of those of all accounts at the address of `endpoint`.
    pub fn newest_list(&self, endpoint: &Endpoint) -> Option<Listing> {
        let kept = fs::read_dir(&self.lists).into_iter().flatten().flatten();
        let beginning = self.address(endpoint);
        let ours = kept.filter(|file| file.file_name().to_string_lossy().starts_with(&beginning));
        let answers = ours.filter_map(|file| self.read::<Option<Listing>>(&file.path()));
        let newest = answers
            .filter(|answer| answer.said.is_some())
            .max_by_key(|answer| answer.asked);
        newest?.said
    }

    /// Keeps a list, or that there is none; an earlier list is more than none.
    pub fn keep_list(&self, endpoint: &Endpoint, listing: Option<&Listing>) {
        if listing.is_none() && self.list(endpoint).is_some_and(|kept| kept.said.is_some()) {
            return;
        }
        keep(&self.path(endpoint), listing);
        self.prune();
    }

    /// What models.dev says of the provider that it calls `name`.
    pub fn dev(&self, name: &str) -> Option<Answer<BTreeMap<String, Facts>>> {
        self.read(&self.dev_path(name))
    }

    pub fn keep_dev(&self, everything: &Everything) {
        for (name, models) in everything {
            keep(&self.dev_path(name), models);
        }
    }

    /// What others could write there is not believed: it says where the window of a model ends, and what it costs.
    fn read<T: DeserializeOwned>(&self, path: &Path) -> Option<Answer<T>> {
        let text = files::read(path, AT_MOST).ok()?;
        files::linked_folder(&self.cache, Root::Cache).ok()?;
        let answer: Answer<T> = serde_json::from_str(&text).ok()?;
        (answer.version == VERSION).then_some(answer)
    }

    fn dev_path(&self, name: &str) -> PathBuf {
        self.dev.join(format!("{}.json", file_name(name)))
    }

    /// Two accounts have two files, and no file tells whose it is: its name is made of digests, of which neither key nor
    /// headers can be found out.
    fn path(&self, endpoint: &Endpoint) -> PathBuf {
        let key = endpoint.key.iter().map(|key| key.expose());
        let headers = endpoint
            .headers
            .iter()
            .flat_map(|(name, value)| [name.as_str(), value.expose()]);
        let account = digest(key.chain(headers));
        self.lists.join(format!("{}-{account}.json", self.address(endpoint)))
    }

    /// What the names of all files begin with that hold lists of one address.
    fn address(&self, endpoint: &Endpoint) -> String {
        let address = digest([endpoint.base_url.as_str()].into_iter());
        format!("{}-{address}", file_name(&endpoint.provider))
    }

    /// Takes away what was not renewed for long. That it cannot be done costs a little room.
    fn prune(&self) {
        let kept = fs::read_dir(&self.lists).into_iter().flatten().flatten();
        let is_old = |file: &fs::DirEntry| {
            let age = file
                .metadata()
                .and_then(|metadata| metadata.modified())
                .ok()?
                .elapsed()
                .ok()?;
            Some(age > KEPT_FOR)
        };
        for file in kept.filter(|file| is_old(file) == Some(true)) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Sixteen hexadecimal digits that tell these texts from others.
fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    let digest = digest.finish();
    let bytes = digest.as_ref().iter().take(8);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// A name of the configuration as part of the name of a file.
fn file_name(name: &str) -> String {
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || "-_.".contains(*character);
    name.chars().filter(is_plain).take(60).collect()
}

/// What cannot be kept is asked for again; that is all.
fn keep<T: Serialize>(path: &Path, said: T) {
    let answer = Answer {
        version: VERSION,
        asked: now(),
        said,
    };
    let written = serde_json::to_vec(&answer).map_err(std::io::Error::from);
    if let Err(error) = written.and_then(|json| files::replace(path, &json)) {
        tracing::warn!(path = %path.display(), %error, "what is known of models cannot be kept");
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}
