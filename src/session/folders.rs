//! Where crelay and Codex keep what they keep.

use std::path::PathBuf;

/// All folders of a run, as absolute paths; none of them need exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// `config.toml` of crelay.
    pub config: PathBuf,
    /// What Codex wrote into its profiles (trust, notices, chosen model).
    pub state: PathBuf,
    /// Codex's versions and base prompts; may be deleted at any time.
    pub cache: PathBuf,
    /// crelay's private copy of Codex.
    pub data: PathBuf,
    /// One folder for each living session, swept at every start.
    pub runtime: PathBuf,
    /// `$CODEX_HOME`, else `~/.codex`.
    pub codex_home: PathBuf,
}
