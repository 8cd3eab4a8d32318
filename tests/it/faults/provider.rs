//! The provider's side: a socket that does what a fault says, byte for byte.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::fault::Step;

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
}

/// A provider that meets its connections with steps.
pub struct Provider {
    listener: TcpListener,
    meets: Vec<Vec<Step>>,
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
            signals,
            base_url,
        }
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
                    connections.spawn(play(stream, steps, Arc::clone(&self.signals)));
                }
                outcome = &mut turn => break outcome,
            }
        };
        let parted = async {
            while let Some(played) = connections.join_next().await {
                played.unwrap();
            }
        };
        let parted = tokio::time::timeout(PARTING, parted).await;
        assert!(parted.is_ok(), "the relay did not hang up on the provider");
        (outcome, met)
    }
}

async fn play(mut stream: TcpStream, steps: Vec<Step>, signals: Arc<Signals>) {
    stream.set_nodelay(true).unwrap();
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
                stream.set_zero_linger().unwrap();
                return;
            }
        };
        if !is_heard {
            return;
        }
    }
}

/// Whether all was written.
async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        // The relay reads it before the next.
        tokio::task::yield_now().await;
    }
    true
}

async fn repeat(stream: &mut TcpStream, bytes: &Bytes, times: usize) -> bool {
    for _ in 0..times {
        if stream.write_all(bytes).await.is_err() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

/// Writes until nobody takes what is written.
async fn fill(stream: &mut TcpStream, bytes: &Bytes) -> bool {
    loop {
        match tokio::time::timeout(FULL, stream.write_all(bytes)).await {
            Err(_) => return true,
            Ok(Err(_)) => return false,
            Ok(Ok(())) => {}
        }
    }
}

/// Reads until the relay has nothing more to say to us.
async fn hung_up(stream: &mut TcpStream) {
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
    async fn head(&mut self, stream: &mut TcpStream) -> bool {
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

    async fn body(&mut self, stream: &mut TcpStream) -> bool {
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

    async fn more(&mut self, stream: &mut TcpStream) -> bool {
        stream.read_buf(&mut self.bytes).await.is_ok_and(|read| read > 0)
    }
}
