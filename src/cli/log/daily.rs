//! A log that begins anew every day, and of which a week is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::files;
use crate::usage::Day;

/// How many days are kept, the one at hand included.
const DAYS: u64 = 7;

/// Where a log is kept.
#[derive(Debug, Clone)]
pub(in crate::cli) enum Place {
    /// In this folder, each day in a file with its name, into which many sessions write.
    Folder(PathBuf),
    /// In this file, into which one process writes; those of earlier days stand beside it.
    File(PathBuf),
}

/// A log that is open.
#[derive(Debug)]
pub(super) struct Daily {
    place: Place,
    day: Day,
    file: File,
}

impl Daily {
    /// Goes on with the log of `day`.
    pub fn open(place: Place, day: Day) -> io::Result<Self> {
        if let Some(folder) = place.folder() {
            files::private_folder(folder)?;
        }
        place.set_aside(day)?;
        place.sweep(day)?;
        let file = files::append(&place.path(day))?;
        Ok(Self { place, day, file })
    }

    /// The file that is being written.
    pub fn path(&self) -> PathBuf {
        self.place.path(self.day)
    }

    /// Writes a line on `day`. Where no new file can be begun, the one at hand goes on.
    pub fn write(&mut self, day: Day, line: &[u8]) -> io::Result<()> {
        if day > self.day {
            self.day = day;
            if let Ok(next) = Self::open(self.place.clone(), day) {
                *self = next;
            }
        }
        match &self.place {
            // Many write here, and a line must tell whose it is.
            Place::Folder(_) => self
                .file
                .write_all(&[format!("{} ", std::process::id()).as_bytes(), line].concat()),
            Place::File(_) => self.file.write_all(line),
        }
    }
}

impl Place {
    /// The file of `day`.
    pub fn path(&self, day: Day) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(format!("{day}.log")),
            Self::File(path) => path.clone(),
        }
    }

    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::File(path) => path.parent(),
        }
    }

    /// Gives the file of an earlier day that day's name.
    fn set_aside(&self, day: Day) -> io::Result<()> {
        let Self::File(path) = self else { return Ok(()) };
        let written = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            metadata => metadata?.modified()?.duration_since(UNIX_EPOCH),
        };
        let last = Day::of(written.unwrap_or_default().as_secs());
        match last < day {
            true => fs::rename(path, path.with_extension(format!("{last}.log"))),
            false => Ok(()),
        }
    }

    /// Removes what is older than a week.
    fn sweep(&self, day: Day) -> io::Result<()> {
        let Some(folder) = self.folder() else { return Ok(()) };
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if self.day_of(&path).is_some_and(|written| written <= day.before(DAYS)) {
                files::absent(fs::remove_file(path))?;
            }
        }
        Ok(())
    }

    /// The day of a file of this log's.
    fn day_of(&self, path: &Path) -> Option<Day> {
        let stem = path.file_name()?.to_str()?.strip_suffix(".log")?;
        let date = match self {
            Self::Folder(_) => stem,
            Self::File(own) => stem.strip_prefix(own.file_stem()?.to_str()?)?.strip_prefix('.')?,
        };
        date.parse().ok()
    }
}

/// Begins to append to the file at `path`, which others cannot read.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn files(folder: &Path) -> BTreeMap<String, String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        entries
            .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
            .collect()
    }

    #[test]
    fn a_folder_holds_a_file_for_each_day_of_a_week() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.log"), "not ours").unwrap();
        let place = Place::Folder(folder.path().to_owned());
        let mut log = Daily::open(place.clone(), day("2026-11-28")).unwrap();
        for date in ["2026-11-28", "2026-11-30", "2026-12-04", "2026-12-05", "2026-12-05"] {
            log.write(day(date), b"a line\n").unwrap();
        }
        // A clock that was set back does not split a file.
        log.write(day("2026-12-01"), b"a line\n").unwrap();
        Daily::open(place, day("2026-12-05"))
            .unwrap()
            .write(day("2026-12-05"), b"another\n")
            .unwrap();
        let files = files(folder.path());
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["2026-11-30.log", "2026-12-04.log", "2026-12-05.log", "notes.log"]
        );
        let lines: Vec<&str> = files["2026-12-05.log"].lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(
            lines
                .iter()
                .all(|line| line.starts_with(&format!("{} a", std::process::id())))
        );
    }

    #[test]
    fn a_file_is_set_aside_when_its_day_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("127.0.0.1:4444.log");
        let other = folder.path().join("127.0.0.1:44.2026-11-01.log");
        fs::write(&other, "another's").unwrap();
        for date in ["2026-11-01", "2026-11-20"] {
            let mut log = Daily::open(Place::File(path.clone()), day(date)).unwrap();
            log.write(day(date), date.as_bytes()).unwrap();
            let time = UNIX_EPOCH + Duration::from_secs(day(date).begin() + 60);
            log.file.set_modified(time).unwrap();
        }
        Daily::open(Place::File(path), day("2026-11-21")).unwrap();
        let files = files(folder.path());
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        let expected = [
            "127.0.0.1:44.2026-11-01.log",
            "127.0.0.1:4444.2026-11-20.log",
            "127.0.0.1:4444.log",
        ];
        assert_eq!(names, expected);
        assert_eq!(files[names[1]], "2026-11-20");
        assert_eq!(files[names[2]], "");
    }
}
