//! What a session lends to Codex: a profile and a catalog, taken back however the session ends.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::files::{self, Root};
use crate::session::{Arguments, Environment, Folders, Session};

use super::catalog;
use super::command_line::Line;
use super::error::Error;
use super::profile::{self, Other};
use super::record::{RECORDS, Record, Taken};
use super::state;
use super::version::Version;

/// What a loan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// What is run.
    pub session: &'a Session,
    /// What the user typed for Codex.
    pub arguments: &'a Arguments,
    /// Which Codex will read it.
    pub version: Version,
    /// Where everything is.
    pub folders: &'a Folders,
    /// The variables of this process: a `CODEX_HOME` that was set must be there, the default one is made.
    pub environment: &'a Environment,
    /// Where the relay listens, on 127.0.0.1.
    pub port: u16,
    /// The base prompt of the catalog.
    pub instructions: &'a str,
}

/// What a session would be lent.
#[derive(Debug)]
pub struct Rehearsal {
    /// Codex's command line, without the program.
    pub line: Vec<OsString>,
    /// Where the profile would be, and what would stand in it.
    pub profile: Option<(PathBuf, String)>,
}

/// Tells what [`lend`] would write, and writes nothing.
pub fn rehearse(terms: &Terms<'_>) -> Result<Rehearsal, Error> {
    let catalog = terms.folders.runtime.join(&terms.session.id).join("catalog.json");
    let line = terms.line(&catalog);
    let path = profile::path(&terms.folders.codex_home, &terms.session.id);
    let profile = terms.profile(&line)?.map(|text| (path, text));
    Ok(Rehearsal {
        line: line.write()?,
        profile,
    })
}

impl<'a> Terms<'a> {
    fn line(&self, catalog: &'a Path) -> Line<'a> {
        let Terms {
            session,
            arguments,
            version,
            port,
            ..
        } = *self;
        Line {
            session,
            arguments,
            version,
            port,
            catalog,
        }
    }

    /// The text of the profile, for a Codex that takes one.
    fn profile(&self, line: &Line<'_>) -> Result<Option<String>, Error> {
        if !line.lends_profile() {
            return Ok(None);
        }
        let Terms { session, folders, .. } = *self;
        let own = self.arguments.profile.as_deref();
        let other = own.map(|name| Other::read(&folders.codex_home, name)).transpose()?;
        let seed = state::seed(folders, session.main.endpoint.memory(), &session.model.slug());
        Ok(Some(profile::compose(seed, other.as_ref(), line)?.to_string()))
    }
}

/// Profile, catalog and runtime folder of a living session.
#[derive(Debug)]
pub struct Loan {
    line: Vec<OsString>,
    folders: Folders,
    held: Option<(Record, Taken)>,
}

/// Writes everything that Codex will read.
pub fn lend(terms: &Terms<'_>) -> Result<Loan, Error> {
    let Terms { session, folders, .. } = *terms;
    let folder = folders.runtime.join(&session.id);
    let catalog = folder.join("catalog.json");
    let line = terms.line(&catalog);
    let profile = terms.profile(&line)?;
    let taken = Taken {
        provider: session.main.endpoint.memory().to_owned(),
        folder: folder.clone(),
        codex_home: profile.is_some().then(|| folders.codex_home.clone()),
        written: profile.unwrap_or_default(),
        made_codex_home: make_codex_home(&folders.codex_home, terms.environment)?,
    };
    let record = Record::create(folders, &session.id, &taken).inspect_err(|_| {
        if taken.made_codex_home {
            drop(fs::remove_dir(&folders.codex_home));
        }
    })?;
    let line = line.write()?;
    let mut loan = Loan {
        line,
        folders: folders.clone(),
        held: Some((record, taken)),
    };
    // From here on the loan takes back what was written, even if the next thing fails.
    make_folder(&folders.runtime, &folder)?;
    let models = catalog::write(session, terms.instructions).map_err(io::Error::from);
    models
        .and_then(|content| files::new_file(&catalog, &content))
        .map_err(Error::file("write", &catalog, Root::Runtime))?;
    loan.write_profile(&session.id)?;
    Ok(loan)
}

impl Loan {
    /// Codex's command line, without the program.
    #[must_use]
    pub fn line(&self) -> &[OsString] {
        &self.line
    }

    /// Keeps what Codex wrote and takes everything away.
    pub fn close(mut self) -> Result<(), Error> {
        self.take_back()
    }

    fn write_profile(&mut self, id: &str) -> Result<(), Error> {
        let Some((_, taken)) = &mut self.held else {
            return Ok(());
        };
        let Some(codex_home) = taken.codex_home.take() else {
            return Ok(());
        };
        let path = profile::path(&codex_home, id);
        files::new_file(&path, taken.written.as_bytes()).map_err(Error::file("write", &path, Root::CodexHome))?;
        // Only now: what stood there already is neither read nor removed.
        taken.codex_home = Some(codex_home);
        Ok(())
    }

    fn take_back(&mut self) -> Result<(), Error> {
        match self.held.take() {
            Some((record, taken)) => record.settle(&self.folders, &taken),
            None => Ok(()),
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Err(error) = self.take_back() {
            tracing::warn!(%error, "what Codex was lent is left for the next start");
        }
    }
}

/// Whether all folders are there in which [`lend`] writes, or could be made. Nothing is.
pub fn can_lend(folders: &Folders, environment: &Environment) -> Result<(), Error> {
    check_codex_home(&folders.codex_home, environment)?;
    files::writable(&folders.codex_home, Root::CodexHome)?;
    files::usable_linked(&folders.state, Root::State)?;
    files::usable(&folders.state.join(RECORDS), Root::State)?;
    files::usable(&folders.runtime, Root::Runtime)?;
    Ok(())
}

/// Codex does not start without its home. One that the user named and that is not there is a mistake to be told.
fn check_codex_home(codex_home: &Path, environment: &Environment) -> Result<(), Error> {
    // Codex takes an empty one for none.
    let named = environment.get(OsStr::new("CODEX_HOME"));
    if codex_home.is_dir() || named.is_none_or(|named| named.is_empty()) {
        return Ok(());
    }
    Err(Error::NoCodexHome {
        path: codex_home.to_owned(),
        is_absent: matches!(codex_home.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound),
    })
}

/// Whether it had to be made.
fn make_codex_home(codex_home: &Path, environment: &Environment) -> Result<bool, Error> {
    check_codex_home(codex_home, environment)?;
    if codex_home.is_dir() {
        return Ok(false);
    }
    files::linked_folder(codex_home, Root::CodexHome)?;
    Ok(true)
}

/// Makes the session's folder beneath one that nobody else can change.
fn make_folder(runtime: &Path, folder: &Path) -> Result<(), Error> {
    files::folder(runtime, Root::Runtime)?;
    let made = DirBuilder::new().mode(0o700).create(folder);
    made.map_err(Error::file("create", folder, Root::Runtime))
}

#[cfg(test)]
mod tests;
