//! The client's side: what Codex, or who says to be Codex, does wrong, and what the relay makes of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::apart::{Apart, runtime};
use super::fault::Step;
use super::provider::{Provider, Signals};
use super::table::Row;
use crate::relay::client::{Connection, end};
use crate::relay::running::{KEY, TOKEN, relay};

/// One thing that a client can do wrong.
pub struct Misdeed {
    pub name: &'static str,
    pub acts: Vec<Act>,
    /// What it hears, in order.
    pub hears: Vec<Hears>,
    /// What each request to the provider meets.
    pub meets: Vec<Step>,
    /// Connections that the provider sees.
    pub requests: usize,
    /// Most bytes that the relay may hold on top of what it holds before.
    pub memory: u64,
    /// How long a request may take; otherwise for ever.
    pub hurry: Option<Duration>,
    /// How many others came before, and say nothing to the end.
    pub crowd: usize,
}

/// What the client does next.
#[derive(Debug, Clone)]
pub enum Act {
    Says(Bytes),
    /// The same, one byte at a time.
    Trickles(Bytes),
    /// The same so many times, or until nobody takes it.
    Repeats(Bytes, usize),
    /// Goes on when the provider says so.
    WaitsForProvider,
    /// Goes on when something of the answer came.
    Listens,
    /// Says that nothing more will come.
    Finishes,
    /// Hangs up.
    Leaves,
    /// Hangs up in the rudest way.
    Resets,
}

/// What a client is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Hears {
    /// A whole answer of this status, with these words in it.
    Status(u16, &'static str),
    /// That it may go on.
    Continue,
    /// A stream that ends with this event.
    Stream(&'static str),
    /// The end of the connection, and nothing before it.
    Nothing,
}

/// How long it may take, all in all.
const BOUND: Duration = Duration::from_secs(40);

/// The largest request.
pub const LIMIT: usize = 1024 * 1024;

/// Plays a misdeed and gives its row.
///
/// # Panics
///
/// When it does not end as it should.
pub fn play(misdeed: &Misdeed) -> Row {
    let began = Instant::now();
    let turn = async { tokio::time::timeout(BOUND, turn(misdeed)).await };
    let (told, requests, memory) = runtime().block_on(turn).expect("it ends in time");
    let time = began.elapsed();
    assert_eq!(requests, misdeed.requests, "requests to the provider");
    let most = misdeed.memory;
    assert!(memory <= most, "{memory} bytes were held, and {most} may be");
    for secret in [KEY, TOKEN] {
        assert!(!told.contains(secret), "a secret is told: {told}");
    }
    Row {
        name: misdeed.name.to_owned(),
        told,
        requests: Some(requests),
        time,
        memory,
    }
}

async fn turn(misdeed: &Misdeed) -> (String, usize, u64) {
    let signals = Arc::new(Signals::default());
    let provider = Provider::bind(vec![misdeed.meets.clone()], Arc::clone(&signals));
    let setup = relay(&provider.base_url).limits(|limits| {
        limits.body = LIMIT;
        limits.reading = misdeed.hurry.unwrap_or(limits.reading);
        limits.idle = misdeed.hurry.unwrap_or(limits.idle);
    });
    let setup = setup.upstream(|limits| limits.retry.attempts = 3);
    let apart = Apart::start(setup).await;
    let acting = async {
        let crowd = crowd(misdeed.crowd, apart.relay.address).await;
        let connection = Connection::to(apart.relay.address).await;
        let told = act(connection, misdeed, &signals).await;
        // Whatever it was, the next one is served.
        let mut next = apart.relay.connect().await;
        next.request("GET", "/health", "").await;
        assert_eq!(next.answer().await.0.status, 200);
        drop(crowd);
        told
    };
    let (told, requests) = provider.meet(acting).await;
    (told, requests, apart.stopped().await)
}

async fn crowd(size: usize, address: SocketAddr) -> Vec<Connection> {
    if size > 0 {
        // Both ends of each are files of this process, and other tests run beside this one.
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, most.min(8192), most).unwrap();
    }
    let mut crowd = Vec::new();
    for _ in 0..size {
        crowd.push(Connection::to(address).await);
    }
    crowd
}

/// Does what is to be done, and gives in words what was heard.
async fn act(mut connection: Connection, misdeed: &Misdeed, signals: &Signals) -> String {
    for act in &misdeed.acts {
        match act {
            Act::Says(bytes) => {
                // Who is refused before the end need not listen to it.
                connection.offer(bytes).await;
            }
            Act::Trickles(bytes) => {
                for byte in bytes {
                    connection.offer(&[*byte]).await;
                    tokio::task::yield_now().await;
                }
            }
            Act::Repeats(bytes, times) => {
                for _ in 0..*times {
                    if !connection.offer(bytes).await {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            Act::WaitsForProvider => signals.provider.notified().await,
            Act::Listens => connection.listen().await,
            Act::Finishes => connection.finish().await,
            Act::Leaves => return "nothing: it left".to_owned(),
            Act::Resets => {
                connection.reset();
                return "nothing: it left rudely".to_owned();
            }
        }
    }
    hear(connection, &misdeed.hears).await
}

async fn hear(mut connection: Connection, expected: &[Hears]) -> String {
    let mut told = Vec::new();
    for hears in expected {
        match hears {
            Hears::Status(status, words) => {
                let (head, body) = connection.answer().await;
                assert_eq!(head.status, *status, "{body}");
                assert!(body.contains(words), "“{words}” is not in {body}");
                told.push(format!("{status} {body}"));
            }
            Hears::Continue => assert_eq!(connection.head().await.status, 100),
            Hears::Stream(name) => {
                assert_eq!(connection.head().await.status, 200);
                let events = connection.events().await;
                assert_eq!(end(&events).name, *name);
                told.push(name.trim_start_matches("response.").to_owned());
            }
            Hears::Nothing => {
                assert_eq!(connection.rest_of_connection().await, "");
                told.push("nothing: it is hung up".to_owned());
                break;
            }
        }
    }
    told.join(", ")
}
