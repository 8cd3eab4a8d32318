//! What can go wrong between the command line and a running Codex.

use std::io;
use std::path::PathBuf;

use crate::report::{NOT_FOUND, NOT_RUNNABLE, Report};

use super::version::Version;

/// A failure before Codex runs; afterwards there is only an exit code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no Codex in any of the places.
    #[error("Codex was not found")]
    NotFound,
    /// The place that the user named holds nothing.
    #[error("there is no Codex at `{program}` ({origin})")]
    NothingThere {
        /// What the user wrote.
        program: PathBuf,
        /// Where the user wrote it.
        origin: &'static str,
    },
    /// What was found cannot be executed or does not answer like Codex.
    #[error("`{}` is not a Codex that can be run: {reason}", program.display())]
    NotRunnable {
        /// What was found.
        program: PathBuf,
        /// What it did instead.
        reason: String,
    },
    /// A Codex from before providers could be set on the command line.
    #[error("Codex {version} is too old, crelay needs {} or later", Version::OLDEST)]
    TooOld {
        /// What it answered.
        version: Version,
    },
    /// npm is missing.
    #[error("`npm` was not found, and it is what installs Codex")]
    NoNpm,
    /// npm did not do what it was asked to.
    #[error("`npm` could not install Codex ({0})")]
    Npm(String),
    /// npm ended well, and yet Codex is not there as a whole.
    #[error("`npm` left out the part of Codex that is made for this machine, in `{}`", .0.display())]
    HalfInstalled(PathBuf),
    /// `CODEX_HOME` names nothing.
    #[error("`CODEX_HOME` names `{}`, which is not a folder", .0.display())]
    NoCodexHome(PathBuf),
    /// The runtime folder can be changed by others.
    #[error("`{}` does not belong to this user alone", path.display())]
    NotPrivate {
        /// The folder, or what stands in its place.
        path: PathBuf,
        /// Whether it is this user's to remove.
        is_ours: bool,
    },
    /// The user's own profile cannot be used.
    #[error("the profile `{name}` cannot be used")]
    Profile {
        /// Its name.
        name: String,
        /// The file it would be.
        path: PathBuf,
        /// Why not.
        source: ProfileError,
    },
    /// A path that must travel in TOML is not text.
    #[error("`{}` is not valid UTF-8", .0.display())]
    NotText(PathBuf),
    /// A signal came before Codex was started.
    #[error("interrupted")]
    Interrupted(i32),
    /// A file or folder could not be read, written or removed.
    #[error("cannot {verb} `{}`", path.display())]
    File {
        /// What was tried.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something that is not a file.
    #[error("cannot {verb}")]
    System {
        /// What was tried.
        verb: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a user's own profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is not TOML; the text names line and column.
    #[error("{0}")]
    Toml(String),
    /// A name with which Codex would not read a file.
    #[error("a name is made of letters, digits, `-` and `_`")]
    Name,
}

impl Error {
    pub(super) fn file(verb: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { verb, path, source }
    }

    pub(super) fn system(verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { verb, source }
    }

    fn exit_code(&self) -> Option<u8> {
        match self {
            Self::NotFound | Self::NothingThere { .. } => Some(NOT_FOUND),
            Self::NotRunnable { .. } | Self::TooOld { .. } => Some(NOT_RUNNABLE),
            Self::Interrupted(signal) => u8::try_from(128 + signal).ok(),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound => {
                "run the same again with `--install-codex`, or install it with `npm install -g @openai/codex`".into()
            }
            Self::NothingThere { origin, .. } => {
                format!("correct {origin}, or leave it out to search `PATH`")
            }
            Self::NotRunnable { .. } => "name another with `--codex`, or add `--install-codex`".into(),
            Self::TooOld { .. } => {
                "update it with `npm install -g @openai/codex@latest`, or add `--install-codex`".into()
            }
            Self::NoNpm => "install Node.js from https://nodejs.org, or name a Codex with `--codex`".into(),
            Self::Npm(_) => "the lines above are npm's own; once they are cleared up, run the same again".into(),
            Self::HalfInstalled(_) => {
                "run the same again once the npm registry can be reached, or name a Codex with `--codex`".into()
            }
            Self::NoCodexHome(path) => format!("create it with `mkdir -p {}`, or unset `CODEX_HOME`", path.display()),
            Self::NotPrivate { path, is_ours: true } => format!("remove it with `rm -r {}`", path.display()),
            Self::NotPrivate { .. } => "set `XDG_RUNTIME_DIR` to a folder of your own".into(),
            Self::Profile { path, .. } => format!("crelay merges `{}` into its own profile", path.display()),
            _ => return None,
        })
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let (code, hint) = (error.exit_code(), error.hint());
        let message = error.to_string();
        let mut report = Self::new(message);
        report = match error {
            Error::File { source, .. } | Error::System { source, .. } => report.source(source),
            Error::Profile { source, .. } => report.source(source),
            _ => report,
        };
        if let Some(hint) = hint {
            report = report.hint(hint);
        }
        match code {
            Some(code) => report.code(code),
            None => report,
        }
    }
}
