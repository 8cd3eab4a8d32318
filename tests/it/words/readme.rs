//! The README's table of providers is made of crelay's own; `CRELAY_BLESS=1` writes it anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use crelay::provider::{Provider, Table};

use super::Home;

/// Between these the table stands.
const BEGIN: &str = "<!-- Made of src/provider/providers.toml by `CRELAY_BLESS=1 cargo test readme`. -->\n";
const END: &str = "\n\n";

/// Regions and plans that are told apart by nothing but their names share a line.
fn table_of_providers() -> String {
    let table = Table::embedded().unwrap();
    let mut lines: Vec<Vec<&Provider>> = Vec::new();
    for provider in table.iter() {
        let told = |other: &Provider| (key(other), other.default_model.clone());
        match lines.iter_mut().find(|line| told(line[0]) == told(provider)) {
            Some(line) => line.push(provider),
            None => lines.push(vec![provider]),
        }
    }
    let mut text = "| `--provider` | also | key | model without `-m` |\n|---|---|---|---|".to_owned();
    for line in lines {
        text.push('\n');
        let ids = line.iter().map(|provider| &provider.id);
        let aliases = line.iter().flat_map(|provider| &provider.aliases);
        let model = line[0].default_model.iter();
        for cell in [quoted(ids), quoted(aliases), key(line[0]), quoted(model)] {
            text.push_str(&format!("| {cell} ").replace("  ", " "));
        }
        text.push('|');
    }
    text
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn key(provider: &Provider) -> String {
    match (provider.key_required, provider.key_decides) {
        (false, _) => "none".to_owned(),
        (true, true) => quoted(provider.key_env.iter()),
        (true, false) => format!("{} ¹", quoted(provider.key_env.iter())),
    }
}

#[test]
fn the_readme_lists_the_providers_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(BEGIN).expect("the mark in the README");
    let (listed, after) = rest.split_once(END).expect("a line after the table");
    let made = table_of_providers();
    if std::env::var_os("CRELAY_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    } else {
        assert_eq!(listed, made);
    }
}

#[test]
fn the_readme_shows_codexs_configuration_as_it_is_printed() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, after) = readme.split_once("In Codex's `config.toml`").unwrap();
    let block = after.split("```").nth(1).unwrap().strip_prefix("toml\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
    let home = Home::new();
    command
        .args(["config", "print", "--codex", "-P", "deepseek", "--port", "4446"])
        .env_clear()
        .envs(home.variables());
    let printed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let foreign: Vec<&str> = block
        .lines()
        .filter(|line| printed.lines().all(|other| other != *line))
        .collect();
    let missing: Vec<&str> = printed
        .lines()
        .filter(|line| !line.starts_with('#') && block.lines().all(|other| other != *line))
        .collect();
    assert_eq!((foreign, missing), (vec![], vec![]), "{printed}");
}
