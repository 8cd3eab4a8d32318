//! The workflows of `.github`: what they may do, and that what they call is there.

use std::collections::BTreeMap;
use std::fs;

use super::root;

/// Each workflow, and what it is called.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join(".github/workflows")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let texts = files.map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    texts.collect()
}

/// What stands behind `key` in each line that begins with it.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(key)).collect()
}

#[test]
fn every_action_is_pinned_to_one_commit_whose_version_is_told() {
    let mut pinned: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in workflows() {
        for action in values(&text, "uses: ") {
            // A workflow of this repository is of the same commit.
            if action.starts_with("./") {
                assert!(root().join(action).is_file(), "{name}: {action}");
                continue;
            }
            let (action, commit) = action.split_once('@').unwrap();
            let (commit, version) = commit
                .split_once(" # v")
                .unwrap_or_else(|| panic!("{name}: {action}@{commit}"));
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(
                is_commit && version.split('.').count() == 3,
                "{name}: {action}@{commit}"
            );
            let before = pinned.insert(action.to_owned(), commit.to_owned());
            assert!(before.is_none_or(|before| before == commit), "{action} is pinned twice");
        }
    }
    assert!(pinned.len() > 3, "{pinned:?}");
}

#[test]
fn a_job_may_do_what_it_needs_and_nothing_else_may_be_done() {
    for (name, text) in workflows() {
        assert!(text.contains("\npermissions: {}\n"), "{name}");
        let jobs = text.split_once("\njobs:\n").unwrap().1;
        let jobs: Vec<&str> = jobs.split("\n\n  ").collect();
        for job in jobs {
            assert!(job.contains("\n    permissions:"), "{name}: {job}");
            // What may write runs for a tag alone, and behind what people may have to agree to, but for signing.
            let is_publishing = job.contains("environment: release");
            let writes = values(job, "contents: write").len() + values(job, "id-token: write").len();
            assert!(
                writes == 0 || is_publishing || job.contains("attestations: write"),
                "{name}: {job}"
            );
            let is_for_tags = job.contains("if: github.event_name == 'push'") || job.contains("needs: github");
            assert!(!is_publishing || is_for_tags, "{name}: {job}");
        }
        // The account of the run is kept by no step.
        let checkouts = text.matches("actions/checkout@").count();
        assert_eq!(text.matches("persist-credentials: false").count(), checkouts, "{name}");
        // What others chose to call their branch is never read by a shell.
        for line in text.lines().filter(|line| line.contains("run:")) {
            assert!(!line.contains("${{"), "{name}: {line}");
        }
    }
}

#[test]
fn what_the_workflows_call_is_there() {
    let mut seen = 0;
    for (name, text) in workflows() {
        let words = text.split([' ', '\n', '"']);
        for path in words.filter(|word| word.starts_with("packaging/") || word.starts_with(".ci/")) {
            assert!(root().join(path).is_file(), "{name}: {path}");
            seen += 1;
        }
    }
    assert!(seen > 4, "{seen}");
    // Its last line is the test command of the README.
    let run = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert_eq!(run.lines().last(), Some("cargo test"));
}

#[test]
fn every_system_of_a_release_is_built_and_assembled() {
    let text = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let mut built = values(&text(".github/workflows/release.yml"), "target: ").join("\n");
    let formula = text("packaging/homebrew/crelay.rb");
    let assembled = text("packaging/assemble.sh");
    for target in super::released::TARGETS {
        assert!(
            built.contains(target) && formula.contains(&format!("@URL {target}@")),
            "{target}"
        );
        assert!(assembled.contains(&format!(" {target}\n")), "{target}");
        built = built.replace(target, "");
    }
    assert_eq!(built.trim(), "");
}
