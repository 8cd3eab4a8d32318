//! A recorded session of the real Codex is translated today as it was, and whatever is not is named.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{exec, home};
use crate::kit::{Codex, Home, Process, Provider, Rules, call, reasoning, refuse, text};

/// Records a task of the demo's.
fn record(home: &Home, options: &[&str]) -> PathBuf {
    let codex = Codex::take();
    let file = home.path().join("recording.jsonl");
    let mut command = home.crelay();
    command
        .args(["exec", "--provider", "demo", "--record"])
        .arg(&file)
        .args(options);
    command
        .arg("--codex")
        .arg(codex.program())
        .args(["--skip-git-repo-check", "show me"]);
    Process::run(&mut command).well();
    file
}

/// What `crelay replay` says of it, and its exit code.
fn replay(home: &Home, file: &Path) -> (String, i32) {
    let ended = Process::run(home.crelay().arg("replay").arg(file));
    (format!("{}{}", ended.stdout, ended.stderr), ended.code)
}

/// Changes the text of the first recorded line that `is` meant.
fn change(file: &Path, what: &str, from: &str, to: &str) {
    let recorded = fs::read_to_string(file).unwrap();
    let mut lines: Vec<Value> = recorded
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = lines
        .iter_mut()
        .find(|line| line["what"] == what && line["body"]["text"].as_str().is_some_and(|text| text.contains(from)));
    let text = &mut line.unwrap()["body"]["text"];
    *text = json!(text.as_str().unwrap().replacen(from, to, 1));
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(file, lines.join("\n")).unwrap();
}

#[test]
fn a_session_of_the_demo_is_played_back_without_a_difference_and_a_change_is_named() {
    let home = home();
    let file = record(&home, &[]);
    assert_eq!(replay(&home, &file), ("no difference in 2 turns\n".to_owned(), 0));
    let whole = fs::read(&file).unwrap();

    // Whoever was killed has written half a line.
    fs::write(&file, &whole[..whole.len() - 30]).unwrap();
    let (said, code) = replay(&home, &file);
    assert!(
        said.contains("no difference in 2 turns") && said.contains("left out"),
        "{said}"
    );
    assert_eq!(code, 0);

    // Of one that ends with its first line nothing can be said.
    let head = whole.iter().position(|byte| *byte == b'\n').unwrap();
    fs::write(&file, &whole[..=head]).unwrap();
    let (said, code) = replay(&home, &file);
    assert!(said.contains("so nothing was compared"), "{said}");
    assert_eq!(code, 125);

    fs::write(&file, &whole).unwrap();
    change(&file, "tells", r#""delta":"The"#, r#""delta":"A"#);
    let (said, code) = replay(&home, &file);
    assert!(said.starts_with("turn 1: event "), "{said}");
    assert!(
        said.contains("(`response.reasoning_summary_text.delta`) differs at `/delta`"),
        "{said}"
    );
    assert!(said.contains("1 of 2 turns differ"), "{said}");
    assert_eq!(code, 1);

    fs::write(&file, &whole).unwrap();
    change(&file, "sent", r#""role":"user""#, r#""role":"nobody""#);
    let (said, _) = replay(&home, &file);
    assert!(
        said.contains("request 1 to the provider differs at `/messages/"),
        "{said}"
    );
    assert!(said.contains("nobody"), "{said}");
}

#[test]
fn retries_refusals_and_repairs_are_played_back_too_and_no_key_is_written() {
    let (home, codex) = (home(), Codex::take());
    let file = home.path().join("recording.jsonl");
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Say one.",
        [
            refuse(503, "busy"),
            reasoning("Simple.").then_calls([call("exec_command", json!({"cmd": "echo one"}))]),
            text("Done."),
        ],
    );
    let whole = exec(&home, &codex, &provider, &["Say one."]);
    let mut words: Vec<_> = whole.get_args().map(ToOwned::to_owned).collect();
    words.splice(1..1, ["--record".into(), file.clone().into()]);
    let mut command = home.crelay();
    command.args(words).env(provider.rules().key_variable, provider.key());
    Process::run(&mut command).well();
    let recorded = fs::read_to_string(&file).unwrap();
    assert!(
        !recorded.contains(provider.key()) && !recorded.contains("authorization"),
        "{recorded}"
    );
    assert_eq!(recorded.matches(r#""what":"sent""#).count(), 3);
    assert_eq!(replay(&home, &file), ("no difference in 2 turns\n".to_owned(), 0));
    // A recording is never lost to another.
    let ended = Process::run(&mut command);
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("name a file that is not there yet"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_recording_without_texts_has_their_shape_and_is_served_all_the_same() {
    let home = home();
    let file = record(&home, &["--redact"]);
    let recorded = fs::read_to_string(&file).unwrap();
    for said in ["show me", "look around", "pwd", "coding agent"] {
        assert!(!recorded.contains(said), "{said}");
    }
    assert!(
        recorded.contains("exec_command") && recorded.contains("xxxx xx"),
        "{recorded}"
    );
    let (said, code) = replay(&home, &file);
    assert!(said.contains("record without `--redact`"), "{said}");
    assert_eq!(code, 125);
}

#[test]
fn codex_runs_against_what_was_recorded_as_against_the_provider() {
    let home = home();
    let file = record(&home, &[]);
    let codex = Codex::take();
    let server = Process::spawn(home.crelay().arg("replay").arg(&file).arg("--serve"));
    let url = server.wait_for_line("Demo, as recorded, at ");
    let mut command = home.crelay();
    command.args(["exec", "--provider", "demo", "--base-url", &url, "--codex"]);
    command.arg(codex.program()).args(["--skip-git-repo-check", "show me"]);
    let ended = Process::run(&mut command).well();
    assert!(ended.stdout.contains("That was the whole path"), "{}", ended.stdout);
    server.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(server.wait().code, 0);
}
