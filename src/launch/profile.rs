//! The profile that Codex writes into instead of the user's `config.toml`: `$CODEX_HOME/crelay-<id>.config.toml`.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::session::is_live;

use super::changes;
use super::command_line::{self, Line, PROVIDER_ID};
use super::error::{Error, ProfileError};

/// A profile of the user's own, chosen with `-p`.
#[derive(Debug, Clone)]
pub struct Other(DocumentMut);

impl Other {
    /// Reads `$CODEX_HOME/<name>.config.toml`. Codex takes a missing one for an empty one; here it is an error, because
    /// nobody names a profile in vain on purpose.
    pub fn read(codex_home: &Path, name: &str) -> Result<Self, Error> {
        let path = codex_home.join(format!("{name}.config.toml"));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let document = if !name.is_empty() && name.bytes().all(plain) {
            fs::read_to_string(&path).map_err(ProfileError::Read).and_then(|text| {
                text.parse()
                    .map_err(|error: toml_edit::TomlError| ProfileError::Toml(error.to_string()))
            })
        } else {
            Err(ProfileError::Name)
        };
        document.map(Self).map_err(|source| Error::Profile {
            name: name.to_owned(),
            path,
            source,
        })
    }

    /// The model that it names.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.0.get("model").and_then(Item::as_str)
    }
}

/// Whether Codex's configuration, with the user's profile over it, turns live search of the web on or off; `None` if it
/// does not say.
#[must_use]
pub fn configured_search(codex_home: &Path, other: Option<&Other>) -> Option<bool> {
    let text = fs::read_to_string(codex_home.join("config.toml")).unwrap_or_default();
    // What Codex cannot read either, it tells itself.
    let own: DocumentMut = text.parse().unwrap_or_default();
    let mut documents = other.map(|Other(document)| document).into_iter().chain([&own]);
    let mode = documents.find_map(|document| document.get("web_search")?.as_str());
    mode.map(is_live)
}

/// Where the profile of the session `id` is.
pub fn path(codex_home: &Path, id: &str) -> PathBuf {
    codex_home.join(format!("{}.config.toml", command_line::profile_name(id)))
}

/// The id of the session whose profile a file of this name is.
pub fn session(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".config.toml")?;
    name.strip_prefix(command_line::PROFILE_PREFIX)
}

/// Writes a profile: `seed`, over it the user's own, over both what makes it this session's.
pub fn compose(mut seed: DocumentMut, other: Option<&Other>, line: &Line<'_>) -> Result<DocumentMut, Error> {
    let session = line.session;
    if let Some(Other(document)) = other {
        changes::merge(seed.as_table_mut(), document.as_table());
    }
    let mut ours = DocumentMut::new();
    ours.insert("model", toml_edit::value(session.model.slug().into_owned()));
    ours.insert("model_provider", toml_edit::value(PROVIDER_ID));
    ours.insert(
        "model_catalog_json",
        toml_edit::value(command_line::text(line.catalog)?),
    );
    let mut providers = toml_edit::Table::new();
    providers.set_implicit(true);
    providers.insert(
        PROVIDER_ID,
        Item::Table(command_line::provider(session, line.port).into_table()),
    );
    ours.insert("model_providers", Item::Table(providers));
    changes::merge(seed.as_table_mut(), ours.as_table());
    Ok(seed)
}

/// Reads a profile that Codex may have changed. A link in its place is not followed.
pub fn read(path: &Path) -> io::Result<DocumentMut> {
    let mut text = String::new();
    let no_link = nix::libc::O_NOFOLLOW;
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(no_link)
        .open(path)?
        .read_to_string(&mut text)?;
    text.parse().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Version, sample};
    use crate::report::Report;
    use crate::session::Arguments;

    fn composed(seed: &str, other: Option<&str>) -> String {
        let line = Line {
            session: &sample::session(),
            arguments: &Arguments::default(),
            version: Version::new(0, 169, 0),
            port: 4242,
            catalog: Path::new("/run/catalog.json"),
        };
        let other = other.map(|text| Other(text.parse().unwrap()));
        compose(seed.parse().unwrap(), other.as_ref(), &line)
            .unwrap()
            .to_string()
    }

    const OURS: &str = r#"model = "deepseek-chat"
model_provider = "crelay"
model_catalog_json = "/run/catalog.json"

[model_providers.crelay]
name = "DeepSeek (crelay)"
base_url = "http://127.0.0.1:4242/v1"
wire_api = "responses"
env_key = "CRELAY_TOKEN"
request_max_retries = 0
stream_max_retries = 2
stream_idle_timeout_ms = 300000
"#;

    #[test]
    fn a_first_profile_holds_what_makes_it_this_sessions() {
        assert_eq!(composed("", None), OURS);
    }

    #[test]
    fn the_users_own_profile_wins_over_the_seed_and_loses_where_prompts_go() {
        let seed = "[tui]\ntheme = \"dark\"\nsize = 1\n";
        let other = r#"
model = "gpt-6"
model_provider = "openai"
approval_policy = "never"  # as always
[tui]
theme = "light"
[model_providers.crelay]
base_url = "https://elsewhere"
query_params = { a = "b" }
[model_providers.mine]
base_url = "https://mine"
"#;
        let text = composed(seed, Some(other));
        let document: DocumentMut = text.parse().unwrap();
        assert_eq!(document["model"].as_str(), Some("deepseek-chat"));
        assert_eq!(document["model_provider"].as_str(), Some("crelay"));
        assert_eq!(document["approval_policy"].as_str(), Some("never"));
        assert_eq!(document["tui"].to_string(), "theme = \"light\"\nsize = 1\n");
        let crelay = document["model_providers"]["crelay"].as_table().unwrap();
        assert_eq!(crelay["base_url"].as_str(), Some("http://127.0.0.1:4242/v1"));
        assert_eq!(
            document["model_providers"]["mine"]["base_url"].as_str(),
            Some("https://mine")
        );
    }

    #[test]
    fn a_search_that_the_user_configured_is_found_in_his_profile_first() {
        let folder = tempfile::tempdir().unwrap();
        let other = |text: &str| Some(Other(text.parse().unwrap()));
        let found = |other: Option<Other>| configured_search(folder.path(), other.as_ref());
        assert_eq!(found(None), None);
        assert_eq!(found(other("web_search = \"indexed\"")), Some(true));
        fs::write(folder.path().join("config.toml"), "web_search = \"live\"\n").unwrap();
        assert_eq!(found(None), Some(true));
        assert_eq!(found(other("model = \"a\"")), Some(true));
        assert_eq!(found(other("web_search = \"cached\"")), Some(false));
        fs::write(folder.path().join("config.toml"), "web_search = [\n").unwrap();
        assert_eq!(found(None), None);
    }

    #[test]
    fn a_profile_of_the_users_that_is_missing_or_broken_is_an_error_that_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let report = |name: &str| Report::from(Other::read(folder.path(), name).unwrap_err()).to_string();
        assert!(report("work").contains("the profile `work` cannot be used: no such file or directory\n"));
        assert!(report("../work").contains("caused by: a name is made of letters"));
        fs::write(folder.path().join("work.config.toml"), "model = \"a\"\nmodel = [\n").unwrap();
        let text = report("work");
        assert!(text.contains("line 2"), "{text}");
        assert!(
            text.contains(folder.path().join("work.config.toml").to_str().unwrap()),
            "{text}"
        );
    }

    #[test]
    fn a_profile_of_the_users_says_its_model() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("work.config.toml"), "model = \"a\"\n").unwrap();
        assert_eq!(Other::read(folder.path(), "work").unwrap().model(), Some("a"));
    }
}
