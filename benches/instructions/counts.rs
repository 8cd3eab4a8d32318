//! Counts, and the file that keeps them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// What was counted, and with what.
#[derive(Debug, Serialize, Deserialize)]
pub struct Counts {
    pub made_with: Maker,
    pub instructions: BTreeMap<String, u64>,
}

/// What counts depend on beside the source.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The compiler's version.
    pub rustc: String,
    /// What it made the program for.
    pub target: String,
}

impl Maker {
    /// The compiler that cargo uses.
    pub fn here() -> Self {
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(compiler).arg("-vV").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        Self {
            rustc: line("release:"),
            target: line("host:"),
        }
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rustc {} for {}", self.rustc, self.target)
    }
}

impl Counts {
    pub fn read(path: &Path) -> Self {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    pub fn write(&self, path: &Path) {
        let json = serde_json::to_string_pretty(self).unwrap();
        std::fs::write(path, json + "\n").unwrap();
    }
}

/// By which part of itself the count has grown.
#[expect(clippy::cast_precision_loss, reason = "a part in a million does not matter")]
pub fn change(then: u64, now: u64) -> f64 {
    now as f64 / then as f64 - 1.0
}
