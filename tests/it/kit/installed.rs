//! The real Codex of the version that `tests/codex/package.json` names. npm installs it on first use; all tests share it.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, LazyLock, Mutex, PoisonError};

use super::packages;

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
    Ok(packages::npm(&folder)?.join(".bin/codex"))
}
