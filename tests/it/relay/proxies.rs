//! The user's proxy is honoured, but never for a provider on this machine.

use super::client::{end, spoken};
use super::{STREAMED, Upstream, relay};

#[tokio::test]
async fn a_provider_on_this_machine_is_asked_directly() {
    let upstream = Upstream::bind();
    let proxy = Upstream::bind();
    let relay = relay(&upstream.base_url).proxy(&proxy.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    upstream.request().await.stream("Hello").await;
    codex.head().await;
    assert_eq!(end(&codex.events().await).name, "response.completed");
    assert!(!proxy.has_visitor());
}

#[tokio::test]
async fn another_provider_is_asked_through_the_proxy() {
    let proxy = Upstream::bind();
    let relay = relay("http://provider.invalid/v1").proxy(&proxy.base_url).start().await;
    let mut codex = relay.post(STREAMED).await;
    let exchange = proxy.request().await;
    let asked = "post http://provider.invalid/v1/chat/completions http/1.1\r\n";
    assert!(exchange.head.starts_with(asked), "{}", exchange.head);
    exchange.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
}
