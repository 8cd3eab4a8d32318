//! What Codex is told of its search of the web, and the user where he asked for it in vain.

use std::process::Command;

use super::Fake;
use super::fake::KEY;
use crate::kit::{Home, Process};

/// A run of Codex on `provider`, with `arguments` before the script that ends it.
fn run(fake: &Fake, provider: &str, variable: &str, arguments: &[&str]) -> Command {
    let mut command = fake.codex(&["--provider", provider, "-m", "some-model"], arguments);
    command.arg("exit 0").env(variable, KEY);
    command
}

/// What the line says of searching.
fn told(fake: &Fake) -> Vec<String> {
    let words = fake.noted_once().line.into_iter();
    words
        .filter(|word| word.contains("web_search") || word == "--search")
        .collect()
}

const OFF: &str = r#"web_search="disabled""#;

#[test]
fn who_asks_where_there_is_none_is_told_so_in_one_line_and_it_is_off() {
    let note = "note: web search is off: crelay knows none for `some-model` of DeepSeek\n";
    for (config, arguments, stderr, expected) in [
        (
            "",
            &["exec", "-c", "web_search=live"][..],
            note,
            &[OFF, "web_search=live"][..],
        ),
        ("", &["--search"], note, &[OFF, "--search"]),
        ("web_search = \"live\"\n", &["exec"], note, &[OFF]),
        ("web_search = \"cached\"\n", &["exec"], "", &[OFF]),
        (
            "web_search = \"live\"\n",
            &["exec", "-c", "web_search=disabled"],
            "",
            &[OFF, "web_search=disabled"],
        ),
        ("", &["exec"], "", &[OFF]),
    ] {
        let fake = Fake::in_home(Home::configured(config));
        let ended = Process::run(&mut run(&fake, "deepseek", "DEEPSEEK_API_KEY", arguments)).well();
        assert_eq!(
            (ended.stderr.as_str(), told(&fake)),
            (stderr, expected.iter().map(ToString::to_string).collect()),
            "{config} {arguments:?}"
        );
    }
}

#[test]
fn where_there_is_one_it_is_on_for_who_asked_for_it() {
    const LIVE: &str = "web_search = \"live\"\n";
    for (codexs, crelays, arguments, expected) in [
        // Without its sandbox, Codex would search live by default.
        ("sandbox_mode = \"danger-full-access\"\n", "", &["exec"][..], &[OFF][..]),
        ("", "", &["exec", "-c", "web_search=live"], &["web_search=live"]),
        (
            "",
            "",
            &["exec", "-c", "web_search=cached"],
            &[OFF, "web_search=cached"],
        ),
        ("", "", &["--search"], &["--search"]),
        (LIVE, "", &["exec"], &[]),
        (LIVE, "web_search = false\n", &["exec"], &[OFF]),
        ("", "web_search = true\n", &["exec"], &[r#"web_search="live""#]),
        (
            LIVE,
            "web_search = true\n",
            &["exec", "-c", "web_search=disabled"],
            &[OFF, "web_search=disabled"],
        ),
    ] {
        let fake = Fake::in_home(Home::configured(codexs));
        let folder = fake.home.path().join("config/crelay");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), crelays).unwrap();
        let ended = Process::run(&mut run(&fake, "glm", "ZAI_API_KEY", arguments)).well();
        assert_eq!(
            (ended.stderr.as_str(), told(&fake)),
            ("", expected.iter().map(ToString::to_string).collect()),
            "{codexs} {crelays} {arguments:?}"
        );
    }
}
