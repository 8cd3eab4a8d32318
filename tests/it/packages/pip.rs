//! The wheel: its command, and the module `crelay`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{here, installed, program, run, upstream};
use crate::kit::{Codex, Home, Process, packages, text};

/// An environment with the wheel and nothing else, for all tests of this process.
struct Environment {
    folder: TempDir,
}

static ENVIRONMENT: LazyLock<Environment> = LazyLock::new(Environment::make);

impl Environment {
    fn make() -> Self {
        let folder = TempDir::with_prefix("crelay-test-").unwrap();
        let wheel = wheel(folder.path());
        let environment = Self { folder };
        let mut create = Command::new("python3");
        create.args(["-m", "venv"]).arg(environment.folder.path().join("venv"));
        run(&mut create);
        let mut install = Command::new(environment.program("python"));
        install.args(["-m", "pip", "install", "--no-index", "--disable-pip-version-check"]);
        run(install.arg(wheel));
        environment
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.path().join("venv/bin").join(name)
    }
}

/// Stands for cargo before maturin: what would be compiled is there.
const CARGO: &str = r#"#!/bin/sh
[ "$1" = rustc ] || exec "$CARGO_ITSELF" "$@"
printf '%s\n' "$ARTIFACT"
"#;

/// Builds the wheel below `folder` as it is published, but of the program that cargo has built for these tests. Asked
/// by maturin, cargo would compile half of it anew: without what tests want of dependencies.
fn wheel(folder: &Path) -> PathBuf {
    let interpreter = packages::python(&here("tests/packages")).unwrap_or_else(|reason| panic!("{reason}"));
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, CARGO).unwrap();
    run(Command::new("chmod").arg("+x").arg(&cargo));
    let mut maturin = Command::new(interpreter.with_file_name("maturin"));
    maturin.args(["build", "--out"]).arg(folder.join("wheels"));
    maturin.env("CARGO_ITSELF", env!("CARGO")).env("CARGO", cargo);
    maturin.env("ARTIFACT", artifact(&program(folder)).to_string());
    run(maturin.current_dir(here("packaging/python")));
    only_file(&folder.join("wheels"))
}

/// How cargo tells of a program that it has built.
fn artifact(program: &Path) -> Value {
    let id = run(Command::new(env!("CARGO")).arg("pkgid").current_dir(here("")));
    json!({
        "reason": "compiler-artifact",
        "package_id": id.trim(),
        "manifest_path": here("Cargo.toml"),
        "target": {
            "kind": ["bin"],
            "crate_types": ["bin"],
            "name": "crelay",
            "src_path": here("src/main.rs"),
            "edition": "2024",
            "doc": true,
            "doctest": false,
            "test": true,
        },
        "profile": {
            "opt_level": "3",
            "debuginfo": 0,
            "debug_assertions": false,
            "overflow_checks": false,
            "test": false,
        },
        "features": [],
        "filenames": [program],
        "executable": program,
        "fresh": true,
    })
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert_eq!(files.next(), None);
    file
}

#[test]
fn pip_brings_the_command() {
    let (home, codex) = (Home::new(), Codex::take());
    let mut crelay = installed(&home, &ENVIRONMENT.program("crelay"));
    crelay.args(["exec", "--provider", "demo", "--skip-git-repo-check", "show me"]);
    let said = run(crelay.env("CRELAY_CODEX", codex.program()));
    assert!(said.contains("That was the whole path"), "{said}");
}

#[test]
fn the_module_does_what_it_promises() {
    let (home, codex) = (Home::new(), Codex::take());
    let provider = upstream().to("pipe: ", [text("Heard.")]);
    let mut python = installed(&home, &ENVIRONMENT.program("python"));
    python
        .args(["-B", "-W", "error"])
        .arg(here("packaging/python/tests/test_crelay.py"));
    python
        .env("CRELAY_CODEX", codex.program())
        .env("UPSTREAM", provider.base_url());
    let ended = Process::run(python.env("UPSTREAM_KEY", provider.key()));
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.ends_with("\nOK\n"), "{}", ended.stderr);
}

#[test]
fn the_module_has_types_without_a_gap() {
    let interpreter = packages::python(&here("tests/packages")).unwrap_or_else(|reason| panic!("{reason}"));
    let cache = tempfile::tempdir().unwrap();
    let mut mypy = Command::new(interpreter);
    mypy.args(["-m", "mypy", "--cache-dir"]).arg(cache.path());
    mypy.args(["crelay", "tests"]).env("MYPYPATH", ".");
    run(mypy.current_dir(here("packaging/python")));
}

#[test]
#[ignore = "compiles crelay as it is published, which takes minutes; `cargo test --test it -- --ignored packages::pip`"]
fn pip_builds_the_package_from_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let interpreter = packages::python(&here("tests/packages")).unwrap_or_else(|reason| panic!("{reason}"));
    let mut maturin = Command::new(interpreter.with_file_name("maturin"));
    maturin.args(["sdist", "--out"]).arg(folder.path());
    run(maturin.current_dir(here("packaging/python")));
    let source = only_file(folder.path());
    let mut create = Command::new("python3");
    run(create.args(["-m", "venv"]).arg(folder.path().join("venv")));
    let mut pip = Command::new(folder.path().join("venv/bin/python"));
    // pip fetches maturin itself, of the version that the package asks for.
    pip.args(["-m", "pip", "install", "--no-cache-dir"]).arg(source);
    let ended = pip.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let said = run(Command::new(folder.path().join("venv/bin/crelay"))
        .arg("--version")
        .env("HOME", folder.path()));
    assert!(
        said.starts_with(concat!("crelay ", env!("CARGO_PKG_VERSION"))),
        "{said}"
    );
}
