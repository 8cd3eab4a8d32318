//! What can go wrong with names and links.

use std::io;
use std::path::PathBuf;

use crate::report::{Report, USAGE};

/// Why there is no such shim.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name would take crelay's own place.
    #[error("`crelay` is the name of crelay itself")]
    Own,
    /// A name that nobody could call.
    #[error("`{0}` cannot be the name of a command")]
    Name(String),
    /// The link would be in a folder whose name cannot be written down.
    #[error("`{}` is not valid UTF-8", .0.display())]
    NotText(PathBuf),
    /// Something stands where the link would be.
    #[error("`{}` is there already, and is no shim", .0.display())]
    Foreign(PathBuf),
    /// The name leads there from another folder.
    #[error("`{name}` is a shim in another folder: `{}`", link.display())]
    Elsewhere {
        /// Its name.
        name: String,
        /// Its link.
        link: PathBuf,
    },
    /// There is none of this name.
    #[error("there is no shim `{0}`")]
    Unknown(String),
    /// What is written down cannot be understood.
    #[error("`{}`: {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// A file, folder or link could not be read, written or removed.
    #[error("cannot {verb} `{}`", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    pub(super) fn file(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { verb, path, source }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Own => "choose another, such as `codex-deepseek`".into(),
            Self::Name(_) => "use letters, digits, `-`, `_`, `.` and `+`".into(),
            Self::NotText(_) => "choose another folder with `--dir`".into(),
            Self::Foreign(_) => "choose another name, or another folder with `--dir`".into(),
            Self::Elsewhere { name, .. } => format!("remove that one with `crelay shim remove {name}`"),
            Self::Unknown(_) => "`crelay shim list` tells which there are".into(),
            Self::Unreadable { .. } => "correct it, or make the shim anew with `crelay shim NAME`".into(),
            Self::File { .. } => return None,
        })
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let report = Self::new(error.to_string());
        let report = match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        };
        match error {
            Error::File { source, .. } => report.source(source),
            Error::Own | Error::Name(_) => report.code(USAGE),
            _ => report,
        }
    }
}
