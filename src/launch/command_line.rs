//! Codex's command line. What decides where a prompt goes stands here and not in the profile alone: Codex reads the
//! profile again at `/new`, and reads a profile that is gone as an empty one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml_edit::{InlineTable, Value};

use crate::files::Root;
use crate::session::{Arguments, Command, Named, Search, Session};

use super::error::Error;
use super::version::Version;

/// The one provider id for every provider: Codex refuses to resume a session under another id than its own.
pub const PROVIDER_ID: &str = "crelay";

/// The variable with the token, named to Codex by `env_key`.
pub const TOKEN_VARIABLE: &str = "CRELAY_TOKEN";

/// The relay answers or repeats by itself; a request that it refuses is refused again.
const REQUEST_RETRIES: i64 = 0;

/// An answer that broke off is asked for again. The relay tries each three times before it gives up, so Codex's default
/// of 5 would mean eighteen requests.
const STREAM_RETRIES: i64 = 2;

/// Codex's default. The relay sends something more often than that for as long as the provider is silent.
const STREAM_IDLE_MILLISECONDS: i64 = 300_000;

/// What the command line is made of.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What is run.
    pub session: &'a Session,
    /// What the user typed for Codex.
    pub arguments: &'a Arguments,
    /// Which Codex will read it.
    pub version: Version,
    /// Where the relay listens, on 127.0.0.1.
    pub port: u16,
    /// The model catalog, as an absolute path.
    pub catalog: &'a Path,
}

impl Line<'_> {
    /// Everything after the program's name.
    pub fn write(&self) -> Result<Vec<OsString>, Error> {
        let mut line = Vec::new();
        // Where this Codex or this command takes none of ours, the user's own stays where it was typed.
        let given = if self.lends_profile() {
            line.extend(["-p".into(), profile_name(&self.session.id).into()]);
            &self.arguments.given
        } else {
            &self.arguments.typed
        };
        // Codex takes it once.
        let stands_there = given.iter().any(|word| word == "--no-daemon");
        if self.version.takes_no_daemon() && self.arguments.command == Command::Interactive && !stands_there {
            line.push("--no-daemon".into());
        }
        for (key, value) in self.settings()? {
            line.extend(["-c".into(), format!("{key}={}", value.decorated("", "")).into()]);
        }
        line.extend(given.iter().cloned());
        Ok(line)
    }

    /// Whether a profile is written at all.
    #[must_use]
    pub fn lends_profile(&self) -> bool {
        self.version.takes_profile() && matches!(self.arguments.command, Command::Interactive | Command::Runtime)
    }

    /// What nobody may decide otherwise, neither a profile nor a project.
    fn settings(&self) -> Result<Vec<(String, Value)>, Error> {
        let catalog = text(self.catalog)?;
        let mut settings = vec![
            ("model_provider".into(), PROVIDER_ID.into()),
            (
                format!("model_providers.{PROVIDER_ID}"),
                provider(self.session, self.port).into(),
            ),
            ("model_catalog_json".into(), catalog.into()),
            // Codex passes all its variables on to the commands that a model runs; this one arrives there empty. A
            // table of the user's keeps its other entries.
            (format!("shell_environment_policy.set.{TOKEN_VARIABLE}"), "".into()),
            // Otherwise a relay that is gone means "waiting for network" for ever.
            ("features.unbounded_connection_retries".into(), false.into()),
        ];
        let search = match self.session.search {
            Search::AsConfigured => None,
            Search::On => Some("live"),
            Search::Off | Search::Missing => Some("disabled"),
        };
        settings.extend(search.map(|mode| ("web_search".into(), mode.into())));
        let deputies = &self.session.deputies;
        for (key, named, is_known) in [
            ("review_model", &deputies.review, true),
            (
                "agents.default_subagent_model",
                &deputies.subagent,
                self.version.takes_subagent_model(),
            ),
        ] {
            let model = named.as_ref().and_then(Named::model).filter(|_| is_known);
            settings.extend(model.map(|model| (key.into(), model.into())));
        }
        let model_stands_there = self.arguments.model.is_some();
        let must_decide = self.session.model_is_explicit || !self.lends_profile();
        if must_decide && !model_stands_there {
            settings.push(("model".into(), self.session.model.slug().into_owned().into()));
        }
        Ok(settings)
    }
}

/// What the names of all our profiles begin with.
pub const PROFILE_PREFIX: &str = "crelay-";

/// The name of a session's profile.
pub fn profile_name(id: &str) -> String {
    format!("{PROFILE_PREFIX}{id}")
}

/// `path` as it can stand in TOML.
pub fn text(path: &Path) -> Result<&str, Error> {
    path.to_str().ok_or_else(|| Error::NotText {
        path: PathBuf::from(path),
        root: Root::Runtime,
    })
}

/// How Codex reaches the relay. The name is never `OpenAI` alone, because with that name Codex expects OpenAI's own
/// compaction.
pub fn provider(session: &Session, port: u16) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert(
        "name",
        format!("{} (crelay)", session.main.endpoint.provider_name).into(),
    );
    table.insert("base_url", format!("http://127.0.0.1:{port}/v1").into());
    table.insert("wire_api", "responses".into());
    table.insert("env_key", TOKEN_VARIABLE.into());
    table.insert("request_max_retries", REQUEST_RETRIES.into());
    table.insert("stream_max_retries", STREAM_RETRIES.into());
    table.insert("stream_idle_timeout_ms", STREAM_IDLE_MILLISECONDS.into());
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;
    use crate::session::Deputies;

    const SETTINGS: [&str; 12] = [
        "-c",
        r#"model_provider="crelay""#,
        "-c",
        r#"model_providers.crelay={ name = "DeepSeek (crelay)", base_url = "http://127.0.0.1:4242/v1", wire_api = "responses", env_key = "CRELAY_TOKEN", request_max_retries = 0, stream_max_retries = 2, stream_idle_timeout_ms = 300000 }"#,
        "-c",
        r#"model_catalog_json="/run/crelay/catalog.json""#,
        "-c",
        r#"shell_environment_policy.set.CRELAY_TOKEN="""#,
        "-c",
        "features.unbounded_connection_retries=false",
        "-c",
        r#"web_search="disabled""#,
    ];

    struct Case {
        minor: u64,
        command: Command,
        explicit: bool,
        model: Option<&'static str>,
    }

    const PLAIN: Case = Case {
        minor: 169,
        command: Command::Interactive,
        explicit: false,
        model: None,
    };

    /// The line's beginning before the settings, and its end after them.
    fn line(case: Case) -> (Vec<String>, Vec<String>) {
        let mut session = sample::session();
        session.model_is_explicit = case.explicit;
        let given: Vec<OsString> = vec!["exec".into(), "-m".into(), "a b".into()];
        let arguments = Arguments {
            typed: given.clone(),
            given,
            command: case.command,
            model: case.model.map(Into::into),
            ..Arguments::default()
        };
        let line = Line {
            session: &session,
            arguments: &arguments,
            version: Version::new(0, case.minor, 0),
            port: 4242,
            catalog: Path::new("/run/crelay/catalog.json"),
        };
        let line: Vec<String> = line
            .write()
            .unwrap()
            .into_iter()
            .map(|argument| argument.into_string().unwrap())
            .collect();
        let start = line.iter().position(|argument| argument == "-c").unwrap();
        let end = start + SETTINGS.len();
        assert_eq!(line[start..end], SETTINGS);
        assert_eq!(line[line.len() - 3..], ["exec", "-m", "a b"]);
        (line[..start].to_vec(), line[end..line.len() - 3].to_vec())
    }

    #[test]
    fn each_version_gets_the_options_that_it_has() {
        let profile = ["-p", "crelay-0123abcd"];
        let model = ["-c", r#"model="deepseek-chat""#];
        let before = |minor, command| {
            line(Case {
                minor,
                command,
                ..PLAIN
            })
        };
        assert_eq!(
            before(169, Command::Interactive),
            (vec!["-p".into(), profile[1].into(), "--no-daemon".into()], vec![])
        );
        assert_eq!(
            before(169, Command::Runtime),
            (profile.map(String::from).to_vec(), vec![])
        );
        assert_eq!(
            before(155, Command::Interactive),
            (profile.map(String::from).to_vec(), vec![])
        );
        assert_eq!(
            before(133, Command::Interactive),
            (vec![], model.map(String::from).to_vec())
        );
        assert_eq!(before(169, Command::Server), (vec![], model.map(String::from).to_vec()));
    }

    #[test]
    fn a_model_that_was_named_for_this_run_stands_on_the_line_once() {
        let model = ["-c", r#"model="deepseek-chat""#].map(String::from).to_vec();
        assert_eq!(
            line(Case {
                explicit: true,
                ..PLAIN
            })
            .1,
            model
        );
        assert_eq!(
            line(Case {
                explicit: true,
                model: Some("a b"),
                ..PLAIN
            })
            .1,
            Vec::<String>::new()
        );
        assert_eq!(
            line(Case {
                minor: 128,
                model: Some("a b"),
                ..PLAIN
            })
            .1,
            Vec::<String>::new()
        );
    }

    #[test]
    fn codex_hears_who_reviews_and_who_works_for_its_agents_where_it_understands_that() {
        let told = |minor| {
            let mut session = sample::session();
            session.deputies = Deputies {
                small: Some(Named::here("s")),
                review: Some(Named::here("r")),
                subagent: Some(Named::here("a")),
            };
            let line = Line {
                session: &session,
                arguments: &Arguments::default(),
                version: Version::new(0, minor, 0),
                port: 4242,
                catalog: Path::new("/run/crelay/catalog.json"),
            };
            let words = line.write().unwrap().into_iter();
            let words = words.map(|word| word.into_string().unwrap());
            words.filter(|word| word.contains("_model=")).collect::<Vec<_>>()
        };
        let review = r#"review_model="r""#;
        assert_eq!(told(169), [review, r#"agents.default_subagent_model="a""#]);
        assert_eq!(told(134), [review]);
    }

    #[test]
    fn a_profile_of_the_users_stays_in_its_place_for_a_codex_that_gets_none_of_ours() {
        let session = sample::session();
        let typed = ["exec", "-p", "work", "task"].map(OsString::from).to_vec();
        let arguments = Arguments::understand(typed.clone()).unwrap();
        let end = |minor, length| {
            let line = Line {
                session: &session,
                arguments: &arguments,
                version: Version::new(0, minor, 0),
                port: 4242,
                catalog: Path::new("/run/crelay/catalog.json"),
            };
            let line = line.write().unwrap();
            (line[..2].to_vec(), line[line.len() - length..].to_vec())
        };
        let (beginning, last) = end(128, 4);
        assert_eq!((beginning[0].to_str(), last), (Some("-c"), typed));
        let ours = ["-p", "crelay-0123abcd"].map(OsString::from).to_vec();
        let last_value = OsString::from(r#"web_search="disabled""#);
        assert_eq!(end(169, 3), (ours, vec![last_value, "exec".into(), "task".into()]));
    }

    #[test]
    fn codex_hears_of_its_search_only_what_was_decided() {
        let told = |search| {
            let mut session = sample::session();
            session.search = search;
            let arguments = Arguments::default();
            let line = Line {
                session: &session,
                arguments: &arguments,
                version: Version::new(0, 169, 0),
                port: 4242,
                catalog: Path::new("/run/crelay/catalog.json"),
            };
            let words = line.write().unwrap().into_iter();
            let words = words.map(|word| word.into_string().unwrap());
            words.filter(|word| word.contains("web_search")).collect::<Vec<_>>()
        };
        assert_eq!(told(Search::AsConfigured), Vec::<String>::new());
        assert_eq!(told(Search::On), [r#"web_search="live""#]);
        assert_eq!(told(Search::Off), [r#"web_search="disabled""#]);
        assert_eq!(told(Search::Missing), told(Search::Off));
    }

    #[test]
    fn no_name_breaks_out_of_its_quotes() {
        let mut session = sample::session();
        session.main.endpoint.provider_name = "a\" }\nb\\".into();
        let table = Value::from(provider(&session, 1)).to_string();
        let read: toml_edit::DocumentMut = format!("x = {table}").parse().unwrap();
        assert_eq!(read["x"]["name"].as_str(), Some("a\" }\nb\\ (crelay)"));
    }
}
