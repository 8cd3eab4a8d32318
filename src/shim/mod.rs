//! Codex under another name: a link to crelay, and which of crelay's options are meant by it.
//!
//! crelay sees by which name it was called, and looks in `shims/NAME.toml` of its configuration for what that means.
//! The link itself holds nothing, so whatever crelay is installed there next finds what an older one wrote.

#![forbid(unsafe_code)]

mod error;
mod link;

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{self, Root};

pub use error::Error;
pub use link::{Crelay, Unlinked};

/// A name by which crelay behaves as Codex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shim {
    /// What is called; it stands in the name of the file.
    #[serde(skip)]
    pub name: String,
    /// Where the link is.
    pub link: PathBuf,
    /// crelay's own options, as they were typed.
    pub options: Vec<String>,
}

/// The name in `called`, the first word of a command line; `None` if that is crelay's own or none.
#[must_use]
pub fn name_in(called: &OsStr) -> Option<String> {
    let name = Path::new(called).file_name()?.to_string_lossy().into_owned();
    (name != OWN).then_some(name)
}

/// Whether `name` may be a crelay that somebody keeps beside another, such as `crelay-0.1`.
#[must_use]
pub fn is_crelays_own(name: &str) -> bool {
    name.starts_with(OWN)
}

const OWN: &str = "crelay";

impl Shim {
    /// A shim of this name, in this folder.
    ///
    /// # Errors
    ///
    /// When nobody could call it so, or when `folder` is not text.
    pub fn new(name: &str, folder: &Path, options: Vec<String>) -> Result<Self, Error> {
        check(name)?;
        let link = folder.join(name);
        if link.to_str().is_none() {
            return Err(Error::NotText(link));
        }
        Ok(Self {
            name: name.to_owned(),
            link,
            options,
        })
    }

    /// What `name` means to the configuration in `config`; `None` if nothing.
    ///
    /// # Errors
    ///
    /// When its file cannot be read or understood.
    pub fn find(config: &Path, name: &str) -> Result<Option<Self>, Error> {
        /// Some thousand words.
        const MOST: u64 = 256 * 1024;
        if check(name).is_err() {
            return Ok(None);
        }
        let path = file(config, name);
        let text = match files::read(&path, MOST) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(files::Error::file("read", &path, Root::Config)(error).into()),
        };
        let shim: Self = toml_edit::de::from_str(&text).map_err(|error| Error::Unreadable {
            path,
            fault: error.message().trim_end().replace('\n', " "),
        })?;
        Ok(Some(Self {
            name: name.to_owned(),
            ..shim
        }))
    }

    /// All of them, by name.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read or understood.
    pub fn all(config: &Path) -> Result<Vec<Self>, Error> {
        let folder = config.join(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(files::Error::file("read", &folder, Root::Config))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(files::Error::file("read", &folder, Root::Config))?;
            let file = entry.file_name();
            names.extend(
                file.to_str()
                    .and_then(|file| file.strip_suffix(".toml"))
                    .map(str::to_owned),
            );
        }
        names.sort_unstable();
        let found = names.iter().map(|name| Self::find(config, name));
        Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Puts the link there and writes down what it means. Of a shim that is there already, the options are replaced.
    ///
    /// # Errors
    ///
    /// When something else stands there, or when the name is taken in another folder; nothing is written then.
    pub fn create(&self, config: &Path, crelay: &Crelay) -> Result<(), Error> {
        let known = Self::find(config, &self.name)?;
        if let Some(elsewhere) = known.filter(|known| known.link != self.link && link::is_crelays(&known.link, crelay))
        {
            return Err(Error::Elsewhere {
                name: self.name.clone(),
                link: elsewhere.link,
            });
        }
        let before = self.link.symlink_metadata().is_ok();
        if before && !link::is_crelays(&self.link, crelay) {
            return Err(Error::Foreign(self.link.clone()));
        }
        let path = file(config, &self.name);
        let text = toml_edit::ser::to_string_pretty(self).map_err(|error| Error::Unreadable {
            path: path.clone(),
            fault: error.to_string(),
        })?;
        // First what it means: a link without that is refused, and what is written down without a link harms nobody.
        files::replace(&path, text.as_bytes()).map_err(files::Error::file("write", &path, Root::Config))?;
        link::put(&self.link, &crelay.program).inspect_err(|_| {
            if !before {
                drop(fs::remove_file(&path));
            }
        })
    }

    /// Takes the link away, and what was written down.
    ///
    /// # Errors
    ///
    /// When either cannot be removed.
    pub fn remove(&self, config: &Path, crelay: &Crelay) -> Result<Unlinked, Error> {
        let unlinked = link::take(&self.link, crelay)?;
        let path = file(config, &self.name);
        files::absent(fs::remove_file(&path)).map_err(files::Error::file("remove", &path, Root::Config))?;
        Ok(unlinked)
    }

    /// Whether the link is there and leads to a crelay.
    #[must_use]
    pub fn is_there(&self, crelay: &Crelay) -> bool {
        link::is_crelays(&self.link, crelay)
    }
}

const FOLDER: &str = "shims";

fn file(config: &Path, name: &str) -> PathBuf {
    config.join(FOLDER).join(format!("{name}.toml"))
}

/// A name that a shell takes for a command, and that is not crelay's.
fn check(name: &str) -> Result<(), Error> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+".contains(c);
    if name.eq_ignore_ascii_case(OWN) {
        return Err(Error::Own);
    }
    if name.is_empty() || name.starts_with(['-', '.']) || !name.chars().all(is_plain) {
        return Err(Error::Name(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
