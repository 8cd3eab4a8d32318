//! Names of tools: from Codex's namespaces to what every provider takes, and back.

/// The tools of one request under the names that the provider sees.
#[derive(Debug, Clone, Default)]
pub struct Tools {}
