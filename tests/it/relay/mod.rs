//! The relay over real sockets: Codex's side and the provider's side are played byte for byte.

mod answers;
mod attacks;
mod broken;
pub mod client;
mod compact;
mod demo;
mod failures;
mod fallbacks;
mod guard;
mod half_open;
mod hanging_up;
mod headers;
mod kept;
mod many;
mod native;
mod proxies;
mod recorded;
mod repairs;
mod retries;
pub mod running;
mod sdk;
mod search;
mod specified;
mod tls;
mod upstream;

use running::{Relay, relay};
pub use upstream::{Exchange, Upstream};

/// The shortest request that streams.
const STREAMED: &str = r#"{"model":"m","stream":true,"input":"hi"}"#;

/// The same, whole.
const WHOLE: &str = r#"{"model":"m","input":"hi"}"#;

/// Bounds what must come; nothing is meant to take nearly as long.
async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(crate::kit::PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("waited in vain for {what}"),
    }
}
