//! What is served in the background, written down: a file for each address, locked for as long as its relay lives. The
//! system gives the lock back however the relay ends, and so tells a living process from one that only has its number.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::{self, lock};

/// A relay in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub pid: i32,
    pub address: SocketAddr,
    /// The providers, for people.
    pub provider: String,
    pub log: PathBuf,
    /// How many seconds its turns may go on after a signal.
    pub drain: u64,
}

/// The record of this process; removed when this is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    _lock: File,
}

impl Claim {
    /// Writes `record` down. `None` if a living relay has written down the same address.
    pub fn take(folder: &Path, record: &Record) -> io::Result<Option<Self>> {
        files::private_folder(folder)?;
        let path = path(folder, record.address);
        loop {
            match lock::create(&path) {
                Ok(mut lock) => {
                    lock.write_all(&serde_json::to_vec(record)?)?;
                    return Ok(Some(Self { path, _lock: lock }));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            match lock::take(&path)? {
                Some(_stale) => fs::remove_file(&path)?,
                None if path.exists() => return Ok(None),
                None => {}
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Whoever looks next removes it.
        let _ = fs::remove_file(&self.path);
    }
}

/// The living, in the order of their addresses. The records of others are removed.
pub(super) fn living(folder: &Path) -> io::Result<Vec<Record>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut living = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            living.extend(read(&path)?);
        }
    }
    living.sort_by_key(|record: &Record| record.address);
    Ok(living)
}

/// Whether `record` is still that of a living relay.
pub(super) fn lives(folder: &Path, record: &Record) -> io::Result<bool> {
    Ok(read(&path(folder, record.address))?.is_some_and(|there| there == *record))
}

/// The record at `path` if its relay lives. One that is just being written is nobody's yet.
fn read(path: &Path) -> io::Result<Option<Record>> {
    if lock::take(path)?.is_some() {
        files::absent(fs::remove_file(path))?;
        return Ok(None);
    }
    match fs::read(path) {
        Ok(content) => Ok(serde_json::from_slice(&content).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn path(folder: &Path, address: SocketAddr) -> PathBuf {
    folder.join(format!("{address}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(port: u16) -> Record {
        Record {
            pid: 1,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            provider: "DeepSeek".to_owned(),
            log: PathBuf::from("/log"),
            drain: 30,
        }
    }

    #[test]
    fn only_the_living_are_told_and_what_the_dead_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("serve");
        assert_eq!(living(&folder).unwrap(), []);
        let second = Claim::take(&folder, &record(2)).unwrap().unwrap();
        let first = Claim::take(&folder, &record(1)).unwrap().unwrap();
        assert!(Claim::take(&folder, &record(2)).unwrap().is_none());
        assert_eq!(living(&folder).unwrap(), [record(1), record(2)]);
        assert!(lives(&folder, &record(1)).unwrap());
        drop(first);
        assert!(!lives(&folder, &record(1)).unwrap());
        // As after a kill: the lock is gone, and the file is there.
        let path = second.path.clone();
        let content = fs::read(&path).unwrap();
        drop(second);
        fs::write(&path, content).unwrap();
        assert_eq!(living(&folder).unwrap(), []);
        assert!(!path.exists());
        fs::write(&path, "").unwrap();
        assert!(Claim::take(&folder, &record(2)).unwrap().is_some());
    }
}
