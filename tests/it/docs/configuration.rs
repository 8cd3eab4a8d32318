//! The keys of `config.toml` in `docs/configuration.md`: their names and values as the program reads them, their words
//! as `crelay config init` writes them, what is usual as `crelay config show` tells it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crelay::provider::Table;
use crelay::report::Report;
use crelay::session::{Config, Environment, Ground, Origin, Setting};

use super::{assert_made, root};

/// Options that are not called as the key is.
const OPTIONS: [(&str, &str); 3] = [
    ("default_provider", "provider"),
    ("heal", "no-heal"),
    ("log", "log-file"),
];

/// Variables that are not those of one setting alone.
const VARIABLES: [(&str, &str); 1] = [("log", "CRELAY_LOG")];

/// A value that no key takes, and a table, for those that would take a number.
const WRONG: [&str; 3] = ["nan", "{ \"\" = 1 }", "\"\\u0001\""];

fn refused(text: &str) -> String {
    let error = Config::parse(text, Path::new("c")).unwrap_err();
    Report::from(error).to_string()
}

/// The keys of the table whose head is `head`, as the program lists them.
fn keys(head: &str) -> Vec<String> {
    let said = refused(&format!("{head}nobody = 1"));
    let (_, names) = said.split_once("there are ").unwrap_or_else(|| panic!("{said}"));
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What the program says that belongs there.
fn value(head: &str, key: &str) -> String {
    for wrong in WRONG {
        let Err(error) = Config::parse(&format!("{head}{key} = {wrong}"), Path::new("c")) else {
            continue;
        };
        let said = Report::from(error).sentence();
        let expected = said.split_once("must be ").map(|(_, expected)| expected);
        if let Some(expected) = expected {
            return expected.split(", not ").next().unwrap().to_owned();
        }
    }
    panic!("nothing is wrong for `{key}`")
}

/// What the template says of a key.
struct Explained {
    head: String,
    key: String,
    words: String,
    example: String,
}

fn explained() -> Vec<Explained> {
    let text = fs::read_to_string(root().join("src/cli/configuration/template.toml")).unwrap();
    let (mut head, mut words, mut is_new) = (String::new(), String::new(), true);
    let mut all = Vec::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            if std::mem::take(&mut is_new) {
                words.clear();
            }
            let _ = write!(words, "{}{comment}", if words.is_empty() { "" } else { " " });
        } else if let Some(table) = line.strip_prefix("#[") {
            head = format!("[{table}\n");
            is_new = true;
        } else if line.is_empty() {
            is_new = true;
        } else if let Some((key, example)) = line.strip_prefix('#').and_then(|line| line.split_once(" = ")) {
            is_new = true;
            all.push(Explained {
                head: head.clone(),
                key: key.to_owned(),
                words: words.clone(),
                example: example.to_owned(),
            });
        }
    }
    all
}

/// What is usual, and which variables count more.
fn settings(variables: &Environment) -> Vec<Setting> {
    let folder = tempfile::tempdir().unwrap();
    let ground = Ground {
        table: &Table::embedded().unwrap(),
        config: &Config::read(&folder.path().join("config.toml")).unwrap(),
        environment: variables,
        strangers: &[],
        kept: &[],
    };
    ground.settings(&|_| None).unwrap()
}

/// The option and the variable that say the same for one run.
fn elsewhere(name: &str) -> String {
    let key = name.rsplit('.').next().unwrap();
    let command = crelay::cli::command();
    let codex = command.find_subcommand("codex").unwrap();
    let option = OPTIONS.iter().find(|(name, _)| *name == key);
    let option = option.map_or_else(|| key.replace('_', "-"), |(_, option)| (*option).to_owned());
    let is_there = codex
        .get_arguments()
        .any(|argument| argument.get_long() == Some(&*option));
    let option = is_there.then(|| format!("`--{option}`"));
    assert!(is_there || OPTIONS.iter().all(|(name, _)| *name != key), "{key}");
    let names = crate::words::OWN_VARIABLES.map(|name| (name.into(), "1".into()));
    let counting = settings(&Environment::from(names))
        .into_iter()
        .find(|setting| setting.key == name);
    let variable = match counting.map(|setting| setting.origin) {
        Some(Origin::Variable(name)) => Some(name),
        _ => VARIABLES
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, variable)| *variable),
    };
    let variable = variable.map(|name| format!("`{name}`"));
    option.into_iter().chain(variable).collect::<Vec<_>>().join(", ")
}

/// Tables of the configuration that have sections of their own.
const SECTIONS: [&str; 4] = ["timeouts", "retry", "providers", "models"];

/// Which keys, of whom.
struct Part {
    /// As the page marks it.
    name: &'static str,
    /// The head of its table in the file.
    head: &'static str,
    /// What stands before each key in its whole name.
    prefix: &'static str,
}

const PARTS: [Part; 5] = [
    Part {
        name: "keys",
        head: "",
        prefix: "",
    },
    Part {
        name: "timeouts",
        head: "[timeouts]\n",
        prefix: "timeouts.",
    },
    Part {
        name: "retry",
        head: "[retry]\n",
        prefix: "retry.",
    },
    Part {
        name: "provider",
        head: "[providers.work]\n",
        prefix: "providers.work.",
    },
    Part {
        name: "model",
        head: "[providers.work.models.\"deepseek-v4-pro\"]\n",
        prefix: "providers.work.models.deepseek-v4-pro.",
    },
];

impl Part {
    /// What the template says of `key`: in a table of this kind, else at the top.
    fn explained<'a>(&self, key: &str, all: &'a [Explained]) -> (&'a Explained, bool) {
        let is_provider = |head: &str| head.starts_with("[providers.") && !head.contains(".models.");
        let is_here = |head: &str| head == self.head || (is_provider(head) && is_provider(self.head));
        let own = all.iter().find(|one| is_here(&one.head) && one.key == key);
        let top = || all.iter().find(|one| one.head.is_empty() && one.key == key);
        let found = own.or_else(top);
        let found = found.unwrap_or_else(|| panic!("the template does not explain `{}{key}`", self.prefix));
        (found, own.is_some())
    }

    fn table(&self) -> String {
        let (all, usual) = (explained(), settings(&Environment::new()));
        let mut text = "| key | what it says | value | usual | for one run |\n|---|---|---|---|---|\n".to_owned();
        for key in keys(self.head).iter().filter(|key| !SECTIONS.contains(&&***key)) {
            let (explained, is_own) = self.explained(key, &all);
            let words = match is_own {
                true => &explained.words,
                false => "As [above](#for-all-providers), for this provider alone.",
            };
            let name = format!("{}{key}", self.prefix);
            let usual = usual.iter().find(|setting| setting.key == name);
            let usual = usual.and_then(|setting| Some(format!("`{}`", setting.value.as_ref()?)));
            let cells = [
                format!("`{key}`"),
                words.to_owned(),
                format!("{}: `{}`", value(self.head, key), explained.example),
                usual.unwrap_or_default(),
                elsewhere(&name),
            ];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.replace("  |", " |")
    }
}

/// One test, because all parts are of one file.
#[test]
fn every_key_is_listed_with_what_it_says_and_what_is_usual() {
    for part in PARTS {
        assert_made("docs/configuration.md", part.name, &part.table());
    }
}
