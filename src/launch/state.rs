//! What Codex wrote into earlier profiles: shared by all providers (trust, notices, looks), or of one provider (its
//! model and how hard that thinks).
//!
//! ```toml
//! [shared.projects."/home/ada/work"]
//! trust_level = "trusted"
//!
//! [provider.deepseek]
//! model = "deepseek-chat"
//!
//! [provider.deepseek.efforts]
//! deepseek-chat = "high"
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{DocumentMut, Item};

use crate::files::{self, Root, lock};
use crate::session::Folders;

use super::changes::{self, Change};
use super::error::Error;

const SHARED: &str = "shared";
const PROJECTS: &str = "projects";
const PROVIDER: &str = "provider";
const EFFORTS: &str = "efforts";
const EFFORT: &str = "model_reasoning_effort";

/// How long sessions that end together wait for each other. One that was stopped in between must not stop the others.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keys of a profile that are written anew for each session.
const OURS: [&str; 2] = ["model_provider", "model_catalog_json"];

/// The model that the user chose last in Codex's own picker, with what an endpoint calls its
/// [memory](crate::session::Endpoint::memory).
#[must_use]
pub fn remembered_model(folders: &Folders, provider: &str) -> Option<String> {
    let state = read(&file(folders)).ok()?;
    state
        .get(PROVIDER)?
        .get(provider)?
        .get("model")?
        .as_str()
        .map(ToOwned::to_owned)
}

/// What a new profile begins with, for `model` of `provider`. What the user's own configuration says of a project
/// counts more than what was once answered in a session.
pub fn seed(folders: &Folders, provider: &str, model: &str) -> DocumentMut {
    let mut seed = DocumentMut::new();
    let state = read(&file(folders)).unwrap_or_else(|error| {
        tracing::warn!(%error, "what Codex wrote earlier cannot be read");
        DocumentMut::new()
    });
    if let Some(shared) = state.get(SHARED).and_then(Item::as_table_like) {
        changes::merge(seed.as_table_mut(), shared);
    }
    let own = read(&folders.codex_home.join("config.toml")).unwrap_or_default();
    let own_projects = own.get(PROJECTS).and_then(Item::as_table_like);
    if let (Some(own), Some(seeded)) = (own_projects, seed.get_mut(PROJECTS).and_then(Item::as_table_like_mut)) {
        own.iter().for_each(|(project, _)| drop(seeded.remove(project)));
    }
    let Some(of_provider) = state
        .get(PROVIDER)
        .and_then(|all| all.get(provider))
        .and_then(Item::as_table_like)
    else {
        return seed;
    };
    for (key, value) in of_provider.iter().filter(|(key, _)| ![EFFORTS, "model"].contains(key)) {
        seed.insert(key, value.clone());
    }
    if let Some(effort) = of_provider.get(EFFORTS).and_then(|efforts| efforts.get(model)) {
        seed.insert(EFFORT, effort.clone());
    }
    seed
}

/// Adds to the state what became of a profile that began as `written` and ended as `now`.
pub fn keep(folders: &Folders, provider: &str, written: &DocumentMut, now: &DocumentMut) -> Result<(), Error> {
    let mut changes = changes::between(written.as_table(), now.as_table());
    changes.retain(|change| !is_ours(&change.path));
    // A profile that was deleted meanwhile is made anew by Codex, with only what it wants to write: what is missing in
    // that one was not taken away by the user.
    if !now.contains_key(OURS[0]) {
        changes.retain(|change| change.value.is_some());
    }
    if changes.is_empty() {
        return Ok(());
    }
    files::linked_folder(&folders.state, Root::State)?;
    let name = folders.state.join("codex.lock");
    let _lock = lock::wait_within(&name, PATIENCE).map_err(Error::file("lock", &name, Root::State))?;
    let path = file(folders);
    let mut state = read(&path).or_else(|error| set_aside(&path, &error))?;
    let model = now.get("model").and_then(Item::as_str).unwrap_or_default();
    for change in changes {
        changes::apply(state.as_table_mut(), place(change, provider, model));
    }
    files::replace(&path, state.to_string().as_bytes()).map_err(Error::file("write", &path, Root::State))
}

fn file(folders: &Folders) -> PathBuf {
    folders.state.join("codex.toml")
}

/// No file is an empty state.
fn read(path: &Path) -> Result<DocumentMut, io::Error> {
    /// What a user who trusts a thousand folders has, a few times over.
    const MOST: u64 = 1024 * 1024;
    match files::read(path, MOST) {
        Ok(text) => text.parse().map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(DocumentMut::new()),
        Err(error) => Err(error),
    }
}

/// A state that cannot be read costs a few questions of Codex's, not a session.
fn set_aside(path: &Path, error: &io::Error) -> Result<DocumentMut, Error> {
    let aside = path.with_extension("toml.unreadable");
    tracing::warn!(path = %path.display(), aside = %aside.display(), %error, "set aside a state that cannot be read");
    fs::rename(path, &aside).map_err(Error::file("rename", path, Root::State))?;
    Ok(DocumentMut::new())
}

fn is_ours(path: &[String]) -> bool {
    match path {
        [key] => OURS.contains(&key.as_str()),
        [first, second, ..] => first == "model_providers" && second == super::PROVIDER_ID,
        [] => false,
    }
}

/// Where in the state a change of a profile belongs.
fn place(change: Change, provider: &str, model: &str) -> Change {
    let above: &[&str] = match change.path.as_slice() {
        [key] if key == EFFORT => {
            let path = [PROVIDER, provider, EFFORTS, model].map(String::from).into();
            return Change { path, ..change };
        }
        [key] if is_about_the_model(key) => &[PROVIDER, provider],
        _ => &[SHARED],
    };
    let path = above.iter().map(ToString::to_string).chain(change.path).collect();
    Change { path, ..change }
}

fn is_about_the_model(key: &str) -> bool {
    key == "model" || key.starts_with("model_") || key.ends_with("_model") || key.ends_with("_reasoning_effort")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;

    const WRITTEN: &str = "model_provider = \"crelay\"\nmodel = \"a\"\n";

    struct Home {
        _folder: tempfile::TempDir,
        folders: Folders,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let folders = sample::folders(folder.path());
            Self {
                _folder: folder,
                folders,
            }
        }

        fn keep(&self, provider: &str, written: &str, now: &str) {
            keep(
                &self.folders,
                provider,
                &written.parse().unwrap(),
                &now.parse().unwrap(),
            )
            .unwrap();
        }

        fn seed(&self, provider: &str, model: &str) -> String {
            seed(&self.folders, provider, model).to_string()
        }
    }

    #[test]
    fn trust_is_shared_and_the_model_is_the_providers() {
        let home = Home::new();
        let trust = "[projects.\"/x\"]\ntrust_level = \"trusted\"\n";
        let chosen = "model_provider = \"crelay\"\nmodel = \"b\"\nmodel_reasoning_effort = \"high\"\n";
        home.keep("deepseek", WRITTEN, &format!("{chosen}{trust}"));
        assert_eq!(remembered_model(&home.folders, "deepseek"), Some("b".into()));
        assert_eq!(remembered_model(&home.folders, "kimi"), None);
        assert_eq!(
            home.seed("deepseek", "b"),
            format!("model_reasoning_effort = \"high\"\n\n{trust}")
        );
        assert_eq!(home.seed("deepseek", "a"), trust);
        assert_eq!(home.seed("kimi", "b"), trust);
    }

    #[test]
    fn what_the_users_configuration_says_of_a_project_counts_more() {
        let home = Home::new();
        let trusted = |project: &str| format!("[projects.\"{project}\"]\ntrust_level = \"trusted\"\n");
        home.keep(
            "deepseek",
            WRITTEN,
            &format!("{WRITTEN}{}{}", trusted("/x"), trusted("/y")),
        );
        fs::create_dir_all(&home.folders.codex_home).unwrap();
        let own = "[projects.\"/x\"]\ntrust_level = \"untrusted\"\n";
        fs::write(home.folders.codex_home.join("config.toml"), own).unwrap();
        assert_eq!(home.seed("deepseek", "a"), trusted("/y"));
    }

    #[test]
    fn a_session_that_changed_nothing_writes_nothing() {
        let home = Home::new();
        home.keep("deepseek", WRITTEN, WRITTEN);
        let ours = "model_provider = \"other\"\nmodel = \"a\"\nmodel_providers.crelay.base_url = \"x\"\n";
        home.keep("deepseek", WRITTEN, ours);
        assert!(!home.folders.state.exists());
    }

    #[test]
    fn two_sessions_keep_what_both_wrote() {
        let home = Home::new();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let home = &home;
                let now = format!("{WRITTEN}[projects.\"/{number}\"]\ntrust_level = \"trusted\"\n");
                scope.spawn(move || home.keep("deepseek", WRITTEN, &now));
            }
        });
        let seed = seed(&home.folders, "deepseek", "a");
        let mut projects: Vec<_> = seed["projects"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(path, _)| path)
            .collect();
        projects.sort_unstable();
        assert_eq!(projects, ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);
    }

    #[test]
    fn what_codex_took_away_is_not_seeded_again() {
        let home = Home::new();
        let notice = format!("{WRITTEN}[notice]\nseen = true\n");
        home.keep("deepseek", WRITTEN, &notice);
        home.keep("deepseek", &notice, WRITTEN);
        assert_eq!(home.seed("deepseek", "a"), "");
    }

    #[test]
    fn a_profile_that_codex_had_to_make_anew_takes_nothing_away() {
        let home = Home::new();
        let notice = format!("{WRITTEN}[notice]\nseen = true\n");
        home.keep("deepseek", WRITTEN, &notice);
        home.keep("deepseek", &notice, "model = \"b\"\n");
        assert_eq!(home.seed("deepseek", "a"), "[notice]\nseen = true\n");
        assert_eq!(remembered_model(&home.folders, "deepseek"), Some("b".into()));
    }

    #[test]
    fn a_state_that_cannot_be_read_is_set_aside() {
        let home = Home::new();
        fs::create_dir_all(&home.folders.state).unwrap();
        fs::write(file(&home.folders), "shared = [").unwrap();
        assert_eq!(home.seed("deepseek", "a"), "");
        home.keep("deepseek", WRITTEN, &format!("{WRITTEN}[notice]\nseen = true\n"));
        assert_eq!(home.seed("deepseek", "a"), "[notice]\nseen = true\n");
        let aside = home.folders.state.join("codex.toml.unreadable");
        assert_eq!(fs::read_to_string(aside).unwrap(), "shared = [");
    }

    #[test]
    fn a_state_of_the_wrong_shape_is_an_empty_one() {
        let home = Home::new();
        fs::create_dir_all(&home.folders.state).unwrap();
        fs::write(file(&home.folders), "shared = 1\nprovider = \"deepseek\"\n").unwrap();
        assert_eq!(home.seed("deepseek", "a"), "");
        assert_eq!(remembered_model(&home.folders, "deepseek"), None);
        home.keep("deepseek", WRITTEN, "model_provider = \"crelay\"\nmodel = \"b\"\n");
        assert_eq!(remembered_model(&home.folders, "deepseek"), Some("b".into()));
    }
}
