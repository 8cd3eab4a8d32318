//! The web, searched by the provider itself.

use std::process::Command;

use serde_json::{Value, json};

use super::{CONFIG, crelay_at, home};
use crate::kit::{Codex, Home, Process, Terminal};
use crate::relay::{Exchange, Upstream};

const PAGE: &str = "https://blog.rust-lang.org/";

/// The type of the tool with which the provider of these tests searches.
const TOOL: &str = "openrouter:web_search";

/// `crelay VERB` on a provider that searches, at the address of `upstream`.
fn crelay(home: &Home, codex: &Codex, verb: &str, upstream: &Upstream) -> Command {
    let mut command = crelay_at(home, codex, verb, &upstream.base_url);
    command
        .args(["--provider", "openrouter", "--model", "z-ai/glm-5.3"])
        .env("OPENROUTER_API_KEY", "sk-test");
    command
}

/// Answers with words that cite what was found before them.
async fn search(mut provider: Exchange, words: &str) {
    provider.begin().await;
    let cited = json!({"url": PAGE, "title": "Rust Blog", "start_index": 0, "end_index": 0});
    let annotation = json!({"type": "url_citation", "url_citation": cited});
    for delta in [
        json!({"content": "", "annotations": [annotation]}),
        json!({"content": words}),
    ] {
        provider
            .frame(&json!({"choices": [{"index": 0, "delta": delta}]}).to_string())
            .await;
    }
    provider.finish().await;
    provider.frame("[DONE]").await;
}

fn searches(body: &Value) -> bool {
    body["tools"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|tool| tool["type"] == TOOL)
}

pub fn a_search_that_was_turned_on_is_the_providers_and_the_session_goes_on(codex: Codex) {
    let home = home();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let upstream = Upstream::bind();
        let exec = |arguments: &[&str]| {
            let mut command = crelay(&home, &codex, "exec", &upstream);
            Process::spawn(command.arg("--skip-git-repo-check").args(arguments))
        };
        let first = exec(&["-c", "web_search=live", "Which release is new?"]);
        // The first start asks for a list of models.
        upstream.request().await.answer("404 Not Found", "", "").await;
        let request = upstream.request().await;
        assert!(searches(&request.body), "{:#}", request.body["tools"]);
        search(request, "Rust 1.95 is new.").await;
        let ended = first.wait().well();
        assert_eq!(ended.stdout.trim_end(), "Rust 1.95 is new.");
        assert!(ended.stderr.to_lowercase().contains("web search"), "{}", ended.stderr);
        // Nobody turns it on for this turn; Codex would, because its sandbox is off.
        let second = exec(&["resume", "--last", "And before?"]);
        let request = upstream.request().await;
        assert!(!searches(&request.body), "{:#}", request.body["tools"]);
        let messages = request.body["messages"].to_string();
        assert!(messages.contains(r#""content":"Rust 1.95 is new."}"#), "{messages}");
        assert!(!messages.contains(PAGE), "the words cite it themselves: {messages}");
        request.stream("Rust 1.94.").await;
        assert_eq!(second.wait().well().stdout.trim_end(), "Rust 1.94.");
    });
}

#[test]
fn the_tui_searches_with_its_own_switch_and_shows_it() {
    let home = Home::configured(&format!("disable_paste_burst = true\n{CONFIG}"));
    let codex = Codex::take();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let upstream = Upstream::bind();
        let mut command = crelay(&home, &codex, "codex", &upstream);
        command.arg("--search");
        let terminal = Terminal::spawn(command);
        terminal.expect("permissions: YOLO mode");
        terminal.send("Which release is new?");
        terminal.expect("Which release is new?");
        terminal.send("\r");
        let mut asked = 0;
        while asked < 2 {
            let request = upstream.request().await;
            asked += 1;
            match searches(&request.body) {
                true => search(request, "Rust 1.95 is new.").await,
                // Codex wants a title as well, and searches nothing for it.
                false => request.stream(r#"{"title":"Releases"}"#).await,
            }
        }
        terminal.expect("Rust 1.95 is new.");
        terminal.expect("Searched");
        terminal.send("/quit");
        terminal.expect("/quit");
        terminal.send("\r");
        assert_eq!(terminal.exit_code(), 0, "{}", terminal.screen());
    });
}
