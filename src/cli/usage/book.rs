//! What was used, written down: a line of JSON for each turn, in a file for each month. Any number of sessions append
//! to it, each line in one piece. No line tells what was said.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::files::{self, Root};
use crate::relay;
use crate::usage::{Day, Turn};

/// How many months are kept, the one at hand included.
const MONTHS: usize = 13;

/// Most bytes of a month: half a million turns. What comes on top is not written.
const MOST: u64 = 128 * 1024 * 1024;

/// How every line begins.
const BEGINS: &str = "{\"at\":";

/// Its folder, beneath the state.
const FOLDER: &str = "usage";

/// Where the book is, and whose turns are written into it.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Book {
    pub state: PathBuf,
    pub session: String,
    /// Where the work is done; nowhere for a server.
    pub project: Option<PathBuf>,
}

/// One turn, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::cli) struct Entry {
    /// When it ended, in seconds since 1970.
    pub at: u64,
    pub session: String,
    #[serde(default)]
    pub project: Option<String>,
    #[serde(flatten)]
    pub turn: Turn,
}

/// What was read.
#[derive(Debug, Default, PartialEq)]
pub(in crate::cli) struct Entries {
    pub entries: Vec<Entry>,
    /// How many lines were none.
    pub skipped: u64,
}

/// A book that is being written beside a relay.
#[derive(Debug)]
pub(in crate::cli) struct Writing {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Book {
    /// Writes down each turn that is told, as long as there are any, away from what they wait for.
    pub fn write(self) -> (mpsc::UnboundedSender<Turn>, Writing) {
        let (sender, mut turns) = mpsc::unbounded_channel();
        let (stop, mut stopped) = oneshot::channel();
        let book = Arc::new(self);
        let task = tokio::spawn(async move {
            loop {
                let turn = tokio::select! {
                    biased;
                    turn = turns.recv() => turn,
                    _ = &mut stopped, if !turns.is_closed() => {
                        turns.close();
                        continue;
                    }
                };
                let Some(turn) = turn else { return };
                let book = Arc::clone(&book);
                let written = tokio::task::spawn_blocking(move || book.append(relay::now(), turn)).await;
                if let Ok(Err(error)) = written {
                    tracing::warn!(%error, "a turn could not be written down");
                }
            }
        });
        (sender, Writing { stop, task })
    }

    fn append(&self, at: u64, turn: Turn) -> io::Result<()> {
        let entry = Entry {
            at,
            session: self.session.clone(),
            project: self.project.as_ref().map(|path| path.to_string_lossy().into_owned()),
            turn,
        };
        let mut line = serde_json::to_vec(&entry)?;
        line.push(b'\n');
        let folder = files::beneath(&self.state, FOLDER, Root::State).map_err(io::Error::other)?;
        let path = folder.join(format!("{}.jsonl", Day::of(at).month()));
        if !path.exists() {
            sweep(&folder)?;
        }
        let mut file = files::append(&path)?;
        if file.metadata()?.len() > MOST {
            return Err(io::Error::other("this month's file is full"));
        }
        file.write_all(&line)
    }
}

impl Writing {
    /// Waits until all that was told is written.
    pub async fn end(self) {
        // Whoever is gone has written everything.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// The months that were written, oldest first.
fn months(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut months = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            months.push(path);
        }
    }
    months.sort();
    Ok(months)
}

/// Makes room for a new month.
fn sweep(folder: &Path) -> io::Result<()> {
    let months = months(folder)?;
    let too_many = (months.len() + 1).saturating_sub(MONTHS);
    months
        .iter()
        .take(too_many)
        .try_for_each(|path| files::absent(fs::remove_file(path)))
}

/// All turns from `since` on, in seconds since 1970.
pub(in crate::cli) fn read(state: &Path, since: u64) -> Result<Entries, files::Error> {
    let mut entries = Entries::default();
    let Some(folder) = files::found(state, FOLDER, Root::State)? else {
        return Ok(entries);
    };
    let first = format!("{}.jsonl", Day::of(since).month());
    let read = months(&folder).and_then(|months| {
        for path in months {
            if path.file_name().is_some_and(|name| *name >= *first) {
                entries.take(&String::from_utf8_lossy(&fs::read(&path)?), since);
            }
        }
        Ok(entries)
    });
    read.map_err(files::Error::file("read", folder, Root::State))
}

impl Entries {
    fn take(&mut self, text: &str, since: u64) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            // Behind what a full disk or a crash has cut off, the next line stands on the same.
            let whole = line.rfind(BEGINS).and_then(|begin| Some((begin, line.get(begin..)?)));
            let entry = whole.and_then(|(_, whole)| serde_json::from_str::<Entry>(whole).ok());
            let is_cut = whole.is_none_or(|(begin, _)| begin > 0);
            self.skipped += u64::from(is_cut) + u64::from(entry.is_none() && !is_cut);
            self.entries.extend(entry.filter(|entry| entry.at >= since));
        }
    }
}

/// The project that a folder belongs to: the nearest one above that Git keeps, or the folder itself.
pub(in crate::cli) fn project(folder: &Path) -> PathBuf {
    let kept = folder.ancestors().find(|above| above.join(".git").exists());
    kept.unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::usage::{Cost, Outcome, Tokens};

    use super::*;

    fn turn(id: &str) -> Turn {
        Turn {
            id: id.to_owned(),
            provider: "p".to_owned(),
            model: "m".to_owned(),
            outcome: Outcome::Completed,
            tokens: Tokens {
                input: 3,
                ..Tokens::default()
            },
            cost: Cost::default(),
            seconds: 0.5,
            first_token: None,
            retries: 0,
            healed: 0,
        }
    }

    fn book(folder: &Path, session: &str) -> Book {
        Book {
            state: folder.to_owned(),
            session: session.to_owned(),
            project: Some(PathBuf::from("/work")),
        }
    }

    #[test]
    fn two_hundred_sessions_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for session in 0..200 {
                let book = book(folder.path(), &session.to_string());
                scope.spawn(move || (0..5).for_each(|_| book.append(1_000_000_000, turn("resp")).unwrap()));
            }
        });
        let read = read(folder.path(), 0).unwrap();
        assert_eq!((read.entries.len(), read.skipped), (1000, 0));
        for session in 0..200 {
            let own = read.entries.iter().filter(|entry| entry.session == session.to_string());
            assert_eq!(own.count(), 5);
        }
    }

    #[test]
    fn what_is_no_line_is_skipped_and_counted_and_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path(), "s");
        let path = folder.path().join("usage/2001-09.jsonl");
        for id in ["one", "two"] {
            book.append(1_000_000_000, turn(id)).unwrap();
        }
        let whole = fs::read(&path).unwrap();
        // Cut in the middle, and nonsense that is not even text.
        let cut = whole.len() - 40;
        fs::write(&path, &whole[..cut]).unwrap();
        book.append(1_000_000_001, turn("three")).unwrap();
        let mut content = fs::read(&path).unwrap();
        content.extend_from_slice(b"\xff\xfe nonsense\n\n{\"at\":1}\n");
        fs::write(&path, content).unwrap();
        let read = read(folder.path(), 0).unwrap();
        let ids: Vec<&str> = read.entries.iter().map(|entry| entry.turn.id.as_str()).collect();
        assert_eq!((ids, read.skipped), (vec!["one", "three"], 3));
    }

    #[test]
    fn months_are_read_from_the_one_that_is_asked_for_and_kept_for_a_year() {
        let folder = tempfile::tempdir().unwrap();
        let book = book(folder.path(), "s");
        let month = 31 * 24 * 60 * 60;
        for number in 0..20 {
            book.append(number * month, turn(&number.to_string())).unwrap();
        }
        assert_eq!(months(&folder.path().join(FOLDER)).unwrap().len(), MONTHS);
        assert_eq!(read(folder.path(), 0).unwrap().entries.len(), MONTHS);
        let last = read(folder.path(), 18 * month).unwrap();
        let ids: Vec<&str> = last.entries.iter().map(|entry| entry.turn.id.as_str()).collect();
        assert_eq!(ids, ["18", "19"]);
    }

    #[test]
    fn only_this_user_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join(FOLDER);
        book(folder.path(), "s").append(0, turn("one")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&below), mode(&below.join("1970-01.jsonl"))), (0o700, 0o600));
    }

    #[tokio::test]
    async fn all_that_was_told_is_written_though_somebody_could_tell_more() {
        let folder = tempfile::tempdir().unwrap();
        let (turns, writing) = book(folder.path(), "s").write();
        turns.send(turn("one")).unwrap();
        turns.send(turn("two")).unwrap();
        writing.end().await;
        assert_eq!(read(folder.path(), 0).unwrap().entries.len(), 2);
        assert!(turns.send(turn("three")).is_err());
    }
}
