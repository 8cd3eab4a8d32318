//! crelay's private copy of Codex, put there by npm.

use std::ffi::OsStr;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::files::{self, Root, lock};
use crate::report;
use crate::session::{Environment, Folders};

use super::error::Error;
use super::package::Package;
use super::version::Version;

/// The version that crelay's own tests run.
pub const TESTED: Version = Version::new(0, 169, 0);

/// The folder of the copy, beneath the data.
const FOLDER: &str = "codex";

/// What is read of a package's own description.
#[derive(Deserialize)]
struct Description {
    version: String,
}

/// Installs [`TESTED`] unless it is there, and says where it is. npm's progress goes to standard error, so that
/// standard output stays Codex's.
pub fn install(folders: &Folders, environment: &Environment, working_folder: &Path) -> Result<PathBuf, Error> {
    let prefix = files::beneath(&folders.data, FOLDER, Root::Library)?;
    let name = prefix.join("lock");
    // Whoever comes second waits, and finds it installed.
    let _lock = lock::wait(&name).map_err(Error::file("lock", &name, Root::Library))?;
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
        // The native program is optional to npm, and a user's `omit=optional` would leave it out.
        .args(["install", "--no-fund", "--no-audit", "--include=optional", "--prefix"])
        .arg(&prefix)
        .arg(format!("@openai/codex@{TESTED}"))
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::from(progress))
        .status()
        .map_err(|error| Error::Npm(format!("could not be started: {}", report::words(&error))))?;
    if !status.success() {
        return Err(Error::Npm(report::ended(status)));
    }
    installed(folders).ok_or(Error::HalfInstalled(prefix))
}

/// The private copy, if it is there as a whole and of the version that [`install`] would install.
#[must_use]
pub fn installed(folders: &Folders) -> Option<PathBuf> {
    let program = private_copy(folders);
    let is_whole = Package::of(&program).is_some_and(|package| package.is_whole());
    (is_whole && is_tested(&prefix(folders))).then_some(program)
}

/// Where the private copy is, if it is.
#[must_use]
pub fn private_copy(folders: &Folders) -> PathBuf {
    prefix(folders).join("node_modules/.bin/codex")
}

fn prefix(folders: &Folders) -> PathBuf {
    folders.data.join(FOLDER)
}

fn is_tested(prefix: &Path) -> bool {
    let description = fs::read(prefix.join("node_modules/@openai/codex/package.json")).unwrap_or_default();
    serde_json::from_slice::<Description>(&description)
        .is_ok_and(|description| description.version == TESTED.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{package, sample};

    /// An `npm` that installs what it is asked for and counts how often.
    const NPM: &str = r#"#!/bin/sh
echo "$@" >> "$COUNTED"
modules="$6/node_modules"
package="$modules/@openai/codex"
mkdir -p "$package/bin" "$modules/.bin"
echo "{\"name\":\"@openai/codex\",\"version\":\"${7##*@}\"}" > "$package/package.json"
echo > "$package/bin/codex.js"
ln -sf ../@openai/codex/bin/codex.js "$modules/.bin/codex"
"#;

    /// What it does as well unless the platform's package cannot be fetched.
    const NATIVE: &str = r#"
mkdir -p "$modules/@openai/codex-$PLATFORM/vendor/$TRIPLE/bin"
echo > "$modules/@openai/codex-$PLATFORM/package.json"
echo > "$modules/@openai/codex-$PLATFORM/vendor/$TRIPLE/bin/codex"
"#;

    fn whole() -> String {
        [NPM, NATIVE].concat()
    }

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
            let (platform, triple) = package::platform().unwrap();
            let environment = Environment::from([
                ("PATH".into(), search.into()),
                ("PLATFORM".into(), platform.into()),
                ("TRIPLE".into(), triple.into()),
                ("COUNTED".into(), base.join("counted").into()),
            ]);
            let folders = sample::folders(base);
            Self {
                folder,
                environment,
                folders,
            }
        }

        /// Replaces `npm`.
        fn put(&self, script: &str) {
            sample::program(&self.folder.path().join("npm"), script);
        }

        fn install(&self) -> Result<PathBuf, Error> {
            install(&self.folders, &self.environment, self.folder.path())
        }
    }

    #[test]
    fn codex_is_installed_once_by_any_number_of_starts() {
        let machine = Machine::new(Some(&whole()));
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
            "install --no-fund --no-audit --include=optional --prefix {} @openai/codex@0.169.0\n",
            prefix.display()
        );
        assert_eq!(counted, expected);
    }

    #[test]
    fn an_older_copy_is_replaced() {
        let machine = Machine::new(Some(&whole()));
        let package = machine.folders.data.join("codex/node_modules/@openai/codex");
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("package.json"), r#"{"version":"0.150.0"}"#).unwrap();
        machine.install().unwrap();
        assert!(installed(&machine.folders).is_some());
    }

    #[test]
    fn a_copy_without_its_native_program_is_told_and_installed_again() {
        let machine = Machine::new(Some(NPM));
        let error = machine.install().unwrap_err();
        let prefix = machine.folders.data.join("codex");
        let expected = format!(
            "`npm` left out the part of Codex that is made for this machine, in `{}`",
            prefix.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(installed(&machine.folders), None);
        machine.put(&whole());
        assert_eq!(machine.install().unwrap(), private_copy(&machine.folders));
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
        assert_eq!(error.to_string(), "`npm` could not install Codex: it ended with code 7");
    }
}
