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

use crate::session::Folders;

use super::error::Error;
use super::lock;
use super::profile;
use super::state;
use super::write;

/// What one session took.
#[derive(Debug, Default, Serialize, Deserialize)]
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
        let folder = records(folders);
        write::private_folder(&folder).map_err(Error::file("create", &folder))?;
        let path = folder.join(id);
        let content = serde_json::to_vec(taken).map_err(io::Error::from);
        let written = content.and_then(|content| {
            let mut file = lock::create(&path)?;
            file.write_all(&content)?;
            Ok(file)
        });
        let file = written.map_err(Error::file("write", &path))?;
        Ok(Self {
            id: id.to_owned(),
            path,
            file,
        })
    }

    /// The record of a session that lives no more. `None` if it lives, or if its record was just removed.
    pub fn take(folders: &Folders, id: &str) -> io::Result<Option<Self>> {
        let path = records(folders).join(id);
        let file = lock::take(&path)?;
        Ok(file.map(|file| Self {
            id: id.to_owned(),
            path,
            file,
        }))
    }

    /// What stands in it. A record that was cut short was followed by nothing that could have been taken.
    pub fn read(&mut self) -> Taken {
        let mut content = Vec::new();
        let read = self.file.rewind().and_then(|()| self.file.read_to_end(&mut content));
        if let Err(error) = read {
            tracing::warn!(path = %self.path.display(), %error, "a record cannot be read");
        }
        serde_json::from_slice(&content).unwrap_or_default()
    }

    /// Gives back all that was taken, last things first. What cannot be given back is tried again by the next start.
    pub fn settle(self, folders: &Folders, taken: &Taken) -> Result<(), Error> {
        if let Some(codex_home) = &taken.codex_home {
            let path = profile::path(codex_home, &self.id);
            harvest(folders, taken, &path);
            write::absent(fs::remove_file(&path)).map_err(Error::file("remove", &path))?;
            if taken.made_codex_home {
                // Fails, as it should, if Codex has left something there.
                drop(fs::remove_dir(codex_home));
            }
        }
        // The name is compared because everything beneath is removed.
        if taken.folder.file_name().is_some_and(|name| name == self.id.as_str()) {
            write::absent(fs::remove_dir_all(&taken.folder)).map_err(Error::file("remove", &taken.folder))?;
        }
        write::absent(fs::remove_file(&self.path)).map_err(Error::file("remove", &self.path))
    }
}

/// The ids of all sessions that have a record.
pub fn ids(folders: &Folders) -> io::Result<Vec<String>> {
    match fs::read_dir(records(folders)) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn records(folders: &Folders) -> PathBuf {
    folders.state.join("sessions")
}

/// Keeps what Codex wrote. A loss here costs a few questions of Codex's, and no profile stays behind for it.
fn harvest(folders: &Folders, taken: &Taken, path: &Path) {
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
