//! Options of crelay's own that stand where only Codex's are read: Codex would refuse them in words of its own, or
//! take what follows for a task, and crelay would run without them.

use super::error::Error;
use super::nearest::nearest;

/// crelay's options that Codex does not have, and whether a value follows. `-m` and `-h` are Codex's as well.
const OWN: [(&str, bool); 18] = [
    ("--provider", true),
    ("-P", true),
    ("--model-map", true),
    ("--small-model", true),
    ("--base-url", true),
    ("--key-file", true),
    ("--wire", true),
    ("--no-heal", false),
    ("--codex", true),
    ("--install-codex", false),
    ("--log-file", true),
    ("--max-cost", true),
    ("--quiet", false),
    ("-q", false),
    ("--receipt", true),
    ("--record", true),
    ("--redact", false),
    ("--dry-run", false),
];

/// Whether `name` is an option that many programs take a key behind, and neither crelay nor a session of Codex: what
/// follows it is not repeated.
#[must_use]
pub fn takes_key(name: &str) -> bool {
    ["--api-key", "--apikey", "--api_key", "--key"].contains(&name)
}

/// An option of crelay's own among Codex's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Own {
    name: &'static str,
    pub has_value: bool,
    is_exact: bool,
}

/// Which option of crelay's `name` is or was meant to be. That no option of Codex's is near one is held by a test.
pub(super) fn find(name: &str) -> Option<Own> {
    let exact = OWN.into_iter().find(|(own, _)| *own == name);
    let meant = || {
        let typed = name.strip_prefix("--").filter(|typed| !typed.is_empty())?;
        let near = nearest(typed, OWN.iter().filter_map(|(own, _)| own.strip_prefix("--")))?;
        OWN.into_iter().find(|(own, _)| own.strip_prefix("--") == Some(near))
    };
    exact.or_else(meant).map(|(own, has_value)| Own {
        name: own,
        has_value,
        is_exact: own == name,
    })
}

impl Own {
    /// What to tell about it. `verb` is the one to begin the line with, `value` what was typed as its value.
    pub fn misplaced(self, typed: &str, verb: &str, value: Option<&str>) -> Error {
        if !self.is_exact {
            return Error::Mistyped {
                typed: typed.to_owned(),
                meant: self.name,
            };
        }
        let value = match (self.name, value) {
            (_, None) => String::new(),
            // It may hold a password, as addresses of the user's own do.
            ("--base-url", Some(_)) => " URL".to_owned(),
            (_, Some(value)) if self.has_value => format!(" {value}"),
            (_, Some(value)) => format!("={value}"),
        };
        Error::Misplaced {
            name: self.name,
            instead: format!("crelay {verb} {}{value} …", self.name),
        }
    }
}
