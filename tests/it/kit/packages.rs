//! Programs of other ecosystems that tests need, at the versions of their lock files. The first test that wants one
//! installs it; all tests share it, also those of another `cargo test` that runs at the same time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs what `folder/package-lock.json` names; gives its `node_modules`.
pub fn npm(folder: &Path) -> Result<PathBuf, String> {
    let modules = folder.join("node_modules");
    let versions = folder.join("package-lock.json");
    once(&versions, &folder.join(".lock"), &modules, || {
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
        run("npm ci", "`npm` (Node.js 20 or newer) on PATH", command)
    })?;
    Ok(modules)
}

/// Makes a virtual environment with what `requirements.txt` in a folder of `tests` names; gives its interpreter.
pub fn python(folder: &Path) -> Result<PathBuf, String> {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{name}"));
    let requirements = &folder.join("requirements.txt");
    let interpreter = environment.join("bin/python");
    once(requirements, &environment.with_extension("lock"), &environment, || {
        let mut create = Command::new("python3");
        create.args(["-m", "venv", "--clear"]).arg(&environment);
        let needed = "`python3` (3.10 or newer, with its module `venv`) on PATH";
        run("python3 -m venv", needed, create)?;
        let mut install = Command::new(&interpreter);
        install.args(["-m", "pip", "install", "--no-deps", "--requirement"]);
        install.arg(requirements);
        run("pip install", "Python's packages", install)
    })?;
    Ok(interpreter)
}

/// Calls `install` unless what it made for these very `versions` is there.
fn once(
    versions: &Path,
    lock: &Path,
    installed: &Path,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<(), String> {
    // Another `cargo test` may be installing at this moment.
    let lock = File::create(lock).unwrap();
    lock.lock().unwrap();
    // A copy of the versions inside says that the installation was finished, and of what.
    let wanted = std::fs::read(versions).unwrap();
    let name = versions.file_name().unwrap().to_str().unwrap();
    let stamp = installed.join(format!("installed-from-{name}"));
    if std::fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    install()?;
    std::fs::write(stamp, wanted).unwrap();
    Ok(())
}

fn run(name: &str, needed: &str, mut command: Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("this test needs {needed}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("this test needs {needed}, and `{name}` failed:\n{said}"))
}
