//! What can go wrong between the command line and a running Codex.

use std::io;
use std::path::{Path, PathBuf};

use nix::errno::Errno;

use crate::files::{self, Root};
use crate::report::{self, NOT_FOUND, NOT_RUNNABLE, Report, quoted};

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
    #[error("`npm` could not install Codex: it {0}")]
    Npm(String),
    /// npm ended well, and yet Codex is not there as a whole.
    #[error("`npm` left out the part of Codex that is made for this machine, in `{}`", .0.display())]
    HalfInstalled(PathBuf),
    /// `CODEX_HOME` names nothing that could be a home.
    #[error("`CODEX_HOME` names `{}`, which is not a folder", path.display())]
    NoCodexHome {
        /// What it names.
        path: PathBuf,
        /// Whether there is nothing at all.
        is_absent: bool,
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
    /// A path that must travel in TOML or JSON is not text.
    #[error("`{}` is not valid UTF-8", path.display())]
    NotText {
        /// The path.
        path: PathBuf,
        /// Where it lies.
        root: Root,
    },
    /// A signal came before Codex was started.
    #[error("interrupted")]
    Interrupted(i32),
    /// A file or folder cannot be used.
    #[error(transparent)]
    Files(#[from] files::Error),
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
    pub(super) fn file(verb: &'static str, path: impl Into<PathBuf>, root: Root) -> impl FnOnce(io::Error) -> Self {
        let told = files::Error::file(verb, path, root);
        move |source| told(source).into()
    }

    /// `program` could not be started. What this machine or this user has run out of is no fault of the program's.
    pub(super) fn start(program: &Path, source: io::Error) -> Self {
        if report::exhausted(&source).is_some() {
            return Self::system("start Codex")(source);
        }
        let reason = match source.raw_os_error().map(Errno::from_raw) {
            Some(Errno::ENOEXEC) => "it is no program, or one for another kind of machine".into(),
            Some(Errno::ENOENT) if program.exists() => {
                "what it is started by, an interpreter or a loader, is missing".into()
            }
            Some(Errno::ETXTBSY) => "it is being written at this moment".into(),
            _ => report::words(&source),
        };
        Self::NotRunnable {
            program: program.to_owned(),
            reason,
        }
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
            Self::NoCodexHome { path, is_absent: true } => {
                format!(
                    "create it with `mkdir -p {}`, or unset `CODEX_HOME`",
                    quoted(path.as_os_str())
                )
            }
            Self::NoCodexHome { .. } => "set `CODEX_HOME` to a folder, or unset it".into(),
            Self::NotText { root, .. } => match root.variable() {
                Some(variable) => format!("set `{variable}` to a folder with a plain name"),
                None => "rename the folder".into(),
            },
            Self::System { source, .. } => report::exhausted(source)?.into(),
            Self::Profile { path, .. } => format!("crelay merges `{}` into its own profile", path.display()),
            _ => return None,
        })
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Files(error) => return error.into(),
            other => other,
        };
        let (code, hint) = (error.exit_code(), error.hint());
        let message = error.to_string();
        let mut report = Self::new(message);
        report = match error {
            Error::System { source, .. } => report.source(source),
            Error::Profile {
                source: ProfileError::Read(source),
                ..
            } => report.source(source),
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
