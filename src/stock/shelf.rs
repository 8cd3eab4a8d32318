//! The files: one for each account's list, one for each provider in what models.dev says. Any of them may be deleted,
//! or broken, at any time; then it is not there.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io;
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

/// The folders of both, beneath the cache.
const LISTS: &str = "models";
const DEV: &str = "models.dev";

/// Where they are.
#[derive(Debug, Clone)]
pub struct Shelf {
    cache: PathBuf,
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
        }
    }

    /// The kept list of `endpoint`; `said` is `None` where it gave none.
    pub fn list(&self, endpoint: &Endpoint) -> Option<Answer<Option<Listing>>> {
        self.read(LISTS, &list_name(endpoint))
    }

    /// The list that was kept last of those of all accounts at the address of `endpoint`.
    pub fn newest_list(&self, endpoint: &Endpoint) -> Option<Listing> {
        let beginning = address(endpoint);
        let names = self
            .lists()
            .into_iter()
            .filter_map(|file| file.file_name().into_string().ok());
        let ours = names.filter(|name| name.starts_with(&beginning));
        let answers = ours.filter_map(|name| self.read::<Option<Listing>>(LISTS, &name));
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
        self.keep(LISTS, &list_name(endpoint), listing);
        self.prune();
    }

    /// What models.dev says of the provider that it calls `name`.
    pub fn dev(&self, name: &str) -> Option<Answer<BTreeMap<String, Facts>>> {
        self.read(DEV, &dev_name(name))
    }

    pub fn keep_dev(&self, everything: &Everything) {
        for (name, models) in everything {
            self.keep(DEV, &dev_name(name), models);
        }
    }

    /// What others could write there is not believed: it says where the window of a model ends, and what it costs.
    fn read<T: DeserializeOwned>(&self, folder: &str, name: &str) -> Option<Answer<T>> {
        let folder = files::found(&self.cache, folder, Root::Cache).ok()??;
        let text = files::read(&folder.join(name), AT_MOST).ok()?;
        let answer: Answer<T> = serde_json::from_str(&text).ok()?;
        (answer.version == VERSION).then_some(answer)
    }

    /// What cannot be kept is asked for again; that is all.
    fn keep<T: Serialize>(&self, folder: &str, name: &str, said: T) {
        let answer = Answer {
            version: VERSION,
            asked: now(),
            said,
        };
        let place = files::beneath(&self.cache, folder, Root::Cache).map_err(io::Error::other);
        let kept = place.and_then(|place| files::replace(&place.join(name), &serde_json::to_vec(&answer)?));
        if let Err(error) = kept {
            tracing::warn!(name, %error, "what is known of models cannot be kept");
        }
    }

    /// All lists that are kept; none where others could have put them, or a link stands in their place.
    fn lists(&self) -> Vec<DirEntry> {
        let folder = files::found(&self.cache, LISTS, Root::Cache).ok().flatten();
        let kept = folder.and_then(|folder| fs::read_dir(folder).ok());
        kept.into_iter().flatten().flatten().collect()
    }

    /// Takes away what was not renewed for long. That it cannot be done costs a little room.
    fn prune(&self) {
        let is_old = |file: &DirEntry| {
            let written = file.metadata().and_then(|metadata| metadata.modified()).ok()?;
            Some(written.elapsed().ok()? > KEPT_FOR)
        };
        for file in self.lists().into_iter().filter(|file| is_old(file) == Some(true)) {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// Two accounts have two files, and no file tells whose it is: its name is made of digests, of which neither key nor
/// headers can be found out.
fn list_name(endpoint: &Endpoint) -> String {
    let key = endpoint.key.iter().map(|key| key.expose());
    let headers = endpoint
        .headers
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value.expose()]);
    let account = digest(key.chain(headers));
    format!("{}-{account}.json", address(endpoint))
}

/// What the names of all files begin with that hold lists of one address.
fn address(endpoint: &Endpoint) -> String {
    let address = digest([endpoint.base_url.as_str()].into_iter());
    format!("{}-{address}", file_name(&endpoint.provider))
}

fn dev_name(name: &str) -> String {
    format!("{}.json", file_name(name))
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

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::session::Authorities;

    fn endpoint() -> Endpoint {
        Endpoint {
            provider: "acme".into(),
            provider_name: "Acme".into(),
            base_url: "https://acme.example".parse().unwrap(),
            responses_url: None,
            key: None,
            key_origin: None,
            headers: Vec::new(),
            authorities: Authorities::default(),
            console: None,
            tells_cost: false,
            dialect: String::new(),
        }
    }

    /// A file of the year 2001.
    fn old(path: &Path) {
        let file = File::create(path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000))
            .unwrap();
    }

    #[test]
    fn what_is_kept_is_found_and_what_nobody_renewed_goes() {
        let cache = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(cache.path());
        assert!(shelf.list(&endpoint()).is_none() && shelf.newest_list(&endpoint()).is_none());
        shelf.keep_list(&endpoint(), None);
        let left = cache
            .path()
            .join(LISTS)
            .join("acme-0123456789abcdef-0123456789abcdef.json");
        old(&left);
        shelf.keep_list(&endpoint(), Some(&Listing::default()));
        assert_eq!(shelf.list(&endpoint()).unwrap().said, Some(Listing::default()));
        assert_eq!(shelf.newest_list(&endpoint()), Some(Listing::default()));
        assert!(!left.exists());
    }

    #[test]
    fn where_others_could_put_something_nothing_is_kept_believed_or_removed() {
        let base = tempfile::tempdir().unwrap();
        let [cache, mine] = ["cache", "mine"].map(|name| base.path().join(name));
        for folder in [&cache, &mine] {
            fs::create_dir(folder).unwrap();
            fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).unwrap();
        }
        let precious = mine.join("letters.json");
        old(&precious);
        symlink(&mine, cache.join(LISTS)).unwrap();
        let shelf = Shelf::new(&cache);
        shelf.keep_list(&endpoint(), Some(&Listing::default()));
        assert!(shelf.list(&endpoint()).is_none() && precious.exists());
        assert_eq!(fs::read_dir(&mine).unwrap().count(), 1);

        fs::remove_file(cache.join(LISTS)).unwrap();
        shelf.keep_list(&endpoint(), Some(&Listing::default()));
        assert!(shelf.list(&endpoint()).is_some());
        fs::set_permissions(&cache, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(shelf.list(&endpoint()).is_none() && shelf.newest_list(&endpoint()).is_none());
    }
}
