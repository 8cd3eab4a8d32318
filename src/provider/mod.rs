//! Who there is, which models they serve, and in which respects each differs.
//!
//! The table is data: [`providers.toml`](https://github.com/crelay/crelay/blob/main/src/provider/providers.toml). A new
//! provider is a stanza, a new difference is a new variant of an axis in [`dialect`].

pub mod dialect;
pub mod effort;
