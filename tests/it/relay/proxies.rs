//! The user's proxy is honoured, but never for a provider on this machine.

use super::client::{end, spoken};
use super::running::KEY;
use super::{STREAMED, Upstream, relay};
use crate::kit::{Authority, Door};

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
async fn a_name_of_this_machine_is_not_looked_up() {
    for name in ["localhost", "localhost.", "nobody.localhost", "LocalHost"] {
        let upstream = Upstream::bind();
        let proxy = Upstream::bind();
        let base_url = upstream.base_url.replace("127.0.0.1", name);
        let relay = relay(&base_url).proxy(&proxy.base_url).start().await;
        let mut codex = relay.post(STREAMED).await;
        upstream.request().await.stream("Hello").await;
        codex.head().await;
        assert_eq!(spoken(&codex.events().await), "Hello");
        assert!(!proxy.has_visitor());
    }
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

#[tokio::test]
async fn a_proxy_sees_where_a_provider_behind_tls_is_and_nothing_else() {
    let authority = Authority::new("ours");
    let upstream = Upstream::bind();
    let door = Door::before(&upstream.base_url, &authority.identity("provider.invalid"));
    let proxy = Upstream::bind();
    let relay = relay("https://provider.invalid/v1")
        .trusting(&authority)
        .proxy(&proxy.base_url);
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let asked = proxy.request().await;
    assert!(
        asked.head.starts_with("connect provider.invalid:443 http/1.1\r\n"),
        "{}",
        asked.head
    );
    assert!(!asked.head.contains(KEY), "{}", asked.head);
    let tunnel = tokio::spawn(asked.tunnel_to(door.address));
    let exchange = upstream.request().await;
    assert!(exchange.head.contains(KEY), "{}", exchange.head);
    exchange.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
    tunnel.abort();
}
