//! The real Codex CLI of a pinned version runs whole tasks through crelay.
