//! Packages of other ecosystems: made of this checkout, installed into empty environments, and used there with the real
//! Codex.

mod npm;
mod pip;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::kit::{Home, Provider, Rules, refuse, text};

/// A command in an empty home that runs `program` of an installed package, whose folder is first on `PATH`.
fn installed(home: &Home, program: &Path) -> Command {
    let mut command = home.command(program);
    let folder = program.parent().unwrap();
    let others = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&others));
    command.env("PATH", std::env::join_paths(folders).unwrap());
    command
}

/// What the tests of the packages ask.
fn upstream() -> Provider {
    Provider::start(Rules::GENERIC)
        .to("greet: ", [text("Hello."), text("Hello."), text("Hello.")])
        .to("--long: ", [text("I have heard all of it.")])
        .to("refuse: ", [refuse(402, "Insufficient Balance")])
}

/// Runs `command`, which may take its time, to its good end.
fn run(command: &mut Command) -> String {
    let ended = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?}\n{said}\n{complaints}");
    said
}

/// A path in this checkout.
fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program that cargo has built for these tests, below `folder` and without what only a debugger wants: packing
/// that takes longer than all else.
fn program(folder: &Path) -> PathBuf {
    let program = folder.join("crelay");
    run(Command::new("strip")
        .arg("-o")
        .arg(&program)
        .arg(env!("CARGO_BIN_EXE_crelay")));
    program
}
