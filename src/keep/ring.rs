//! The system's keyring. It may ask the user for its password in a window, for as long as the user likes, and nothing
//! in its libraries gives up; so each question is asked on a thread of its own, which is left behind in the end.

#[cfg(not(target_os = "macos"))]
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error as Fault};
use zeroize::Zeroizing;

use crate::session::{Place, Secret};

use super::UNLOCKING;
use super::error::Error;

/// Under which name programs find what is ours.
const SERVICE: &str = "crelay";

/// A keyring that is open answers in hundredths of this.
const NOTICE: Duration = Duration::from_secs(2);

/// The entry of a provider, in a keyring that is there.
type Opened = keyring_core::Result<Entry>;

pub(super) struct Ring {
    open: Arc<dyn Fn(&str) -> Opened + Send + Sync>,
    /// It has not opened once: nobody is asked for the same password twice, nor waited for again.
    is_shut: AtomicBool,
    notice: Duration,
    waits: fn(),
}

impl fmt::Debug for Ring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ring(…)")
    }
}

impl Ring {
    pub fn of_system(waits: fn()) -> Self {
        Self::over(system, waits)
    }

    /// The keyring in which `open` finds the entry of a provider, each time that it is asked.
    pub fn over(open: impl Fn(&str) -> Opened + Send + Sync + 'static, waits: fn()) -> Self {
        Self {
            open: Arc::new(open),
            is_shut: AtomicBool::new(false),
            notice: NOTICE,
            waits,
        }
    }

    #[cfg(test)]
    pub fn notice_at_once(&mut self) {
        self.notice = Duration::ZERO;
    }

    /// Whether an entry can be found in it, which asks the user nothing.
    pub fn is_there(&self) -> bool {
        let (sender, receiver) = mpsc::channel();
        let open = Arc::clone(&self.open);
        thread::spawn(move || {
            // The other side may have lost its patience.
            let _ = sender.send(open(SERVICE).is_ok());
        });
        receiver.recv_timeout(self.notice).unwrap_or(false)
    }

    pub fn key(&self, provider: &str, patience: Duration) -> Result<Secret, Error> {
        // Overwritten as well if nobody waits for it any more.
        let secret = |entry: &Entry| entry.get_secret().map(Zeroizing::new);
        match self.ask(provider, patience, secret)? {
            Some(bytes) => std::str::from_utf8(&bytes)
                .map(Secret::new)
                .map_err(|_| Error::NoText(provider.to_owned())),
            None => Err(Error::Gone(provider.to_owned(), Place::Keyring.word())),
        }
    }

    pub fn set(&self, provider: &str, key: &Secret) -> Result<(), Error> {
        let key = key.clone();
        let question = move |entry: &Entry| entry.set_secret(key.expose().as_bytes());
        self.ask(provider, UNLOCKING, question).map(drop)
    }

    /// What somebody else has removed already is removed.
    pub fn remove(&self, provider: &str) -> Result<(), Error> {
        self.ask(provider, UNLOCKING, Entry::delete_credential).map(drop)
    }

    /// What the keyring says; nothing if it has no such entry.
    fn ask<T: Send + 'static>(
        &self,
        provider: &str,
        patience: Duration,
        question: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Error> {
        if self.is_shut.load(Ordering::Relaxed) {
            return Err(Error::Shut);
        }
        let (sender, receiver) = mpsc::channel();
        let open = Arc::clone(&self.open);
        let provider = provider.to_owned();
        thread::spawn(move || {
            let entry = open(&provider).map_err(Error::NoKeyring);
            let answer = entry.and_then(|entry| answered(question(&entry)));
            // The other side may have lost its patience.
            let _ = sender.send(answer);
        });
        let told = receiver.recv_timeout(self.notice).or_else(|_| {
            (self.waits)();
            receiver.recv_timeout(patience)
        });
        let told = told.unwrap_or(Err(Error::Silent(patience)));
        self.is_shut
            .fetch_or(matches!(&told, Err(error) if error.is_of_all()), Ordering::Relaxed);
        told
    }
}

fn answered<T>(answer: keyring_core::Result<T>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Fault::NoEntry) => Ok(None),
        Err(fault) => Err(Error::Closed(fault)),
    }
}

#[cfg(target_os = "macos")]
fn system(provider: &str) -> Opened {
    let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
    store.build(SERVICE, provider, None)
}

#[cfg(not(target_os = "macos"))]
fn system(provider: &str) -> Opened {
    let store: Arc<CredentialStore> = dbus_secret_service_keyring_store::Store::new()?;
    // What programs for keyrings show.
    let label = format!("crelay: {provider}");
    store.build(SERVICE, provider, Some(&HashMap::from([("label", label.as_str())])))
}
