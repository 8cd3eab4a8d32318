//! What this process finds around it: variables, folders, where it stands.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use directories::{BaseDirs, ProjectDirs};

use crate::keep::{Keep, UNLOCKING};
use crate::report::Report;
use crate::session::{Config, Environment, Folders, Place, Resolved, Session};
use crate::stock::Stock;

use super::log::Level;

/// What was found.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub variables: Environment,
    pub folders: Folders,
    pub working_folder: PathBuf,
    /// crelay itself, without links.
    pub program: Option<PathBuf>,
    /// The keys that crelay keeps.
    pub keep: Keep,
}

impl Surroundings {
    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(|value| &**value)
            .filter(|value| !value.is_empty())
    }

    /// Where crelay's own configuration is.
    pub fn configuration(&self) -> PathBuf {
        self.folders.config.join("config.toml")
    }

    /// crelay's own configuration.
    pub fn config(&self) -> Result<Config, Report> {
        Ok(Config::read(&self.configuration())?)
    }

    /// Whose keys are kept. Where that cannot be told none are: whoever has another key needs none of them.
    pub fn kept(&self) -> Vec<(String, Place)> {
        self.keep.list().unwrap_or_else(|error| {
            super::note(&format!("no kept key is used: {error}"));
            Vec::new()
        })
    }

    /// The session with its key, which is looked for now.
    pub fn unlock(&self, resolved: Resolved) -> Result<Session, Report> {
        resolved.unlock(|provider, place| Ok(self.keep.key(provider, place, UNLOCKING)?))
    }

    /// The file that `CRELAY_LOG` names, unless it says how much is written.
    pub fn log_file(&self) -> Option<PathBuf> {
        let named = self.variable("CRELAY_LOG").map(PathBuf::from);
        named.filter(|_| self.log_level().is_none())
    }

    /// What is known of models.
    pub fn stock(&self, config: &Config) -> Result<Stock, Report> {
        let is_offline = config.offline || self.variable("CRELAY_OFFLINE").is_some();
        Ok(Stock::new(&self.folders, config.models_dev()?, is_offline))
    }

    /// What `CRELAY_LOG` says about how much is written.
    pub fn log_level(&self) -> Option<Level> {
        Level::read(self.variable("CRELAY_LOG")?.to_str()?)
    }
}

/// Looks around.
pub(super) fn read() -> Result<Surroundings, Report> {
    let variables: Environment = std::env::vars_os().collect();
    let working_folder = std::env::current_dir().map_err(|error| {
        let report = Report::new("the folder that this was started in cannot be told");
        report.source(error).hint("change to one that exists")
    })?;
    let (Some(user), Some(own)) = (BaseDirs::new(), ProjectDirs::from("", "", "crelay")) else {
        return Err(Report::new("this user has no home folder").hint("set `HOME`"));
    };
    if !user.home_dir().is_absolute() {
        let report = Report::new(format!(
            "`HOME` names `{}`, which is not a whole path",
            user.home_dir().display()
        ));
        return Err(report.hint("set `HOME` to the home folder of this user"));
    }
    let named = variables
        .get(OsStr::new("CODEX_HOME"))
        .filter(|value| !value.is_empty());
    let state = own
        .state_dir()
        .map_or_else(|| own.data_local_dir().join("state"), Path::to_owned);
    let folders = Folders {
        config: own.config_dir().to_owned(),
        // One that is only named, or that `su` or `sudo -E` left of another user, is none.
        runtime: match own.runtime_dir() {
            Some(runtime) if runtime.parent().is_some_and(is_ours) => runtime.to_owned(),
            _ => state.join("run"),
        },
        state,
        cache: own.cache_dir().to_owned(),
        data: own.data_local_dir().to_owned(),
        codex_home: match named {
            Some(named) => working_folder.join(named),
            None => user.home_dir().join(".codex"),
        },
    };
    let waits = || super::note("the keyring does not answer yet: it may be asking for its password in a window");
    Ok(Surroundings {
        keep: Keep::new(&folders, waits),
        variables,
        folders,
        working_folder,
        program: std::env::current_exe().and_then(|program| program.canonicalize()).ok(),
    })
}

fn is_ours(folder: &Path) -> bool {
    let user = nix::unistd::geteuid().as_raw();
    fs::metadata(folder).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == user)
}
