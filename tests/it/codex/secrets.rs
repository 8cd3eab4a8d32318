//! The provider's key and the token of the run are where they are needed, and nowhere else.

use std::path::PathBuf;

use serde_json::json;

use super::{exec, home};
use crate::kit::{Codex, Gate, Home, Process, Provider, Rules, call, calls, echo, refuse_with, text};

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
    assert_eq!(home.files_with(&secrets), Vec::<PathBuf>::new());
    gate.open();
    process.wait().well();
    assert_eq!(home.files_with(&secrets), Vec::<PathBuf>::new());
    let requests = provider.requests();
    let printed = requests[1].tool_outputs()[0];
    assert!(printed.contains("the end") && printed.contains("PATH="), "{printed}");
    assert!(!secrets.iter().any(|secret| printed.contains(secret)), "{printed}");
    assert!(!printed.contains("DEEPSEEK_API_KEY"), "{printed}");
}

#[test]
fn a_key_that_the_provider_repeats_is_neither_shown_nor_written_down() {
    let (home, codex) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK);
    let key = provider.key();
    let repeated = echo::forms(key).join(" or ");
    provider.also_to(
        "Show it.",
        vec![refuse_with(401, &json!({"error": {"message": repeated}}).to_string())],
    );
    let log = home.path().join("log");
    let mut command = exec(&home, &codex, &provider, &["Show it."]);
    // Whatever would make a part of crelay, or of Codex, talk more.
    command
        .env("RUST_LOG", "trace")
        .env("CRELAY_LOG", &log)
        .env("RUST_BACKTRACE", "full");
    let ended = Process::run(&mut command);
    assert_ne!(ended.code, 0);
    assert!(
        ended.stderr.contains(" says: … or bearer=… or `…` or … or "),
        "{}",
        ended.stderr
    );
    echo::assert_hidden(key, &ended.stdout);
    echo::assert_hidden(key, &ended.stderr);
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.contains(" says: … or bearer=… or `…` or … or "), "{logged}");
    echo::assert_hidden(key, &logged);
    assert_eq!(
        home.files_with(&[key, &key[..12], &key[key.len() - 12..]]),
        Vec::<PathBuf>::new()
    );
}
