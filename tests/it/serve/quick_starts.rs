//! The quick starts of codex-relay and codex-glm-proxy, with crelay's name instead of theirs: their variables, the
//! user's own `config.toml`, and the real Codex.

use serde_json::json;

use super::Server;
use crate::codex::CONFIG;
use crate::kit::{Codex, Home, Process, Provider, Rules, call, calls, text};

/// Runs the user's own Codex against what `config` names.
fn runs(config: &str, environment: &[(&str, &str)]) {
    let (home, codex) = (Home::configured(&format!("{config}\n{CONFIG}")), Codex::take());
    let mut command = home.command(codex.program());
    command
        .args(["exec", "--skip-git-repo-check", "Look around."])
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .envs(environment.iter().copied());
    let ended = Process::run(&mut command).well();
    assert_eq!(ended.stdout.trim_end(), "Seen.");
}

fn provider(rules: Rules) -> Provider {
    let look = call("exec_command", json!({"cmd": "echo here"}));
    Provider::start(rules).to("Look around.", [calls([look]), text("Seen.")])
}

/// codex-relay 0.5.8, its README, "Quick start".
#[test]
fn the_quick_start_of_codex_relay_works_with_another_command() {
    let home = Home::new();
    let provider = provider(Rules::GENERIC);
    let mut command = home.crelay();
    command
        .arg("serve")
        .env("CODEX_RELAY_UPSTREAM", provider.base_url())
        .env("CODEX_RELAY_API_KEY", provider.key())
        .env("CODEX_RELAY_MODEL_MAP", "deepseek-chat:my-model")
        .env("CODEX_RELAY_PORT", "0");
    let server = Server::start(&mut command);
    let config = format!(
        r#"model = "deepseek-chat"
model_provider = "deepseek-relay"

model_providers.deepseek-relay = {{ name = "DeepSeek", base_url = "{}/v1", wire_api = "responses", env_key = "DEEPSEEK_API_KEY" }}
"#,
        server.url
    );
    // It is the provider's key that Codex shows, and nobody asks for it.
    runs(&config, &[("DEEPSEEK_API_KEY", "sk-of-the-user")]);
}

/// <https://github.com/JeasonWang/codex-glm-proxy>, "Quick Start" (2026-06).
#[test]
fn the_quick_start_of_codex_glm_proxy_works_with_another_command() {
    let home = Home::new();
    let provider = provider(Rules::GLM);
    let mut command = home.crelay();
    command
        .arg("serve")
        .env("GLM_API_KEY", provider.key())
        .env("GLM_API_BASE", provider.base_url())
        .env("PROXY_PORT", "0");
    let server = Server::start(&mut command);
    let config = format!(
        r#"model_provider = "glm-proxy"
model = "gpt-4o"

model_providers.glm-proxy = {{ name = "GLM via Proxy", base_url = "{}/v4", wire_api = "responses" }}
"#,
        server.url.replace("127.0.0.1", "localhost")
    );
    runs(&config, &[]);
}
