//! What a page shows of crelay's own output is what it prints.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Home;

#[test]
fn the_page_of_serve_shows_codexs_configuration_as_it_is_printed() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/serve.md")).unwrap();
    let (_, after) = page.split_once("Put into Codex's `config.toml`").unwrap();
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
