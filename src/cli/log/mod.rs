//! The log: a file that the user names, one that crelay keeps, or nothing, for while Codex runs, nobody prints. A
//! server has standard error.

mod daily;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::files::{self, Root};
use crate::plain;
use crate::relay;
use crate::report::Report;
use crate::session::{Hiding, Session};
use crate::usage::Day;

use daily::Daily;
pub(super) use daily::Place;

/// Stands in the log where a secret stood.
const HIDDEN: &str = "[hidden]";

/// Secrets that must not be written: a provider may repeat a key in what it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    secrets: Arc<Mutex<Hiding>>,
    /// Why it is not whole.
    lost: Arc<Mutex<Option<files::Error>>>,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    const WORDS: [(&str, Self); 6] = [
        ("off", Self::Off),
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    /// The level that a word means.
    pub fn read(word: &str) -> Option<Self> {
        let named = Self::WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        named.map(|(_, level)| *level)
    }

    /// What of crelay's own is written; of the libraries it is what concerns everybody.
    fn filter(self) -> Targets {
        let own = match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        };
        let others = own.clamp(LevelFilter::ERROR, LevelFilter::WARN);
        Targets::new().with_target("crelay", own).with_default(others)
    }
}

impl Log {
    /// Begins to append to the file at `path`, with sizes and status of every exchange unless `level` says otherwise.
    pub fn write_to(&self, path: &Path, level: Option<Level>) -> Result<(), Report> {
        let file = daily::open(path);
        let file = file.map_err(files::Error::file("write", path, Root::Given))?;
        let path = path.to_owned();
        self.begin(Target::File { file, path }, level.unwrap_or(Level::Debug));
        Ok(())
    }

    /// Begins to keep a log, a line for each turn unless `level` says otherwise.
    pub fn keep(&self, place: Place, level: Option<Level>) -> Result<(), Report> {
        let failed = files::Error::file("write", place.path(today()), Root::State);
        let kept = Daily::open(place, today()).map_err(failed)?;
        self.begin(Target::Daily(Mutex::new(kept)), level.unwrap_or(Level::Info));
        Ok(())
    }

    /// Begins to write to standard error what somebody who watches wants to know.
    pub fn write_to_standard_error(&self, level: Option<Level>) -> Result<(), Report> {
        let error = io::stderr().as_fd().try_clone_to_owned();
        let error = error.map_err(|error| Report::new("cannot write to standard error").source(error))?;
        self.begin(Target::Error(File::from(error)), level.unwrap_or(Level::Info));
        Ok(())
    }

    fn begin(&self, target: Target, level: Level) {
        let writer = Writer {
            log: self.clone(),
            target: Arc::new(target),
        };
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            // The filter decides alone.
            .with_max_level(LevelFilter::TRACE)
            // It would print that the disk is full, into what Codex shows.
            .log_internal_errors(false)
            .with_writer(writer)
            .finish()
            .with(level.filter());
        // Fails only when there is one already, and this process makes no other.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }

    /// Keeps the secrets of `session` out of the file from now on.
    pub fn hide(&self, session: &Session) {
        let mut secrets = Hiding::of_all(session);
        secrets.add(&session.token);
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    /// Why lines are missing, if some are. Told when nobody else writes to the terminal any more.
    pub fn lost(&self) -> Option<Report> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        lost.map(Report::from)
    }

    /// A line of the log, as it may be written and shown.
    fn shown(&self, line: &[u8]) -> String {
        self.hidden(&plain::text(&String::from_utf8_lossy(line)))
    }

    /// The same words without any secret.
    pub fn hidden(&self, words: &str) -> String {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.hide(words, HIDDEN)
    }
}

/// Writes line by line: an event reaches it whole, so no secret is cut in two.
#[derive(Debug, Clone)]
struct Writer {
    log: Log,
    target: Arc<Target>,
}

/// Where lines go.
#[derive(Debug)]
enum Target {
    Error(File),
    File { file: File, path: PathBuf },
    Daily(Mutex<Daily>),
}

impl Target {
    fn write(&self, line: &[u8]) -> Result<(), files::Error> {
        match self {
            // Who cannot be told this cannot be told that either.
            Self::Error(file) => {
                let _ = (&*file).write_all(line);
                Ok(())
            }
            Self::File { file, path } => {
                let written = (&*file).write_all(line);
                written.map_err(files::Error::file("write", path, Root::Given))
            }
            Self::Daily(daily) => {
                let mut daily = daily.lock().unwrap_or_else(PoisonError::into_inner);
                let written = daily.write(today(), line);
                written.map_err(files::Error::file("write", daily.path(), Root::State))
            }
        }
    }
}

fn today() -> Day {
    Day::of(relay::now())
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Writer {
    fn append(&self, line: &[u8]) {
        let shown = self.log.shown(line);
        if let Err(error) = self.target.write(shown.as_bytes()) {
            let mut lost = self.log.lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.get_or_insert(error);
        }
    }
}

/// Does `what`, unless this thread is doing it already or has broken in the midst of it: a panic is logged from within,
/// and would wait for the locks that what panicked holds.
fn unless_within<T>(what: impl FnOnce() -> T) -> Option<T> {
    thread_local!(static IS_WITHIN: Cell<bool> = const { Cell::new(false) });
    if IS_WITHIN.replace(true) {
        return None;
    }
    let done = what();
    IS_WITHIN.set(false);
    Some(done)
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        unless_within(|| self.append(line));
        Ok(line.len())
    }

    /// Nothing is held back.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Secret;

    #[test]
    fn a_level_is_a_word_and_everything_else_a_file() {
        assert_eq!(Level::read("DEBUG"), Some(Level::Debug));
        assert_eq!(Level::read("./debug"), None);
        assert_eq!(Level::read(""), None);
        assert_eq!(Level::Debug.filter().to_string(), "crelay=debug,warn");
        assert_eq!(Level::Off.filter().to_string(), "crelay=off,error");
    }

    #[test]
    fn what_breaks_in_the_midst_of_logging_is_not_logged_by_waiting_for_itself() {
        assert_eq!(unless_within(|| unless_within(|| ())), Some(None));
        assert_eq!(unless_within(|| ()), Some(()));
        let broken = std::thread::spawn(|| {
            let outcome = std::panic::catch_unwind(|| unless_within(|| panic!("hiding broke")));
            (outcome.is_err(), unless_within(|| ()))
        });
        assert_eq!(broken.join().unwrap(), (true, None));
        assert_eq!(unless_within(|| ()), Some(()));
    }

    #[test]
    fn a_secret_never_reaches_the_file() {
        let log = Log::default();
        log.secrets.lock().unwrap().add(&Secret::new("sk-secret"));
        let line = log.shown(b"sk-secret\x1b[2J: refused sk-secret, not sk-2\n");
        assert_eq!(line, "[hidden]: refused [hidden], not sk-2\n");
    }
}
