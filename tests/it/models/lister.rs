//! A server that lists models, or does not.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;

use crate::kit::PATIENCE;

/// Runs until it is dropped.
pub struct Lister {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What is answered to which path; `None` is nothing, and nothing after it.
    answers: BTreeMap<String, Option<String>>,
    asked: Vec<Asked>,
    is_over: bool,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    /// Header lines in small letters.
    pub head: String,
    pub body: String,
}

impl Lister {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.state.lock().unwrap().is_over {
                    break;
                }
                let (stream, shared) = (stream.unwrap(), Arc::clone(&serving));
                // A thread whose client waits for ever ends with the client.
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self {
            address,
            shared,
            accepting: Some(accepting),
        }
    }

    /// Answers `GET models` with a list of these.
    pub fn lists(self, models: Value) -> Self {
        self.tells("/v1/models", serde_json::json!({"object": "list", "data": models}))
    }

    /// Answers what is asked at `path`; also while it runs.
    pub fn tells(self, path: &str, answer: Value) -> Self {
        self.set(path, Some(answer));
        self
    }

    pub fn set(&self, path: &str, answer: Option<Value>) {
        self.set_text(path, answer.map(|answer| answer.to_string()));
    }

    /// The same with any text.
    pub fn set_text(&self, path: &str, answer: Option<String>) {
        self.shared
            .state
            .lock()
            .unwrap()
            .answers
            .insert(path.to_owned(), answer);
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All that was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state.lock().unwrap().asked.clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// Returns when so much was asked.
    pub fn wait_until_asked(&self, times: usize) {
        let state = self.shared.state.lock().unwrap();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.asked.len() < times)
            .unwrap();
        assert!(!waited.1.timed_out(), "it was asked {} times", waited.0.asked.len());
    }
}

impl Drop for Lister {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap().is_over = true;
        drop(TcpStream::connect(self.address));
        self.accepting.take().unwrap().join().unwrap();
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or_default() == 0 {
                return;
            }
        }
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let head = head.to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        let answer = {
            let mut state = self.state.lock().unwrap();
            let answer = state.answers.get(&path).cloned();
            state.asked.push(Asked {
                path,
                head,
                body: String::from_utf8(body).unwrap(),
            });
            answer
        };
        self.changed.notify_all();
        let mut stream = reader.into_inner();
        let (status, body) = match answer {
            Some(Some(answer)) => ("200 OK", answer),
            // Until the client leaves.
            Some(None) => return drop(stream.read(&mut [0])),
            None => ("404 Not Found", "{}".to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        // Who left does not hear it.
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body.as_bytes()));
    }
}
