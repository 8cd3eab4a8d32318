//! crelay runs the OpenAI Codex CLI on models of other providers.
//!
//! A request comes in from Codex, is translated, goes out; the answer comes back, is translated, goes to Codex. The
//! code has the shape of that sentence:
//!
//! ```text
//! Codex ──► relay ──► translate::request ──► upstream ──► provider
//! Codex ◄── relay ◄── translate::Turn    ◄── upstream ◄──┘
//! cli ─► session ─► relay;  launch stands beside and runs Codex
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`cli`] | what was typed, and who is called for it; it alone reads the environment and ends the process |
//! | [`launch`] | Codex as a child: find it, lend it a profile, pass on signals, clean up |
//! | [`shim`] | Codex under another name: a link to crelay, and what is meant by it |
//! | [`relay`] | the listener on loopback; one turn from request to last event |
//! | [`upstream`] | one HTTP client toward the provider; the pure decision whether to retry |
//! | [`files`] | files and folders of this user's alone, whole or not there |
//! | [`keep`] | keys that crelay keeps for the user: in the system's keyring, or in a file |
//! | [`models`] | what several sources say of a model, which of them counts, and which model a name means |
//! | [`stock`] | what providers list and models.dev knows: asked for, and kept in the cache |
//! | [`record`] | what travelled, written down while it does, and read again |
//! | [`session`] | what the typed words mean: one immutable value for this run |
//! | [`doctor`] | whether a session would work: what is looked at, what is asked, what follows |
//! | [`translate`] | one protocol into the other, both ways |
//! | [`provider`] | a table of who there is, which models, and in which respects each differs |
//! | [`usage`] | what was used: counts in whatever spelling, what they cost, their sums |
//! | [`wire`] | types and bytes of both protocols |
//! | [`report`] | how an error becomes words, hint and exit code |
//! | [`plain`] | what others wrote, as a terminal may show it |
//! | [`demo`] | a scripted provider that needs neither key nor network |
//!
//! `wire`, `usage`, `translate`, `provider`, `models` and `plain` are pure: no async, clock, file, network, environment
//! or randomness.

pub mod cli;
pub mod demo;
pub mod doctor;
pub mod files;
pub mod keep;
pub mod launch;
pub mod models;
pub mod plain;
pub mod provider;
pub mod record;
pub mod relay;
pub mod report;
pub mod session;
pub mod shim;
pub mod stock;
pub mod translate;
pub mod upstream;
pub mod usage;
pub mod wire;
