//! The log: a file that the user names, or nothing, for while Codex runs, nobody prints. A server has standard error.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::report::Report;
use crate::session::{Secret, Session};

/// Stands in the log where a secret stood.
const HIDDEN: &[u8] = b"[hidden]";

/// Secrets that must not be written: a provider may repeat a key in what it answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    secrets: Arc<Mutex<Vec<Secret>>>,
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
        let headers = session.endpoint.headers.iter().map(|(_, value)| value);
        let secrets = headers.chain(&session.endpoint.key).chain([&session.token]);
        let mut hidden = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.extend(secrets.filter(|secret| !secret.expose().is_empty()).cloned());
    }

    fn without_secrets(&self, line: &[u8]) -> Vec<u8> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets
            .iter()
            .fold(line.to_vec(), |line, secret| replace(&line, secret.expose().as_bytes()))
    }
}

fn replace(line: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(HIDDEN);
        rest = &rest[at + secret.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
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
        (&*self.file).write_all(&self.log.without_secrets(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.file).flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_reaches_the_file() {
        let log = Log::default();
        let secrets = ["sk-1", "token"].map(Secret::new);
        log.secrets.lock().unwrap().extend(secrets);
        let line = log.without_secrets(b"sk-1: refused sk-1 and token, not sk-2");
        assert_eq!(line, b"[hidden]: refused [hidden] and [hidden], not sk-2");
    }
}
