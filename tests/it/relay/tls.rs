//! Over TLS only the provider itself is spoken to: whoever cannot show that he is it gets neither key nor prompt.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, SanType, date_time_ymd};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::client::spoken;
use super::running::KEY;
use super::upstream::{STOP, spoken as said};
use super::{STREAMED, Upstream, relay, soon};
use crate::kit::{Authority, Door, Identity};

const HOST: &str = "127.0.0.1";

/// What a turn is told when a provider at `host` shows `identity` and `authority` is trusted.
async fn refused(authority: &Authority, identity: &Identity) -> String {
    let upstream = Upstream::bind();
    let door = Door::before(&upstream.base_url, identity);
    let relay = relay(&door.base_url(HOST)).trusting(authority);
    // What is tried again would wait for ever.
    let relay = relay.upstream(|limits| {
        limits.retry.attempts = 2;
        limits.retry.pause = limits.retry.budget;
    });
    let relay = relay.start().await;
    let mut codex = relay.post(STREAMED).await;
    let (head, words) = codex.answer().await;
    assert_eq!(head.status, 400, "{words}");
    assert!(!upstream.has_visitor());
    let words = words.strip_prefix("cannot trust Acme at 127.0.0.1: ").expect(&words);
    words.to_owned()
}

#[tokio::test]
async fn a_provider_for_whom_the_users_authority_vouches_is_asked() {
    let authority = Authority::new("ours");
    let upstream = Upstream::bind();
    let door = Door::before(&upstream.base_url, &authority.identity(HOST));
    let relay = relay(&door.base_url(HOST)).trusting(&authority).start().await;
    let mut codex = relay.post(STREAMED).await;
    let exchange = upstream.request().await;
    assert!(
        exchange.head.contains(&format!("authorization: bearer {KEY}\r\n")),
        "{}",
        exchange.head
    );
    exchange.stream("Hello").await;
    codex.head().await;
    assert_eq!(spoken(&codex.events().await), "Hello");
}

#[tokio::test]
async fn a_certificate_that_nobody_known_has_signed_is_refused() {
    let told = "nobody whom this machine trusts has signed its certificate; if it is your company's or your own, name the \
         certificate of who signed it with `ca_file` in the configuration.";
    let trusted = Authority::new("ours");
    assert_eq!(refused(&trusted, &Authority::new("theirs").identity(HOST)).await, told);
    // An authority that was made anew has its old name.
    assert_eq!(refused(&trusted, &Authority::new("ours").identity(HOST)).await, told);
}

#[tokio::test]
async fn a_certificate_of_another_time_or_for_another_host_is_refused() {
    let authority = Authority::new("ours");
    let wrong = |wrong: fn(&mut CertificateParams)| authority.identity_with(HOST, wrong);
    let expired = wrong(|it| it.not_after = date_time_ymd(2024, 2, 29));
    assert_eq!(
        refused(&authority, &expired).await,
        "its certificate ended on Thu, 29 Feb 2024 00:00:00 GMT; whoever runs it must renew it, or the clock of this \
         machine is wrong."
    );
    let early = wrong(|it| it.not_before = date_time_ymd(3000, 1, 1));
    assert_eq!(
        refused(&authority, &early).await,
        "its certificate begins on Wed, 01 Jan 3000 00:00:00 GMT; the clock of this machine is wrong, or theirs was."
    );
    let elsewhere = authority.identity_with("gateway.example", |it| {
        it.subject_alt_names
            .push(SanType::DnsName("\u{1b}[31m.example".try_into().unwrap()));
    });
    assert_eq!(
        refused(&authority, &elsewhere).await,
        "its certificate is for gateway.example, .example; write the address as one of these, or somebody else \
         answers there."
    );
    let nowhere = wrong(|it| it.subject_alt_names.clear());
    assert_eq!(
        refused(&authority, &nowhere).await,
        "its certificate is for no host at all; whoever runs it must name this one as its subjectAltName."
    );
    let no_server = wrong(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection]);
    let told = refused(&authority, &no_server).await;
    assert!(told.starts_with("its certificate cannot be believed ("), "{told}");
}

#[tokio::test]
async fn an_authority_that_stands_for_a_server_itself_is_refused_though_it_is_trusted() {
    let authority = Authority::new("ours");
    let trusted = &authority;
    let told = refused(trusted, &authority.as_server()).await;
    assert_eq!(
        told,
        "its certificate is that of an authority; whoever runs it must make one for a server (`-addext \
         basicConstraints=CA:FALSE` of `openssl req -x509`)."
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_by_what_it_speaks() {
    let upstream = Upstream::bind();
    let base_url = upstream.base_url.replace("http:", "https:");
    let relay = relay(&base_url).trusting(&Authority::new("ours")).start().await;
    let mut codex = relay.post(STREAMED).await;
    upstream.speak_first("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let (head, words) = codex.answer().await;
    let told = "cannot trust Acme at 127.0.0.1: it does not speak TLS; is its address one with `http://`?";
    assert_eq!((head.status, words.as_str()), (400, told));
}

/// Answers all requests of one connection.
async fn http_2(listener: TcpListener, acceptor: TlsAcceptor) {
    let (stream, _) = listener.accept().await.unwrap();
    let stream = acceptor.accept(stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(request) = connection.accept().await {
        let (request, mut answer) = request.unwrap();
        assert_eq!(request.uri().path(), "/v1/chat/completions");
        assert_eq!(request.headers()["authorization"], format!("Bearer {KEY}"));
        let mut body = answer.send_response(hyper::Response::new(()), false).unwrap();
        let text = format!("data: {}\n\ndata: {STOP}\n\n", said("Hello"));
        body.send_data(text.into(), true).unwrap();
    }
}

#[tokio::test]
async fn turns_with_a_provider_that_speaks_http_2_share_one_connection() {
    let authority = Authority::new("ours");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("https://{}/v1", listener.local_addr().unwrap());
    let acceptor = authority.identity(HOST).acceptor(&["h2", "http/1.1"]);
    let provider = tokio::spawn(http_2(listener, acceptor));
    let relay = relay(&base_url).trusting(&authority).start().await;
    for _ in 0..2 {
        let mut codex = relay.post(STREAMED).await;
        codex.head().await;
        assert_eq!(spoken(&codex.events().await), "Hello");
    }
    relay.stopped().await;
    soon("the end of the connection", provider).await.unwrap();
}
