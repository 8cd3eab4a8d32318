//! `docs/adding-a-provider.md`, followed word by word in a copy of the source, with the provider on loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::page::{Block, Page};
use super::root;
use crate::kit::Rules;
use crate::kit::rules::families::EFFORT;
use crate::live;

/// Where the page says that the provider is.
const ADDRESS: &str = "https://api.acme.example/v1";

fn run(command: &mut Command) {
    let shown = format!("{command:?}");
    let status = command.status().unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert!(status.success(), "{shown}: {status}");
}

/// The source as it is on this disk, and what was built of others' packages.
fn copy() -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("adding");
    let script = "set -e
        mkdir -p \"$1\"
        rm -rf \"$1/src\" \"$1/tests\" \"$1/docs\"
        git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory=\"$1\" 2>/dev/null || true
        ";
    run(Command::new("sh")
        .current_dir(root())
        .args(["-c", script, "sh"])
        .arg(&copy));
    copy
}

/// Puts a block where its mark says.
fn put(copy: &Path, block: &Block, address: &str) {
    let Some(place) = block.mark.as_ref().and_then(|mark| mark.strip_prefix("into: ")) else {
        return;
    };
    let (path, behind) = place.split_once(", behind: ").unwrap_or((place, ""));
    let path = copy.join(path);
    let text = fs::read_to_string(&path).unwrap();
    let block = block.text.replace(ADDRESS, address);
    let text = match behind {
        "" => format!("{text}{block}"),
        line => {
            let (before, after) = text
                .split_once(&format!("{line}\n"))
                .expect("the line that the page names");
            format!("{before}{line}\n{block}{after}")
        }
    };
    fs::write(path, text).unwrap();
}

#[test]
#[ignore = "builds a copy of the source, which takes minutes"]
fn a_provider_is_added_as_the_page_says() {
    let page = Page::read(root(), Path::new("docs/adding-a-provider.md"));
    let rules = Rules {
        name: Some("acme"),
        key_variable: "ACME_API_KEY",
        model: "acme-1",
        knobs: EFFORT,
        efforts: &["low", "high"],
        ..Rules::GENERIC
    };
    let provider = live::provider(rules);
    let copy = copy();
    for block in &page.blocks {
        put(&copy, block, provider.base_url());
    }
    let commands = page
        .blocks
        .iter()
        .filter(|block| block.language == "sh" && block.text.contains("cargo"));
    let commands: Vec<&str> = commands.map(|block| block.text.as_str()).collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(&copy);
        shell.env_remove("CARGO_TARGET_DIR").env("ACME_API_KEY", provider.key());
        run(&mut shell);
    }
    let heard = fs::read_to_string(copy.join("tests/turns/acme.a-tool-is-called/codex.sse")).unwrap();
    assert!(heard.contains("response.completed"), "{heard}");
    let listed = fs::read_to_string(copy.join("docs/providers.md")).unwrap();
    assert!(listed.contains("\n### acme\n"));
}
