//! What Codex asks for, as structure, kept in `tests/codex/asked.txt`: so that it can be said of another version what
//! it asks otherwise. One command does it all (`docs/updating-codex.md`):
//!
//! `CRELAY_CAPTURE=0.170.0 cargo test --test it captured -- --ignored --nocapture`

mod structure;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crelay::record;

use super::{images, modes, search, threads, tools, tui};
use crate::kit::{Codex, Home, Process};
use crate::words::codex_options::{LEVELS, options};

use structure::Structure;

/// Its name, and what does it.
type Task = (&'static str, fn(Codex));

/// The tasks of the other modules, which look at what becomes of each.
const TASKS: [Task; 15] = [
    ("a shell call", tools::a_shell_call_creates_a_file),
    ("a patch", tools::a_patch_changes_files),
    (
        "a tool of a server",
        tools::a_tool_of_an_mcp_server_is_called_by_its_flattened_name,
    ),
    ("a schema", tools::an_answer_has_the_form_that_the_user_asks_for),
    (
        "images",
        images::an_image_that_a_tool_shows_follows_the_answers_of_all_tools,
    ),
    (
        "a sub-agent",
        threads::a_sub_agent_works_on_the_same_provider_and_reports,
    ),
    (
        "a session that goes on",
        threads::a_session_is_resumed_with_all_its_thoughts_by_a_new_crelay,
    ),
    ("a review", threads::a_review_reads_the_change_and_reports),
    ("compaction", threads::a_small_window_is_compacted_and_the_turn_goes_on),
    (
        "a search of the web",
        search::a_search_that_was_turned_on_is_the_providers_and_the_session_goes_on,
    ),
    (
        "a search for tools",
        modes::tools_that_are_searched_for_are_found_and_called,
    ),
    (
        "sub-agents of the second kind",
        modes::a_sub_agent_of_the_second_kind_works_and_reports,
    ),
    (
        "Responses Lite",
        modes::tools_that_responses_lite_puts_into_the_conversation_are_called,
    ),
    ("code mode", modes::a_script_of_code_mode_calls_tools),
    ("the TUI", tui::two_threads_reach_the_provider_and_nothing_is_left),
];

fn kept_in() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codex/asked.txt")
}

/// What Codex asks for in a task, and what was wrong with it.
fn capture(program: &Path, task: fn(Codex)) -> (Structure, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let codex = Codex::at(program).recorded_in(folder.path());
    let done = catch_unwind(AssertUnwindSafe(|| task(codex)));
    let mut structure = Structure::default();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let recording = record::read(&entry.unwrap().path()).unwrap();
        for exchange in recording.exchanges {
            structure.request(&exchange.path, &exchange.headers, &exchange.asked);
        }
    }
    let fault = done.err().map(|fault| match fault.downcast::<String>() {
        Ok(words) => *words,
        Err(fault) => fault
            .downcast::<&str>()
            .map_or_else(|_| "it panicked".to_owned(), |words| (*words).to_owned()),
    });
    (structure, fault)
}

/// What Codex says of itself: options, commands, features, and what it knows of models.
fn told(program: &Path) -> Structure {
    let codex = Codex::at(program);
    let home = Home::new();
    let say = |arguments: &[&str]| {
        let ended = Process::run(home.command(codex.program()).args(arguments));
        (ended.code == 0).then_some(ended.stdout)
    };
    let mut structure = Structure::default();
    for level in LEVELS {
        let help = say(&[level, &["--help"]].concat()).unwrap_or_default();
        for (option, has_value) in options(&help) {
            let value = if has_value { " with a value" } else { "" };
            structure.line(format!(
                "option {} {option}{value}",
                ["codex"].iter().chain(level).copied().collect::<Vec<_>>().join(" ")
            ));
        }
    }
    for line in say(&["features", "list"]).unwrap_or_default().lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        structure.line(format!("feature {}", words.join(" ")));
    }
    if let Some(catalog) = say(&["debug", "models", "--bundled"]) {
        structure.json("catalog", &serde_json::from_str(&catalog).unwrap());
    }
    structure
}

/// The version that a program tells.
fn version(program: &Path) -> String {
    let home = Home::new();
    let ended = Process::run(home.command(program).arg("--version"));
    ended.stdout.split_whitespace().last().unwrap_or("?").to_owned()
}

/// The program of the version or at the path that is `wanted`.
fn installed(wanted: &str) -> PathBuf {
    if wanted.contains('/') {
        return wanted.into();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("captured").join(wanted);
    let program = folder.join("node_modules/@openai/codex/bin/codex.js");
    if !program.exists() {
        fs::create_dir_all(&folder).unwrap();
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder);
        let status = npm.arg(format!("@openai/codex@{wanted}")).status();
        assert!(status.unwrap().success(), "npm has no Codex {wanted}");
    }
    program
}

#[test]
#[ignore = "runs all tasks with the Codex that CRELAY_CAPTURE names, which it installs"]
fn what_another_codex_asks_for_is_compared() {
    let wanted = std::env::var("CRELAY_CAPTURE").expect("CRELAY_CAPTURE names a version of Codex, or the path of one");
    let program = installed(&wanted);
    let captured = Mutex::new(told(&program));
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (name, task) in TASKS {
            let (program, captured, faults) = (&program, &captured, &faults);
            scope.spawn(move || {
                let (structure, fault) = capture(program, task);
                captured.lock().unwrap().join(structure);
                faults.lock().unwrap().extend(fault.map(|fault| (name, fault)));
            });
        }
    });
    let (captured, faults) = (captured.into_inner().unwrap(), faults.into_inner().unwrap());
    let version = version(&program);
    let kept = fs::read_to_string(kept_in()).unwrap_or_default();
    let (kept_version, kept) = Structure::read(&kept);
    println!("\nCodex {version} beside {kept_version}: - is gone, + is new\n");
    kept.without_in_short(&captured)
        .iter()
        .for_each(|line| println!("- {line}"));
    captured
        .without_in_short(&kept)
        .iter()
        .for_each(|line| println!("+ {line}"));
    let (gone, new) = (kept.without(&captured).len(), captured.without(&kept).len());
    println!("\n{gone} lines are gone, {new} are new");
    println!("{} of {} tasks work", TASKS.len() - faults.len(), TASKS.len());
    for (name, fault) in &faults {
        println!("\n{name} does not: {fault}");
    }
    if std::env::var_os("CRELAY_BLESS").is_some() {
        fs::write(kept_in(), captured.write(&version)).unwrap();
    }
}

/// Two tasks of all, because each costs seconds; the rest is the command's.
#[test]
fn the_pinned_codex_asks_for_nothing_that_is_not_kept() {
    let (_, kept) = Structure::read(&fs::read_to_string(kept_in()).unwrap());
    let program = Codex::take().program().to_owned();
    for (name, task) in &TASKS[..2] {
        let (structure, fault) = capture(&program, *task);
        assert_eq!(fault, None, "{name}");
        assert!(structure.len() > 100, "{name}: {}", structure.len());
        assert_eq!(structure.without(&kept), BTreeSet::new(), "{name}");
    }
}
