//! The provider's side: a socket that does what a fault says, byte for byte.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::fault::Step;
use super::streams;

/// How long the relay may take to hang up once Codex has its answer.
const PARTING: Duration = Duration::from_secs(10);

/// How long a relay that takes no more may seem to be busy only.
const FULL: Duration = Duration::from_millis(300);

/// What the two sides of a test tell each other past the relay.
#[derive(Default)]
pub struct Signals {
    /// Codex has seen something of the answer.
    pub codex: Notify,
    /// The provider is where the client wants it.
    pub provider: Notify,
    /// How many streams of HTTP/2 there were.
    pub streams: AtomicUsize,
    /// How many of them have ended.
    pub ended: AtomicUsize,
    /// One of them has ended.
    pub end: Notify,
}

impl Signals {
    /// Waits until every stream has ended.
    async fn all_ended(&self) {
        while self.ended.load(Ordering::Relaxed) < self.streams.load(Ordering::Relaxed) {
            self.end.notified().await;
        }
    }
}

/// What a provider speaks through.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {
    fn socket(&self) -> &TcpStream;
}

impl Io for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Io for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// How connections begin.
#[derive(Clone)]
pub enum Opened {
    Clear,
    Tls(TlsAcceptor),
    /// With a window of so many bytes.
    Http2(TlsAcceptor, u32),
}

/// A provider that meets its connections with steps.
pub struct Provider {
    listener: TcpListener,
    meets: Vec<Vec<Step>>,
    opened: Opened,
    signals: Arc<Signals>,
    pub base_url: String,
}

impl Provider {
    pub fn bind(meets: Vec<Vec<Step>>, signals: Arc<Signals>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // The system takes little of a request that nobody reads.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        Self {
            listener,
            meets,
            opened: Opened::Clear,
            signals,
            base_url,
        }
    }

    /// The same, at an address that promises TLS.
    pub fn opened(mut self, opened: Opened) -> Self {
        self.base_url = self.base_url.replace("http:", "https:");
        self.opened = opened;
        self
    }

    /// Meets whoever comes, until `turn` has ended and the relay has hung up on everybody. Gives what came of the turn,
    /// and how many connections there were.
    pub async fn meet<F: Future>(self, turn: F) -> (F::Output, usize) {
        let mut met = 0;
        let mut connections = JoinSet::new();
        let mut turn = std::pin::pin!(turn);
        let outcome = loop {
            tokio::select! {
                biased;
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted.unwrap();
                    let steps = self.meets.get(met).or(self.meets.last()).unwrap().clone();
                    met += 1;
                    connections.spawn(open(stream, self.opened.clone(), steps, Arc::clone(&self.signals)));
                }
                outcome = &mut turn => break outcome,
            }
        };
        let is_shared = matches!(self.opened, Opened::Http2(..));
        let parted = async {
            if is_shared {
                return self.signals.all_ended().await;
            }
            while let Some(played) = connections.join_next().await {
                played.unwrap();
            }
        };
        let parted = tokio::time::timeout(PARTING, parted).await;
        assert!(parted.is_ok(), "the relay did not hang up on the provider");
        let requests = if is_shared {
            self.signals.streams.load(Ordering::Relaxed)
        } else {
            met
        };
        (outcome, requests)
    }
}

async fn open(stream: TcpStream, opened: Opened, steps: Vec<Step>, signals: Arc<Signals>) {
    stream.set_nodelay(true).unwrap();
    match opened {
        Opened::Clear => play(stream, steps, signals).await,
        // Whoever does not like the certificate hangs up.
        Opened::Tls(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                play(stream, steps, signals).await;
            }
        }
        Opened::Http2(acceptor, window) => {
            let stream = acceptor.accept(stream).await.unwrap();
            streams::serve(stream, window, steps, signals).await;
        }
    }
}

async fn play<S: Io>(mut stream: S, steps: Vec<Step>, signals: Arc<Signals>) {
    let mut heard = Heard::default();
    for step in steps {
        let is_heard = match step {
            Step::HearsHead => heard.head(&mut stream).await,
            Step::HearsBody => heard.body(&mut stream).await,
            Step::Says(bytes) => stream.write_all(&bytes).await.is_ok(),
            Step::Trickles(bytes) => trickle(&mut stream, &bytes).await,
            Step::Repeats(bytes, times) => repeat(&mut stream, &bytes, times).await,
            Step::Floods(bytes) => repeat(&mut stream, &bytes, usize::MAX).await,
            Step::WaitsForCodex => {
                signals.codex.notified().await;
                true
            }
            Step::TellsClient => {
                signals.provider.notify_one();
                true
            }
            Step::Fills(bytes) => fill(&mut stream, &bytes).await,
            Step::Stalls => {
                hung_up(&mut stream).await;
                return;
            }
            Step::Closes => {
                // Who has hung up cannot be told.
                let _ = stream.shutdown().await;
                hung_up(&mut stream).await;
                return;
            }
            Step::Resets => {
                // Without lingering, closing sends a reset.
                stream.socket().set_zero_linger().unwrap();
                return;
            }
            Step::Refuses(_) | Step::GoesAway(_) => panic!("there are no streams here"),
        };
        if !is_heard {
            return;
        }
    }
}

/// Whether all was written.
async fn trickle<S: Io>(stream: &mut S, bytes: &[u8]) -> bool {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        // The relay reads it before the next.
        tokio::task::yield_now().await;
    }
    true
}

async fn repeat<S: Io>(stream: &mut S, bytes: &Bytes, times: usize) -> bool {
    for _ in 0..times {
        if stream.write_all(bytes).await.is_err() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

/// Writes until nobody takes what is written.
async fn fill<S: Io>(stream: &mut S, bytes: &Bytes) -> bool {
    loop {
        match tokio::time::timeout(FULL, stream.write_all(bytes)).await {
            Err(_) => return true,
            Ok(Err(_)) => return false,
            Ok(Ok(())) => {}
        }
    }
}

/// Reads until the relay has nothing more to say to us.
async fn hung_up<S: Io>(stream: &mut S) {
    let mut sink = [0; 4096];
    // A reset is a way to hang up, too.
    while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
}

/// What came of a request.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    head: usize,
}

impl Heard {
    async fn head<S: Io>(&mut self, stream: &mut S) -> bool {
        loop {
            let end = self.bytes.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                self.head = end + 4;
                return true;
            }
            if !self.more(stream).await {
                return false;
            }
        }
    }

    async fn body<S: Io>(&mut self, stream: &mut S) -> bool {
        let head = String::from_utf8_lossy(&self.bytes[..self.head]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length: usize = length.and_then(|rest| rest.lines().next()?.parse().ok()).unwrap();
        while self.bytes.len() < self.head + length {
            if !self.more(stream).await {
                return false;
            }
        }
        true
    }

    async fn more<S: Io>(&mut self, stream: &mut S) -> bool {
        stream.read_buf(&mut self.bytes).await.is_ok_and(|read| read > 0)
    }
}
