//! Files that are whole or not there.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::lock;

/// How the name of a file ends that is not yet in its place.
const BEGINNING: &str = "new";

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

/// Opens a file that grows, and makes it unless it is there. A link in its place is not followed.
pub fn append(path: &Path) -> io::Result<File> {
    let no_link = nix::libc::O_NOFOLLOW;
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(no_link);
    options.open(path)
}

/// Puts `content` in the place of `path` in one step: whoever reads meanwhile, or after a crash, finds the old or the
/// new. What stands in its place may be a link, which is not followed.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
        // What is left there is in nobody's way.
        drop(sweep(folder));
    }
    let (beside, mut file) = begin(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// Begins the file that will stand in the place of `path`, locked for as long as it is written.
fn begin(path: &Path) -> io::Result<(PathBuf, File)> {
    /// Keeps two writers of one process apart.
    static BEGUN: AtomicU64 = AtomicU64::new(0);
    loop {
        let (process, number) = (std::process::id(), BEGUN.fetch_add(1, Ordering::Relaxed));
        let beside = path.with_extension(format!("{process}-{number}.{BEGINNING}"));
        match lock::create(&beside) {
            // A process with the same number writes it, in another container, or has left it on a disk without locks.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            begun => return Ok((beside, begun?)),
        }
    }
}

/// Removes what [`replace`] had begun in `folder` when it was killed.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_begun(&path)
            && let Ok(Some(_lock)) = lock::take(&path)
        {
            absent(fs::remove_file(&path))?;
        }
    }
    Ok(())
}

fn is_begun(path: &Path) -> bool {
    let numbers = || {
        let name = path.file_name()?.to_str()?.strip_suffix(BEGINNING)?.strip_suffix('.')?;
        name.rsplit_once('.')?.1.split_once('-')
    };
    numbers().is_some_and(|(process, number)| process.parse::<u32>().is_ok() && number.parse::<u64>().is_ok())
}

/// What is gone already, perhaps with the folder that it was in, needs no removing.
pub fn absent(removed: io::Result<()>) -> io::Result<()> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match removed {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_for_this_user_alone_and_no_link_is_followed() {
        let base = tempfile::tempdir().unwrap();
        let [path, other] = ["kept/file.key", "other"].map(|name| base.path().join(name));
        replace(&path, b"one").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        replace(&path, b"two").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::write(&other, "others").unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&other, &path).unwrap();
        assert!(append(&path).is_err());
        replace(&path, b"three").unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"others");
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(names(path.parent().unwrap()), ["file.key"]);
    }

    #[test]
    fn a_new_file_and_one_that_grows_are_this_users_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [new, growing] = ["new", "growing"].map(|name| folder.path().join(name));
        new_file(&new, b"one").unwrap();
        append(&growing).unwrap();
        for path in [&new, &growing] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_new_file_takes_nobodys_place() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, other] = ["file", "link", "other"].map(|name| folder.path().join(name));
        fs::write(&file, "the user's").unwrap();
        symlink(&other, &link).unwrap();
        for path in [&file, &link] {
            let refused = new_file(path, b"ours").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&file).unwrap(), b"the user's");
        assert!(!other.exists());
    }

    #[test]
    fn what_is_too_large_or_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let [file, pipe] = ["file", "pipe"].map(|name| folder.path().join(name));
        fs::write(&file, "four").unwrap();
        assert_eq!(read(&file, 4).unwrap(), "four");
        assert_eq!(read(&file, 3).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
        for no_file in [&pipe, folder.path()] {
            assert!(read(no_file, 4).is_err());
        }
    }

    #[test]
    fn what_a_killed_writer_had_begun_is_removed_and_what_somebody_writes_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.key");
        fs::write(folder.path().join("file.17-3.new"), "half a k").unwrap();
        for other in ["my.new", "file.x-3.new", "file.17.new"] {
            fs::write(folder.path().join(other), "the user's").unwrap();
        }
        let (beside, _lock) = begin(&path).unwrap();
        replace(&path, b"key").unwrap();
        let living = beside.file_name().unwrap().to_str().unwrap();
        let mut expected = ["my.new", "file.x-3.new", "file.17.new", "file.key", living];
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn what_cannot_take_its_place_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.key");
        fs::create_dir_all(path.join("below")).unwrap();
        assert!(replace(&path, b"key").is_err());
        assert_eq!(names(folder.path()), ["file.key"]);
    }
}
