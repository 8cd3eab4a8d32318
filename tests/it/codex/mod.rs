//! The real Codex CLI of pinned versions runs whole tasks through crelay: the newest all of them, the others those of
//! the table in `versions`.
//!
//! The mock provider checks every request on the way; a test says what the model does and looks at what came of it.

mod captured;
mod catalogs;
mod demo;
mod dialects;
mod elsewhere;
mod failures;
mod fallbacks;
mod images;
mod modes;
mod native;
mod receipt;
mod recording;
mod search;
mod secrets;
mod several;
mod threads;
mod tools;
mod tui;
mod versions;

use std::process::Command;

use crate::kit::{Codex, Home, Provider};

/// A user's own configuration of Codex.
///
/// Codex's sandbox is switched off: it needs namespaces that a container may refuse, and it is not what is tested.
/// Without it, Codex before 0.156 would itself write into this file that it trusts the project, so that stands there
/// already. The last three keep Codex from looking for updates, plugins and listeners; nothing in a test leaves the
/// machine.
pub const CONFIG: &str = r#"# The user's own comment.
sandbox_mode = "danger-full-access"
approval_policy = "never"
projects."PROJECT".trust_level = "trusted"
check_for_update_on_startup = false
analytics.enabled = false
features.plugins = false
"#;

/// A home in which the user has configured Codex.
fn home() -> Home {
    Home::configured(CONFIG)
}

/// `crelay codex` with the mock as the provider, and `arguments` for Codex.
fn codex(home: &Home, codex: &Codex, provider: &Provider, arguments: &[&str]) -> Command {
    let mut command = crelay(home, codex, "codex", provider);
    command.args(arguments);
    command
}

/// `crelay exec` with the mock as the provider, and `arguments` for `codex exec`.
fn exec(home: &Home, codex: &Codex, provider: &Provider, arguments: &[&str]) -> Command {
    let mut command = crelay(home, codex, "exec", provider);
    command.arg("--skip-git-repo-check").args(arguments);
    command
}

fn crelay(home: &Home, codex: &Codex, subcommand: &str, provider: &Provider) -> Command {
    let rules = provider.rules();
    let mut command = crelay_at(home, codex, subcommand, provider.base_url());
    if let Some(name) = rules.name {
        command.args(["--provider", name]);
    }
    command.env(rules.key_variable, provider.key());
    command
}

/// The same with whatever listens at `base_url`.
fn crelay_at(home: &Home, codex: &Codex, subcommand: &str, base_url: &str) -> Command {
    let mut command = home.crelay();
    command
        .args([subcommand, "--base-url", base_url])
        .args(codex.recording())
        .arg("--codex")
        .arg(codex.program())
        // What Codex fetches in spite of all switches goes nowhere.
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    command
}
