//! CHANGELOG.md has the form of Keep a Changelog.

use std::fs;

use super::root;

const KINDS: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// What is wrong with a changelog of crelay at `repository`.
fn faults(text: &str, repository: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("# Changelog\n\n") || !text.contains("(https://keepachangelog.com/en/1.1.0/)") {
        faults.push("it does not begin as a changelog does".to_owned());
    }
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    let titles: Vec<&str> = sections.iter().map(|section| section.lines().next().unwrap()).collect();
    if titles.first() != Some(&"[Unreleased]") {
        faults.push("what is not released does not come first".to_owned());
    }
    let mut versions = Vec::new();
    for title in titles.iter().skip(1) {
        match version(title) {
            Some(version) => versions.push(version),
            None => faults.push(format!("`{title}` is not `[VERSION] - YEAR-MONTH-DAY`")),
        }
    }
    if !versions.is_sorted_by(|one, next| one.0 > next.0 && one.1 >= next.1) {
        faults.push("the newest version does not come first".to_owned());
    }
    for (section, title) in sections.iter().zip(&titles) {
        faults.extend(faults_of_section(section, title));
    }
    faults.extend(faults_of_links(text, &versions, repository));
    faults
}

/// Version and date of a title.
fn version(title: &str) -> Option<([u32; 3], [u32; 3])> {
    let (version, date) = title.strip_prefix('[')?.split_once("] - ")?;
    let numbers = |text: &str, at: char| -> Option<[u32; 3]> {
        let parts: Result<Vec<u32>, _> = text.split(at).map(str::parse).collect();
        parts.ok()?.try_into().ok()
    };
    let date = (date.len() == 10).then(|| numbers(date, '-'))??;
    let [_, month, day] = date;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then_some((numbers(version, '.')?, date))
}

fn faults_of_section(section: &str, title: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = Vec::new();
    for part in section.split("\n### ").skip(1) {
        let (kind, entries) = part.split_once('\n').unwrap_or((part, ""));
        if !KINDS.contains(&kind) || seen.contains(&kind) {
            faults.push(format!("{title}: `### {kind}` is unknown, or comes twice"));
        }
        seen.push(kind);
        // An entry's further lines are set in; links stand at the end of the file.
        let is_entry = |line: &&str| line.starts_with("- ") || line.starts_with("  ");
        let lines: Vec<&str> = entries
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('['))
            .collect();
        if lines.is_empty() || !lines.iter().all(is_entry) {
            faults.push(format!("{title}: `### {kind}` is not a list"));
        }
    }
    if seen.is_empty() && title != "[Unreleased]" {
        faults.push(format!("{title} says nothing"));
    }
    faults
}

/// Each title is a link to what has changed since the version before.
fn faults_of_links(text: &str, versions: &[([u32; 3], [u32; 3])], repository: &str) -> Vec<String> {
    let names: Vec<String> = versions
        .iter()
        .map(|([one, two, three], _)| format!("{one}.{two}.{three}"))
        .collect();
    let mut links = Vec::new();
    let mut newer = ("Unreleased".to_owned(), "HEAD".to_owned());
    for name in names {
        links.push(format!("[{}]: {repository}/compare/v{name}...{}", newer.0, newer.1));
        newer = (name.clone(), format!("v{name}"));
    }
    // The first of all has nothing before it.
    links.push(match newer.0.as_str() {
        "Unreleased" => format!("[Unreleased]: {repository}/commits/main"),
        first => format!("[{first}]: {repository}/releases/tag/v{first}"),
    });
    let missing = links.into_iter().filter(|link| !text.lines().any(|line| line == link));
    missing.map(|link| format!("`{link}` is missing")).collect()
}

#[test]
fn the_changelog_has_the_form_of_keep_a_changelog() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert_eq!(faults(&text, env!("CARGO_PKG_REPOSITORY")), Vec::<String>::new());
}

#[test]
fn a_changelog_of_another_form_is_noticed() {
    let head = "# Changelog\n\nAs [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).\n\n";
    let good = format!(
        "{head}## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Fixed\n\n- It.\n\n## [0.1.0] - 2026-11-22\n\n### Added\n\n\
         - All,\n  and more.\n\n[Unreleased]: R/compare/v0.2.0...HEAD\n[0.2.0]: R/compare/v0.1.0...v0.2.0\n\
         [0.1.0]: R/releases/tag/v0.1.0\n"
    );
    assert_eq!(faults(&good, "R"), Vec::<String>::new());
    for (from, to, told) in [
        ("# Changelog\n", "# News\n", "it does not begin as a changelog does"),
        ("## [Unreleased]\n\n", "", "what is not released does not come first"),
        ("[0.2.0] - ", "[0.0.2] - ", "the newest version does not come first"),
        (
            "2026-12-01",
            "2026-13-01",
            "`[0.2.0] - 2026-13-01` is not `[VERSION] - YEAR-MONTH-DAY`",
        ),
        (
            "[0.2.0] - 2026-12-01",
            "0.2.0",
            "`0.2.0` is not `[VERSION] - YEAR-MONTH-DAY`",
        ),
        (
            "### Fixed",
            "### Repaired",
            "[0.2.0] - 2026-12-01: `### Repaired` is unknown, or comes twice",
        ),
        ("- It.", "It.", "[0.2.0] - 2026-12-01: `### Fixed` is not a list"),
        ("### Fixed\n\n- It.\n", "", "[0.2.0] - 2026-12-01 says nothing"),
        (
            "v0.2.0...HEAD",
            "v0.1.0...HEAD",
            "`[Unreleased]: R/compare/v0.2.0...HEAD` is missing",
        ),
    ] {
        let found = faults(&good.replacen(from, to, 1), "R");
        assert!(found.iter().any(|fault| fault == told), "{told}: {found:?}");
    }
}
