//! The catalogs of all providers, as each Codex reads them.
//!
//! To start each Codex with each provider takes minutes, so one start reads the entries of all of them, and begins a
//! thread for each provider's model. `every_start_of_every_codex_knows_its_model` does it the long way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crelay::provider::Table;
use crelay::session::{self, Arguments, Config, Environment, Ground, Session, Wish};
use serde_json::{Value, json};

use super::{crelay, home};
use crate::kit::rules::vendors;
use crate::kit::{Codex, Process, Provider, Recorded, Rules, text};

/// A model that no catalog knows.
const UNKNOWN: &str = "nobodys-model";

/// A session of `provider`, whose address may be known to its user alone.
fn session(table: &Table, provider: &str) -> Session {
    let ground = Ground {
        table,
        config: &Config::default(),
        environment: &Environment::new(),
        strangers: &[],
        kept: &[],
    };
    let wish = Wish {
        provider: Some(provider.to_owned()),
        base_url: Some("https://127.0.0.1/v1".to_owned()),
        // It is never read.
        key_file: Some("-".into()),
        is_open: true,
        ..Wish::default()
    };
    let resolved = session::resolve(&ground, &wish, &Arguments::default(), &|_| None);
    resolved.unwrap().session
}

/// What stands in the base prompt of a model's entry.
fn prompt(slug: &str) -> String {
    format!("You are [{slug}].")
}

/// The entries of all models of all providers, each of whose prompts names its model, and the model that each provider
/// begins with.
fn everything() -> (Vec<Value>, Vec<String>) {
    let table = Table::embedded().unwrap();
    let mut entries = BTreeMap::new();
    let mut first = Vec::new();
    for provider in table.iter() {
        let session = session(&table, &provider.id);
        let catalog = crelay::launch::catalog(&session, "").unwrap();
        let mut catalog: Value = serde_json::from_slice(&catalog).unwrap();
        first.push(session.model.id);
        for mut entry in catalog["models"].as_array_mut().unwrap().drain(..) {
            let slug = entry["slug"].as_str().unwrap().to_owned();
            entry["base_instructions"] = json!(prompt(&slug));
            // Several providers have a model of one name; each entry must be one that Codex can read.
            let number = entries.len();
            entries.insert((slug, entry.to_string()), (number, entry));
        }
    }
    first.sort();
    first.dedup();
    (entries.into_values().map(|(_, entry)| entry).collect(), first)
}

/// Codex's server for other programs, spoken with line by line.
struct Server {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Where its standard error goes.
    said: PathBuf,
    asked: u64,
    /// What it warned of.
    warnings: Vec<String>,
}

impl Server {
    fn start(mut command: Command, said: PathBuf) -> Self {
        let error = std::fs::File::create(&said).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(error);
        let mut child = command.spawn().unwrap();
        let mut server = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            said,
            asked: 0,
            warnings: Vec::new(),
        };
        server.ask("initialize", json!({"clientInfo": {"name": "test", "version": "1"}}));
        server.say(&json!({"method": "initialized"}));
        server
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
    }

    /// The result of a method.
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({"id": id, "method": method, "params": parameters}));
        let answer = self.wait(|message| message["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn wait(&mut self, wished: impl Fn(&Value) -> bool) -> Value {
        for line in self.output.by_ref() {
            let message: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if message["method"] == "warning" {
                self.warnings
                    .push(message["params"]["message"].as_str().unwrap().to_owned());
            }
            if wished(&message) {
                return message;
            }
        }
        panic!("Codex has ended:\n{}", std::fs::read_to_string(&self.said).unwrap());
    }

    /// One turn of a thread of its own.
    fn turn(&mut self, model: &str, folder: &Path) {
        let thread = self.ask(
            "thread/start",
            json!({"model": model, "cwd": folder, "ephemeral": true}),
        );
        let input = json!([{"type": "text", "text": format!("Who is [{model}]?")}]);
        let turn = json!({"threadId": thread["thread"]["id"], "input": input});
        self.ask("turn/start", turn);
        self.wait(|message| message["method"] == "turn/completed");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // crelay is asked to end, so that it takes back what it lent.
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        let _ = nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// Reads all entries, and begins a thread on each provider's model and one on a model of nobody's.
fn every_entry_is_read_and_every_providers_model_known(codex: Codex, warns: bool) {
    let home = home();
    let (entries, mut models) = everything();
    let catalog = home.path().join("everything.json");
    std::fs::write(&catalog, json!({"models": entries}).to_string()).unwrap();
    let codex = codex.reading(&home, &catalog);
    models.push(UNKNOWN.to_owned());
    let provider = Provider::start(Rules::GENERIC);
    for model in &models {
        provider.also_to(&format!("Who is [{model}]?"), vec![text("Me.")]);
    }
    let mut command = crelay(&home, &codex, "codex", &provider);
    // Each thread would look into the user's shell for itself.
    command.args(["-m", "my-model", "-c", "features.shell_snapshot=false", "app-server"]);
    let mut server = Server::start(command, home.path().join("said"));
    for model in &models {
        server.turn(model, &home.project());
    }
    let asked = provider.requests();
    let is_unknown = |(model, request): &(&String, &Recorded)| !request.body.to_string().contains(&prompt(model));
    let unknown = models.iter().zip(&asked).filter(is_unknown).map(|(model, _)| model);
    assert_eq!(unknown.collect::<Vec<_>>(), [UNKNOWN]);
    server.warnings.retain(|warning| warning.contains("metadata"));
    match warns {
        true => assert!(
            matches!(&server.warnings[..], [warning] if warning.contains(UNKNOWN)),
            "{:?}",
            server.warnings
        ),
        false => assert_eq!(server.warnings, Vec::<String>::new()),
    }
}

#[test]
fn codex_0_118_reads_every_entry_and_knows_every_providers_model() {
    // It keeps its warning to itself.
    every_entry_is_read_and_every_providers_model_known(Codex::v0_118(), false);
}

#[test]
fn codex_0_134_reads_every_entry_and_knows_every_providers_model() {
    every_entry_is_read_and_every_providers_model_known(Codex::v0_134(), true);
}

#[test]
fn codex_0_150_reads_every_entry_and_knows_every_providers_model() {
    every_entry_is_read_and_every_providers_model_known(Codex::v0_150(), true);
}

#[test]
fn codex_0_169_reads_every_entry_and_knows_every_providers_model() {
    every_entry_is_read_and_every_providers_model_known(Codex::v0_169(), true);
}

#[test]
#[ignore = "some 240 starts, for several minutes"]
fn every_start_of_every_codex_knows_its_model() {
    let table: &'static Table = Box::leak(Box::new(Table::embedded().unwrap()));
    let versions = [Codex::v0_118, Codex::v0_134, Codex::v0_150, Codex::v0_169];
    let (mut starts, mut wrong) = (0, Vec::new());
    for row in table.iter().filter(|row| row.id != "demo") {
        let vendor = vendors().find(|vendor| row.answers_to(vendor.id)).unwrap();
        let model = row.default_model.as_deref().unwrap_or(vendor.rules.model);
        let mut rules = Rules::of(|id| row.answers_to(id), model).unwrap();
        rules.name = Some(&row.id);
        for version in versions {
            let (home, codex) = (home(), version());
            let provider = Provider::start(rules).to("Say one.", [text("One.")]);
            let mut command = crelay(&home, &codex, "exec", &provider);
            command.args(["-m", model, "--wire", "chat", "--skip-git-repo-check", "Say one."]);
            let ended = Process::run(&mut command);
            starts += 1;
            // Servers of this machine are asked what else they tell of their models.
            let mut refused = provider.take_violations();
            refused.retain(|words| !words.contains("there is no GET"));
            if ended.code != 0 || ended.stderr.contains("metadata") || !refused.is_empty() {
                wrong.push(format!(
                    "{} on {}: {ended:?} {refused:?}",
                    row.id,
                    codex.program().display()
                ));
                provider.forget("Say one.");
            }
        }
    }
    println!("{starts} starts");
    assert!(wrong.is_empty(), "{} fail:\n{}", wrong.len(), wrong.join("\n"));
}
