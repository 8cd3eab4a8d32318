//! What counts of the configuration, and who says so.

use toml_edit::{Document, Item, TableLike};

use super::choice::Ground;
use super::config::{Config, dotted};
use super::error::Error;

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its whole name, with dots.
    pub key: String,
    /// Its value, as it is written in TOML; nothing if it is a secret, or usual and without a word for that.
    pub value: Option<String>,
    /// Who says so.
    pub origin: Origin,
}

/// Who says what a setting is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The file, on this line.
    Line(usize),
    /// A variable of the environment, which counts more than the file.
    Variable(&'static str),
    /// The user, in Codex's own picker, whose choice counts more than the file.
    Chosen,
    /// Nobody: it is as usual.
    Usual,
}

/// Every setting that is not one of a provider, and what it is if nobody says it.
const USUAL: [(&str, Option<&str>); 28] = [
    ("default_provider", None),
    ("also", None),
    ("fallback", None),
    ("codex", None),
    ("keep_env", Some("false")),
    ("ca_file", None),
    ("allow_http", Some("false")),
    ("web_search", None),
    ("max_request_mib", Some("64")),
    ("heal", Some("true")),
    ("max_cost", None),
    ("log", Some("false")),
    ("usage", Some("true")),
    ("offline", Some("false")),
    ("models_dev", Some("\"https://models.dev/api.json\"")),
    ("instructions", Some("\"codex\"")),
    ("instructions_file", None),
    ("model_map", None),
    ("review_model", None),
    ("subagent_model", None),
    ("small_model", None),
    ("timeouts.connect", Some("15")),
    ("timeouts.first", Some("300")),
    ("timeouts.idle", Some("300")),
    ("timeouts.total", Some("\"never\"")),
    ("retry.attempts", Some("3")),
    ("retry.budget", Some("30")),
    ("retry.pause", Some("1")),
];

/// Variables that stand for a setting.
const VARIABLES: [(&str, &str); 3] = [
    ("default_provider", "CRELAY_PROVIDER"),
    ("codex", "CRELAY_CODEX"),
    ("offline", "CRELAY_OFFLINE"),
];

impl Ground<'_> {
    /// All settings: what is said first, in the order of the names, then what is usual. `remembered` tells the model
    /// that was chosen last with a provider.
    ///
    /// # Errors
    ///
    /// When the file cannot be read a second time.
    pub fn settings(&self, remembered: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Setting>, Error> {
        let mut settings = Vec::new();
        let text = Config::text(&self.config.path)?;
        if let Ok(document) = Document::parse(text) {
            self.collect(&mut Vec::new(), document.as_table(), &mut settings);
        }
        for (key, variable) in VARIABLES {
            let Some(value) = self.variable(variable) else { continue };
            settings.retain(|setting| setting.key != key);
            settings.push(Setting {
                key: key.to_owned(),
                value: Some(toml_edit::Value::from(&*value).to_string()),
                origin: Origin::Variable(variable),
            });
        }
        for id in self.ids() {
            let Some(model) = remembered(id) else { continue };
            let key = dotted(["providers", self.written(id), "model"].into_iter());
            settings.retain(|setting| setting.key != key);
            settings.push(Setting {
                key,
                value: Some(toml_edit::Value::from(model).to_string()),
                origin: Origin::Chosen,
            });
        }
        settings.sort_by(|one, other| one.key.cmp(&other.key));
        for (key, value) in USUAL {
            // A table may be said in part.
            let is_said = |said: &str| said == key || said.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
            if settings.iter().all(|setting| !is_said(&setting.key)) {
                settings.push(Setting {
                    key: key.to_owned(),
                    value: value.map(str::to_owned),
                    origin: Origin::Usual,
                });
            }
        }
        Ok(settings)
    }

    fn collect<'a>(&self, path: &mut Vec<&'a str>, table: &'a dyn TableLike, settings: &mut Vec<Setting>) {
        for (name, item) in table.iter() {
            path.push(name);
            match item.as_table_like() {
                Some(inner) => self.collect(path, inner, settings),
                None => {
                    let key = dotted(path.iter().copied());
                    settings.push(Setting {
                        value: shown(path, item),
                        origin: self.config.line(&key).map_or(Origin::Usual, Origin::Line),
                        key,
                    });
                }
            }
            path.pop();
        }
    }
}

/// Headers let us in at gateways, and a command may hold what it prints.
fn shown(path: &[&str], item: &Item) -> Option<String> {
    let is_secret = matches!(path, ["providers", _, "headers", ..] | ["providers", _, "key_command"]);
    (!is_secret).then(|| item.to_string().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::provider::Table;
    use crate::report::Report;
    use crate::session::Environment;

    fn settings(text: &str, environment: &Environment) -> Vec<Setting> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let ground = Ground {
            table: &Table::embedded().unwrap(),
            config: &Config::read(&path).unwrap(),
            environment,
            strangers: &[],
            kept: &[],
        };
        let remembered = |provider: &str| (provider == "kimi").then(|| "kimi-k3".to_owned());
        ground.settings(&remembered).unwrap()
    }

    fn said(text: &str, environment: &Environment) -> Vec<String> {
        let said = settings(text, environment).into_iter();
        said.filter(|setting| setting.origin != Origin::Usual)
            .map(|setting| format!("{} = {:?} {:?}", setting.key, setting.value, setting.origin))
            .collect()
    }

    #[test]
    fn what_is_said_is_told_with_its_line_and_without_its_secrets() {
        let text = "default_provider = \"work\"\nheal = { dsml = false }\n[providers.work]\nbase_url = \"https://w.example\"\n\
                    headers = { X-Key = \"secret\" }\nkey_command = \"echo secret\"\n";
        assert_eq!(
            said(text, &Environment::new()),
            [
                "default_provider = Some(\"\\\"work\\\"\") Line(1)",
                "heal.dsml = Some(\"false\") Line(2)",
                "providers.kimi.model = Some(\"\\\"kimi-k3\\\"\") Chosen",
                "providers.work.base_url = Some(\"\\\"https://w.example\\\"\") Line(4)",
                "providers.work.headers.X-Key = None Line(5)",
                "providers.work.key_command = None Line(6)",
            ]
        );
        let all = settings(text, &Environment::new());
        assert!(
            all.iter()
                .all(|setting| setting.origin != Origin::Usual || setting.key != "heal")
        );
    }

    #[test]
    fn a_variable_counts_more_than_the_file() {
        let environment = Environment::from([("CRELAY_PROVIDER".into(), "kimi".into())]);
        assert_eq!(
            said("default_provider = \"glm\"\n", &environment),
            [
                "default_provider = Some(\"\\\"kimi\\\"\") Variable(\"CRELAY_PROVIDER\")",
                "providers.kimi.model = Some(\"\\\"kimi-k3\\\"\") Chosen",
            ]
        );
        let chosen = said("[providers.moonshot]\nmodel = \"kimi-k2.6\"\n", &Environment::new());
        assert_eq!(chosen, ["providers.moonshot.model = Some(\"\\\"kimi-k3\\\"\") Chosen"]);
    }

    #[test]
    fn every_setting_is_told_though_nobody_says_it() {
        let error = Config::parse("nobody = 1", Path::new("c")).unwrap_err();
        let error = Report::from(error).to_string();
        let expected: Vec<&str> = error.split('`').skip(1).step_by(2).collect();
        let all = settings("", &Environment::new());
        for key in expected.iter().filter(|key| !["nobody", "providers"].contains(key)) {
            assert!(
                all.iter().any(|setting| setting.key.split('.').next() == Some(*key)),
                "{key}: {error}"
            );
        }
        assert!(expected.len() > 10, "{error}");
    }
}
