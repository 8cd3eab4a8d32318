//! Clients that take up room and ask nothing, and those that do not read what they asked for.

use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::child::Relay;
use super::client::{self, Heard};
use super::fault::{Draw, Fault};
use super::kit::PATIENCE;
use super::provider::Provider;

/// What a thousand connections may cost, in bytes: 32 KiB for each, as all are let stay.
const ROOM: usize = 32 << 20;

#[tokio::test]
async fn a_thousand_idle_connections_cost_nothing_that_matters() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(4096), most).unwrap();
    let provider = Provider::start().await;
    let relay = Relay::start(provider.address).await;
    let mut draw = Draw::new(1);
    assert_eq!(
        client::turn(relay.address, Fault::None, &mut draw).await,
        Heard::Completed
    );
    let before = relay.figures().await;
    let mut crowd = Vec::new();
    for number in 0..1000 {
        let mut stream = TcpStream::connect(relay.address).await.unwrap();
        // Some say nothing, some send a head byte by byte, some a body. Who was sent away already need not hear of it.
        let said: &[u8] = match number % 3 {
            0 => b"",
            1 => b"POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b",
            _ => b"POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100000\r\n\r\n{",
        };
        let _ = stream.write_all(said).await;
        crowd.push(stream);
    }
    let began = Instant::now();
    assert_eq!(
        client::turn(relay.address, Fault::None, &mut draw).await,
        Heard::Completed
    );
    let took = began.elapsed();
    let among = relay.figures().await;
    println!("before {before}\namong  {among}\na turn took {took:?}");
    assert!(among.memory <= before.memory + ROOM, "{before} became {among}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    drop(crowd);
    provider.stop().await;
    let left = relay.at_rest(before.files).await;
    assert!(left.files <= before.files, "{before} became {left}");
}

/// What the sockets of both sides and the relay may hold of an answer that nobody reads, in bytes: a socket's buffers
/// grow up to 4 MiB where it is written and 6 MiB where it is read (`tcp_wmem` and `tcp_rmem` of Linux), on both sides.
const HELD: usize = 32 << 20;

/// How long a provider waits until it is sure that nobody reads.
const STALL: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_provider_that_never_ends_waits_for_a_client_that_does_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = Relay::start(listener.local_addr().unwrap()).await;
    let before = relay.figures().await;
    let mut client = TcpStream::connect(relay.address).await.unwrap();
    let body = r#"{"model":"m","stream":true,"input":"hi"}"#;
    let length = body.len();
    let head = format!(
        "POST /v1/responses HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n\r\n",
        relay.address
    );
    client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut provider = asked_for_an_answer(&listener).await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    provider.write_all(head.as_bytes()).await.unwrap();
    // Frames that say much, and then such as say nothing, which make no event that could fill a socket.
    let delta = json!({"choices": [{"index": 0, "delta": {"content": "x".repeat(1000)}}]});
    let frame = format!("data: {delta}\n\n");
    let mut frames = 0;
    // The last of them stays half written.
    while let Ok(written) = tokio::time::timeout(STALL, provider.write_all(frame.as_bytes())).await {
        written.unwrap();
        frames += 1;
        assert!(
            frames * frame.len() < HELD,
            "{frames} frames were taken, and none was read"
        );
    }
    let full = relay.figures().await;
    println!(
        "before {before}\nfull   {full}\nafter {} KiB the provider waited",
        (frames * frame.len()) >> 10
    );
    assert!(full.memory < before.memory + (8 << 20), "{before} became {full}");
    // Once it is read, all of it comes, in fewer frames.
    let said = frames * 1000;
    let mut heard = 0;
    let mut piece = vec![0; 64 * 1024];
    let read = async {
        while heard < said {
            let read = client.read(&mut piece).await.unwrap();
            assert!(read > 0, "the answer ended after {heard} letters");
            heard += piece[..read].iter().filter(|letter| **letter == b'x').count();
        }
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap();
    drop(client);
    // The relay hangs up as well.
    let hung_up = async { while provider.write_all(frame.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, hung_up).await.unwrap();
    let left = relay.at_rest(before.files).await;
    assert!(left.files <= before.files, "{before} became {left}");
}

/// The connection on which an answer is asked for; who asks for the list of models is told that there is none.
async fn asked_for_an_answer(listener: &TcpListener) -> TcpStream {
    loop {
        let (mut provider, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let length = provider.read(&mut head).await.unwrap();
        if head[..length].starts_with(b"POST ") {
            return provider;
        }
        let none = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        provider.write_all(none.as_bytes()).await.unwrap();
    }
}
