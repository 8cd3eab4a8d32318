//! All that was found, as a document for programs. `schema.json` describes it; what stands there stays.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::usage::Sum;

use super::account::Left;
use super::check::{Check, Finding, Verdict};

/// All that was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Examination {
    /// The version of crelay.
    pub crelay: &'static str,
    /// Whether a session would work.
    pub works: bool,
    /// The Codex that would be run, if there is one.
    pub codex: Option<Codex>,
    /// Who would be asked, if that can be told.
    pub provider: Option<Subject>,
    /// The key that would be used, if there is one.
    pub key: Option<Key>,
    /// What is left on its account, if the provider tells.
    pub balance: Option<Left>,
    /// How long it took until the first word of the simplest turn.
    pub first_token_seconds: Option<f64>,
    /// What the turns used that were asked.
    pub used: Option<Sum>,
    /// What came of each check, in their order.
    pub checks: Vec<Finding>,
}

/// The Codex that would be run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Codex {
    /// What it calls itself.
    pub version: String,
    /// Where it is.
    pub program: String,
}

/// Who would be asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// The provider's id.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// The model, if one is named or known.
    pub model: Option<String>,
    /// The protocol.
    pub wire: &'static str,
    /// In what the dialect is not the usual one, as `providers.toml` spells it.
    pub axes: Map<String, Value>,
    /// Which leaked calls and thoughts are put right.
    pub healers: Vec<&'static str>,
}

/// The key that would be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Where it comes from.
    pub source: String,
    /// How it ends, where that gives nothing away.
    pub last_four: Option<String>,
}

impl Examination {
    /// One in which nothing was found yet.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            crelay: env!("CARGO_PKG_VERSION"),
            works: true,
            ..Self::default()
        }
    }

    /// Adds what came of a check.
    pub fn add(&mut self, finding: Finding) {
        self.works &= finding.verdict != Verdict::Failed;
        self.checks.push(finding);
    }

    /// What was not looked at yet.
    #[must_use]
    pub fn missing(&self) -> Vec<Check> {
        let is_missing = |check: &Check| self.checks.iter().all(|finding| finding.check != *check);
        Check::ALL.into_iter().filter(is_missing).collect()
    }
}
