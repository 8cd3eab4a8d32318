//! What can go wrong with names and links.

use std::path::PathBuf;

use crate::files;
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
    /// A file, a link or a folder of them cannot be used.
    #[error(transparent)]
    Files(#[from] files::Error),
}

impl Error {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Own => "choose another, such as `codex-deepseek`".into(),
            Self::Name(_) => "use letters, digits, `-`, `_`, `.` and `+`".into(),
            Self::NotText(_) => "choose another folder with `--dir`".into(),
            Self::Foreign(_) => "choose another name, or another folder with `--dir`".into(),
            Self::Elsewhere { name, .. } => format!("remove that one with `crelay shim remove {name}`"),
            Self::Unknown(_) => "`crelay shim list` tells which there are".into(),
            Self::Unreadable { .. } => "correct it, or make the shim anew with `crelay shim NAME`".into(),
            Self::Files(_) => return None,
        })
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Files(error) => return error.into(),
            other => other,
        };
        let report = Self::new(error.to_string());
        let report = match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        };
        match error {
            Error::Own | Error::Name(_) => report.code(USAGE),
            _ => report,
        }
    }
}
