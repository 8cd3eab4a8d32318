//! Why a file or folder cannot be used, and what helps.

use std::io;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::report::{self, Report, quoted};

/// A file or folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder in which others could put what crelay would trust.
    #[error("`{}` does not belong to this user alone", path.display())]
    NotPrivate {
        /// The folder.
        path: PathBuf,
        /// Whether this user can change that.
        is_ours: bool,
        /// Which of the user's folders it would be in.
        root: Root,
    },
    /// What stands where a folder of crelay's would be, and is not followed.
    #[error("`{}` is not a folder", path.display())]
    NotFolder {
        /// The file or link.
        path: PathBuf,
        /// Which of the user's folders it is in.
        root: Root,
    },
    /// It could not be read, written or removed.
    #[error("cannot {verb} `{}`", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// Where that lies.
        root: Root,
        /// What the system said.
        source: io::Error,
    },
}

/// The folder in which something lies, because each is moved elsewhere by another variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// What the user wants to be so, shims among it.
    Config,
    /// Records, answers, logs, kept keys.
    State,
    /// Folders of living sessions.
    Runtime,
    /// The private copy of Codex.
    Library,
    /// What was learned of Codex.
    Cache,
    /// Codex's own.
    CodexHome,
    /// Where the user wants that one thing.
    Given,
}

impl Root {
    /// The variable that has it elsewhere. macOS knows none but `CODEX_HOME`.
    #[must_use]
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::Given => None,
            Self::CodexHome => Some("CODEX_HOME"),
            _ if cfg!(target_os = "macos") => None,
            Self::Config => Some("XDG_CONFIG_HOME"),
            Self::State => Some("XDG_STATE_HOME"),
            Self::Runtime => Some("XDG_RUNTIME_DIR"),
            Self::Library => Some("XDG_DATA_HOME"),
            Self::Cache => Some("XDG_CACHE_HOME"),
        }
    }

    /// `remedy`, or another folder.
    fn or_elsewhere(self, remedy: &str) -> String {
        match self.variable() {
            Some(variable) => format!("{remedy}, or set `{variable}` to another folder"),
            None => remedy.to_owned(),
        }
    }

    /// What helps against what the system said.
    fn hint(self, verb: &str, error: &io::Error) -> String {
        use io::ErrorKind::{
            AlreadyExists, IsADirectory, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
            StorageFull,
        };
        if let Some(remedy) = report::exhausted(error) {
            return remedy.to_owned();
        }
        self.or_elsewhere(match error.kind() {
            StorageFull | QuotaExceeded => "make room on that disk",
            PermissionDenied if verb == "read" => "let this user read it",
            PermissionDenied | ReadOnlyFilesystem => "let this user write there",
            NotFound if verb == "write" => "make its folder first",
            NotFound => "name one that is there",
            AlreadyExists | IsADirectory | NotADirectory => "move away what stands there",
            // A link, where none is followed.
            _ if error.raw_os_error() == Some(Errno::ELOOP as i32) => "move away what stands there",
            _ => "see to that folder",
        })
    }
}

impl Error {
    /// `verb` was tried on `path`, which lies in `place`, and the system said no.
    pub fn file(verb: &'static str, path: impl Into<PathBuf>, root: Root) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            verb,
            path,
            root,
            source,
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::NotPrivate {
                path, is_ours: true, ..
            } => format!("keep others out with `chmod go-w {}`", quoted(path.as_os_str())),
            Self::NotPrivate { root, .. } => match root.variable() {
                Some(variable) => format!("set `{variable}` to a folder of your own"),
                None => "remove it, as the user whose it is".into(),
            },
            Self::NotFolder { path, root } => {
                root.or_elsewhere(&format!("remove it with `rm {}`", quoted(path.as_os_str())))
            }
            Self::File { verb, root, source, .. } => root.hint(verb, source),
        }
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let report = Self::new(error.to_string()).hint(error.hint());
        match error {
            Error::File { source, .. } => report.source(source),
            Error::NotPrivate { .. } | Error::NotFolder { .. } => report,
        }
    }
}
