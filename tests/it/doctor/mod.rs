//! `crelay doctor` against a provider that is well, and against all that can be wrong.

mod machine;
mod seen;
mod turns;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::kit::{Ended, Home, Process, Provider, Rules, Turn, call, calls, reasoning, text};
use crate::launch::Fake;
use crate::specification::faults;

/// What each turn is known by.
const COUNT: &str = "Count from 1 to 20";
const NOTE: &str = "say the word that is in the note";
const NOTES: &str = "Read two notes at once";
const IMAGE: &str = "Which colour is this image";
const SCHEMA: &str = "Tell about the spider";

/// A user whose DeepSeek is the mock, with a model that sees.
struct Patient {
    fake: Fake,
    provider: Provider,
}

/// What was found.
struct Diagnosis {
    code: i32,
    document: Value,
}

impl Patient {
    fn new() -> Self {
        Self::with(Provider::start(Rules::DEEPSEEK_FLASH).telling(
            "/v1/user/balance",
            200,
            r#"{"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"110.00"}]}"#,
        ))
    }

    fn with(provider: Provider) -> Self {
        let patient = Self {
            fake: Fake::in_home(Home::new()),
            provider,
        };
        patient.configure(&format!(
            "[providers.deepseek]\nbase_url = \"{}\"\n[retry]\nattempts = 1\n",
            patient.provider.base_url()
        ));
        patient
    }

    fn configure(&self, config: &str) {
        let folder = self.fake.home.path().join("config/crelay");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), config).unwrap();
    }

    /// The turns of a provider that is well.
    fn well(&self) {
        self.to(COUNT, [text("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")]);
        self.to(NOTE, [Self::reads(), text("quince-417")]);
        self.after_tools();
    }

    /// The turns of such a one but for the first and the tool.
    fn after_tools(&self) {
        let note = |name: &str| call("read_note", json!({ "name": name }));
        self.to(NOTES, [calls([note("east"), note("west")])]);
        self.to(IMAGE, [text("Red.")]);
        self.to(SCHEMA, [text(r#"{"animal":"spider","legs":8}"#)]);
    }

    fn reads() -> Turn {
        reasoning("The note is asked for.").then_calls([call("read_note", json!({"name": "north"}))])
    }

    fn to<const N: usize>(&self, phrase: &str, turns: [Turn; N]) {
        self.provider.forget(phrase);
        self.provider.also_to(phrase, turns.into());
    }

    fn doctor(&self, words: &[&str]) -> Command {
        let mut command = self.fake.home.crelay();
        command
            .args(["doctor", "-P", "deepseek", "-m", self.provider.rules().model])
            .args(words)
            .env("CRELAY_CODEX", self.fake.program())
            .env("DEEPSEEK_API_KEY", self.provider.key());
        command
    }

    fn diagnose(&self, words: &[&str]) -> Diagnosis {
        Diagnosis::of(self.doctor(words).arg("--json"))
    }

    /// How many turns were asked for.
    fn asked(&self) -> usize {
        self.provider.requests().len()
    }
}

impl Diagnosis {
    /// What `command` prints, held to the schema.
    fn of(command: &mut Command) -> Self {
        let ended: Ended = Process::run(command);
        assert_eq!(ended.stderr, "", "{}", ended.stdout);
        let document: Value = serde_json::from_str(&ended.stdout).unwrap();
        let schema: Value = serde_json::from_str(include_str!("../../../src/doctor/schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert_eq!(faults(&validator, &document), Vec::<String>::new(), "{document:#}");
        let mut ids: Vec<&str> = document["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| check["id"].as_str().unwrap())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 16, "a check is told twice: {document:#}");
        assert_eq!(document["works"], ended.code == 0, "{document:#}");
        Self {
            code: ended.code,
            document,
        }
    }

    fn check(&self, id: &str) -> &Value {
        let mut checks = self.document["checks"].as_array().unwrap().iter();
        checks.find(|check| check["id"] == id).unwrap()
    }

    /// Verdict and words of a check, and its hint.
    #[track_caller]
    fn says(&self, id: &str, verdict: &str, words: &str, hint: Option<&str>) -> &Self {
        let check = self.check(id);
        let told = (
            check["verdict"].as_str(),
            check["words"].as_str(),
            check["hint"].as_str(),
        );
        assert_eq!(told, (Some(verdict), Some(words), hint), "{:#}", self.document);
        self
    }

    #[track_caller]
    fn all_are(&self, verdict: &str, ids: &[&str]) -> &Self {
        for id in ids {
            assert_eq!(self.check(id)["verdict"], verdict, "{id}: {:#}", self.document);
        }
        self
    }
}
