//! crelay's private copy of Codex, put there by npm.

use std::ffi::OsStr;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::session::{Environment, Folders};

use super::error::Error;
use super::lock;
use super::version::Version;
use super::write;

/// The version that crelay's own tests run.
pub const TESTED: Version = Version::new(0, 169, 0);

/// What is read of a package's own description.
#[derive(Deserialize)]
struct Description {
    version: String,
}

/// Installs [`TESTED`] unless it is there, and says where it is. npm's progress goes to standard error, so that
/// standard output stays Codex's.
pub fn install(folders: &Folders, environment: &Environment, working_folder: &Path) -> Result<PathBuf, Error> {
    let program = private_copy(folders);
    let prefix = prefix(folders);
    write::private_folder(&prefix).map_err(Error::file("create", &prefix))?;
    let name = prefix.join("lock");
    // Whoever comes second waits, and finds it installed.
    let lock = lock::wait(&name).map_err(Error::file("lock", &name))?;
    if let Some(program) = installed(folders) {
        return Ok(program);
    }
    let path = environment.get(OsStr::new("PATH"));
    let npm = which::which_in("npm", path, working_folder).map_err(|_| Error::NoNpm)?;
    let progress = std::io::stderr()
        .as_fd()
        .try_clone_to_owned()
        .map_err(Error::system("share standard error"))?;
    let status = Command::new(npm)
        .args(["install", "--no-fund", "--no-audit", "--prefix"])
        .arg(&prefix)
        .arg(format!("@openai/codex@{TESTED}"))
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::from(progress))
        .status()
        .map_err(|error| Error::Npm(error.to_string()))?;
    drop(lock);
    if !status.success() {
        return Err(Error::Npm(status.to_string()));
    }
    if program.is_file() {
        Ok(program)
    } else {
        Err(Error::Npm(format!("there is no `{}`", program.display())))
    }
}

/// The private copy, if it is there and of the version that [`install`] would install.
#[must_use]
pub fn installed(folders: &Folders) -> Option<PathBuf> {
    let program = private_copy(folders);
    (is_installed(&prefix(folders)) && program.is_file()).then_some(program)
}

/// Where the private copy is, if it is.
#[must_use]
pub fn private_copy(folders: &Folders) -> PathBuf {
    prefix(folders).join("node_modules/.bin/codex")
}

fn prefix(folders: &Folders) -> PathBuf {
    folders.data.join("codex")
}

fn is_installed(prefix: &Path) -> bool {
    let description = fs::read(prefix.join("node_modules/@openai/codex/package.json")).unwrap_or_default();
    serde_json::from_slice::<Description>(&description)
        .is_ok_and(|description| description.version == TESTED.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;

    /// An `npm` that installs what it is asked for and counts how often.
    const NPM: &str = r#"#!/bin/sh
echo "$@" >> "$COUNTED"
package="$5/node_modules/@openai/codex"
mkdir -p "$package" "$5/node_modules/.bin"
echo "{\"name\":\"@openai/codex\",\"version\":\"${6##*@}\"}" > "$package/package.json"
echo > "$5/node_modules/.bin/codex"
"#;

    struct Machine {
        folder: tempfile::TempDir,
        environment: Environment,
        folders: Folders,
    }

    impl Machine {
        fn new(npm: Option<&str>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let base = folder.path();
            if let Some(script) = npm {
                sample::program(&base.join("npm"), script);
            }
            let path = format!("{}:/usr/bin:/bin", base.display());
            let search = if npm.is_some() {
                path
            } else {
                base.display().to_string()
            };
            let environment = Environment::from([
                ("PATH".into(), search.into()),
                ("COUNTED".into(), base.join("counted").into()),
            ]);
            let folders = sample::folders(base);
            Self {
                folder,
                environment,
                folders,
            }
        }

        fn install(&self) -> Result<PathBuf, Error> {
            install(&self.folders, &self.environment, self.folder.path())
        }
    }

    #[test]
    fn codex_is_installed_once_by_any_number_of_starts() {
        let machine = Machine::new(Some(NPM));
        let all = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| machine.install())).collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap().unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(all, vec![private_copy(&machine.folders); 3]);
        let counted = fs::read_to_string(machine.folder.path().join("counted")).unwrap();
        let prefix = machine.folders.data.join("codex");
        let expected = format!(
            "install --no-fund --no-audit --prefix {} @openai/codex@0.169.0\n",
            prefix.display()
        );
        assert_eq!(counted, expected);
    }

    #[test]
    fn an_older_copy_is_replaced() {
        let machine = Machine::new(Some(NPM));
        let package = machine.folders.data.join("codex/node_modules/@openai/codex");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("package.json"), r#"{"version":"0.150.0"}"#).unwrap();
        machine.install().unwrap();
        assert!(is_installed(&machine.folders.data.join("codex")));
    }

    #[test]
    fn without_npm_nothing_is_installed() {
        let machine = Machine::new(None);
        let error = machine.install().unwrap_err();
        assert_eq!(error.to_string(), "`npm` was not found, and it is what installs Codex");
    }

    #[test]
    fn a_failing_npm_is_told() {
        let machine = Machine::new(Some("#!/bin/sh\nexit 7\n"));
        let error = machine.install().unwrap_err();
        assert_eq!(error.to_string(), "`npm` could not install Codex (exit status: 7)");
    }
}
