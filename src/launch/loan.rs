//! What a session lends to Codex: a profile and a catalog, taken back however the session ends.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::session::{Arguments, Environment, Folders, Session};

use super::catalog;
use super::command_line::Line;
use super::error::Error;
use super::profile::{self, Other};
use super::record::{Record, Taken};
use super::state;
use super::version::Version;
use super::write;

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
        let seed = state::seed(folders, &session.endpoint.provider, &session.model.id);
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
    // Codex takes an empty one for none.
    let is_default = terms
        .environment
        .get(OsStr::new("CODEX_HOME"))
        .is_none_or(|named| named.is_empty());
    let taken = Taken {
        provider: session.endpoint.provider.clone(),
        folder: folder.clone(),
        codex_home: profile.is_some().then(|| folders.codex_home.clone()),
        written: profile.unwrap_or_default(),
        made_codex_home: make_codex_home(&folders.codex_home, is_default)?,
    };
    let record = Record::create(folders, &session.id, &taken)?;
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
        .and_then(|content| write::new_file(&catalog, &content))
        .map_err(Error::file("write", &catalog))?;
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
        write::new_file(&path, taken.written.as_bytes()).map_err(Error::file("write", &path))?;
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

/// Codex does not start without its home. One that the user named and that is not there is a mistake to be told.
fn make_codex_home(codex_home: &Path, is_default: bool) -> Result<bool, Error> {
    if codex_home.is_dir() {
        return Ok(false);
    }
    if !is_default {
        return Err(Error::NoCodexHome(codex_home.to_owned()));
    }
    write::private_folder(codex_home).map_err(Error::file("create", codex_home))?;
    Ok(true)
}

/// Makes the session's folder beneath one that nobody else can change.
fn make_folder(runtime: &Path, folder: &Path) -> Result<(), Error> {
    write::private_folder(runtime).map_err(Error::file("create", runtime))?;
    let metadata = fs::symlink_metadata(runtime).map_err(Error::file("read", runtime))?;
    let is_ours = metadata.is_dir() && metadata.uid() == nix::unistd::geteuid().as_raw();
    if !is_ours || metadata.mode() & 0o022 != 0 {
        return Err(Error::NotPrivate(runtime.to_owned()));
    }
    DirBuilder::new()
        .mode(0o700)
        .create(folder)
        .map_err(Error::file("create", folder))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::launch::{remembered_model, sample, sweep};

    struct Home {
        root: tempfile::TempDir,
        folders: Folders,
    }

    impl Home {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let folders = sample::folders(root.path());
            fs::create_dir(&folders.codex_home).unwrap();
            Self { root, folders }
        }

        fn lend_to(&self, id: &str, arguments: &Arguments) -> Result<Loan, Error> {
            let mut session = sample::session();
            session.id = id.to_owned();
            lend(&Terms {
                session: &session,
                arguments,
                version: Version::new(0, 169, 0),
                folders: &self.folders,
                environment: &Environment::from([("CODEX_HOME".into(), self.folders.codex_home.clone().into())]),
                port: 4242,
                instructions: "be brief",
            })
        }

        fn lend(&self, id: &str) -> Loan {
            self.lend_to(id, &Arguments::default()).unwrap()
        }

        fn profile(&self, id: &str) -> PathBuf {
            self.folders.codex_home.join(format!("crelay-{id}.config.toml"))
        }

        /// All files of the home, without the state that is kept on purpose.
        fn files(&self) -> Vec<String> {
            let mut files = Vec::new();
            let mut folders = vec![self.root.path().to_owned()];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
                    let name = entry
                        .path()
                        .strip_prefix(self.root.path())
                        .unwrap()
                        .display()
                        .to_string();
                    match entry.file_type().unwrap().is_dir() {
                        true => folders.push(entry.path()),
                        false => files.push(name),
                    }
                }
            }
            files.retain(|name| !name.starts_with("state/codex."));
            files.sort();
            files
        }
    }

    /// Codex chooses another model.
    fn choose(profile: &Path, model: &str) {
        let text = fs::read_to_string(profile).unwrap();
        let chosen = text.replace("model = \"deepseek-chat\"", &format!("model = \"{model}\""));
        fs::write(profile, chosen).unwrap();
    }

    /// What a kill does: nothing is given back but the lock.
    fn kill(mut loan: Loan) {
        drop(loan.held.take());
    }

    #[test]
    fn everything_that_was_lent_is_taken_back() {
        let home = Home::new();
        let loan = home.lend("0123abcd");
        let lent = [
            "codex/crelay-0123abcd.config.toml",
            "run/0123abcd/catalog.json",
            "state/sessions/0123abcd",
        ];
        assert_eq!(home.files(), lent);
        let mode = |path: &str| fs::metadata(home.root.path().join(path)).unwrap().mode() & 0o777;
        assert_eq!(lent.map(mode), [0o600; 3]);
        assert_eq!(["run", "run/0123abcd", "state/sessions"].map(mode), [0o700; 3]);
        loan.close().unwrap();
        assert_eq!(home.files(), [""; 0]);
    }

    #[test]
    fn what_codex_wrote_is_the_next_sessions_seed() {
        let home = Home::new();
        let loan = home.lend("0123abcd");
        choose(&home.profile("0123abcd"), "deepseek-vision");
        loan.close().unwrap();
        assert_eq!(
            remembered_model(&home.folders, "deepseek"),
            Some("deepseek-vision".into())
        );
    }

    #[test]
    fn a_loan_that_is_dropped_is_taken_back_as_well() {
        let home = Home::new();
        let loan = home.lend("0123abcd");
        choose(&home.profile("0123abcd"), "deepseek-vision");
        drop(loan);
        assert_eq!(home.files(), [""; 0]);
        assert_eq!(
            remembered_model(&home.folders, "deepseek"),
            Some("deepseek-vision".into())
        );
    }

    #[test]
    fn what_a_killed_session_left_is_swept_and_a_living_one_is_not() {
        let home = Home::new();
        let living = home.lend("0123abcd");
        let killed = home.lend("deadbeef");
        choose(&home.profile("deadbeef"), "deepseek-vision");
        let both = home.files();
        sweep(&home.folders);
        assert_eq!(home.files(), both);
        kill(killed);
        assert_eq!(home.files(), both);
        sweep(&home.folders);
        let lent = [
            "codex/crelay-0123abcd.config.toml",
            "run/0123abcd/catalog.json",
            "state/sessions/0123abcd",
        ];
        assert_eq!(home.files(), lent);
        assert_eq!(
            remembered_model(&home.folders, "deepseek"),
            Some("deepseek-vision".into())
        );
        living.close().unwrap();
        assert_eq!(home.files(), [""; 0]);
    }

    #[test]
    fn a_record_that_was_cut_short_is_swept() {
        let home = Home::new();
        fs::create_dir_all(home.folders.state.join("sessions")).unwrap();
        fs::write(home.folders.state.join("sessions/deadbeef"), "{\"provider\":\"dee").unwrap();
        sweep(&home.folders);
        assert_eq!(home.files(), [""; 0]);
    }

    #[test]
    fn nothing_is_written_through_a_link_in_the_place_of_the_profile() {
        let home = Home::new();
        let target = home.root.path().join("target");
        fs::write(&target, "model = \"theirs\"\n").unwrap();
        std::os::unix::fs::symlink(&target, home.profile("0123abcd")).unwrap();
        let error = home.lend_to("0123abcd", &Arguments::default()).unwrap_err();
        assert!(error.to_string().starts_with("cannot write"), "{error}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "model = \"theirs\"\n");
        assert_eq!(home.files(), ["codex/crelay-0123abcd.config.toml", "target"]);
        assert_eq!(remembered_model(&home.folders, "deepseek"), None);
    }

    #[test]
    fn a_link_that_took_the_profiles_place_is_removed_and_not_read() {
        let home = Home::new();
        let target = home.root.path().join("target");
        fs::write(&target, "model_provider = \"crelay\"\nmodel = \"theirs\"\n").unwrap();
        let loan = home.lend("0123abcd");
        fs::remove_file(home.profile("0123abcd")).unwrap();
        std::os::unix::fs::symlink(&target, home.profile("0123abcd")).unwrap();
        loan.close().unwrap();
        assert_eq!(home.files(), ["target"]);
        assert_eq!(remembered_model(&home.folders, "deepseek"), None);
    }

    #[test]
    fn the_users_own_profile_is_merged_and_stays_as_it_is() {
        let home = Home::new();
        let arguments = Arguments {
            profile: Some("work".into()),
            ..Arguments::default()
        };
        let missing = home.lend_to("0123abcd", &arguments).unwrap_err();
        assert_eq!(missing.to_string(), "the profile `work` cannot be used");
        assert_eq!(home.files(), [""; 0]);
        let own = home.folders.codex_home.join("work.config.toml");
        fs::write(&own, "approval_policy = \"never\"\n").unwrap();
        let loan = home.lend_to("0123abcd", &arguments).unwrap();
        let profile = fs::read_to_string(home.profile("0123abcd")).unwrap();
        assert!(
            profile.starts_with("approval_policy = \"never\"\nmodel = \"deepseek-chat\"\n"),
            "{profile}"
        );
        loan.close().unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), "approval_policy = \"never\"\n");
        assert_eq!(home.files(), ["codex/work.config.toml"]);
    }

    #[test]
    fn a_home_that_was_named_must_be_there() {
        let home = Home::new();
        fs::remove_dir(&home.folders.codex_home).unwrap();
        let error = home.lend_to("0123abcd", &Arguments::default()).unwrap_err();
        assert!(matches!(error, Error::NoCodexHome(path) if path == home.folders.codex_home));
    }

    #[test]
    fn the_default_home_is_made_and_goes_again_if_codex_left_nothing_there() {
        let folder = tempfile::tempdir().unwrap();
        let folders = sample::folders(folder.path());
        let (session, arguments) = (sample::session(), Arguments::default());
        let terms = Terms {
            session: &session,
            arguments: &arguments,
            version: Version::new(0, 169, 0),
            folders: &folders,
            environment: &Environment::new(),
            port: 4242,
            instructions: "be brief",
        };
        lend(&terms).unwrap().close().unwrap();
        assert!(!folders.codex_home.exists());
        let loan = lend(&terms).unwrap();
        fs::write(folders.codex_home.join("history.jsonl"), "").unwrap();
        loan.close().unwrap();
        assert!(folders.codex_home.join("history.jsonl").exists());
    }

    #[test]
    fn a_runtime_folder_that_others_can_change_is_refused() {
        let home = Home::new();
        DirBuilder::new().mode(0o777).create(&home.folders.runtime).unwrap();
        fs::set_permissions(
            &home.folders.runtime,
            std::os::unix::fs::PermissionsExt::from_mode(0o777),
        )
        .unwrap();
        let error = home.lend_to("0123abcd", &Arguments::default()).unwrap_err();
        assert!(matches!(error, Error::NotPrivate(path) if path == home.folders.runtime));
        assert_eq!(home.files(), [""; 0]);
    }
}
