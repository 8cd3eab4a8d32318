//! Why a key cannot be kept, or what is kept cannot be had.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::report::{Report, quoted};

/// A failure of the keyring or of the files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system has none, or none that answers.
    #[error("there is no keyring that can be used here")]
    NoKeyring(keyring_core::Error),
    /// There is one, and it does not do as it is asked: mostly it is locked, and stays so.
    #[error("the keyring does not open")]
    Closed(keyring_core::Error),
    /// It says nothing.
    #[error("the keyring did not answer within {} seconds", .0.as_secs())]
    Silent(Duration),
    /// The key was there once.
    #[error("the key for `{0}` is not in the {1} any more")]
    Gone(String, &'static str),
    /// What is there is not text.
    #[error("what the keyring holds for `{0}` is no key")]
    NoText(String),
    /// Others can read the file.
    #[error("`{}` can be read by others, so the key in it may be theirs by now", .0.display())]
    Open(PathBuf),
    /// A file cannot be read, written or removed.
    #[error("cannot {verb} `{}`", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoKeyring(_) => {
                "set the provider's variable, use `key_command`, or keep the key in a file that only \
                                   you can read: `crelay auth set --file`"
                    .to_owned()
            }
            Self::Closed(_) | Self::Silent(_) => {
                "unlock it, set the provider's variable, which counts more, or keep the \
                                                  key in a file that only you can read: `crelay auth set --file`"
                    .to_owned()
            }
            Self::Gone(provider, _) | Self::NoText(provider) => {
                format!("run `crelay auth set {provider}`, or `crelay auth remove {provider}`")
            }
            Self::Open(path) => format!("make a new key, or `chmod 600 {}`", quoted(path.as_os_str())),
            Self::File { .. } => return None,
        })
    }
}

/// What lies beneath. The words of each layer repeat those of the layers below, so one is enough.
fn reason(fault: keyring_core::Error) -> String {
    match fault {
        keyring_core::Error::PlatformFailure(reason) | keyring_core::Error::NoStorageAccess(reason) => {
            reason.to_string()
        }
        other => other.to_string(),
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let hint = error.hint();
        let mut report = Self::new(error.to_string());
        report = match error {
            Error::NoKeyring(fault) | Error::Closed(fault) => report.source(reason(fault)),
            Error::File { source, .. } => report.source(source),
            Error::Silent(_) | Error::Gone(..) | Error::NoText(_) | Error::Open(_) => report,
        };
        match hint {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}
