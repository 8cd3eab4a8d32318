//! Files that are whole or not there.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Creates `path` and the folders above it, for this user alone.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that must not be there yet; a link in its place is never followed, and a disk that is full halfway
/// leaves nothing.
pub fn new_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content).inspect_err(|_| drop(fs::remove_file(path)))
}

/// Reads a file that crelay or Codex wrote, if it is one, text, and of at most `most` bytes: a pipe in its place would
/// be waited for, and what is much larger than it can be was not written by either.
pub fn read(path: &Path, most: u64) -> io::Result<String> {
    let at_once = nix::libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(at_once).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut text = String::new();
    file.take(most).read_to_string(&mut text)?;
    Ok(text)
}

/// Puts `content` in the place of `path` in one step.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    /// Keeps two writers of one process from sharing the file beside `path`.
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let (process, number) = (std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed));
    let beside = path.with_extension(format!("{process}-{number}.new"));
    absent(fs::remove_file(&beside))?;
    new_file(&beside, content)?;
    fs::rename(&beside, path).inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// What is gone already, perhaps with the folder that it was in, needs no removing.
pub fn absent(removed: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match removed {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(()),
        other => other,
    }
}
