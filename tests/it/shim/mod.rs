//! Codex under another name: whoever takes a path to Codex takes that of a shim.

mod calls;
mod editor;
mod sdk;

use std::path::PathBuf;
use std::process::Command;

use crate::kit::{Home, Process};

/// Makes a shim of this name with `words` for it; gives its path.
fn shim(home: &Home, name: &str, words: &[&str]) -> PathBuf {
    let mut command = home.crelay();
    command.args(["shim", name]).args(words);
    Process::run(&mut command).well();
    home.path().join(".local/bin").join(name)
}

/// A call of what stands at `path`.
fn call(home: &Home, path: &PathBuf, arguments: &[&str]) -> Command {
    let mut command = home.command(path);
    command.args(arguments);
    command
}
