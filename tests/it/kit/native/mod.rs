//! A Responses endpoint on loopback that says what a test wrote down, and refuses what the real ones refuse.
//!
//! A refusal is answered in a real provider's words and fails the test at its end, even if Codex recovers.

pub mod check;
mod rules;
mod server;
mod writer;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;

use super::turn::{Said, Turn};

pub use rules::NativeRules;
pub use server::KEY;

/// Runs until it is dropped; then it fails the test if anything was wrong or is left to say.
pub struct NativeProvider {
    rules: NativeRules,
    base_url: String,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    rules: NativeRules,
    stopped: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    /// The items of all answers, in order, as they were written.
    said: Vec<Vec<Value>>,
    requests: Vec<Value>,
    violations: Vec<String>,
}

impl NativeProvider {
    /// Says `turns`, in order.
    pub fn start<const N: usize>(rules: NativeRules, turns: [Turn; N]) -> Self {
        Self::saying(rules, turns.into())
    }

    /// The same, of any number.
    pub fn saying(rules: NativeRules, turns: Vec<Turn>) -> Self {
        let shared = Arc::new(Shared {
            rules,
            stopped: AtomicBool::new(false),
            state: Mutex::new(State {
                turns: turns.into(),
                ..State::default()
            }),
        });
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || server::serve(&listener, &serving));
        Self {
            rules,
            base_url,
            shared,
            thread: Some(thread),
        }
    }

    pub fn rules(&self) -> &NativeRules {
        &self.rules
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// All requests until now.
    pub fn requests(&self) -> Vec<Value> {
        self.shared.state().requests.clone()
    }

    /// What tools answered by the last request, in order.
    pub fn outputs(&self) -> Vec<String> {
        let requests = self.requests();
        let items = requests.last().unwrap()["input"].as_array().cloned().unwrap();
        let outputs = items.iter().filter_map(|item| item["output"].as_str());
        outputs.map(str::to_owned).collect()
    }
}

impl Drop for NativeProvider {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let address = self.base_url.trim_start_matches("http://").trim_end_matches("/v1");
        drop(std::net::TcpStream::connect(address));
        let served = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        let state = self.shared.state();
        let complaints = format!("{:#?}", state.violations);
        let left = state.turns.len();
        if std::thread::panicking() {
            eprintln!("the provider refused: {complaints}; {left} turns were left");
            return;
        }
        assert!(served, "the provider panicked");
        assert!(state.violations.is_empty(), "the provider refused: {complaints}");
        assert!(left == 0, "{left} turns were never asked for");
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The frames that answer a request.
    fn answer(&self, body: Value) -> Result<String, String> {
        let mut state = self.state();
        check::request(&self.rules, &body)?;
        check::history(&self.rules, &state.said, &body)?;
        if let Some(before) = state.requests.last() {
            check::prefix(before, &body)?;
        }
        let Some(turn) = state.turns.pop_front() else {
            return Err("no turn is left to say".to_owned());
        };
        let number = state.said.len();
        let items = writer::items(&self.rules, &named(turn.said, &body)?, number, &body);
        let frames = writer::frames(&self.rules, &items, number);
        state.requests.push(body);
        state.said.push(items);
        Ok(frames)
    }
}

/// Puts the offered names in place of the endings that the test wrote.
fn named(mut said: Said, body: &Value) -> Result<Said, String> {
    let tools = body["tools"].as_array().into_iter().flatten();
    let offered: Vec<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
    for call in &mut said.calls {
        let exact = offered.iter().find(|name| **name == call.name);
        let ending = offered.iter().find(|name| name.ends_with(&call.name));
        let Some(name) = exact.or(ending) else {
            let message = format!("the test calls `{}`, and there are only {offered:?}", call.name);
            return Err(message);
        };
        (*name).clone_into(&mut call.name);
    }
    Ok(said)
}
