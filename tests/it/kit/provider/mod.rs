//! A Chat Completions provider on loopback that says what a test wrote down, and refuses what any real one might.
//!
//! A refusal is answered in a real provider's words and fails the test at its end, even if Codex recovers.

mod server;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

use bytes::Bytes;
use crelay::provider::Table;
use hyper::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;
use tokio::sync::oneshot;

use super::PATIENCE;
use super::check::{self, Refusal};
use super::history::{History, voices, voices_among_others};
use super::rules::Rules;
use super::rules::words::Kind;
use super::turn::{Asked, Said, Turn};

/// Codex asks for a title of every thread of the TUI, aside from the conversation.
const TITLE: &str = "Generate a concise, single-line task title";

/// More turns than any test has.
const APART: usize = 1000;

/// Every provider of this run has a key of its own, so that none is taken for another's.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Runs until it is dropped; then it fails the test if anything was wrong or is left to say.
pub struct Provider {
    rules: Rules,
    key: String,
    base_url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

struct Shared {
    rules: Rules,
    key: String,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    conversations: Vec<Conversation>,
    /// All turns that were not cut, in order.
    said: Vec<Said>,
    /// Who has spoken in the same conversations.
    predecessors: Vec<Arc<Shared>>,
    requests: Vec<Recorded>,
    /// The rules of further models.
    others: Vec<Rules>,
    /// Those for titles, which no test writes answers for.
    titles: Vec<Recorded>,
    violations: Vec<String>,
    /// Whether others answer in the same conversations.
    is_among_others: bool,
    /// What is answered to `GET`, by path.
    pages: std::collections::BTreeMap<String, (u16, String)>,
    turns_begun: usize,
    hung_up: usize,
}

/// What is said to whoever says `phrase`.
#[derive(Default)]
struct Conversation {
    phrase: String,
    turns: std::collections::VecDeque<Turn>,
    history: History,
    /// Headers that must not change.
    headers: Vec<hyper::header::HeaderValue>,
}

impl Provider {
    pub fn start(rules: Rules) -> Self {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let key = format!("sk-test-{number:04}-{}", std::process::id());
        let shared = Arc::new(Shared {
            rules,
            key: key.clone(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || server::serve(listener, &serving, stopped));
        Self {
            rules,
            key,
            base_url,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What is said, in order, to requests in which a user says `phrase`. The first phrase that fits counts; the empty
    /// one fits always.
    #[must_use]
    pub fn to<const N: usize>(self, phrase: &str, turns: [Turn; N]) -> Self {
        self.also_to(phrase, turns.into());
        self
    }

    /// Serves the model of `rules` as well.
    #[must_use]
    pub fn serving(self, rules: Rules) -> Self {
        self.shared.state().others.push(rules);
        self
    }

    /// The conversations may have been `other`'s before. Calls are numbered apart from those.
    #[must_use]
    pub fn after(self, other: &Self) -> Self {
        let mut state = self.shared.state();
        state.turns_begun = APART * (state.predecessors.len() + 1);
        state.predecessors.push(Arc::clone(&other.shared));
        drop(state);
        self
    }

    /// What is answered to `GET` of `path` by whoever has the key.
    #[must_use]
    pub fn telling(self, path: &str, status: u16, body: &str) -> Self {
        let page = (status, body.to_owned());
        self.shared.state().pages.insert(path.to_owned(), page);
        self
    }

    /// Others answer in the same conversations. This one's calls are numbered from `first` on, so that they are not
    /// taken for another's.
    #[must_use]
    pub fn among_others(self, first: usize) -> Self {
        let mut state = self.shared.state();
        state.is_among_others = true;
        state.turns_begun = first;
        drop(state);
        self
    }

    /// The same, while it runs.
    pub fn also_to(&self, phrase: &str, turns: Vec<Turn>) {
        self.shared.state().conversations.push(Conversation {
            phrase: phrase.to_owned(),
            turns: turns.into(),
            ..Conversation::default()
        });
    }

    /// Forgets whoever says `phrase`, and returns how many turns were left for them.
    pub fn forget(&self, phrase: &str) -> usize {
        let conversations = &mut self.shared.state().conversations;
        let mut left = 0;
        conversations.retain(|conversation| {
            let stays = conversation.phrase != phrase;
            left += if stays { 0 } else { conversation.turns.len() };
            stays
        });
        left
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// All requests until now, without those for titles.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.state().requests.clone()
    }

    /// Returns when so many turns were left before their end by the other side.
    pub fn wait_until_hung_up(&self, times: usize) {
        let state = self.shared.state();
        let (_state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.hung_up < times)
            .unwrap();
        assert!(!timeout.timed_out(), "nobody hung up");
    }

    /// The first request for a title, once there is one.
    pub fn title(&self) -> Recorded {
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.titles.is_empty());
        let (state, _) = waited.unwrap();
        state.titles.first().cloned().expect("nobody asked for a title")
    }

    /// What was wrong until now; it no longer fails the test.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.state().violations)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.stop.take());
        let served = self.thread.take().is_none_or(|thread| thread.join().is_ok());
        let state = self.shared.state();
        let left: usize = state
            .conversations
            .iter()
            .map(|conversation| conversation.turns.len())
            .sum();
        let complaints = format!("{:#?}", state.violations);
        if std::thread::panicking() {
            eprintln!("the provider refused: {complaints}; {left} turns were left");
            return;
        }
        assert!(served, "the provider panicked");
        assert!(state.violations.is_empty(), "the provider refused: {complaints}");
        assert!(left == 0, "{left} turns were never asked for");
    }
}

impl Recorded {
    /// What tools answered, in order.
    pub fn tool_outputs(&self) -> Vec<&str> {
        self.messages()
            .filter(|message| message["role"] == "tool")
            .filter_map(|message| message["content"].as_str())
            .collect()
    }

    /// The names of the tools on offer.
    pub fn tool_names(&self) -> Vec<&str> {
        let tools = self.body["tools"].as_array().into_iter().flatten();
        tools.filter_map(|tool| tool["function"]["name"].as_str()).collect()
    }

    pub fn messages(&self) -> impl Iterator<Item = &Value> {
        self.body["messages"].as_array().into_iter().flatten()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What it lists: the model that it plays, and those that the table knows beside it.
    fn models(&self) -> Vec<String> {
        let table = Table::embedded().unwrap();
        let known = self.rules.name.and_then(|name| table.find(name));
        let known = known.into_iter().flat_map(|known| known.models.iter());
        let known = known.map(|model| model.id.clone()).filter(|id| id != self.rules.model);
        std::iter::once(self.rules.model.to_owned()).chain(known).collect()
    }

    /// The rules of the model that is asked for, if it is one of those that are served.
    fn rules(&self, model: Option<&str>) -> Rules {
        let state = self.state();
        let other = state.others.iter().find(|rules| Some(rules.model) == model);
        other.copied().unwrap_or(self.rules)
    }

    /// Lets in whoever has the key.
    fn knows(&self, request: &Recorded) -> Result<(), Refusal> {
        let expected = format!("Bearer {}", self.key);
        match request.headers.get(AUTHORIZATION) {
            Some(given) if given == expected.as_str() => Ok(()),
            _ => Err(Refusal::of(&self.rules, Kind::Key, "")),
        }
    }

    /// Decides what is answered. Nothing is awaited while the state is locked.
    fn answer(&self, request: &Recorded) -> Result<(Turn, Asked), Refusal> {
        self.knows(request)?;
        let rules = &self.rules(request.body["model"].as_str());
        check::request(rules, &request.body)?;
        let before = self.state().predecessors.clone();
        let before: Vec<Said> = before.iter().flat_map(|other| other.state().said.clone()).collect();
        let mut state = self.state();
        state.turns_begun += 1;
        let number = state.turns_begun;
        match state.is_among_others {
            false => voices(rules, &state.said, &before, &request.body)?,
            true => voices_among_others(rules, &state.said, &request.body)?,
        }
        let (mut turn, known_bytes) = state.next(rules, request)?;
        name_calls(rules, &mut turn.said, request)?;
        turn.settle(rules, number);
        state.said.extend(turn.heard());
        let asked = Asked {
            model: rules.model.to_owned(),
            with_usage: request.body["stream_options"]["include_usage"] == true,
            split: request.body["reasoning_split"] == true,
            tokens: request.bytes.len() / 4,
            known_tokens: known_bytes / 4,
        };
        Ok((turn, asked))
    }
}

impl State {
    /// The turn that is due, and how many bytes of the request are known from the one before.
    fn next(&mut self, rules: &Rules, request: &Recorded) -> Result<(Turn, usize), Refusal> {
        let hears = |phrase: &str| {
            let mut users = request.messages().filter(|message| message["role"] == "user");
            users.any(|message| message["content"].to_string().contains(phrase))
        };
        if hears(TITLE) {
            return Ok((super::text(r#"{"title":"A test"}"#), 0));
        }
        let mut fitting = self
            .conversations
            .iter_mut()
            .filter(|conversation| hears(&conversation.phrase));
        let Some(conversation) = fitting.next() else {
            return Err(Refusal::of(rules, Kind::History, "nobody was expected to ask this"));
        };
        conversation.hold(rules, request)?;
        let known = conversation.history.accept(rules, &request.bytes)?;
        match conversation.turns.pop_front() {
            Some(turn) => Ok((turn.decided(request), known)),
            None => Err(Refusal::of(rules, Kind::History, "no turn is left to say")),
        }
    }
}

impl Conversation {
    /// Holds the conversation to the headers that it began with.
    fn hold(&mut self, rules: &Rules, request: &Recorded) -> Result<(), Refusal> {
        for (index, name) in rules.headers.iter().enumerate() {
            let Some(value) = request.headers.get(*name) else {
                return Err(Refusal::of(rules, Kind::Header, format!("header `{name}` is missing")));
            };
            match self.headers.get(index) {
                None => self.headers.push(value.clone()),
                Some(before) if before == value => {}
                Some(before) => {
                    let detail = format!("header `{name}` was {before:?} and is {value:?}");
                    return Err(Refusal::of(rules, Kind::Header, detail));
                }
            }
        }
        Ok(())
    }
}

/// Puts the offered names in place of the endings that the test wrote.
fn name_calls(rules: &Rules, said: &mut Said, request: &Recorded) -> Result<(), Refusal> {
    let offered = request.tool_names();
    for call in &mut said.calls {
        let exact = offered.iter().find(|name| **name == call.name);
        let ending = offered.iter().find(|name| name.ends_with(&call.name));
        let Some(name) = exact.or(ending) else {
            let message = format!("the test calls `{}`, and there are only {offered:?}", call.name);
            return Err(Refusal::of(rules, Kind::ToolName, message));
        };
        (*name).clone_into(&mut call.name);
    }
    Ok(())
}
