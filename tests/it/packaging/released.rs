//! The files of a release, as `packaging/release.py` makes them of what was built.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::place::{Place, TARGET, VERSION, archive_of, release, write_program};
use super::root;
use crate::kit::Process;

/// Whom a release has an archive for.
pub const TARGETS: [&str; 4] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-unknown-linux-musl",
];

/// What `Cargo.toml` says.
fn manifest() -> toml_edit::DocumentMut {
    fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap()
}

fn repository() -> String {
    manifest()["package"]["repository"].as_str().unwrap().to_owned()
}

/// The files in `archive`, below the one folder that it is.
fn files_in(archive: &Path) -> BTreeSet<String> {
    let ended = Process::run(Command::new("tar").arg("-tzf").arg(archive)).well();
    let inner = archive.file_name().unwrap().to_str().unwrap().replace(".tar.gz", "/");
    let lines = ended
        .stdout
        .lines()
        .map(|line| line.strip_prefix(&inner).unwrap_or_else(|| panic!("{line}")));
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn an_archive_holds_the_program_its_manual_completions_and_licence() {
    let place = Place::new();
    let mut expected = BTreeSet::from(["crelay", "README.md", "CHANGELOG.md", "LICENSE"].map(str::to_owned));
    for (folder, kept) in [("man", "packaging/man"), ("completions", "completions")] {
        let kept = fs::read_dir(root().join(kept)).unwrap();
        expected.extend(kept.map(|file| format!("{folder}/{}", file.unwrap().file_name().to_str().unwrap())));
    }
    assert_eq!(files_in(&place.archive()), expected);
}

#[test]
fn an_archive_of_the_same_files_is_the_same_bytes() {
    let (first, second) = (Place::new(), Place::new());
    assert_eq!(fs::read(first.archive()).unwrap(), fs::read(second.archive()).unwrap());
    assert_eq!(
        fs::read(first.path().join("SHA256SUMS")).unwrap(),
        fs::read(second.path().join("SHA256SUMS")).unwrap()
    );
    let other = Place::of("echo another");
    assert_ne!(fs::read(first.archive()).unwrap(), fs::read(other.archive()).unwrap());
}

#[test]
fn cargo_binstall_finds_the_archives() {
    let manifest = manifest();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let fill = |key: &str| {
        let text = binstall[key].as_str().unwrap();
        [
            ("{ repo }", repository().as_str()),
            ("{ name }", "crelay"),
            ("{ version }", VERSION),
            ("{ target }", TARGET),
            ("{ bin }", "crelay"),
            ("{ binary-ext }", ""),
        ]
        .iter()
        .fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
    };
    let address = format!("{}/releases/download/v{VERSION}/{}", repository(), archive_of(TARGET));
    assert_eq!(fill("pkg-url"), address);
    let inner = archive_of(TARGET).replace(".tar.gz", "");
    assert_eq!(fill("bin-dir"), format!("{inner}/crelay"));
    let archives = Place::new();
    assert!(files_in(&archives.archive()).contains("crelay"));
}

/// A folder with an archive for everybody, and the sum of each.
fn whole_release() -> TempDir {
    let folder = TempDir::with_prefix("crelay-release-").unwrap();
    let program = folder.path().join("program");
    for target in TARGETS {
        write_program(&program, &format!("echo {target}"));
        let mut command = release();
        command.args(["archive", target]).arg(&program).arg(folder.path());
        Process::run(&mut command).well();
    }
    fs::remove_file(program).unwrap();
    Process::run(release().arg("sums").arg(folder.path())).well();
    folder
}

#[test]
fn the_formula_names_each_archive_beside_its_sum() {
    let folder = whole_release();
    let formula = Process::run(release().arg("formula").arg(folder.path())).well().stdout;
    let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
    assert_eq!(sums.lines().count(), TARGETS.len());
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let address = format!("{}/releases/download/v{VERSION}/{name}", repository());
        let stanza = format!("      url \"{address}\"\n      sha256 \"{sum}\"\n");
        assert_eq!(formula.matches(&stanza).count(), 1, "{stanza}\n{formula}");
        // Each in the block of its system and processor.
        let before = &formula[..formula.find(&stanza).unwrap()];
        let system = if name.contains("darwin") {
            "on_macos"
        } else {
            "on_linux"
        };
        let processor = if name.contains("aarch64") { "on_arm" } else { "on_intel" };
        assert_eq!(
            before.rfind("on_macos").max(before.rfind("on_linux")),
            before.rfind(system)
        );
        assert_eq!(
            before.rfind("on_arm").max(before.rfind("on_intel")),
            before.rfind(processor)
        );
    }
    assert!(!formula.contains('@'), "{formula}");
    assert!(formula.starts_with("class Crelay < Formula\n"), "{formula}");
    let description = format!(
        "  desc \"{}\"\n",
        manifest()["package"]["description"].as_str().unwrap()
    );
    assert!(formula.contains(&description), "{formula}");
    assert!(formula.contains(&format!("  version \"{VERSION}\"\n")), "{formula}");
    let file = folder.path().join("crelay.rb");
    fs::write(&file, formula).unwrap();
    match Command::new("ruby").arg("-c").arg(&file).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => eprintln!("no ruby here: the formula is not read by it"),
    }
}

#[test]
fn a_formula_is_not_made_of_half_a_release() {
    let place = Place::new();
    let ended = Process::run(release().arg("formula").arg(place.path()));
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    assert!(ended.stderr.contains(" does not name crelay-"), "{}", ended.stderr);
}

#[test]
fn a_release_has_a_tag_of_its_version_and_a_section_of_the_changelog() {
    let folder = TempDir::with_prefix("crelay-release-").unwrap();
    let script = folder.path().join("packaging/release.py");
    fs::create_dir(folder.path().join("packaging")).unwrap();
    fs::copy(root().join("packaging/release.py"), &script).unwrap();
    fs::copy(root().join("Cargo.toml"), folder.path().join("Cargo.toml")).unwrap();
    let changelog = folder.path().join("CHANGELOG.md");
    let run = |arguments: &[&str]| {
        let ended = Process::run(Command::new("python3").arg("-B").arg(&script).args(arguments));
        (ended.code, ended.stdout, ended.stderr)
    };
    let tag = format!("v{VERSION}");
    let none = format!("error: CHANGELOG.md has no section `## [{VERSION}] - YEAR-MONTH-DAY`\n");
    fs::write(&changelog, "# Changelog\n\n## [Unreleased]\n\n- New.\n").unwrap();
    assert_eq!(run(&["check", &tag]), (1, String::new(), none));
    let sections =
        format!("## [Unreleased]\n\n## [{VERSION}] - 2026-11-22\n\n### Added\n\n- All.\n\n## [0.0.9] - 2026-01-01\n");
    fs::write(&changelog, sections).unwrap();
    assert_eq!(run(&["check", &tag]), (0, String::new(), String::new()));
    assert_eq!(run(&["notes"]), (0, "### Added\n\n- All.\n".to_owned(), String::new()));
    let other = format!("error: the tag is v9.9.9, and Cargo.toml has {VERSION}\n");
    assert_eq!(run(&["check", "v9.9.9"]), (1, String::new(), other));
    assert_eq!(run(&["version"]), (0, format!("{VERSION}\n"), String::new()));
}

#[test]
fn the_crate_holds_what_builds_it_and_what_its_users_read() {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["package", "--list", "--allow-dirty", "--offline", "--locked"])
        .current_dir(root());
    let ended = Process::run(&mut command).well();
    let listed: BTreeSet<&str> = ended.stdout.lines().collect();
    let mut rest: Vec<&str> = Vec::new();
    for file in &listed {
        let is_expected = match file.split_once('/') {
            Some(("src", source)) => [".rs", ".toml", ".md", ".json"].iter().any(|end| source.ends_with(end)),
            Some(("completions", _)) => true,
            Some(("packaging", page)) => page.starts_with("man/"),
            _ => false,
        };
        if !is_expected {
            rest.push(file);
        }
    }
    let expected = [
        ".cargo_vcs_info.json",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE",
        "README.md",
        "build.rs",
    ];
    assert_eq!(rest, expected);
    for needed in [
        "src/main.rs",
        "src/provider/providers.toml",
        "completions/crelay.bash",
        "packaging/man/crelay.1",
    ] {
        assert!(listed.contains(needed), "{needed}");
    }
}
