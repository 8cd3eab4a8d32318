//! The provider's side of a connection, byte for byte.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::soon;

pub struct Upstream {
    listener: TcpListener,
    /// The same socket, asked without waiting.
    door: std::net::TcpListener,
    pub base_url: String,
}

/// One request, and the connection on which it is answered.
pub struct Exchange {
    stream: BufReader<TcpStream>,
    /// Request line and headers, names in lower case.
    pub head: String,
    pub body: Value,
}

impl Upstream {
    pub fn bind() -> Self {
        Self::bind_to("127.0.0.1:0")
    }

    pub fn bind_to(address: &str) -> Self {
        let door = std::net::TcpListener::bind(address).unwrap();
        door.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(door.try_clone().unwrap()).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        Self {
            listener,
            door,
            base_url,
        }
    }

    /// Waits for a connection and the request on it.
    pub async fn request(&self) -> Exchange {
        let (stream, _) = soon("a request to the provider", self.listener.accept()).await.unwrap();
        Exchange::read(BufReader::new(stream)).await
    }

    /// Waits for a connection and speaks before it has been asked anything.
    pub async fn speak_first(&self, text: &str) {
        let (mut stream, _) = soon("a connection to the provider", self.listener.accept())
            .await
            .unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        // Closing at once could reset what was said.
        let _ = soon("the relay to hang up", stream.read_to_end(&mut Vec::new())).await;
    }

    /// Whether somebody is waiting to be taken.
    pub fn has_visitor(&self) -> bool {
        self.door.accept().is_ok()
    }
}

impl Exchange {
    async fn read(mut stream: BufReader<TcpStream>) -> Self {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = soon("a header", stream.read_line(&mut head)).await.unwrap();
            assert_ne!(read, 0, "the request ended after {head:?}");
        }
        let head = head.to_ascii_lowercase();
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        // Who only asks for a list says nothing.
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        soon("a body", stream.read_exact(&mut body)).await.unwrap();
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).unwrap(),
        };
        Self { stream, head, body }
    }

    /// The next request on the same connection.
    pub async fn next(self) -> Self {
        Self::read(self.stream).await
    }

    pub async fn write(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    /// A whole answer, after which the connection closes.
    pub async fn answer(mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
        self.write(&format!("{head}{body}")).await;
    }

    /// The head of a stream that ends with the connection.
    pub async fn begin(&mut self) {
        self.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            .await;
    }

    pub async fn frame(&mut self, data: &str) {
        self.write(&format!("data: {data}\n\n")).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.frame(&spoken(text)).await;
    }

    pub async fn finish(&mut self) {
        self.frame(STOP).await;
    }

    /// Streams `text` as one delta, and ends as most providers do.
    pub async fn stream(mut self, text: &str) {
        self.begin().await;
        self.say(text).await;
        self.finish().await;
        self.frame("[DONE]").await;
    }

    /// Passes on whatever comes, both ways, to the end: a proxy that was asked to connect.
    pub async fn tunnel_to(mut self, address: SocketAddr) {
        self.write("HTTP/1.1 200 Connection Established\r\n\r\n").await;
        let mut other = TcpStream::connect(address).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut self.stream, &mut other).await;
    }

    /// Waits until the relay hangs up.
    pub async fn hung_up(mut self) {
        let mut rest = Vec::new();
        // A reset is a way to hang up, too.
        let _ = soon("the relay to hang up", self.stream.read_to_end(&mut rest)).await;
        assert_eq!(rest, b"");
    }

    /// Ends the connection in the rudest way.
    pub fn reset(self) {
        // Without lingering, closing sends a reset.
        self.stream.get_ref().set_zero_linger().unwrap();
    }
}

pub const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

pub fn spoken(text: &str) -> String {
    json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }).to_string()
}
