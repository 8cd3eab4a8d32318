//! The packages for npm: the command, the wrapper that stands for it, and the module `crelay`.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{here, program, run, upstream};
use crate::kit::{Codex, Home, Process, Terminal, packages};

/// A folder in which both packages are installed, and nothing else.
struct Prefix {
    folder: TempDir,
}

static PREFIX: LazyLock<Prefix> = LazyLock::new(Prefix::make);

impl Prefix {
    fn make() -> Self {
        let folder = TempDir::with_prefix("crelay-test-").unwrap();
        let path = folder.path().to_owned();
        let program = program(&path);
        let mut assemble = Command::new("node");
        assemble
            .arg(here("packaging/npm/assemble.mjs"))
            .arg("--out")
            .arg(path.join("packages"));
        run(assemble.args(["--partial", &format!("{}={}", platform(), program.display())]));
        std::fs::write(path.join("package.json"), r#"{"private": true}"#).unwrap();
        let prefix = Self { folder };
        let both = ["crelay".to_owned(), format!("@crelay/{}", platform())];
        prefix.install(&prefix.pack(&both), &[]);
        prefix
    }

    /// The packages as npm would publish them.
    fn pack(&self, names: &[String]) -> Vec<PathBuf> {
        let packed = names.iter().map(|name| {
            let mut pack = Command::new("npm");
            pack.args(["pack", "--silent", "--pack-destination"])
                .arg(self.folder.path());
            pack.arg(self.folder.path().join("packages").join(name));
            let said = run(pack.env("HOME", self.folder.path()));
            self.folder.path().join(said.lines().last().unwrap())
        });
        packed.collect()
    }

    fn install(&self, packed: &[PathBuf], options: &[&str]) {
        let mut npm = Command::new("npm");
        npm.args(["install", "--offline", "--no-audit", "--no-fund"])
            .args(options)
            .args(packed);
        run(npm.current_dir(self.folder.path()).env("HOME", self.folder.path()));
    }

    /// What npm links for the command.
    fn command(&self) -> PathBuf {
        self.folder.path().join("node_modules/.bin/crelay")
    }

    /// `node`, the one on `PATH` or the newer one, with the wrapper.
    fn wrapper(&self, home: &Home, node: &Path) -> Command {
        let mut command = home.command(node);
        command.arg(self.command());
        command
    }
}

/// This machine, as Node calls it.
fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("{system}-{processor}")
}

fn tools() -> PathBuf {
    packages::npm(&here("tests/packages")).unwrap_or_else(|reason| panic!("{reason}"))
}

/// The Node on `PATH`, and one that surely can become another program, which came with 22.15. npm has that for Linux.
fn nodes() -> Vec<PathBuf> {
    let mut nodes = vec![PathBuf::from("node")];
    if cfg!(target_os = "linux") {
        nodes.push(tools().join(format!("node-{}/bin/node", platform())));
    }
    nodes
}

/// Whether `node` can become another program.
fn becomes(node: &Path) -> bool {
    let mut ask = Command::new(node);
    ask.args(["-p", "typeof process.execve === 'function'"]);
    run(&mut ask).trim() == "true"
}

/// A relay by way of the wrapper, and the process that serves.
fn serve(home: &Home, node: &Path) -> (Process, i32) {
    let mut command = PREFIX.wrapper(home, node);
    let process = Process::spawn(command.args(["serve", "--json", "--port", "0", "--provider", "demo"]));
    let said = process.wait_for_stdout_matching(|text| text.ends_with('\n'));
    let told: Value = serde_json::from_str(&said).unwrap();
    (process, told["pid"].as_i64().unwrap().try_into().unwrap())
}

#[test]
fn npx_runs_the_command() {
    let (home, codex) = (Home::new(), Codex::take());
    let mut npx = home.command("npx");
    npx.args(["--no-install", "--prefix"]).arg(PREFIX.folder.path());
    npx.args([
        "crelay",
        "exec",
        "--provider",
        "demo",
        "--skip-git-repo-check",
        "show me",
    ]);
    let said = run(npx.env("CRELAY_CODEX", codex.program()));
    assert!(said.contains("That was the whole path"), "{said}");
}

#[test]
fn a_newer_node_becomes_the_program_and_an_older_one_stands_beside_it() {
    for node in nodes() {
        let home = Home::new();
        let (process, serving) = serve(&home, &node);
        let is_program = becomes(&node);
        assert_eq!(process.id().cast_signed() == serving, is_program, "{}", node.display());
        process.signal(Signal::SIGTERM);
        let ended = process.wait().well();
        // Node warns of what it calls experimental.
        assert!(!ended.stderr.contains("Warning"), "{}", ended.stderr);
    }
}

#[test]
fn the_wrapper_has_the_exit_codes_and_the_words_of_the_program() {
    for node in nodes() {
        let home = Home::new();
        let ended = Process::run(PREFIX.wrapper(&home, &node).args(["exec", "-P", "nobody", "task"]));
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
        assert!(
            ended.stderr.starts_with("error: there is no provider `nobody`"),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_signal_to_the_wrapper_reaches_the_program() {
    let home = Home::new();
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let (process, serving) = serve(&home, Path::new("node"));
        process.signal(signal);
        let ended = process.wait().well();
        assert_eq!(ended.stderr.matches("serving ends when").count(), 1, "{}", ended.stderr);
        assert!(kill(Pid::from_raw(serving), None).is_err());
    }
}

#[test]
fn the_wrapper_ends_by_the_signal_that_ended_the_program() {
    let home = Home::new();
    let mut command = PREFIX.wrapper(&home, Path::new("node"));
    command
        .args(["serve", "--json", "--port", "0", "--provider", "demo"])
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    kill(
        Pid::from_raw(told["pid"].as_i64().unwrap().try_into().unwrap()),
        Signal::SIGKILL,
    )
    .unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGKILL as i32));
}

#[test]
fn ctrl_c_at_a_terminal_is_heard_once() {
    for node in nodes() {
        let home = Home::new();
        let mut command = PREFIX.wrapper(&home, &node);
        command.args(["serve", "--port", "0", "--provider", "demo"]);
        let terminal = Terminal::spawn(command);
        terminal.expect(" at http://127.0.0.1:");
        terminal.send("\x03");
        // A second one would end it by the signal.
        assert_eq!(terminal.exit_code(), 0);
    }
}

#[test]
fn without_the_package_of_the_platform_it_is_said_what_to_do() {
    let prefix = TempDir::with_prefix("crelay-test-").unwrap();
    std::fs::write(prefix.path().join("package.json"), "{}").unwrap();
    let alone = Prefix { folder: prefix };
    let packed = PREFIX.pack(&["crelay".to_owned()]);
    alone.install(&packed, &["--omit=optional"]);
    let home = Home::new();
    let ended = Process::run(&mut alone.wrapper(&home, Path::new("node")));
    assert_eq!(ended.code, 127);
    let platform = platform();
    let expected =
        format!("error: the package `@crelay/{platform}`, which holds the program, is not installed\n\nhint: ");
    assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("`npm install crelay --include=optional`"),
        "{}",
        ended.stderr
    );
}

#[test]
fn the_module_does_what_it_promises() {
    let (home, codex, provider) = (Home::new(), Codex::take(), upstream());
    let test = PREFIX.folder.path().join("crelay.test.mjs");
    std::fs::copy(here("packaging/npm/tests/crelay.test.mjs"), &test).unwrap();
    let mut command = home.command("node");
    command.arg("--test").arg(test);
    command
        .env("CRELAY_CODEX", codex.program())
        .env("UPSTREAM", provider.base_url());
    let ended = Process::run(command.env("UPSTREAM_KEY", provider.key()));
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("# fail 0"), "{}", ended.stdout);
}

#[test]
fn the_types_are_those_of_the_module() {
    let folder = PREFIX.folder.path();
    std::fs::copy(here("packaging/npm/tests/types.mts"), folder.join("types.mts")).unwrap();
    let mut compiler = Command::new("node");
    compiler.arg(tools().join("typescript/bin/tsc"));
    compiler.args([
        "--noEmit",
        "--strict",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--types",
        "",
        "types.mts",
    ]);
    run(compiler.current_dir(folder));
}

#[test]
fn all_packages_have_the_version_of_the_crate() {
    let described = |name: &str| -> Value {
        let file = PREFIX
            .folder
            .path()
            .join("node_modules")
            .join(name)
            .join("package.json");
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    };
    let part = format!("@crelay/{}", platform());
    let (whole, program) = (described("crelay"), described(&part));
    let version = json!(env!("CARGO_PKG_VERSION"));
    assert_eq!((&whole["version"], &program["version"]), (&version, &version));
    assert_eq!(whole["optionalDependencies"], json!({part: version}));
    let url = concat!("git+", env!("CARGO_PKG_REPOSITORY"), ".git");
    assert_eq!(
        (&whole["repository"]["url"], &program["repository"]["url"]),
        (&json!(url), &json!(url))
    );
    assert_eq!(program["publishConfig"]["access"], "public");
}

#[test]
fn a_program_for_another_machine_is_not_put_into_a_package() {
    let folder = tempfile::tempdir().unwrap();
    let assemble = |words: &[&str]| {
        let mut assemble = Command::new("node");
        assemble
            .arg(here("packaging/npm/assemble.mjs"))
            .arg("--out")
            .arg(folder.path().join("packages"));
        Process::run(assemble.args(words))
    };
    let program = env!("CARGO_BIN_EXE_crelay");
    let other = if cfg!(target_os = "macos") {
        "linux-x64"
    } else {
        "darwin-arm64"
    };
    let wrong = assemble(&["--partial", &format!("{other}={program}")]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong
            .stderr
            .contains(&format!("is for {}, not for {other}", platform())),
        "{}",
        wrong.stderr
    );
    let missing = assemble(&[&format!("{}={program}", platform())]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.starts_with("error: missing: "), "{}", missing.stderr);
}
