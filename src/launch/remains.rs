//! What sessions have left that did not end well. Nothing is taken away here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::session::Folders;

use super::error::Error;
use super::profile;
use super::record::{self, Record};

/// What is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remains {
    /// How many sessions have ended and still have a record; the next start takes away what they took.
    pub sessions: u64,
    /// Profiles and folders of sessions that have no record, so that nobody takes them away.
    pub files: Vec<PathBuf>,
}

/// Looks for it.
///
/// # Errors
///
/// When the records cannot be listed.
pub fn remains(folders: &Folders) -> Result<Remains, Error> {
    // First, because whoever starts now writes its record before anything else.
    let taken = names(&folders.codex_home).into_iter().filter_map(|name| {
        let id = profile::session(&name)?.to_owned();
        Some((id, folders.codex_home.join(name)))
    });
    let lent = names(&folders.runtime)
        .into_iter()
        .map(|name| (name.clone(), folders.runtime.join(name)));
    let found: Vec<(String, PathBuf)> = taken.chain(lent).filter(|(id, _)| is_id(id)).collect();
    let ids = record::ids(folders)?;
    let is_dead = |id: &&String| Record::take(folders, id).is_ok_and(|record| record.is_some());
    let sessions = ids.iter().filter(is_dead).count() as u64;
    let is_nobodys = |(id, path): &(String, PathBuf)| !ids.contains(id) && path.exists();
    let files = found.into_iter().filter(is_nobodys).map(|(_, path)| path).collect();
    Ok(Remains { sessions, files })
}

/// A folder that is not there, or not for us to read, holds nothing of ours.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Whether a session may be called so.
fn is_id(name: &str) -> bool {
    name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::record::Taken;
    use crate::launch::sample;

    #[test]
    fn what_the_dead_left_is_told_from_what_the_living_need() {
        let machine = tempfile::tempdir().unwrap();
        let folders = sample::folders(machine.path());
        assert_eq!(remains(&folders).unwrap(), Remains::default());
        for folder in [&folders.codex_home, &folders.runtime] {
            fs::create_dir_all(folder).unwrap();
        }
        let living = Record::create(&folders, "0000000a", &Taken::default()).unwrap();
        drop(Record::create(&folders, "0000000b", &Taken::default()).unwrap());
        for id in ["0000000a", "0000000b", "0000000c"] {
            fs::write(profile::path(&folders.codex_home, id), "").unwrap();
        }
        fs::write(folders.codex_home.join("crelay-mine.config.toml"), "").unwrap();
        fs::create_dir(folders.runtime.join("0000000d")).unwrap();
        let expected = Remains {
            sessions: 1,
            files: vec![
                profile::path(&folders.codex_home, "0000000c"),
                folders.runtime.join("0000000d"),
            ],
        };
        assert_eq!(remains(&folders).unwrap(), expected);
        // Nothing was taken from anybody.
        assert_eq!(remains(&folders).unwrap(), expected);
        drop(living);
        assert_eq!(remains(&folders).unwrap().sessions, 2);
    }
}
