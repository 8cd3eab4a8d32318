//! The configuration, shown, written and checked, and who there is.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::User;
use crate::kit::{Ended, Process, Terminal};

impl User {
    fn config(&self) -> PathBuf {
        self.fake.home.path().join("config/crelay/config.toml")
    }

    fn says(&self, words: &[&str]) -> Ended {
        Process::run(&mut self.crelay(words))
    }
}

/// crelay's `config edit` with an editor that runs `script` on the file.
fn edit(user: &User, script: &str) -> Command {
    let mut command = user.crelay(&["config", "edit"]);
    command
        .env("EDITOR", "not-this-one")
        .env("VISUAL", format!("sh -c '{script}' editor"));
    command
}

#[test]
fn a_configuration_is_written_once_and_never_over_another() {
    let user = User::new();
    let theirs = std::fs::read(user.config()).unwrap();
    let refused = user.says(&["config", "init"]);
    assert_eq!(refused.code, 125);
    assert!(refused.stderr.contains("is there already"), "{}", refused.stderr);
    assert_eq!(std::fs::read(user.config()).unwrap(), theirs);
    std::fs::remove_file(user.config()).unwrap();
    let path = user.config().display().to_string();
    assert_eq!(user.says(&["config", "path"]).well().stdout, format!("{path}\n"));
    let absent = user.says(&["config", "check"]).well().stdout;
    assert_eq!(absent, format!("`{path}` is not there, so everything is as usual\n"));
    user.says(&["config", "init"]).well();
    assert_eq!(
        user.says(&["config", "check"]).well().stdout,
        format!("`{path}` is in order\n")
    );
}

#[test]
fn what_was_edited_is_checked() {
    let user = User::new();
    std::fs::remove_file(user.config()).unwrap();
    let good = Process::run(&mut edit(&user, r#"echo "allow_http = false" >>"$1""#)).well();
    assert!(good.stdout.ends_with("is in order\n"), "{}", good.stdout);
    let slip = Process::run(&mut edit(&user, r#"echo "default_provider = \"nobody\"" >"$1""#));
    assert_eq!((slip.code, slip.stdout.as_str()), (125, ""));
    assert!(
        slip.stderr.contains("(`default_provider` in ") && slip.stderr.contains("config.toml:1:20)"),
        "{}",
        slip.stderr
    );
    std::fs::remove_file(user.config()).unwrap();
    let broken = Process::run(&mut edit(&user, "exit 3"));
    assert!(!user.config().exists());
    let mut bare = user.crelay(&["config", "edit"]);
    let bare = Process::run(bare.env("EDITOR", "").env("VISUAL", ""));
    assert_eq!(bare.code, 125);
    assert!(
        bare.stderr
            .starts_with("error: `vi` needs a terminal, and standard input is none\n"),
        "{}",
        bare.stderr
    );
    assert!(!user.config().exists());
    assert!(broken.stderr.contains(" ended with code 3\n"), "{}", broken.stderr);
    let mut nowhere = user.crelay(&["config", "edit"]);
    let nowhere = Process::run(nowhere.env("EDITOR", "no-such-editor --wait").env("VISUAL", ""));
    let told = "error: the editor `no-such-editor --wait` names a program that was not found\n\nhint: set `VISUAL` or \
                `EDITOR` to an editor that is there\n";
    assert!(nowhere.stderr.ends_with(told), "{}", nowhere.stderr);
    assert!(!user.config().exists());
    // What was saved before the editor failed stays.
    let late = Process::run(&mut edit(&user, r#"echo "allow_http = true" >"$1"; exit 3"#));
    assert_eq!(late.code, 125);
    assert_eq!(std::fs::read_to_string(user.config()).unwrap(), "allow_http = true\n");
}

#[test]
fn files_that_the_configuration_names_are_looked_for() {
    let user = User::new();
    let folder = user.config().parent().unwrap().to_owned();
    let check = |config: &str| {
        std::fs::write(user.config(), config).unwrap();
        user.says(&["config", "check"])
    };
    for (config, told) in [
        (
            "codex = \"/no/codex\"\n",
            "error: there is no Codex at `/no/codex` (`codex` in the configuration)\n",
        ),
        (
            "ca_file = \"no.pem\"\n",
            "no.pem`, which cannot be read: no such file or directory\n",
        ),
        (
            "[providers.moonshot]\nca_file = \"config.toml\"\n",
            "config.toml`, which holds no certificate\n",
        ),
        (
            "instructions_file = \"no.md\"\n",
            "config.toml:1:21: `instructions_file` names `FOLDER/no.md`, which cannot be read: no such file or directory\n",
        ),
    ] {
        let ended = check(config);
        let words = ended.stderr.replace(&folder.display().to_string(), "FOLDER");
        assert!(ended.code != 0 && words.contains(told), "{config} {words}");
    }
    let codex = user.fake.program();
    std::fs::write(folder.join("own.md"), "be brief").unwrap();
    let ended = check(&format!("codex = {codex:?}\ninstructions_file = \"own.md\"\n"));
    assert!(ended.well().stdout.ends_with("is in order\n"));
}

#[test]
fn what_is_long_is_shown_in_one_line_before_the_column_of_who_says_so() {
    let user = User::new();
    let list = "keep_env = [\n  \"ONE_VARIABLE_OF_A_LONG_NAME\",\n  \"ANOTHER_VARIABLE_OF_A_LONG_NAME\",\n]\n";
    std::fs::write(user.config(), list).unwrap();
    let shown = user.says(&["config", "show"]).well().stdout;
    let rows = shown.lines().skip(2);
    // Only columns have two blanks between them.
    let columns = rows.map(|row| row.rfind("  ").unwrap());
    let columns: std::collections::BTreeSet<usize> = columns.collect();
    assert_eq!(columns.len(), 1, "{shown}");
}

#[test]
fn a_key_command_that_takes_long_is_told_of_until_it_has_ended() {
    let user = User::new();
    let fifo = user.fake.home.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let command = |script: &str| {
        let text = format!("[providers.groq]\nkey_command = {script:?}\n");
        std::fs::write(user.config(), text).unwrap();
        user.exec(&["-P", "groq"], "echo begun")
    };
    let terminal = Terminal::spawn(command(&format!("cat '{}'", fifo.display())));
    terminal.expect("waiting for `key_command` of `groq` …");
    std::fs::write(&fifo, "sk-of-groq-0123456789\n").unwrap();
    terminal.expect("begun");
    terminal.expect_gone("waiting for");
    assert_eq!(terminal.exit_code(), 0);
    let missing = Process::run(&mut command("no-such-store show groq"));
    let told = "error: `key_command` of `groq` names a program that was not found\n\nhint: try it with `sh -c`, as crelay \
                runs it: it prints the key and nothing else, and finds no alias or function of your shell\n";
    assert!(missing.stderr.ends_with(told), "{}", missing.stderr);
}

#[test]
fn a_key_command_that_asks_its_user_has_the_screen_to_itself() {
    let user = User::new();
    let fifo = user.fake.home.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    // Longer than anybody is left without a word who is asked nothing.
    let script = format!(
        "stty -echo; sleep 3; printf 'Passphrase: ' >&2; cat '{}'; stty echo",
        fifo.display()
    );
    std::fs::write(user.config(), format!("[providers.groq]\nkey_command = {script:?}\n")).unwrap();
    let terminal = Terminal::spawn(user.exec(&["-P", "groq"], "echo begun"));
    terminal.expect("Passphrase: ");
    assert!(!terminal.screen().contains("waiting for"), "{}", terminal.screen());
    std::fs::write(&fifo, "sk-of-groq-0123456789\n").unwrap();
    terminal.expect("begun");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn what_counts_is_shown_with_who_says_so_and_without_secrets() {
    let user = User::new();
    let text = "default_provider = \"work\"\n[providers.work]\nbase_url = \"https://w.example/v1\"\n\
                headers = { X-Key = \"sk-secret\" }\nkey_command = \"echo sk-secret\"\n";
    std::fs::write(user.config(), text).unwrap();
    let shown = user.says(&["config", "show"]).well().stdout;
    assert!(!shown.contains("secret"), "{shown}");
    let row = |beginning: &str| {
        let line = shown.lines().find(|line| line.starts_with(beginning)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("default_provider"), "default_provider \"work\" line 1");
    assert_eq!(
        row("providers.work.headers"),
        "providers.work.headers.X-Key (hidden) line 4"
    );
    assert_eq!(row("allow_http"), "allow_http false as usual");
    let mut command = user.crelay(&["config", "show", "--json"]);
    let told = Process::run(command.env("CRELAY_PROVIDER", "kimi")).well().stdout;
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let default = told
        .iter()
        .find(|setting| setting["key"] == "default_provider")
        .unwrap();
    assert_eq!(default["origin"]["name"], "CRELAY_PROVIDER");
    assert!(
        told.iter()
            .any(|setting| setting["hidden"] == true && setting["value"].is_null())
    );
}

#[test]
fn codex_gets_lines_and_a_catalog_for_a_relay_that_runs_by_itself() {
    let user = User::new();
    let lines = user
        .says(&["config", "print", "--codex", "-P", "deepseek", "--port", "4567"])
        .well()
        .stdout;
    let lines: toml_edit::DocumentMut = lines.parse().unwrap();
    assert_eq!(lines["model"].as_str(), Some("deepseek-v4-pro"));
    let provider = &lines["model_providers"][lines["model_provider"].as_str().unwrap()];
    assert_eq!(provider["base_url"].as_str(), Some("http://127.0.0.1:4567/v1"));
    assert_eq!(provider["wire_api"].as_str(), Some("responses"));
    assert_eq!(lines["features"]["unbounded_connection_retries"].as_bool(), Some(false));
    let mut command = user.crelay(&["config", "print", "--codex", "--catalog", "-P", "deepseek"]);
    let catalog = Process::run(command.env("CRELAY_CODEX", user.fake.program()))
        .well()
        .stdout;
    let catalog: Value = serde_json::from_str(&catalog).unwrap();
    assert_eq!(catalog["models"][0]["slug"], "deepseek-v4-pro");
}

#[test]
fn all_whose_keys_there_are_are_asked_whether_they_know_them() {
    let user = User::new();
    let test = |key: &str, words: &[&str]| {
        let mut command = user.crelay(&["providers", "test"]);
        Process::run(
            command
                .args(words)
                .env("DEEPSEEK_API_KEY", key)
                .env("WORK_KEY", "sk-of-work"),
        )
    };
    let well = test(user.provider.key(), &[]).well();
    assert!(well.stdout.starts_with("✓ deepseek  "), "{}", well.stdout);
    assert!(
        well.stdout
            .ends_with("? work      not checked: crelay knows no way to ask work\n"),
        "{}",
        well.stdout
    );
    let refused = test("sk-wrong-0123456789", &[]);
    assert_eq!(refused.code, 125);
    assert!(
        refused.stdout.starts_with("✗ deepseek  DeepSeek says: "),
        "{}",
        refused.stdout
    );
    let told: Value = serde_json::from_str(&test("sk-wrong-0123456789", &["--json"]).stdout).unwrap();
    assert_eq!(
        (&told[0]["accepted"], &told[1]["accepted"]),
        (&Value::Bool(false), &Value::Null)
    );
}

#[test]
fn one_who_is_named_is_asked_and_success_needs_somebody_who_said_yes() {
    let user = User::new();
    let test = |words: &[&str], set: &[(&str, &str)]| {
        let mut command = user.crelay(&["providers", "test"]);
        Process::run(command.args(words).envs(set.iter().copied()))
    };
    let right = [("DEEPSEEK_API_KEY", user.provider.key()), ("WORK_KEY", "sk-of-work")];
    let named = test(&["deepseek", "demo"], &right).well();
    assert!(named.stdout.starts_with("✓ deepseek  "), "{}", named.stdout);
    assert!(named.stdout.ends_with("- demo      needs no key\n"), "{}", named.stdout);
    for (words, set, code) in [
        // Nobody knows how to ask.
        (&["work"][..], &right[..], 125),
        (&[], &right[1..], 125),
        (&["groq"], &[], 125),
        (&["nobody"], &right, 125),
        (&[], &[], 125),
        (&["--json"], &[], 125),
    ] {
        assert_eq!(test(words, set).code, code, "{words:?}");
    }
    let missing = test(&["groq"], &[]).stdout;
    assert_eq!(missing, "? groq  not checked: no API key for `groq`\n");
}

#[test]
fn everybody_is_told_and_one_of_them_in_full() {
    let user = User::new();
    let list: Vec<Value> = serde_json::from_str(&user.says(&["providers", "--json"]).well().stdout).unwrap();
    let known = crelay::provider::Table::embedded().unwrap();
    let ids: Vec<&str> = list.iter().map(|one| one["id"].as_str().unwrap()).collect();
    let expected: Vec<&str> = known.iter().map(|one| one.id.as_str()).chain(["work"]).collect();
    assert_eq!(ids, expected);
    let shown = user.says(&["providers", "show", "deepseek"]).well().stdout;
    for words in [
        "provider  deepseek (DeepSeek)\n",
        "key       no key (`DEEPSEEK_API_KEY`)\n",
        "check     the list of models\n",
        "models    deepseek-v4-pro, ",
        "dialect   what crelay does otherwise than usual, as its table of providers spells it:\n",
        "          system = \"anywhere\"\n",
        "          efforts = [\"none\", \"low\", \"high\", \"max\"]\n",
    ] {
        assert!(shown.contains(words), "{words} {shown}");
    }
    let with_a_key = Process::run(
        user.fake
            .home
            .crelay()
            .args(["providers", "show", "mistral"])
            .env("MISTRAL_API_KEY", "sk-a"),
    )
    .well();
    assert!(
        with_a_key.stdout.contains("key       from `MISTRAL_API_KEY`\n"),
        "{}",
        with_a_key.stdout
    );
    let json: Value = serde_json::from_str(&user.says(&["providers", "show", "glm", "--json"]).well().stdout).unwrap();
    assert_eq!((&json["id"], &json["can_be_checked"]), (&"glm".into(), &true.into()));
    assert_eq!(json["axes"]["codes"], "glm");
    assert_eq!(user.says(&["providers", "show", "nobody"]).code, 125);
    let demo = user.says(&["providers", "show", "demo"]).well().stdout;
    assert!(demo.contains("address   none: crelay itself answers\n"), "{demo}");
}
