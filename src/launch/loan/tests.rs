use std::os::unix::fs::MetadataExt;
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
    assert!(matches!(error, Error::NoCodexHome { path, is_absent: true } if path == home.folders.codex_home));
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
    assert!(
        matches!(&error, Error::Files(files::Error::NotPrivate { path, is_ours: true, root: Root::Runtime }) if *path == home.folders.runtime)
    );
    let report = crate::report::Report::from(error).to_string();
    assert!(report.contains("`chmod go-w "), "{report}");
    assert_eq!(home.files(), [""; 0]);
}

#[test]
fn nobody_is_told_to_remove_what_belongs_to_somebody_else() {
    let mut home = Home::new();
    home.folders.runtime = folder_of_another(home.root.path());
    let error = home.lend_to("0123abcd", &Arguments::default()).unwrap_err();
    assert!(
        matches!(&error, Error::Files(files::Error::NotPrivate { is_ours: false, .. })),
        "{error}"
    );
    let report = crate::report::Report::from(error).to_string();
    assert!(
        report.contains("set `XDG_RUNTIME_DIR`") || cfg!(target_os = "macos"),
        "{report}"
    );
}

/// Only root can give a folder away; everybody else finds one of root's.
fn folder_of_another(base: &Path) -> PathBuf {
    if !nix::unistd::geteuid().is_root() {
        return "/".into();
    }
    let folder = base.join("of-another");
    DirBuilder::new().mode(0o700).create(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(65_534), None).unwrap();
    folder
}
