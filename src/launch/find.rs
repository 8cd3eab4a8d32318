//! Where Codex is.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::session::{Environment, Folders};

use super::error::Error;
use super::install;
use super::package::Package;
use super::version::{self, Identity, Version};

/// A Codex that answered.
#[derive(Debug, Clone)]
pub struct Codex {
    /// What is executed.
    pub program: PathBuf,
    /// What it answered to `--version`.
    pub version: Version,
    /// How it has to be treated.
    pub kind: Kind,
    pub(super) identity: Identity,
    pub(super) package: Option<Package>,
}

/// What the program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Codex itself, or something that becomes Codex.
    Native,
    /// npm's wrapper, whose child Codex is: it must get the chance to pass a signal on.
    Node,
}

/// Where to look, in this order.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// `--codex`.
    pub option: Option<&'a Path>,
    /// `CRELAY_CODEX`.
    pub variable: Option<&'a OsStr>,
    /// `codex` of the configuration.
    pub configured: Option<&'a Path>,
    /// crelay itself, which may stand on `PATH` under the name `codex` and is never Codex.
    pub own: Option<&'a Path>,
    /// Where relative paths begin.
    pub working_folder: &'a Path,
    /// `PATH` and what `codex --version` runs with.
    pub environment: &'a Environment,
}

/// Finds Codex and asks it for its version.
pub async fn find(places: &Places<'_>, folders: &Folders) -> Result<Codex, Error> {
    let found = locate(places, folders)?;
    let native = Package::of(&found).and_then(|package| package.native(places.environment));
    let (program, kind, package) = match native {
        Some((program, package)) => (program, Kind::Native, Some(package)),
        None => (found.clone(), kind(&found), None),
    };
    let identity = Identity::of(&program).map_err(|error| Error::start(&program, error))?;
    let version = version::read(&program, &identity, places.environment, &folders.cache).await?;
    Ok(Codex {
        program,
        version,
        kind,
        identity,
        package,
    })
}

impl Codex {
    /// Refuses what is older than crelay can speak with.
    pub fn supported(self) -> Result<Self, Error> {
        if self.version.is_supported() {
            Ok(self)
        } else {
            Err(Error::TooOld { version: self.version })
        }
    }

    /// `given`, with what npm's wrapper would have added.
    pub(super) fn environment(&self, given: &Environment) -> Environment {
        let mut environment = given.clone();
        if let Some(package) = &self.package {
            package.add_to(&mut environment);
        }
        environment
    }
}

fn locate(places: &Places<'_>, folders: &Folders) -> Result<PathBuf, Error> {
    let named = [
        (places.option.map(Path::as_os_str), "`--codex`"),
        (places.variable.filter(|value| !value.is_empty()), "`CRELAY_CODEX`"),
        (places.configured.map(Path::as_os_str), "`codex` in the configuration"),
    ];
    if let Some((name, origin)) = named.into_iter().find_map(|(name, origin)| Some((name?, origin))) {
        let program = look_up(name, places).ok_or_else(|| named_but_missing(Path::new(name), places, origin))?;
        return match is_crelay(&program, places.own) {
            true => Err(Error::NotRunnable {
                program,
                reason: "it is crelay itself".into(),
            }),
            false => Ok(program),
        };
    }
    let private = install::private_copy(folders);
    on_path(OsStr::new("codex"), places)
        .find(|program| !is_crelay(program, places.own))
        .or_else(|| private.is_file().then_some(private))
        .ok_or(Error::NotFound)
}

/// A name without a slash is searched in `PATH`, as a shell would; everything else is a path.
fn look_up(name: &OsStr, places: &Places<'_>) -> Option<PathBuf> {
    on_path(name, places).next()
}

fn on_path(name: &OsStr, places: &Places<'_>) -> impl Iterator<Item = PathBuf> {
    let path = places.environment.get(OsStr::new("PATH"));
    let found = which::which_in_all(name, path, places.working_folder);
    found.into_iter().flatten()
}

/// Whether `program` leads to `own`, this crelay without links, or to another crelay.
#[must_use]
pub fn is_crelay(program: &Path, own: Option<&Path>) -> bool {
    let Ok(behind) = program.canonicalize() else {
        return false;
    };
    behind.file_name().is_some_and(|name| name == "crelay") || own.is_some_and(|own| own == behind)
}

fn named_but_missing(name: &Path, places: &Places<'_>, origin: &'static str) -> Error {
    let program = places.working_folder.join(name);
    if program.is_file() {
        return Error::NotRunnable {
            program,
            reason: "it is not executable".into(),
        };
    }
    if program.is_dir() {
        return Error::NotRunnable {
            program,
            reason: "it is a folder".into(),
        };
    }
    Error::NothingThere {
        program: name.to_owned(),
        origin,
    }
}

/// pnpm and others put a shell script on `PATH` that starts `codex.js`; it counts as the wrapper that it starts.
fn kind(program: &Path) -> Kind {
    /// More than such scripts have.
    const BEGINNING: u64 = 8 * 1024;
    let mut beginning = Vec::new();
    let read = File::open(program).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
    let is_script = read.is_ok() && beginning.starts_with(b"#!");
    let text = String::from_utf8_lossy(&beginning);
    let line = text.lines().next().unwrap_or_default();
    if is_script && (line.contains("node") || text.contains("codex.js")) {
        Kind::Node
    } else {
        Kind::Native
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::launch::sample;
    use crate::report::Report;

    struct Machine {
        folder: tempfile::TempDir,
        environment: Environment,
        folders: Folders,
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let base = folder.path();
            let bin = base.join("bin");
            fs::create_dir(&bin).unwrap();
            let environment = Environment::from([("PATH".into(), bin.into())]);
            let folders = sample::folders(base);
            Self {
                folder,
                environment,
                folders,
            }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        /// Puts a program at `name` that answers with `version`.
        fn install(&self, name: &str, version: &str) -> PathBuf {
            let program = self.path(name);
            sample::program(&program, &format!("#!/bin/sh\necho codex-cli {version}\n"));
            program
        }

        /// Searches with what stands after `--codex`, in `CRELAY_CODEX` and in the configuration.
        async fn find(&self, named: [Option<&Path>; 3]) -> Result<Codex, Error> {
            let [option, variable, configured] = named;
            let places = Places {
                option,
                variable: variable.map(Path::as_os_str),
                configured,
                own: None,
                working_folder: self.folder.path(),
                environment: &self.environment,
            };
            find(&places, &self.folders).await
        }

        async fn find_option(&self, option: impl AsRef<Path>) -> Result<Codex, Error> {
            self.find([Some(option.as_ref()), None, None]).await
        }
    }

    #[tokio::test]
    async fn the_nearer_place_wins() {
        let machine = Machine::new();
        let private = "data/codex/node_modules/.bin/codex";
        for (place, minor) in [
            (private, 5),
            ("bin/codex", 4),
            ("configured", 3),
            ("variable", 2),
            ("option", 1),
        ] {
            machine.install(place, &format!("0.20{minor}.0"));
        }
        let [option, variable, configured] = ["option", "variable", "configured"].map(|name| machine.path(name));
        let [option, variable, configured] = [&option, &variable, &configured].map(|path| Some(path.as_path()));
        for (named, expected) in [
            ([option, variable, configured], option),
            ([None, variable, configured], variable),
            ([None, None, configured], configured),
        ] {
            assert_eq!(Some(machine.find(named).await.unwrap().program.as_path()), expected);
        }
        let found = machine.find([None; 3]).await.unwrap();
        assert_eq!(
            (found.program, found.version),
            (machine.path("bin/codex"), Version::new(0, 204, 0))
        );
        fs::remove_file(machine.path("bin/codex")).unwrap();
        assert_eq!(machine.find([None; 3]).await.unwrap().program, machine.path(private));
    }

    #[tokio::test]
    async fn a_named_program_is_a_path_or_a_name_on_the_path() {
        let machine = Machine::new();
        let beside = machine.install("beside/codex", "0.169.0");
        let on_path = machine.install("bin/codex-next", "0.170.0");
        let found = machine.find_option("beside/codex").await.unwrap();
        assert_eq!(found.program.canonicalize().unwrap(), beside.canonicalize().unwrap());
        let found = machine.find_option("codex-next").await.unwrap();
        assert_eq!(found.program, on_path);
    }

    #[tokio::test]
    async fn no_codex_is_127_and_says_how_to_get_one() {
        let machine = Machine::new();
        let report = Report::from(machine.find([None; 3]).await.unwrap_err());
        assert_eq!(report.exit_code(), 127);
        let text = "error: Codex was not found\n\nhint: run the same again with `--install-codex`, or install it with \
                    `npm install -g @openai/codex`";
        assert_eq!(report.to_string(), text);
        let named = machine.find_option("./nowhere").await.unwrap_err();
        assert_eq!(named.to_string(), "there is no Codex at `./nowhere` (`--codex`)");
        assert_eq!(Report::from(named).exit_code(), 127);
    }

    #[tokio::test]
    async fn a_codex_that_cannot_run_is_126() {
        let machine = Machine::new();
        let file = machine.path("file");
        fs::write(&file, "text").unwrap();
        let not_executable = machine.find_option(&file).await.unwrap_err();
        assert_eq!(Report::from(not_executable).exit_code(), 126);
        let folder = machine.find_option("./bin").await.unwrap_err();
        assert_eq!(Report::from(folder).exit_code(), 126);
        let failing = machine.path("failing");
        sample::program(&failing, "#!/bin/sh\necho no library >&2\nexit 3\n");
        let report = Report::from(machine.find_option(&failing).await.unwrap_err());
        assert_eq!(report.exit_code(), 126);
        assert!(report.to_string().contains("no library"), "{report}");
    }

    #[tokio::test]
    async fn a_codex_that_is_too_old_is_refused_with_a_sentence() {
        let machine = Machine::new();
        machine.install("bin/codex", "0.117.9");
        let report = Report::from(machine.find([None; 3]).await.unwrap().supported().unwrap_err());
        assert_eq!(report.exit_code(), 126);
        let text = "error: Codex 0.117.9 is too old, crelay needs 0.118.0 or later";
        assert!(report.to_string().starts_with(text), "{report}");
    }

    #[test]
    fn a_script_that_starts_the_wrapper_counts_as_the_wrapper() {
        let machine = Machine::new();
        let scripts = [
            ("#!/usr/bin/env node\n", Kind::Node),
            (
                "#!/bin/sh\nexec node \"$basedir/../@openai/codex/bin/codex.js\" \"$@\"\n",
                Kind::Node,
            ),
            ("#!/bin/sh\nexec mise x -- codex \"$@\"\n", Kind::Native),
            ("\u{7f}ELF codex.js", Kind::Native),
        ];
        for (text, expected) in scripts {
            let program = machine.path("program");
            fs::write(&program, text).unwrap();
            assert_eq!(kind(&program), expected, "{text}");
        }
    }
}
