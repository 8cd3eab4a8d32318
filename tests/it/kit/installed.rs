//! The real Codex of the versions that `tests/codex/package.json` names. npm installs them on first use; all tests
//! share them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};

use super::{Home, packages};

/// How many run at the same time. Each takes most of a core for its first half second.
const AT_ONCE: usize = 2;

static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// The `node_modules` with all versions, or why there is none; every test that needs it says so.
static MODULES: LazyLock<Result<PathBuf, String>> = LazyLock::new(install);

/// Leave to run the real Codex. A test holds one while it does.
pub struct Codex {
    program: PathBuf,
    /// Where sessions with it are recorded, if they are.
    recordings: Option<PathBuf>,
}

impl Codex {
    /// The newest.
    pub fn take() -> Self {
        Self::v0_169()
    }

    pub fn v0_118() -> Self {
        Self::of("codex-0.118")
    }

    pub fn v0_134() -> Self {
        Self::of("codex-0.134")
    }

    pub fn v0_150() -> Self {
        Self::of("codex-0.150")
    }

    pub fn v0_155() -> Self {
        Self::of("codex-0.155")
    }

    pub fn v0_169() -> Self {
        Self::of("@openai/codex")
    }

    fn of(package: &str) -> Self {
        let modules = MODULES.as_deref().unwrap_or_else(|reason| panic!("{reason}"));
        // All packages bring the command `codex`, and npm links only one of them in `.bin`.
        Self::at(&modules.join(package).join("bin/codex.js"))
    }

    /// Any other. Waits until few enough others run.
    pub fn at(program: &Path) -> Self {
        let (running, changed) = &RUNNING;
        let guard = running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut guard = changed
            .wait_while(guard, |running| *running >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        *guard += 1;
        Self {
            program: program.to_owned(),
            recordings: None,
        }
    }

    /// Codex as it is, and crelay records each of its sessions in this folder.
    #[must_use]
    pub fn recorded_in(mut self, folder: &Path) -> Self {
        self.recordings = Some(folder.to_owned());
        self
    }

    /// The options of crelay that record a session, if it is to be.
    pub fn recording(&self) -> Vec<PathBuf> {
        let file = |folder: &PathBuf| {
            let recorded = std::fs::read_dir(folder).unwrap().count();
            vec!["--record".into(), folder.join(format!("{recorded}.jsonl"))]
        };
        self.recordings.as_ref().map_or_else(Vec::new, file)
    }

    /// Codex as it is, but what it reads as the model catalog is crelay's with `to` in place of `from`: so it does what
    /// crelay does not ask it to.
    #[must_use]
    pub fn with_catalog(self, home: &Home, (from, to): (&str, &str)) -> Self {
        let prelude = [
            "for argument do",
            "    case $argument in model_catalog_json=*)",
            "        catalog=${argument#*=\\\"}",
            "        catalog=${catalog%?}",
            &format!("        sed 's|{from}|{to}|' \"$catalog\" > \"$catalog.changed\""),
            "        mv \"$catalog.changed\" \"$catalog\";;",
            "    esac",
            "done",
        ];
        self.after(home, &prelude)
    }

    /// Codex as it is, but what it reads as the model catalog is the file at `path`.
    #[must_use]
    pub fn reading(self, home: &Home, path: &Path) -> Self {
        let prelude = [
            "for argument do",
            "    case $argument in model_catalog_json=*)",
            "        catalog=${argument#*=\\\"}",
            &format!("        cp '{}' \"${{catalog%?}}\";;", path.display()),
            "    esac",
            "done",
        ];
        self.after(home, &prelude)
    }

    /// Codex as it is, but its relay is at `address`, where there is none.
    #[must_use]
    pub fn without_relay(self, home: &Home, address: std::net::SocketAddr) -> Self {
        let elsewhere = format!("sed 's|127[.]0[.]0[.]1:[0-9]*/v1|{address}/v1|'");
        let prelude = [
            "for argument do",
            "    shift",
            &format!("    set -- \"$@\" \"$(printf %s \"$argument\" | {elsewhere})\""),
            "done",
        ];
        self.after(home, &prelude)
    }

    /// Codex as it is, after a few lines of the shell.
    fn after(mut self, home: &Home, prelude: &[&str]) -> Self {
        let script = format!(
            "#!/bin/sh\n{}\nexec '{}' \"$@\"\n",
            prelude.join("\n"),
            self.program.display()
        );
        self.program = home.path().join("codex-after-a-prelude");
        std::fs::write(&self.program, script).unwrap();
        std::fs::set_permissions(&self.program, Permissions::from_mode(0o700)).unwrap();
        self
    }

    /// What npm's command leads to, which is what users have on their `PATH`.
    pub fn program(&self) -> &Path {
        &self.program
    }
}

impl Drop for Codex {
    fn drop(&mut self) {
        let (running, changed) = &RUNNING;
        *running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        changed.notify_one();
    }
}

fn install() -> Result<PathBuf, String> {
    packages::npm(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codex"))
}
