//! A provider behind TLS: an authority of the test's own, certificates that are good or wrong in one respect, and a
//! door that speaks TLS in front of a provider that does not.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// Who signs certificates. No machine trusts it.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a server shows.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

impl Authority {
    /// Of this name.
    pub fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, key()).unwrap())
    }

    /// For a file.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// For the server at `host`.
    pub fn identity(&self, host: &str) -> Identity {
        self.identity_with(host, |_| {})
    }

    /// With whatever `wrong` does to it.
    pub fn identity_with(&self, host: &str, wrong: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
        wrong(&mut parameters);
        let key = key();
        let certificate = parameters.signed_by(&key, &self.0).unwrap();
        Identity {
            certificate: certificate.der().clone(),
            key: key.serialize_der().into(),
        }
    }

    /// The authority itself as a server, as `openssl req -x509` makes it.
    pub fn as_server(&self) -> Identity {
        Identity {
            certificate: self.certificate(),
            key: self.0.key().serialize_der().into(),
        }
    }
}

impl Identity {
    /// What a server with these protocols, the best first, accepts connections with.
    pub fn acceptor(&self, protocols: &[&str]) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = config.with_no_client_auth();
        let (chain, key) = (vec![self.certificate.clone()], self.key.clone_key());
        let mut config = config.with_single_cert(chain, key.into()).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A door with TLS, on a thread of its own, until it is dropped.
pub struct Door {
    pub address: SocketAddr,
    _open: oneshot::Sender<()>,
}

impl Door {
    /// In front of the server at `base_url`, which speaks HTTP/1.1 in the clear.
    pub fn before(base_url: &str, identity: &Identity) -> Self {
        let url: url::Url = base_url.parse().unwrap();
        let inside = url.socket_addrs(|| None).unwrap()[0];
        let acceptor = identity.acceptor(&["http/1.1"]);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (open, closed) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    () = let_in(listener, acceptor, inside) => {}
                    _ = closed => {}
                }
            });
        });
        Self { address, _open: open }
    }

    /// As the address of a provider whose certificate is for this host.
    pub fn base_url(&self, host: &str) -> String {
        format!("https://{host}:{}/v1", self.address.port())
    }
}

async fn let_in(listener: TcpListener, acceptor: TlsAcceptor, inside: SocketAddr) {
    loop {
        let (outer, _) = listener.accept().await.unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // Whoever does not like the certificate hangs up.
            let Ok(mut outer) = acceptor.accept(outer).await else {
                return;
            };
            let mut inner = TcpStream::connect(inside).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
        });
    }
}
