//! The log: a file that the user names, or nothing, for while Codex runs, nobody prints. A server has standard error.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::plain;
use crate::report::Report;
use crate::session::{Hiding, Session};

/// Stands in the log where a secret stood.
const HIDDEN: &str = "[hidden]";

/// Secrets that must not be written: a provider may repeat a key in what it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    secrets: Arc<Mutex<Hiding>>,
}

/// Begins to append to the file at `path`, which others cannot read.
pub(super) fn open(path: Option<&Path>) -> Result<Log, Report> {
    let log = Log::default();
    let Some(path) = path else { return Ok(log) };
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    let file = opened.map_err(|error| Report::new(format!("cannot write `{}`", path.display())).source(error))?;
    log.begin(file, "crelay=debug,warn");
    Ok(log)
}

/// Begins to write to standard error what somebody who watches wants to know.
pub(super) fn to_standard_error() -> Result<Log, Report> {
    let log = Log::default();
    let error = io::stderr().as_fd().try_clone_to_owned();
    let error = error.map_err(|error| Report::new("cannot write to standard error").source(error))?;
    log.begin(File::from(error), "crelay=info,warn");
    Ok(log)
}

impl Log {
    fn begin(&self, file: File, filter: &str) {
        let writer = Writer {
            log: self.clone(),
            file: Arc::new(file),
        };
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_env_filter(EnvFilter::new(filter))
            // It would print that the disk is full, into what Codex shows.
            .log_internal_errors(false)
            .with_writer(writer)
            .finish();
        // Fails only when there is one already, and this process makes no other.
        let _ = tracing::subscriber::set_global_default(subscriber);
    }

    /// Keeps the secrets of `session` out of the file from now on.
    pub fn hide(&self, session: &Session) {
        let mut secrets = Hiding::of(&session.endpoint);
        secrets.add(&session.token);
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = secrets;
    }

    /// A line of the log, as it may be written and shown.
    fn shown(&self, line: &[u8]) -> String {
        let line = plain::text(&String::from_utf8_lossy(line));
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.hide(&line, HIDDEN)
    }
}

/// Writes line by line: an event reaches it whole, so no secret is cut in two.
#[derive(Debug, Clone)]
struct Writer {
    log: Log,
    file: Arc<File>,
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        (&*self.file).write_all(self.log.shown(line).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.file).flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Secret;

    #[test]
    fn a_secret_never_reaches_the_file() {
        let log = Log::default();
        log.secrets.lock().unwrap().add(&Secret::new("sk-secret"));
        let line = log.shown(b"sk-secret\x1b[2J: refused sk-secret, not sk-2\n");
        assert_eq!(line, "[hidden]: refused [hidden], not sk-2\n");
    }
}
