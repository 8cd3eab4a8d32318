//! The real Codex of the version that `tests/codex/package.json` names. npm installs it on first use; all tests share it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};

/// How many run at the same time. Each takes most of a core for its first half second.
const AT_ONCE: usize = 2;

static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Where it is, or why it is not; every test that needs it says so.
static PROGRAM: LazyLock<Result<PathBuf, String>> = LazyLock::new(install);

/// Leave to run the real Codex. A test holds one while it does.
pub struct Codex(());

impl Codex {
    /// Waits until few enough others run.
    pub fn take() -> Self {
        if let Err(reason) = &*PROGRAM {
            panic!("{reason}");
        }
        let (running, changed) = &RUNNING;
        let guard = running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut guard = changed
            .wait_while(guard, |running| *running >= AT_ONCE)
            .unwrap_or_else(PoisonError::into_inner);
        *guard += 1;
        Self(())
    }

    /// The command that npm makes, which is what users have on their `PATH`.
    pub fn program(&self) -> &Path {
        PROGRAM.as_deref().unwrap()
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codex");
    let modules = folder.join("node_modules");
    let program = modules.join(".bin/codex");
    // Another `cargo test` may be installing at this moment.
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    // A copy of the lock file inside says that the installation was finished, and of what.
    let wanted = std::fs::read(folder.join("package-lock.json")).unwrap();
    let stamp = modules.join("installed-from-package-lock.json");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    let output = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("the tests with the real Codex need `npm` (Node.js 16 or newer) on PATH: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`npm ci` in tests/codex failed:\n{said}"));
    }
    std::fs::write(stamp, wanted).unwrap();
    Ok(program)
}
