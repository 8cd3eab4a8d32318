//! What is told of keys, and to whom they are shown before they are kept.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::User;
use crate::kit::{Ended, Process, Terminal};

impl User {
    /// Keeps `key` in a file.
    fn set(&self, words: &[&str], key: &str) -> Ended {
        let mut command = self.crelay(&["auth", "set", "--file"]);
        let (reader, mut writer) = std::io::pipe().unwrap();
        writeln!(writer, "{key}").unwrap();
        command.args(words).stdin(Stdio::from(reader));
        Process::spawn_reading(&mut command).wait()
    }
}

#[test]
fn a_key_that_the_provider_refuses_is_not_kept_unless_nobody_asks_it() {
    let user = User::new();
    let refused = user.set(&["deepseek"], "sk-wrong-0123456789");
    assert_eq!(refused.code, 125);
    assert!(
        refused
            .stderr
            .starts_with("error: the key is not kept: DeepSeek says: "),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.ends_with("hint: `--no-check` keeps it all the same\n"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("sk-wrong"), "{}", refused.stderr);
    assert!(!user.kept().exists());
    user.set(&["deepseek", "--no-check"], "sk-wrong-0123456789").well();
    assert!(user.kept().join("deepseek.key").exists());
}

#[test]
fn a_provider_that_cannot_be_asked_keeps_no_key_from_being_kept() {
    let user = User::new();
    let unchecked = user.set(&["work"], "sk-of-work-0123456789").well();
    assert_eq!(
        unchecked.stderr,
        "note: the key is not checked: crelay knows no way to ask work\n"
    );
    let nowhere = user.set(&["azure"], "sk-of-azure-0123456789").well();
    assert_eq!(
        nowhere.stderr,
        "note: the key is not checked: the address of `azure` is not known\n"
    );
}

#[test]
fn all_keys_are_told_by_their_sources_and_their_ends() {
    let user = User::new();
    user.set(&["work", "--no-check"], "sk-of-work-0123456789").well();
    user.set(&["groq", "--no-check"], "short").well();
    let list = |words: &[&str]| -> Command {
        let mut command = user.crelay(&["auth", "list"]);
        command.args(words).env("WORK_KEY", "sk-in-the-environment-wxyz");
        command
    };
    let ended = Process::run(&mut list(&[])).well();
    assert_eq!(
        ended.stdout,
        "groq  -      the file of `crelay auth`\nwork  …wxyz  `WORK_KEY`, then the file of `crelay auth`\n"
    );
    let told: Value = serde_json::from_str(&Process::run(&mut list(&["--json"])).well().stdout).unwrap();
    assert_eq!(
        told,
        json!([
            {"provider": "groq", "name": "Groq", "sources": [{"kind": "file"}], "last_four": null},
            {
                "provider": "work",
                "name": "work",
                "sources": [{"kind": "variable", "name": "WORK_KEY"}, {"kind": "file"}],
                "last_four": "wxyz",
            },
        ])
    );
}

#[test]
fn who_has_a_key_that_counts_more_is_told() {
    let user = User::new();
    let mut command = user.crelay(&["auth", "set", "work", "--file", "--no-check"]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    writeln!(writer, "sk-of-work-0123456789").unwrap();
    command.env("WORK_KEY", "sk-other").stdin(Stdio::from(reader));
    let ended = Process::spawn_reading(&mut command).wait().well();
    assert_eq!(ended.stderr, "note: `WORK_KEY` counts more\n");
    let removed = Process::run(user.crelay(&["auth", "remove", "work"]).env("WORK_KEY", "sk-other")).well();
    assert_eq!(removed.stdout, "the key for work is no longer in the file\n");
    assert_eq!(removed.stderr, "note: `WORK_KEY` still holds one\n");
}

#[test]
fn a_key_of_a_provider_that_is_gone_is_told_and_can_be_removed() {
    let user = User::new();
    user.set(&["work", "--no-check"], "sk-of-work-0123456789").well();
    std::fs::remove_file(user.fake.home.path().join("config/crelay/config.toml")).unwrap();
    let list = Process::run(&mut user.crelay(&["auth", "list"])).well();
    assert!(
        list.stderr.contains("`crelay auth remove work` removes it"),
        "{}",
        list.stderr
    );
    Process::run(&mut user.crelay(&["auth", "remove", "work"])).well();
    assert_eq!(Process::run(&mut user.crelay(&["auth", "remove", "work"])).code, 125);
}

#[test]
fn a_key_is_asked_for_in_the_terminal_and_not_shown() {
    let user = User::new();
    let terminal = Terminal::spawn(user.crelay(&["auth", "set", "deepseek", "--file"]));
    terminal.expect("key for DeepSeek: ");
    terminal.send(&format!("{}\r", user.provider.key()));
    terminal.expect("the key for DeepSeek is in ");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
    assert!(
        !terminal.screen().contains(user.provider.key()),
        "{}",
        terminal.screen()
    );
}

#[test]
fn what_is_no_key_is_told_with_what_to_do() {
    let user = User::new();
    let empty = user.set(&["deepseek"], "");
    assert_eq!(
        empty.stderr,
        "error: the key from standard input is empty\n\nhint: give the key in one line; what is typed or pasted is not \
         shown\n"
    );
    let address = user.set(&["deepseek"], "https://platform.deepseek.com/api_keys");
    assert!(
        address
            .stderr
            .starts_with("error: the key from standard input is an address\n"),
        "{}",
        address.stderr
    );
    let terminal = Terminal::spawn(user.crelay(&["auth", "set", "deepseek", "--file"]));
    terminal.expect("key for DeepSeek: ");
    // The end of input shows no end of a line by itself.
    terminal.send("\x04");
    terminal.expect("key for DeepSeek: \nerror: the key that was typed is empty\n");
    assert_eq!(terminal.exit_code(), 125);
}

#[test]
fn whose_key_it_is_need_not_be_said_where_only_one_can_be_meant() {
    let user = User::new();
    let unsaid = user.set(&[], "sk-of-nobody");
    assert!(
        unsaid.stderr.starts_with("error: it is not said whose key this is\n"),
        "{}",
        unsaid.stderr
    );
    let mut command = user.crelay(&["auth", "set", "--file", "--no-check"]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    writeln!(writer, "sk-of-deepseek-0123").unwrap();
    command.env("CRELAY_PROVIDER", "deepseek").stdin(Stdio::from(reader));
    let said = Process::spawn_reading(&mut command).wait().well().stdout;
    assert!(said.starts_with("the key for DeepSeek is in "), "{said}");
    user.set(&["ollama", "--no-check"], "sk-of-ollama-0123").well();
    let remove = || Process::run(&mut user.crelay(&["auth", "remove"]));
    let several = remove();
    assert!(
        several
            .stderr
            .starts_with("error: crelay keeps several keys: for `deepseek`, `ollama`\n"),
        "{}",
        several.stderr
    );
    Process::run(&mut user.crelay(&["auth", "remove", "ollama"])).well();
    assert_eq!(
        remove().well().stdout,
        "the key for DeepSeek is no longer in the file\n"
    );
    assert_eq!(remove().code, 125);
}

#[test]
fn a_key_for_who_needs_none_chooses_nobody_and_that_is_said() {
    let user = User::new();
    let kept = user.set(&["demo"], "sk-of-demo-0123456789").well();
    let told = "note: Demo answers without a key, too: one that is kept does not choose it, and is for what may stand \
                before it\n";
    assert!(kept.stderr.starts_with(told), "{}", kept.stderr);
    let needed = user.set(&["deepseek", "--no-check"], "sk-of-deepseek-0123").well();
    assert_eq!(needed.stderr, "");
}

#[test]
fn a_server_has_a_kept_key_as_well() {
    let user = User::new();
    let key = user.provider.key().to_owned();
    user.set(&["deepseek"], &key).well();
    let server = Process::spawn(&mut user.crelay(&["serve", "--port", "0"]));
    server.wait_for_stdout("DeepSeek at http://127.0.0.1:");
    server.signal(nix::sys::signal::Signal::SIGTERM);
    server.wait().well();
}
