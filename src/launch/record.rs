//! What a session took, written down before it is taken, so that the next start can give it back if the session cannot.
//!
//! The record is a file of its session's name in the state folder, locked for as long as the session lives: the system
//! gives the lock back however the session ends, and a process id would say nothing after a restart of the machine. It
//! is not kept in the runtime folder, because that one may be gone with the next boot while the profile stays.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;

use crate::files::{self, Root, lock};
use crate::session::Folders;

use super::error::Error;
use super::profile;
use super::state;

/// The folder of all records, beneath the state.
pub const RECORDS: &str = "sessions";

/// What one session took.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Taken {
    /// Whose model the profile names.
    pub provider: String,
    /// Its folder with the catalog.
    pub folder: PathBuf,
    /// Codex's home, if a profile was written there.
    pub codex_home: Option<PathBuf>,
    /// The profile as it was written.
    pub written: String,
    /// Whether Codex's home was not there before.
    pub made_codex_home: bool,
}

impl Taken {
    /// JSON has no other paths than text, and Codex's command line and profile have none either.
    fn to_json(&self) -> Result<Vec<u8>, Error> {
        let homes = self.codex_home.iter().map(|path| (path, Root::CodexHome));
        let mut all = homes.chain([(&self.folder, Root::Runtime)]);
        if let Some((path, root)) = all.find(|(path, _)| path.to_str().is_none()) {
            let path = path.clone();
            return Err(Error::NotText { path, root });
        }
        let written = serde_json::to_vec(self).map_err(io::Error::from);
        written.map_err(Error::system("write a record"))
    }
}

/// A locked record.
#[derive(Debug)]
pub struct Record {
    id: String,
    path: PathBuf,
    file: File,
}

impl Record {
    /// A new record for the session `id`. An error if another session has that name.
    pub fn create(folders: &Folders, id: &str, taken: &Taken) -> Result<Self, Error> {
        // Whoever could write a record could have anything removed in our name.
        let path = files::beneath(&folders.state, RECORDS, Root::State)?.join(id);
        let content = taken.to_json()?;
        let written = lock::create(&path).and_then(|mut file| {
            let whole = file.write_all(&content);
            whole.inspect_err(|_| drop(fs::remove_file(&path)))?;
            Ok(file)
        });
        let file = written.map_err(Error::file("write", &path, Root::State))?;
        Ok(Self {
            id: id.to_owned(),
            path,
            file,
        })
    }

    /// The record of a session that lives no more. `None` if it lives, or if its record was just removed.
    pub fn take(folders: &Folders, id: &str) -> io::Result<Option<Self>> {
        let path = folders.state.join(RECORDS).join(id);
        let file = lock::take(&path)?;
        Ok(file.map(|file| Self {
            id: id.to_owned(),
            path,
            file,
        }))
    }

    /// What stands in it. One that cannot be understood, because it was cut short or something else wrote it, stands
    /// for a session that took what any takes where `folders` are now.
    pub fn read(&mut self, folders: &Folders) -> Taken {
        /// A hundred times what the largest profile makes of it.
        const MOST: u64 = 16 * 1024 * 1024;
        let mut content = Vec::new();
        let file = &mut self.file;
        let read = file.rewind().and_then(|()| file.take(MOST).read_to_end(&mut content));
        if let Err(error) = read {
            tracing::warn!(path = %self.path.display(), %error, "a record cannot be read");
        }
        serde_json::from_slice(&content).unwrap_or_else(|_| Taken {
            folder: folders.runtime.join(&self.id),
            codex_home: Some(folders.codex_home.clone()),
            ..Taken::default()
        })
    }

    /// Gives back all that was taken, last things first. What cannot be given back is tried again by the next start.
    pub fn settle(self, folders: &Folders, taken: &Taken) -> Result<(), Error> {
        let profile = taken.codex_home.as_ref().map_or(Ok(()), |codex_home| {
            let path = profile::path(codex_home, &self.id);
            harvest(folders, taken, &path);
            let removed = files::absent(fs::remove_file(&path));
            if taken.made_codex_home {
                // Fails, as it should, if Codex has left something there.
                drop(fs::remove_dir(codex_home));
            }
            removed.map_err(Error::file("remove", &path, Root::CodexHome))
        });
        // The name is compared because everything beneath is removed.
        let is_ours = taken.folder.file_name().is_some_and(|name| name == self.id.as_str());
        let folder = match is_ours {
            true => files::absent(fs::remove_dir_all(&taken.folder)),
            false => Ok(()),
        };
        profile.and(folder.map_err(Error::file("remove", &taken.folder, Root::Runtime)))?;
        files::absent(fs::remove_file(&self.path)).map_err(Error::file("remove", &self.path, Root::State))
    }
}

/// The ids of all sessions that have a record.
pub fn ids(folders: &Folders) -> Result<Vec<String>, Error> {
    let Some(folder) = files::found(&folders.state, RECORDS, Root::State)? else {
        return Ok(Vec::new());
    };
    let listed = fs::read_dir(&folder).and_then(|entries| {
        entries
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect()
    });
    listed.map_err(Error::file("list", &folder, Root::State))
}

/// Keeps what Codex wrote. A loss here costs a few questions of Codex's, and no profile stays behind for it.
fn harvest(folders: &Folders, taken: &Taken, path: &Path) {
    if taken.written.is_empty() {
        return;
    }
    let now = match profile::read(path) {
        Ok(now) => now,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "what Codex wrote cannot be read");
            return;
        }
    };
    let Ok(written) = taken.written.parse::<DocumentMut>() else {
        return;
    };
    if let Err(error) = state::keep(folders, &taken.provider, &written, &now) {
        tracing::warn!(%error, "what Codex wrote cannot be kept");
    }
}
