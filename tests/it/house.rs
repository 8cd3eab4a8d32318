//! The directions in which rooms may use each other. When this test speaks, move the code; don't widen the table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. `cli` calls everybody, so it stands for "all".
pub const ROOMS: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "demo",
            "doctor",
            "files",
            "keep",
            "launch",
            "models",
            "plain",
            "provider",
            "record",
            "relay",
            "report",
            "session",
            "shim",
            "stock",
            "translate",
            "upstream",
            "usage",
            "wire",
        ],
    ),
    ("demo", &["wire"]),
    ("doctor", &["launch", "provider", "relay", "session", "usage", "wire"]),
    ("files", &["report"]),
    ("keep", &["files", "report", "session"]),
    ("launch", &["files", "plain", "report", "session", "usage"]),
    ("models", &["plain", "provider"]),
    ("plain", &[]),
    ("provider", &[]),
    ("record", &["session"]),
    (
        "relay",
        &["record", "session", "translate", "upstream", "usage", "wire"],
    ),
    ("report", &["plain"]),
    ("session", &["models", "plain", "provider", "report"]),
    ("shim", &["files", "launch", "report"]),
    ("stock", &["files", "models", "provider", "session", "upstream"]),
    ("translate", &["provider", "usage", "wire"]),
    ("upstream", &["plain", "record", "session", "usage", "wire"]),
    ("usage", &["provider", "wire"]),
    ("wire", &[]),
];

/// What pure rooms must not touch.
const IMPURE: &[&str] = &[
    "tokio::",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "getrandom",
    "reqwest",
    "hyper",
    "async fn",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Code lines of a file up to its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_room_uses_only_what_it_may() {
    let mut wrong = Vec::new();
    for (room, allowed) in ROOMS {
        for path in files(&source().join(room)) {
            let code = code(&path);
            for (other, _) in ROOMS
                .iter()
                .filter(|(other, _)| other != room && !allowed.contains(other))
            {
                if code.contains(&format!("crate::{other}")) {
                    wrong.push(format!("{} uses `{other}`", path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_folder_is_a_room_of_the_table() {
    let folders: BTreeSet<String> = fs::read_dir(source())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let rooms: BTreeSet<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(folders, rooms);
}

#[test]
fn pure_rooms_touch_nothing_outside() {
    let mut wrong = Vec::new();
    for room in ["wire", "usage", "translate", "provider", "models", "plain"] {
        for path in files(&source().join(room)) {
            let code = code(&path);
            for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!("{} uses `{word}`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_cli_reads_the_environment_and_ends_the_process() {
    let mut wrong = Vec::new();
    for path in files(&source()) {
        if path.starts_with(source().join("cli")) {
            continue;
        }
        let code = code(&path);
        for word in ["env::var", "std::env", "process::exit", "directories::"] {
            if code.contains(word) {
                wrong.push(format!("{} uses `{word}`", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn translate_names_no_provider_and_no_model_family() {
    let names = [
        "deepseek", "kimi", "moonshot", "glm", "qwen", "mistral", "grok", "gemini", "gpt", "claude",
    ];
    let mut wrong = Vec::new();
    for path in files(&source().join("translate")) {
        for line in code(&path).lines().filter(|line| line.contains('"')) {
            let quoted = line
                .split('"')
                .skip(1)
                .step_by(2)
                .collect::<Vec<_>>()
                .join(" ")
                .to_lowercase();
            for name in names.iter().filter(|name| quoted.contains(**name)) {
                wrong.push(format!("{} names `{name}`: {line}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_compiler_is_asked_everywhere_but_where_codex_is_started() {
    let rooms = ROOMS.iter().map(|(room, _)| source().join(room).join("mod.rs"));
    for path in rooms.chain([source().join("main.rs")]) {
        let is_launch = path.ends_with("launch/mod.rs");
        assert_eq!(
            code(&path).contains("#![forbid(unsafe_code)]"),
            !is_launch,
            "{}",
            path.display()
        );
    }
    let unsafe_files = files(&source())
        .into_iter()
        .filter(|path| code(path).contains("unsafe {"));
    let expected = source().join("launch/child.rs");
    assert_eq!(unsafe_files.collect::<Vec<_>>(), [expected]);
}

/// Comments are no wider than what rustfmt makes of code, which leaves them as they are. Strings may be longer.
#[test]
fn no_comment_is_wider_than_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wide = Vec::new();
    for path in ["src", "benches", "tests/it", "tests/live", "tests/soak"]
        .iter()
        .flat_map(|folder| files(&root.join(folder)))
    {
        let text = fs::read_to_string(&path).unwrap();
        let comments = (1..)
            .zip(text.lines())
            .filter(|(_, line)| line.trim_start().starts_with("//"));
        let too_wide = comments.filter(|(_, line)| line.chars().count() > 120);
        wide.extend(too_wide.map(|(number, _)| format!("{}:{number}", path.display())));
    }
    assert_eq!(wide, Vec::<String>::new());
}
