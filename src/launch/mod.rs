//! Codex as a child: find it, lend it a profile, pass on signals, clean up.
