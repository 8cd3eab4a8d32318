//! Keys that crelay keeps for the user: in the system's keyring, or in a file where the user asks for that.
//!
//! Whose keys are kept, and where, is told by the names of files in one folder; so a start need not ask the keyring,
//! which may have to ask the user. [`Keep::key`] does, and waits for a bounded time.

#![forbid(unsafe_code)]

mod error;
mod files;
mod ring;

use std::path::PathBuf;
use std::time::Duration;

pub use error::Error;

use crate::session::{Folders, Place, Secret};

use files::Files;
use ring::Ring;

/// Enough for a person to find the keyring's window and type a password.
pub const UNLOCKING: Duration = Duration::from_secs(120);

/// Enough for who only looks: what is listed is listed without the keyring as well.
pub const LOOKING: Duration = Duration::from_secs(15);

/// All keys that are kept.
#[derive(Debug)]
pub struct Keep {
    files: Files,
    ring: Ring,
}

impl Keep {
    /// What is kept for this user. `waits` is called when the keyring takes so long that it must be asking the user
    /// something. One that does not open in time, or not at all, is not asked again.
    #[must_use]
    pub fn new(folders: &Folders, waits: fn()) -> Self {
        Self {
            files: Files::below(&folders.state),
            ring: Ring::of_system(waits),
        }
    }

    /// Whose keys are kept and where, in the order of the names. No key is read.
    ///
    /// # Errors
    ///
    /// When the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<(String, Place)>, Error> {
        self.files.list()
    }

    /// The key that is kept for `provider`; the keyring is waited for as long as `patience` says.
    ///
    /// # Errors
    ///
    /// When it is not there any more, the file is open to others, or the keyring does not give it.
    pub fn key(&self, provider: &str, place: Place, patience: Duration) -> Result<Secret, Error> {
        match place {
            Place::Keyring => self.ring.key(provider, patience),
            Place::File => self.files.key(provider),
        }
    }

    /// Whether there is a keyring that answers at all. It may be locked.
    #[must_use]
    pub fn has_keyring(&self) -> bool {
        self.ring.is_there()
    }

    /// Keeps `key` for `provider`, and in no other place any longer.
    ///
    /// # Errors
    ///
    /// When there is no keyring, it takes nothing, or a file cannot be written.
    pub fn set(&self, provider: &str, place: Place, key: &Secret) -> Result<(), Error> {
        match place {
            Place::Keyring => {
                self.ring.set(provider, key)?;
                self.files.note(provider).inspect_err(|_| {
                    // Without its note nobody would look for it, or take it away, ever again.
                    if !self.files.has(provider, Place::Keyring) {
                        drop(self.ring.remove(provider));
                    }
                })?;
                self.files.remove(provider, Place::File).map(drop)
            }
            Place::File => {
                self.files.set(provider, key)?;
                self.remove_from(provider, Place::Keyring).map(drop)
            }
        }
    }

    /// Keeps no key for `provider` any longer; says where one was.
    ///
    /// # Errors
    ///
    /// When the keyring does not let go of it, or a file cannot be removed.
    pub fn remove(&self, provider: &str) -> Result<Vec<Place>, Error> {
        let mut removed = Vec::new();
        for place in [Place::Keyring, Place::File] {
            if self.remove_from(provider, place)? {
                removed.push(place);
            }
        }
        Ok(removed)
    }

    /// The note goes last: without it nobody would look for what is still there.
    fn remove_from(&self, provider: &str, place: Place) -> Result<bool, Error> {
        if place == Place::Keyring && self.files.has(provider, place) {
            self.ring.remove(provider)?;
        }
        self.files.remove(provider, place)
    }

    /// Takes away what was left by writers that were killed; never fails, for nobody needs it.
    pub fn sweep(&self) {
        if let Err(error) = self.files.sweep() {
            tracing::warn!(%error, "what a killed writer of keys left cannot be taken away");
        }
    }

    /// Where the file with the key of `provider` is, or would be.
    #[must_use]
    pub fn file(&self, provider: &str) -> PathBuf {
        self.files.path(provider, Place::File)
    }

    /// Where names are noted and files are.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.files.folder()
    }
}

#[cfg(test)]
mod tests;
