//! Types and bytes of both protocols: SSE frames, Chat Completions, the Responses API.
//!
//! Nothing here knows a provider, and nothing here turns one protocol into the other.
//! Reading is generous (every field may be missing, null or unknown), writing is exact.

#![forbid(unsafe_code)]

pub mod chat;
pub mod found;
pub mod halves;
pub mod json;
pub mod responses;
pub mod sse;

mod escape;
mod lenient;
mod text;

pub use text::Text;

/// The largest window that a zstd frame may need, as RFC 9659 sets it for what HTTP carries. Whoever says more would
/// have that much memory taken.
pub const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;

/// What a provider says in one frame, in either protocol.
#[derive(Debug, Clone)]
pub enum Said {
    /// A chunk of Chat Completions.
    Chunk(Box<chat::Chunk>),
    /// An event of a Responses endpoint.
    Event(Box<responses::Streamed>),
}
