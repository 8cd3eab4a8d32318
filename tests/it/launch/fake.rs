//! A Codex that does what the test tells it to: its last argument is a shell script.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kit::{Home, Process};

/// Answers `--version`, leaves alone what it is not asked to do, notes what it was given, and runs its last argument.
const SCRIPT: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "codex-cli ${FAKE_VERSION:-0.169.0}"; exit 0; }
for last in "$@"; do :; done
# crelay asks for the base prompt, which is the first thing that it does with a new Codex.
[ "$last" = - ] && { [ -f "$0.first" ] && . "$0.first"; exit 1; }
note="$HOME/noted-$$"
tr '\0' '\n' </proc/$$/cmdline >"$note.line"
env >"$note.environment"
[ "$1" = -p ] && profile="$CODEX_HOME/$2.config.toml" && cp "$profile" "$note.profile"
# Stays until a signal ends it. The helper ends with it, however it ends.
stay() {
    mkfifo "$HOME/stay-$$"
    cat <"$HOME/stay-$$" >/dev/null 2>&1 &
    exec 3>"$HOME/stay-$$"
    echo "ready $$"
    while :; do wait; done
}
eval "$last"
"#;

/// The key that the provider would get.
pub const KEY: &str = "sk-0123456789-of-the-provider";

/// A home with the fake in it.
pub struct Fake {
    pub home: Home,
    program: PathBuf,
}

/// What one run of the fake was given.
pub struct Noted {
    pub line: Vec<String>,
    pub environment: Vec<String>,
    /// The text of its profile, if it had one.
    pub profile: Option<String>,
}

impl Fake {
    pub fn new() -> Self {
        Self::in_home(Home::configured("# the user's own\nmodel = \"gpt-6\"\n"))
    }

    pub fn in_home(home: Home) -> Self {
        let program = home.path().join("codex");
        let source = home.path().join("source");
        std::fs::write(&source, SCRIPT).unwrap();
        // Another process writes what is run: a file that this one had open for writing cannot be run while a child of
        // a test beside still holds what it inherited.
        let mut install = Command::new("install");
        let status = install.args(["-m", "755"]).args([&source, &program]).status().unwrap();
        assert!(status.success());
        std::fs::remove_file(source).unwrap();
        Self { home, program }
    }

    /// Where the fake is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// `crelay codex` with `options` for crelay and `arguments` for the fake.
    pub fn codex(&self, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.home.crelay();
        command
            .args(["codex", "--base-url", "http://127.0.0.1:1/v1", "--codex"])
            .arg(&self.program)
            .args(options)
            .args(arguments)
            .env("CRELAY_API_KEY", KEY);
        command
    }

    /// A run of `script` as Codex.
    pub fn script(&self, script: &str) -> Command {
        self.codex(&["-m", "some-model"], &["exec", script])
    }

    /// A run of `script` before which crelay asks for the key.
    pub fn asking(&self, script: &str) -> Command {
        self.codex(&["-m", "some-model", "--key-file", "-"], &["exec", script])
    }

    /// A run of `script` on a provider's default model, or the one that was chosen last.
    pub fn deepseek(&self, script: &str) -> Command {
        let mut command = self.home.crelay();
        command
            .args(["codex", "--provider", "deepseek", "--codex"])
            .arg(&self.program)
            .args(["exec", script])
            .env("DEEPSEEK_API_KEY", KEY);
        command
    }

    /// What the fake does before it is asked for anything else.
    pub fn do_first(&self, script: &str) {
        std::fs::write(self.program.with_extension("first"), script).unwrap();
    }

    /// Starts `script` and waits until it [stays](SCRIPT); says the fake's process as well.
    pub fn start(&self, script: &str) -> (Process, u32) {
        let process = Process::spawn(&mut self.script(script));
        let pid = process.wait_for_line("ready ").parse().unwrap();
        (process, pid)
    }

    /// What the process `pid` noted.
    pub fn noted(&self, pid: u32) -> Noted {
        let read = |what: &str| std::fs::read_to_string(self.home.path().join(format!("noted-{pid}.{what}")));
        let lines = |what| read(what).unwrap().lines().map(ToOwned::to_owned).collect();
        Noted {
            line: lines("line"),
            environment: lines("environment"),
            profile: read("profile").ok(),
        }
    }

    /// What the only run until now noted.
    pub fn noted_once(&self) -> Noted {
        let entries = std::fs::read_dir(self.home.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let pids: Vec<u32> = names
            .filter_map(|name| name.strip_prefix("noted-")?.strip_suffix(".line")?.parse().ok())
            .collect();
        let [pid] = pids[..] else {
            panic!("the fake ran {} times", pids.len())
        };
        self.noted(pid)
    }

    /// The profiles of crelay's that are in Codex's home.
    pub fn profiles(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.codex()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("crelay")).collect()
    }
}

/// The command line of a living process.
pub fn command_line(pid: u32) -> String {
    let bytes = std::fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).unwrap();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}
