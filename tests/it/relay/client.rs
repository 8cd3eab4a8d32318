//! Codex's side of a connection, byte for byte.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::running::TOKEN;
use super::soon;

pub struct Connection {
    stream: BufReader<TcpStream>,
    /// What came of a streamed body.
    text: String,
    /// How much of it was read as events.
    read: usize,
    /// The number that the next event must have.
    sequence: u64,
}

/// Status and headers, names in lower case.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn names(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// One event as it came.
#[derive(Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: Value,
}

impl Connection {
    pub async fn to(address: SocketAddr) -> Self {
        let stream = soon("a connection", TcpStream::connect(address)).await.unwrap();
        Self {
            stream: BufReader::new(stream),
            text: String::new(),
            read: 0,
            sequence: 0,
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// The same, to who may not listen any more; whether all went out.
    pub async fn offer(&mut self, bytes: &[u8]) -> bool {
        self.stream.get_mut().write_all(bytes).await.is_ok()
    }

    /// Waits until something came, and leaves it to be read.
    pub async fn listen(&mut self) {
        soon("an answer", self.stream.fill_buf()).await.unwrap();
    }

    /// Ends the connection in the rudest way.
    pub fn reset(self) {
        // Without lingering, closing sends a reset.
        self.stream.get_ref().set_zero_linger().unwrap();
    }

    /// A request of Codex, with the token and a loopback host.
    pub async fn request(&mut self, method: &str, path: &str, body: &str) {
        self.ask("originator: codex_exec\r\n", method, path, body).await;
    }

    /// A request of another client.
    pub async fn request_as_other(&mut self, method: &str, path: &str, body: &str) {
        self.ask("", method, path, body).await;
    }

    async fn ask(&mut self, headers: &str, method: &str, path: &str, body: &str) {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n{headers}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        self.write(format!("{head}{body}").as_bytes()).await;
    }

    pub async fn post(&mut self, body: &str) {
        self.request("POST", "/v1/responses", body).await;
    }

    /// A turn of this conversation, with the headers that Codex 0.169 sends.
    pub async fn post_in(&mut self, thread: &str, body: &str) {
        let headers = format!(
            "originator: codex_exec\r\nuser-agent: codex_exec/0.169.0\r\naccept: text/event-stream\r\n\
             session-id: {thread}\r\nthread-id: {thread}\r\nx-client-request-id: {thread}\r\n\
             x-codex-window-id: {thread}:0\r\nx-codex-beta-features: remote_compaction_v2\r\n"
        );
        self.ask(&headers, "POST", "/v1/responses", body).await;
    }

    /// A turn whose body travels in `coding`.
    pub async fn post_packed(&mut self, coding: &str, body: &[u8]) {
        let length = body.len();
        let head = format!(
            "POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n\
             content-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n"
        );
        self.write(head.as_bytes()).await;
        self.write(body).await;
    }

    pub async fn head(&mut self) -> Head {
        self.sequence = 0;
        let status_line = self.line().await;
        let status = status_line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(':') else {
                return Head { status, headers };
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }

    /// Head and body of an answer that is not streamed.
    pub async fn answer(&mut self) -> (Head, String) {
        let head = self.head().await;
        let body = self.rest(&head).await;
        (head, body)
    }

    /// The body of an answer that is not streamed, whose head was read.
    pub async fn rest(&mut self, head: &Head) -> String {
        let length = head.header("content-length").expect("a whole answer").parse().unwrap();
        let mut body = vec![0; length];
        soon("a body", self.stream.read_exact(&mut body)).await.unwrap();
        String::from_utf8(body).unwrap()
    }

    /// Head and body of an answer that holds JSON.
    pub async fn json(&mut self) -> (Head, Value) {
        let (head, body) = self.answer().await;
        assert_eq!(head.header("content-type"), Some("application/json"));
        (head, serde_json::from_str(&body).unwrap())
    }

    /// The next event of a streamed answer; `None` at its end.
    pub async fn event(&mut self) -> Option<Event> {
        loop {
            if let Some((frame, _)) = self.text[self.read..].split_once("\n\n") {
                let length = frame.len() + 2;
                let (name, data) = frame.split_once('\n').unwrap();
                let event = Event {
                    name: name.strip_prefix("event: ").unwrap().to_owned(),
                    data: serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap(),
                };
                assert_eq!(event.data["type"], event.name.as_str());
                assert_eq!(event.data["sequence_number"], self.sequence);
                self.sequence += 1;
                self.read += length;
                return Some(event);
            }
            self.text.drain(..std::mem::take(&mut self.read));
            let chunk = self.chunk().await?;
            self.text.push_str(&chunk);
        }
    }

    /// The next chunk of the body, which is what the relay wrote at once; `None` at the end.
    pub async fn chunk(&mut self) -> Option<String> {
        let size = usize::from_str_radix(&self.line().await, 16).unwrap();
        let mut bytes = vec![0; size + 2];
        soon("a chunk", self.stream.read_exact(&mut bytes)).await.unwrap();
        bytes.truncate(size);
        (size > 0).then(|| String::from_utf8(bytes).unwrap())
    }

    /// All further events to the end.
    pub async fn events(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }

    /// Reads events until one has this name.
    pub async fn event_named(&mut self, name: &str) -> Event {
        loop {
            let event = self.event().await.expect("an event before the end");
            if event.name == name {
                return event;
            }
        }
    }

    /// Says that nothing more will come.
    pub async fn finish(&mut self) {
        self.stream.get_mut().shutdown().await.unwrap();
    }

    /// Everything until the relay closes the connection.
    pub async fn rest_of_connection(mut self) -> String {
        let mut rest = String::new();
        soon("the end of a connection", self.stream.read_to_string(&mut rest))
            .await
            .unwrap();
        rest
    }

    /// Waits until the relay closes the connection.
    pub async fn closed(mut self) {
        let mut rest = Vec::new();
        // A reset is an end, too.
        let _ = soon("the end of a connection", self.stream.read_to_end(&mut rest)).await;
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        soon("a line", self.stream.read_line(&mut line)).await.unwrap();
        assert!(line.ends_with("\r\n"), "the connection ended after {line:?}");
        line.truncate(line.len() - 2);
        line
    }
}

/// The text that the deltas of `events` make.
pub fn spoken(events: &[Event]) -> String {
    let deltas = events.iter().filter(|event| event.name == "response.output_text.delta");
    deltas.map(|event| event.data["delta"].as_str().unwrap()).collect()
}

/// The one terminal event, which must be the last.
pub fn end(events: &[Event]) -> &Event {
    let terminal = ["response.completed", "response.failed", "response.incomplete"];
    let ends = events.iter().filter(|event| terminal.contains(&event.name.as_str()));
    assert_eq!(ends.count(), 1, "{events:#?}");
    let last = events.last().unwrap();
    assert!(terminal.contains(&last.name.as_str()), "{events:#?}");
    last
}
