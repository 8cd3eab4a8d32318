//! Locks that the system gives back when their holder dies, however it dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;

/// Takes the lock `path`, and waits for it. It is given back when the file is dropped.
pub fn wait(path: &Path) -> io::Result<File> {
    let file = options().create(true).open(path)?;
    supported(file.lock())?;
    Ok(file)
}

/// As [`wait`], and gives up in time: whoever has the lock may have been stopped.
pub fn wait_within(path: &Path, patience: Duration) -> io::Result<File> {
    let (held, taken) = mpsc::sync_channel(1);
    let path = path.to_owned();
    // The system lets those who wait have it in their order. If we are gone by then, the file is closed with its lock.
    thread::spawn(move || held.send(wait(&path)));
    taken.recv_timeout(patience).map_err(|_| io::ErrorKind::TimedOut)?
}

/// Takes a lock that nobody has had before.
pub fn create(path: &Path) -> io::Result<File> {
    loop {
        let file = options().create_new(true).open(path)?;
        // Only someone who looks for abandoned locks can have been faster, and will not hold it for long. If it was
        // removed by then, there is room for another.
        supported(file.lock())?;
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
}

/// Takes the lock `path` if nobody has it. `None` as well if it was removed in the meantime: then somebody had it.
pub fn take(path: &Path) -> io::Result<Option<File>> {
    let file = match options().open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match file.try_lock() {
        Ok(()) => Ok(is_at(&file, path)?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW);
    options
}

/// A file system without locks lets everybody in: [`take`] fails there, so that nothing is ever swept.
fn supported(locked: io::Result<()>) -> io::Result<()> {
    match locked {
        Err(error) if has_no_locks(&error) => Ok(()),
        other => other,
    }
}

/// NFS says `ENOLCK` where nobody serves locks.
fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(Errno::ENOLCK as i32)
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((held.dev(), held.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_lock_is_taken_only_after_its_holder_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert!(take(&path).unwrap().is_none());
        let held = create(&path).unwrap();
        assert!(take(&path).unwrap().is_none());
        drop(held);
        assert!(take(&path).unwrap().is_some());
        assert_eq!(create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_link_in_the_place_of_a_lock_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [path, other] = ["lock", "other"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&other, &path).unwrap();
        let followed = [wait(&path), create(&path)].iter().any(Result::is_ok);
        assert!(!followed && !other.exists());
        fs::write(&other, "").unwrap();
        assert!(take(&path).is_err());
    }

    #[test]
    fn a_removed_lock_is_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = create(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&held, &path).unwrap());
        let again = create(&path).unwrap();
        assert!(is_at(&again, &path).unwrap());
        assert!(!is_at(&held, &path).unwrap());
    }

    #[test]
    fn a_file_system_without_locks_lets_everybody_in() {
        for without in [Errno::ENOLCK, Errno::ENOSYS, Errno::EOPNOTSUPP] {
            assert!(supported(Err(without.into())).is_ok(), "{without}");
        }
        for other in [Errno::EIO, Errno::EINTR] {
            assert!(supported(Err(other.into())).is_err(), "{other}");
        }
    }

    #[test]
    fn sweepers_never_get_between_a_lock_and_its_creator() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let done = AtomicBool::new(false);
        let sweep = || {
            while !done.load(Ordering::Relaxed) {
                let Some(_held) = take(&path).unwrap() else { continue };
                fs::remove_file(&path).unwrap();
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(sweep);
            for _ in 0..2000 {
                let held = create(&path).unwrap();
                assert!(is_at(&held, &path).unwrap());
                fs::remove_file(&path).unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}
