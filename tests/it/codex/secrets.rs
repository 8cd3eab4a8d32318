//! The provider's key and the token of the run are where they are needed, and nowhere else.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{exec, home};
use crate::kit::{Codex, Gate, Home, Process, Provider, Rules, call, calls, text};

/// Every process below `id`, itself included. `/proc` lists the children of each thread.
fn descendants(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten();
    for thread in threads {
        let children = std::fs::read_to_string(thread.unwrap().path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            found.extend(descendants(child.parse().unwrap()));
        }
    }
    found
}

/// What `/proc` shows of a process.
fn shown(id: u32, name: &str) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The files below `folder` that hold one of `secrets`.
fn files_with(secrets: &[&str], folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let (kind, path) = (entry.file_type().unwrap(), entry.path());
        // Links are not followed: Codex's helpers are links to itself.
        if kind.is_dir() {
            found.extend(files_with(secrets, &path));
        } else if kind.is_file() {
            let content = std::fs::read(&path).unwrap_or_default();
            let holds = |secret: &&str| content.windows(secret.len()).any(|window| window == secret.as_bytes());
            found.extend(secrets.iter().any(holds).then_some(path));
        }
    }
    found
}

/// The token that Codex has been given, from the environment of the process that has it.
fn token(processes: &[u32]) -> String {
    let environments = processes.iter().map(|id| shown(*id, "environ"));
    let found = environments.flat_map(|environment| {
        let variables = environment.split('\0').map(str::to_owned).collect::<Vec<_>>();
        variables
            .into_iter()
            .find_map(|variable| Some(variable.strip_prefix("CRELAY_TOKEN=")?.to_owned()))
    });
    let token = found.last().expect("no process has a token");
    assert!(token.len() >= 32, "the token is short");
    token
}

#[cfg(target_os = "linux")]
#[test]
fn neither_key_nor_token_is_in_a_command_line_a_file_or_a_commands_environment() {
    let (home, codex, gate): (Home, _, _) = (home(), Codex::take(), Gate::new());
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Show it.",
        [
            calls([call("exec_command", json!({"cmd": "env; echo the end"}))]),
            text("Shown.").held_by(&gate),
        ],
    );
    let process = Process::spawn(&mut exec(&home, &codex, &provider, &["Show it."]));
    gate.wait_until_reached();
    let processes = descendants(process.id());
    assert!(processes.len() > 1, "Codex is not below crelay");
    let token = token(&processes);
    let secrets = [token.as_str(), provider.key()];
    for id in &processes {
        let line = shown(*id, "cmdline");
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
    }
    for id in &processes[1..] {
        let environment = shown(*id, "environ");
        assert!(!environment.contains(provider.key()), "a child has the provider's key");
    }
    assert_eq!(files_with(&secrets, home.path()), Vec::<PathBuf>::new());
    gate.open();
    process.wait().well();
    assert_eq!(files_with(&secrets, home.path()), Vec::<PathBuf>::new());
    let requests = provider.requests();
    let printed = requests[1].tool_outputs()[0];
    assert!(printed.contains("the end") && printed.contains("PATH="), "{printed}");
    assert!(!secrets.iter().any(|secret| printed.contains(secret)), "{printed}");
    assert!(!printed.contains("DEEPSEEK_API_KEY"), "{printed}");
}
