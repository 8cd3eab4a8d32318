//! Walks through each page from top to bottom, in one shell and one home, as somebody new would who types all that
//! stands there. Codex is one that only says how it was called, and nothing leaves the machine.
//!
//! A comment right above a block says what cannot be seen in it:
//!
//! - `not run: REASON`: it stays as it is;
//! - `serves`: each line goes on until it is stopped; that it serves is waited for;
//! - `behind: COMMAND`: runs while the server of this command does.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::page::{Block, Page};
use super::{pages, root};
use crate::kit::{Process, packages};
use crate::words::Home;

/// The port of the pages' servers. Another takes its place, for somebody may really use it.
const PORT: &str = "4446";

/// Languages whose blocks can be run. What stands in any other is only read.
const RUN: [&str; 4] = ["sh", "console", "python", "js"];

const READ: [&str; 6] = ["text", "toml", "json", "rust", "ini", "nginx"];

/// How a block is run.
enum Way<'a> {
    Not,
    Whole,
    Serves,
    Behind(&'a str),
}

fn way(block: &Block) -> Result<Way<'_>, String> {
    let Some(mark) = block.mark.as_deref() else {
        return Ok(Way::Whole);
    };
    match mark.split_once(": ") {
        Some(("not run", reason)) if reason.len() > 10 => Ok(Way::Not),
        Some(("behind", command)) => Ok(Way::Behind(command)),
        _ if mark == "serves" => Ok(Way::Serves),
        _ => Err(format!("`{mark}` is no mark")),
    }
}

/// `command` in the background, waited for until it serves. A server says where, in its first line.
fn begin(command: &str) -> String {
    let command = command.split(" #").next().unwrap_or_default().trim();
    format!(
        "rm -f \"$HOME/ready\"; mkfifo \"$HOME/ready\"\n{command} >\"$HOME/ready\" &\nserver=$!\nread -r said <\"$HOME/ready\"\n"
    )
}

const STOP: &str = "kill -TERM $server\nwait $server\n";

/// Whether a program that only some machines have is called.
fn lacks_curl(block: &Block) -> bool {
    block.text.contains("curl ") && which::which("curl").is_err()
}

fn script(page: &Page) -> String {
    let mut script = "set -eu\n".to_owned();
    for block in page.blocks.iter().filter(|block| RUN.contains(&&*block.language)) {
        let mut way = way(block).unwrap();
        if lacks_curl(block) && !matches!(way, Way::Not) {
            // Past the test's own capture, or nobody would read it.
            let _ = writeln!(
                std::io::stderr(),
                "not tested: {}:{}, for there is no `curl` (`apt install curl`)",
                page.path.display(),
                block.line
            );
            way = Way::Not;
        }
        if !matches!(way, Way::Not) {
            script.push_str(&format!("echo 'at line {}' >&2\n", block.line));
        }
        script.push_str(&match way {
            Way::Not => String::new(),
            Way::Whole => spoken(block),
            Way::Serves => {
                let lines = block.text.lines().map(|line| match line.contains("crelay serve") {
                    true => begin(line) + STOP,
                    false => format!("{line}\n"),
                });
                lines.collect()
            }
            Way::Behind(command) => begin(command) + &spoken(block) + STOP,
        });
    }
    script
}

/// As a part of a script for the shell.
fn spoken(block: &Block) -> String {
    let (program, ending) = match &*block.language {
        "python" => ("python", "py"),
        "js" => ("node", "mjs"),
        _ => return block.text.clone(),
    };
    format!("cat >a.{ending} <<'CODE'\n{}CODE\n{program} a.{ending}\n", block.text)
}

/// Programs that pages call, beside those of the system: crelay itself, and the SDKs' interpreter where it is needed.
fn furnish(home: &Home, page: &Page) {
    let bin = home.path().join("bin");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_crelay"), bin.join("crelay")).unwrap();
    let speaks = |language: &str| {
        let mut blocks = page.blocks.iter().filter(|block| block.language == language);
        blocks.any(|block| !matches!(way(block), Ok(Way::Not)))
    };
    if speaks("python") {
        let python = packages::python(&root().join("tests/sdk")).unwrap();
        let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", python.display());
        fs::write(bin.join("python"), script).unwrap();
        Process::run(Command::new("chmod").arg("755").arg(bin.join("python"))).well();
    }
    if speaks("js") {
        let modules = packages::npm(&root().join("tests/sdk")).unwrap();
        std::os::unix::fs::symlink(modules, home.path().join("project/node_modules")).unwrap();
    }
}

fn walk(page: &Page) {
    let home = Home::new();
    fs::create_dir(home.path().join("project")).unwrap();
    furnish(&home, page);
    // It may be taken by another until it is bound, as on any machine.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = script(page).replace(PORT, &free.to_string());
    let run = |script: &str| {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).env_clear().envs(home.variables());
        let path = format!(
            "{}:{}",
            home.path().join("bin").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        command.env("PATH", path).env("HTTPS_PROXY", "http://127.0.0.1:9");
        command.current_dir(home.path().join("project"));
        Process::run(&mut command)
    };
    let ended = run(&script);
    // What a page has left in the background, if it broke off.
    run("crelay serve stop");
    assert!(ended.code == 0, "{} breaks off: {ended:#?}", page.path.display());
}

#[test]
fn every_block_can_be_run_or_says_why_not() {
    let mut wrong = Vec::new();
    for page in pages() {
        for block in &page.blocks {
            let place = format!("{}:{}", page.path.display(), block.line);
            let language = &*block.language;
            if !RUN.contains(&language) && !READ.contains(&language) {
                wrong.push(format!("{place}: `{language}` is no language that is known"));
            } else if let (true, Err(error)) = (RUN.contains(&language), way(block)) {
                wrong.push(format!("{place}: {error}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A test of its own for each page, so that they are walked side by side.
macro_rules! walks {
    ($($name:ident: $path:literal;)+) => {
        $(#[test]
        fn $name() {
            walk(&Page::read(root(), Path::new($path)));
        })+

        #[test]
        fn every_page_is_walked() {
            let walked = [$($path),+];
            let read: Vec<String> = pages().iter().map(|page| page.path.display().to_string()).collect();
            assert_eq!(read, walked);
        }
    };
}

walks! {
    the_readme_is_walked: "README.md";
    the_index_is_walked: "docs/README.md";
    adding_a_provider_is_walked: "docs/adding-a-provider.md";
    the_architecture_is_walked: "docs/architecture.md";
    the_configuration_is_walked: "docs/configuration.md";
    the_performance_is_walked: "docs/performance.md";
    the_providers_are_walked: "docs/providers.md";
    the_security_is_walked: "docs/security.md";
    serving_is_walked: "docs/serve.md";
    troubles_are_walked: "docs/troubleshooting.md";
    updating_codex_is_walked: "docs/updating-codex.md";
    using_is_walked: "docs/using.md";
}
