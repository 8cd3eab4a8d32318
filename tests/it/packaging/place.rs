//! A download place of a test's own, and the script that installs from it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::root;
use crate::kit::{Ended, Home, Process};

/// Of this version is what stands in this repository.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the tests' machine is to `install.sh`.
pub const TARGET: &str = match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
    (true, true) => "aarch64-apple-darwin",
    (true, false) => "x86_64-apple-darwin",
    (false, true) => "aarch64-unknown-linux-musl",
    (false, false) => "x86_64-unknown-linux-musl",
};

/// A folder as a release's, with one archive for this machine.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// Its program says its version, and nothing else.
    pub fn new() -> Self {
        Self::of(&format!("echo crelay {VERSION}"))
    }

    /// Its program is these lines of the shell.
    pub fn of(script: &str) -> Self {
        let place = Self {
            folder: TempDir::with_prefix("crelay-place-").unwrap(),
        };
        let program = place.path().join("program");
        write_program(&program, script);
        place.release(&program);
        fs::remove_file(program).unwrap();
        place.sum();
        place
    }

    /// Its program is this one.
    pub fn holding(program: &Path) -> Self {
        let place = Self {
            folder: TempDir::with_prefix("crelay-place-").unwrap(),
        };
        place.release(program);
        place.sum();
        place
    }

    fn release(&self, program: &Path) {
        let mut command = release();
        command.args(["archive", TARGET]).arg(program).arg(self.path());
        Process::run(&mut command).well();
    }

    /// Writes SHA256SUMS for what is there.
    pub fn sum(&self) {
        Process::run(release().arg("sums").arg(self.path())).well();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn archive(&self) -> PathBuf {
        self.path().join(archive_of(TARGET))
    }

    /// The script, about to install from here.
    pub fn install(&self, home: &Home) -> Command {
        let mut command = script(home);
        command.arg("--from").arg(self.path());
        command
    }
}

pub fn archive_of(target: &str) -> String {
    format!("crelay-{VERSION}-{target}.tar.gz")
}

/// What makes the files of a release.
pub fn release() -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(root().join("packaging/release.py"));
    command
}

/// The script, as a user in their project calls it.
pub fn script(home: &Home) -> Command {
    let mut command = home.command("sh");
    command.arg(root().join("packaging/install.sh"));
    command
}

/// Runs `command`, which must fail, and change nothing at all below `home`; gives what it said.
#[track_caller]
pub fn refused(home: &Home, command: &mut Command) -> String {
    let before = tree(home.path());
    let Ended { code, stdout, stderr } = Process::run(command);
    assert_eq!(code, 1, "stdout: {stdout}\nstderr: {stderr}");
    assert_eq!(tree(home.path()), before);
    stderr
}

/// All below `folder`: of a file mode and content, of a link where it leads, of a folder nothing.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut folders = vec![folder.to_owned()];
    let mut found = BTreeMap::new();
    while let Some(inner) = folders.pop() {
        for path in fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()) {
            let status = path.symlink_metadata().unwrap();
            let content = if status.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else if status.is_symlink() {
                path.read_link().unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            let relative = path.strip_prefix(folder).unwrap().to_owned();
            found.insert(relative, (status.permissions().mode() & 0o777, content));
        }
    }
    found
}

/// A program of these lines.
pub fn write_program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// A folder below `home` with programs of the test's own, which come before the machine's; as `PATH`.
pub fn before_path(home: &Home, programs: &[(&str, &str)]) -> String {
    let folder = home.path().join("first");
    fs::create_dir(&folder).unwrap();
    for (name, script) in programs {
        write_program(&folder.join(name), script);
    }
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

/// A folder below `home` with links to what the script needs of every machine, and to `more`; as `PATH`.
pub fn bare_path(home: &Home, more: &[&str]) -> PathBuf {
    const NEEDED: [&str; 14] = [
        "cat", "chmod", "cp", "gzip", "head", "mkdir", "mktemp", "mv", "readlink", "rm", "rmdir", "sh", "tar", "uname",
    ];
    let folder = home.path().join("bare");
    fs::create_dir(&folder).unwrap();
    for name in NEEDED.iter().chain(more) {
        symlink(which::which(name).unwrap(), folder.join(name)).unwrap();
    }
    folder
}
