//! `--record`: begins a recording of a session's exchanges.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::files::{self, Root};
use crate::record::{Head, Recorder};
use crate::relay;
use crate::report::Report;
use crate::session::{Grammar, Hiding, Session, Unlisted};

use super::wished::Wished;

/// What is typed of a recording.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub(super) struct Options {
    /// Record all that travels to this new file, never keys; see `crelay help replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Take all texts out of the recording
    #[arg(long, requires = "record")]
    pub redact: bool,
}

impl Options {
    /// Begins the recording that is wished.
    pub fn begin(&self, session: &Session, wished: &Wished) -> Result<Option<Begun>, Report> {
        let begin = |path: &PathBuf| {
            let recorder = begin(path, self.redact, session, wished.no_heal.as_deref())?;
            Ok(Begun {
                recorder: Some(recorder),
                path: path.clone(),
            })
        };
        self.record.as_ref().map(begin).transpose()
    }
}

/// A recording of a session that may come to nothing: then the file goes with this.
#[derive(Debug)]
pub(super) struct Begun {
    recorder: Option<Recorder>,
    path: PathBuf,
}

impl Begun {
    /// The session has begun: the file stays.
    pub fn keep(mut self) -> Option<Recorder> {
        self.recorder.take()
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.recorder.take().is_some() {
            // Only the head is in it. The failure of the session is what matters.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Begins a recording at `path`, which must be new: one is never lost to another.
fn begin(path: &Path, redacted: bool, session: &Session, no_heal: Option<&[Grammar]>) -> Result<Recorder, Report> {
    let head = Head {
        crelay: env!("CARGO_PKG_VERSION").to_owned(),
        at: relay::now(),
        session: session.id.clone(),
        provider: session.main.endpoint.provider.clone(),
        provider_name: session.main.endpoint.provider_name.clone(),
        dialect: session.main.endpoint.dialect.clone(),
        model: session.model.slug().into_owned(),
        also: session
            .further
            .iter()
            .filter(|host| host.is_offered)
            .map(|host| host.endpoint.dialect.clone())
            .collect(),
        fallbacks: session
            .fallbacks
            .iter()
            .map(|model| format!("{}/{}", session.host(model).endpoint.dialect, model.id))
            .collect(),
        wire: session.model.dialect.wire().word().to_owned(),
        no_heal: no_heal.map(|grammars| grammars.iter().map(|grammar| grammar.name().to_owned()).collect()),
        is_open: session.unlisted == Unlisted::AsNamed,
        redacted,
    };
    let mut hiding = Hiding::of_all(session);
    hiding.add(&session.token);
    Recorder::create(path, &head, hiding).map_err(|error| {
        let is_there = error.kind() == io::ErrorKind::AlreadyExists;
        let report = unwritten(path, error);
        match is_there {
            true => report.hint("name a file that is not there yet"),
            false => report,
        }
    })
}

/// Says so if the recording ended before the turns did.
pub(super) fn tell(recorder: Option<&Recorder>, path: Option<&Path>) {
    if let (Some(error), Some(path)) = (recorder.and_then(Recorder::fault), path) {
        super::say(&unwritten(path, error));
    }
}

fn unwritten(path: &Path, error: io::Error) -> Report {
    files::Error::file("write", path, Root::Given)(error).into()
}
