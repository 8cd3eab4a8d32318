//! Why a key cannot be kept, or what is kept cannot be had.

use std::path::PathBuf;
use std::time::Duration;

use keyring_core::Error as Fault;

use crate::files;
use crate::report::{Report, quoted};

/// A failure of the keyring or of the files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system has none, or none that answers.
    #[error("there is no keyring that can be used here")]
    NoKeyring(Fault),
    /// There is one, and it does not do as it is asked: mostly it is locked, and stays so.
    #[error("the keyring does not open")]
    Closed(Fault),
    /// It says nothing.
    #[error("the keyring did not answer within {} seconds", .0.as_secs())]
    Silent(Duration),
    /// It did not open before, and is not asked again.
    #[error("the keyring is locked")]
    Shut,
    /// The key was there once.
    #[error("the key for `{0}` is not in the {1} any more")]
    Gone(String, &'static str),
    /// What is there is not text.
    #[error("what the keyring holds for `{0}` is no key")]
    NoText(String),
    /// Others can read the file.
    #[error("`{}` can be read by others, so the key in it may be theirs by now", .0.display())]
    Open(PathBuf),
    /// A file or the folder of it cannot be used.
    #[error(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    /// Whether it says of every key in the keyring what it says of one.
    #[must_use]
    pub fn is_of_all(&self) -> bool {
        match self {
            Self::NoKeyring(_) | Self::Silent(_) | Self::Shut => true,
            Self::Closed(fault) => matches!(fault, Fault::NoStorageAccess(_) | Fault::PlatformFailure(_)),
            _ => false,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoKeyring(_) => {
                "set the provider's variable, use `key_command`, or keep the key in a file that only \
                                   you can read: `crelay auth set PROVIDER --file`"
                    .to_owned()
            }
            Self::Closed(_) | Self::Silent(_) | Self::Shut => {
                "unlock it, set the provider's variable, which counts more, or keep the \
                                                  key in a file that only you can read: `crelay auth set PROVIDER --file`"
                    .to_owned()
            }
            Self::Gone(provider, _) | Self::NoText(provider) => {
                format!("run `crelay auth set {provider}`, or `crelay auth remove {provider}`")
            }
            Self::Open(path) => format!("make a new key, or `chmod 600 {}`", quoted(path.as_os_str())),
            Self::Files(_) => return None,
        })
    }
}

/// What lies beneath. The words of each layer repeat those of the layers below, so one is enough.
fn reason(fault: Fault) -> String {
    match fault {
        Fault::PlatformFailure(reason) | Fault::NoStorageAccess(reason) => reason.to_string(),
        other => other.to_string(),
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Files(error) => return error.into(),
            other => other,
        };
        let hint = error.hint();
        let mut report = Self::new(error.to_string());
        report = match error {
            Error::NoKeyring(fault) | Error::Closed(fault) => report.source(reason(fault)),
            _ => report,
        };
        match hint {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}
