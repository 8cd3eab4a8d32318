//! What crelay is made of: whose code, under which licences, and where the compiler is not asked whether it is safe.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that `.deny.toml` allows, which `cargo deny` reads as well.
fn allowed() -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".deny.toml")).unwrap();
    let rules: toml_edit::DocumentMut = text.parse().unwrap();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    allowed.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Whether an expression of SPDX leaves a choice that is allowed. `AND` binds closer than `OR`; an exception only
/// permits more.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Old crates write `MIT/Apache-2.0`.
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let (is_allowed, rest) = either(&words, allowed);
    assert!(rest.is_empty(), "{expression}");
    is_allowed
}

fn either<'a, 'b>(words: &'a [&'b str], allowed: &BTreeSet<String>) -> (bool, &'a [&'b str]) {
    let (mut is_allowed, mut rest) = both(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (other, after) = both(after, allowed);
        is_allowed |= other;
        rest = after;
    }
    (is_allowed, rest)
}

fn both<'a, 'b>(words: &'a [&'b str], allowed: &BTreeSet<String>) -> (bool, &'a [&'b str]) {
    let (mut is_allowed, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (other, after) = one(after, allowed);
        is_allowed &= other;
        rest = after;
    }
    (is_allowed, rest)
}

fn one<'a, 'b>(words: &'a [&'b str], allowed: &BTreeSet<String>) -> (bool, &'a [&'b str]) {
    match words {
        ["(", inner @ ..] => {
            let (is_allowed, rest) = either(inner, allowed);
            (is_allowed, rest.strip_prefix(&[")"]).unwrap())
        }
        [name, "WITH", _, rest @ ..] | [name, rest @ ..] => (allowed.contains(*name), rest),
        [] => panic!("a licence is missing"),
    }
}

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    // What other systems need may not be on this machine.
    cargo.args([
        "metadata",
        "--format-version=1",
        "--offline",
        "--locked",
        "--filter-platform",
    ]);
    let output = cargo.arg(host()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "{}", packages.len());
    let allowed = allowed();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_allowed(licence, &allowed), "{}: {licence:?}", package["name"]);
        let source = package["source"].as_str();
        // Of this package, there is no other source than this folder.
        assert!(
            source.is_none_or(|source| source.starts_with("registry+")),
            "{source:?}"
        );
    }
}

/// The system that is built for, as rustc spells it.
fn host() -> String {
    let output = Command::new(env!("CARGO").replace("cargo", "rustc"))
        .arg("-vV")
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

#[test]
fn a_choice_of_licences_is_understood() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for (expression, is) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND GPL-3.0", false),
        ("MIT WITH LLVM-exception OR GPL-3.0", true),
    ] {
        assert_eq!(is_allowed(expression, &allowed), is, "{expression}");
    }
}
