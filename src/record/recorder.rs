//! Writes a recording while it happens.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::session::Hiding;

use super::line::{Bytes, Fact, Head, Headers, Line};
use super::redact;

/// Stands where a secret stood.
const HIDDEN: &str = "[hidden]";

/// So much of an answer without an end of line is written as it is. A secret is looked for line by line.
const LONGEST_LINE: usize = 1024 * 1024;

/// Parts of the names of headers that let somebody in, or that concern the connection alone.
const SECRET_HEADERS: [&str; 5] = ["auth", "key", "token", "secret", "cookie"];
const PASSING_HEADERS: [&str; 6] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "transfer-encoding",
];

/// A recording that is being written. Clones share it.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` after a line could not be written: what follows it would not be understood.
    file: Mutex<Option<File>>,
    /// Why it takes nothing any more.
    fault: Mutex<Option<io::Error>>,
    hiding: Hiding,
    redacts: bool,
    began: Instant,
    turns: AtomicU64,
}

/// One turn of it; the default records nothing. Clones share it, and when the last is dropped, all is written.
#[derive(Debug, Clone, Default)]
pub struct Turn(Option<Arc<Open>>);

#[derive(Debug)]
struct Open {
    recorder: Recorder,
    number: u64,
    /// What came of a line that is not whole yet, of the provider and for the client.
    heard: Mutex<Vec<u8>>,
    tells: Mutex<Vec<u8>>,
}

impl Recorder {
    /// Begins a recording at `path`, where nothing may be yet, readable for this user alone.
    ///
    /// # Errors
    ///
    /// When there is something, or it cannot be written.
    pub fn create(path: &Path, head: &Head, hiding: Hiding) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let recorder = Self(Arc::new(Inner {
            file: Mutex::new(Some(file)),
            fault: Mutex::default(),
            hiding,
            redacts: head.redacted,
            began: Instant::now(),
            turns: AtomicU64::new(0),
        }));
        // Else the next one could not have this name.
        recorder.try_write(head).inspect_err(|_| drop(fs::remove_file(path)))?;
        Ok(recorder)
    }

    /// A turn begins.
    #[must_use]
    pub fn turn(&self) -> Turn {
        Turn(Some(Arc::new(Open {
            recorder: self.clone(),
            number: self.0.turns.fetch_add(1, Ordering::Relaxed) + 1,
            heard: Mutex::default(),
            tells: Mutex::default(),
        })))
    }

    /// Why the recording ended before the turns did, if it has. Said once.
    #[must_use]
    pub fn fault(&self) -> Option<io::Error> {
        self.0.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn try_write(&self, line: &impl Serialize) -> io::Result<()> {
        let json = serde_json::to_string(line)?;
        let mut shown = self.0.hiding.hide(&json, HIDDEN);
        shown.push('\n');
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        match file.as_mut() {
            None => Ok(()),
            Some(open) => open.write_all(shown.as_bytes()).inspect_err(|_| *file = None),
        }
    }

    fn body(&self, bytes: &[u8]) -> Bytes {
        match self.0.redacts {
            true => Bytes::of(&redact::body(bytes)),
            false => Bytes::of(bytes),
        }
    }
}

impl Turn {
    /// Whether anything is recorded.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// A client asks this.
    pub fn asked<'a>(&self, path: &str, headers: impl Iterator<Item = (&'a str, &'a [u8])>, body: &[u8]) {
        let Some(open) = &self.0 else { return };
        open.write(Fact::Asked {
            path: path.to_owned(),
            headers: shown(headers),
            body: open.recorder.body(body),
        });
    }

    /// This is sent for it, in the protocol of this name.
    pub fn sent<'a>(&self, wire: &str, headers: impl Iterator<Item = (&'a str, &'a [u8])>, body: &[u8]) {
        let Some(open) = &self.0 else { return };
        open.flush(&open.heard, true, Open::heard);
        open.write(Fact::Sent {
            wire: wire.to_owned(),
            headers: shown(headers),
            body: open.recorder.body(body),
        });
    }

    /// The provider begins to answer.
    pub fn answered<'a>(&self, status: u16, headers: impl Iterator<Item = (&'a str, &'a [u8])>) {
        let Some(open) = &self.0 else { return };
        open.write(Fact::Answered {
            status,
            headers: shown(headers),
        });
    }

    /// This comes of the answer.
    pub fn heard(&self, bytes: &[u8]) {
        let Some(open) = &self.0 else { return };
        open.lock(&open.heard).extend_from_slice(bytes);
        open.flush(&open.heard, false, Open::heard);
    }

    /// The answer is over, or has broken off.
    pub fn over(&self, fault: Option<&str>) {
        let Some(open) = &self.0 else { return };
        open.flush(&open.heard, true, Open::heard);
        open.write(Fact::Over {
            fault: fault.map(str::to_owned),
        });
    }

    /// The client is answered.
    pub fn told<'a>(&self, status: u16, headers: impl Iterator<Item = (&'a str, &'a [u8])>) {
        let Some(open) = &self.0 else { return };
        open.write(Fact::Told {
            status,
            headers: shown(headers),
        });
    }

    /// This is told of the answer.
    pub fn tells(&self, bytes: &[u8]) {
        let Some(open) = &self.0 else { return };
        open.lock(&open.tells).extend_from_slice(bytes);
        open.flush(&open.tells, false, Open::tells);
    }

    /// All is told.
    pub fn end(&self) {
        let Some(open) = &self.0 else { return };
        open.flush(&open.tells, true, Open::tells);
        open.write(Fact::End);
    }
}

impl Open {
    fn write(&self, fact: Fact) {
        let recorder = &self.recorder;
        let line = Line {
            turn: self.number,
            ms: u64::try_from(recorder.0.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            fact,
        };
        if let Err(error) = recorder.try_write(&line) {
            tracing::warn!(%error, "the recording ends here");
            *recorder.0.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }

    fn lock<'a>(&self, buffer: &'a Mutex<Vec<u8>>) -> MutexGuard<'a, Vec<u8>> {
        buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the lines of `buffer` that are whole, or all of it at its end: neither a secret nor a text is cut in two.
    fn flush(&self, buffer: &Mutex<Vec<u8>>, is_end: bool, fact: fn(&Self, &[u8]) -> Fact) {
        let mut held = self.lock(buffer);
        let is_document = held.trim_ascii_start().first() == Some(&b'{');
        let whole = match held.iter().rposition(|byte| *byte == b'\n') {
            _ if is_end || held.len() > LONGEST_LINE => held.len(),
            Some(end) if !is_document => end + 1,
            _ => 0,
        };
        if whole > 0 {
            let bytes: Vec<u8> = held.drain(..whole).collect();
            drop(held);
            self.write(fact(self, &bytes));
        }
    }

    fn heard(&self, bytes: &[u8]) -> Fact {
        Fact::Heard {
            body: self.recorder.body(bytes),
        }
    }

    fn tells(&self, bytes: &[u8]) -> Fact {
        Fact::Tells {
            body: self.recorder.body(bytes),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.flush(&self.heard, true, Self::heard);
        self.flush(&self.tells, true, Self::tells);
    }
}

/// The headers that may be written down.
fn shown<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Headers {
    let shown = headers.filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        !PASSING_HEADERS.contains(&name.as_str()) && !SECRET_HEADERS.iter().any(|part| name.contains(part))
    });
    shown
        .map(|(name, value)| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
        .collect()
}
