//! The links in the user's folders. What is not one of crelay's own is never touched.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::files::{self, Root};
use crate::launch;

use super::error::Error;

/// The crelay that links lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crelay {
    /// As it stays where it is when another version is installed.
    pub program: PathBuf,
    /// The file behind that.
    pub behind: PathBuf,
}

/// What became of a link that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// It is gone.
    Removed,
    /// It was gone already.
    Absent,
    /// Something else stands there now, and is left.
    Foreign,
}

/// Whether `path` is a link to this crelay or to another one, be it gone.
pub fn is_crelays(path: &Path, crelay: &Crelay) -> bool {
    let Ok(target) = fs::read_link(path) else { return false };
    launch::is_crelay(path, Some(&crelay.behind))
        || target == crelay.program
        || (!path.exists() && target.file_name().is_some_and(|name| name == super::OWN))
}

/// Puts a link to `program` at `path`, in one step if there is one already.
pub fn put(path: &Path, program: &Path) -> Result<(), Error> {
    if fs::read_link(path).is_ok_and(|target| target == program) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(files::Error::file("create", folder, Root::Given))?;
    }
    let beside = path.with_file_name(format!(".crelay-{}.new", std::process::id()));
    let made = symlink(program, &beside).and_then(|()| fs::rename(&beside, path));
    let made = made.inspect_err(|_| drop(fs::remove_file(&beside)));
    Ok(made.map_err(files::Error::file("write", path, Root::Given))?)
}

/// Takes a link away.
pub fn take(path: &Path, crelay: &Crelay) -> Result<Unlinked, Error> {
    if path.symlink_metadata().is_err() {
        return Ok(Unlinked::Absent);
    }
    if !is_crelays(path, crelay) {
        return Ok(Unlinked::Foreign);
    }
    fs::remove_file(path).map_err(files::Error::file("remove", path, Root::Given))?;
    Ok(Unlinked::Removed)
}
