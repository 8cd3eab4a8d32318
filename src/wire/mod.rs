//! Types and bytes of both protocols: SSE frames, Chat Completions, the Responses API.
//!
//! Nothing here knows a provider, and nothing here turns one protocol into the other.
//! Reading is generous (every field may be missing, null or unknown), writing is exact.

pub mod chat;
pub mod found;
pub mod responses;
pub mod sse;

mod lenient;
