//! Folders of a test's own, and what must be true of them at its end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A user's home with Codex's and crelay's folders and a project. Checked when it is dropped: the user's `config.toml`
/// is byte for byte as it was, and neither Codex's home nor the runtime folder holds a file of crelay's.
pub struct Home {
    root: TempDir,
    config: Option<String>,
}

impl Home {
    /// Without a configuration of Codex's.
    pub fn new() -> Self {
        Self::make(None)
    }

    /// With this `config.toml` in Codex's home; `PROJECT` in it becomes the path of the project.
    pub fn configured(config: &str) -> Self {
        Self::make(Some(config))
    }

    fn make(config: Option<&str>) -> Self {
        // Not below this repository, which Codex would take for the project.
        let root = TempDir::with_prefix("crelay-test-").unwrap();
        let project = root.path().canonicalize().unwrap().join("project");
        let config = config.map(|config| config.replace("PROJECT", project.to_str().unwrap()));
        let home = Self { root, config };
        for folder in [home.codex(), home.project(), home.runtime(), home.temporary()] {
            std::fs::create_dir_all(folder).unwrap();
        }
        if let Some(config) = &home.config {
            std::fs::write(home.codex().join("config.toml"), config).unwrap();
        }
        home
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// `$CODEX_HOME`.
    pub fn codex(&self) -> PathBuf {
        self.path().join(".codex")
    }

    /// Where commands run.
    pub fn project(&self) -> PathBuf {
        self.path().join("project")
    }

    /// `$XDG_RUNTIME_DIR`.
    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// `$TMPDIR`. The rest of the home must not lie below it: Codex puts no helpers there, and warns.
    fn temporary(&self) -> PathBuf {
        self.path().join("tmp")
    }

    /// `program` with nothing of this process's environment but `PATH`, in the project.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("CODEX_HOME", self.codex())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("TMPDIR", self.temporary())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            // Nobody beyond this machine is asked for anything.
            .env("CRELAY_OFFLINE", "1")
            .current_dir(self.project());
        command
    }

    /// crelay as cargo built it for this test.
    pub fn crelay(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_crelay"))
    }

    /// The files in it that hold one of `texts`.
    pub fn files_with(&self, texts: &[&str]) -> Vec<PathBuf> {
        let holds = |path: &PathBuf| {
            let content = std::fs::read(path).unwrap_or_default();
            let mut sought = texts.iter();
            sought.any(|text| content.windows(text.len()).any(|window| window == text.as_bytes()))
        };
        // Codex's helpers are links to itself.
        let files = files_below(self.path()).into_iter().filter(|path| !path.is_symlink());
        files.filter(holds).collect()
    }

    /// Panics if a session has changed or left what it must not. Also called when the home is dropped.
    pub fn assert_nothing_is_left(&self) {
        let config = std::fs::read_to_string(self.codex().join("config.toml")).ok();
        assert_eq!(config, self.config, "the user's config.toml has changed");
        let left = self.left();
        assert!(left.is_empty(), "crelay has left {left:#?}");
    }

    fn left(&self) -> BTreeSet<PathBuf> {
        let in_codex = files_below(&self.codex()).into_iter().filter(|file| {
            let relative = file.strip_prefix(self.codex()).unwrap_or(file);
            relative.to_string_lossy().contains("crelay")
        });
        in_codex.chain(files_below(&self.runtime())).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.assert_nothing_is_left();
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() && !path.is_symlink() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
