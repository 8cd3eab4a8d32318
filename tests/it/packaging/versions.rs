//! The version stands in `Cargo.toml`, and the address of the repository as well; wherever else they are needed, they
//! are the same.

use std::fs;

use super::{kept_files, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// All texts among the files that are kept, by their paths.
fn texts() -> Vec<(String, String)> {
    let texts = kept_files().into_iter().filter_map(|path| {
        let text = fs::read_to_string(root().join(&path)).ok()?;
        Some((path.to_str()?.to_owned(), text))
    });
    texts.collect()
}

#[test]
fn every_package_has_the_version_of_the_crate() {
    let mut seen = 0;
    for (path, text) in texts() {
        let stated: Vec<&str> = if path == "Cargo.lock" || path.starts_with("fuzz/") && path.ends_with("Cargo.lock") {
            after(&text, "name = \"crelay\"\nversion = \"", "\"")
        } else if path.ends_with("package.json") && text.contains("\"crelay") {
            after(&text, "\"version\": \"", "\"")
        } else if path.ends_with("pyproject.toml") {
            // maturin reads it in `Cargo.toml`.
            assert!(text.contains("dynamic = [") && !text.contains("\nversion ="), "{path}");
            Vec::new()
        } else if path.ends_with(".1") {
            after(&text, "\"crelay ", "\"")
        } else {
            continue;
        };
        for version in stated {
            assert_eq!(version, VERSION, "{path}");
            seen += 1;
        }
    }
    assert!(seen > 2, "{seen}");
}

/// What stands in `text` between each `beginning` and the next `end`.
fn after<'a>(text: &'a str, beginning: &str, end: &str) -> Vec<&'a str> {
    let rests = text.split(beginning).skip(1);
    rests.filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn the_version_is_written_by_hand_nowhere_else() {
    // The form of a version is that of an address, so only what is said of crelay counts.
    let spellings = [
        format!("crelay {VERSION}"),
        format!("crelay-{VERSION}"),
        format!("crelay_{VERSION}"),
        format!("crelay=={VERSION}"),
        format!("crelay@{VERSION}"),
        format!("v{VERSION}"),
    ];
    // What tests expect, they notice themselves; and the changelog is about versions.
    let may = |path: &str| {
        let is_made = path.ends_with(".1") || path.ends_with(".lock") || path.ends_with("package-lock.json");
        is_made || path == "CHANGELOG.md" || path.starts_with("tests/") || path.starts_with("src/")
    };
    let texts = texts().into_iter().filter(|(path, _)| !may(path));
    let wrong = texts.filter(|(_, text)| spellings.iter().any(|spelling| text.contains(spelling)));
    assert_eq!(wrong.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_project_has_one_address() {
    let mut seen = 0;
    for (path, text) in texts() {
        // Of an owner that is not ours, nothing is said; of ours, only the one repository.
        let (host, own) = REPOSITORY.rsplit_once("/crelay/").unwrap();
        for rest in text.split(&format!("{host}/crelay")).skip(1) {
            assert!(
                rest.starts_with(&format!("/{own}")) || rest.starts_with("/homebrew-"),
                "{path}: {rest:.40}"
            );
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen}");
}
