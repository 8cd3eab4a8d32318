//! A relay before a mock, and a conversation through both.

use crelay::session::Codes;
use serde_json::{Value, json};

use super::codex;
use crate::kit::{Provider, Recorded, Rules, Turn};
use crate::relay::client::{Connection, Event, end, spoken};
use crate::relay::running::{Relay, relay};

pub struct Stage {
    provider: Provider,
    relay: Relay,
    /// Whether crelay takes the model to see images.
    pub vision: bool,
    /// Whose codes crelay takes its errors to carry.
    pub codes: Codes,
}

/// One thread of Codex.
pub struct Talk<'a> {
    stage: &'a Stage,
    thread: String,
    /// Everything that was said, as Codex keeps it.
    pub input: Vec<Value>,
    /// The request but for `input`.
    pub request: Value,
}

/// One answer, as Codex hears it.
pub struct Heard {
    pub events: Vec<Event>,
    /// The finished items.
    pub items: Vec<Value>,
}

impl Stage {
    pub async fn open(rules: Rules) -> Self {
        let provider = Provider::start(rules);
        let setup = relay(provider.base_url()).before(&provider);
        let setup = setup.limits(|limits| limits.body = 1 << 20);
        let (vision, codes) = (setup.model().vision, setup.model().dialect.codes);
        Self {
            relay: setup.start().await,
            provider,
            vision,
            codes,
        }
    }

    pub fn rules(&self) -> &Rules {
        self.provider.rules()
    }

    /// A thread whose user says `phrase`, to which the provider says `turns`.
    pub fn talk(&self, phrase: &str, turns: Vec<Turn>) -> Talk<'_> {
        let phrase = format!("<{phrase}>");
        self.provider.also_to(&phrase, turns);
        Talk {
            stage: self,
            thread: format!(
                "01a1fc41-a55d-7742-8ab5-{:012x}",
                phrase
                    .bytes()
                    .fold(7_u64, |sum, byte| sum * 31 % 0xffff_ffff + u64::from(byte))
            ),
            input: codex::opening(&phrase),
            request: codex::request(self.rules().model),
        }
    }

    /// What the provider has refused since this was asked last, and whether it was asked less than it should have been.
    pub fn refused(&self, behaviour: &str) -> Vec<String> {
        let mut refused = self.provider.take_violations();
        let left = self.forget(behaviour);
        if left > 0 && refused.is_empty() {
            refused.push(format!("{left} turns were never asked for"));
        }
        refused
    }

    /// Forgets what was to be said to `phrase`.
    pub fn forget(&self, phrase: &str) -> usize {
        self.provider.forget(&format!("<{phrase}>"))
    }

    /// The last request that reached the provider.
    pub fn last(&self) -> Recorded {
        self.provider.requests().pop().unwrap()
    }
}

impl Talk<'_> {
    /// Asks, and keeps what is said.
    pub async fn ask(&mut self) -> Heard {
        let mut connection = self.send().await;
        let head = connection.head().await;
        assert_eq!(head.status, 200, "{:?}", connection.rest(&head).await);
        let heard = Heard::read(&mut connection).await;
        self.input.extend(heard.items.clone());
        heard
    }

    /// Asks, and gives the status and the words of the refusal, or the code and the words of the event.
    pub async fn fail(&mut self) -> (String, String) {
        let mut connection = self.send().await;
        let head = connection.head().await;
        if head.status != 200 {
            return (head.status.to_string(), connection.rest(&head).await);
        }
        let heard = Heard::read(&mut connection).await;
        let error = &heard.end()["response"]["error"];
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (text("code"), text("message"))
    }

    async fn send(&self) -> Connection {
        let mut body = self.request.clone();
        body["input"] = json!(self.input);
        body["prompt_cache_key"] = json!(self.thread);
        let mut connection = self.stage.relay.connect().await;
        connection.post_in(&self.thread, &body.to_string()).await;
        connection
    }

    pub fn say(&mut self, text: &str) {
        self.input
            .push(codex::user(json!([{"type": "input_text", "text": text}])));
    }

    /// What came of a call.
    pub fn answer(&mut self, call: &Value, output: impl Into<Value>) {
        let kind = format!("{}_output", call["type"].as_str().unwrap());
        let output: Value = output.into();
        self.input
            .push(json!({"type": kind, "call_id": call["call_id"], "output": output}));
    }
}

impl Heard {
    pub async fn read(connection: &mut Connection) -> Self {
        let events = connection.events().await;
        let done = events.iter().filter(|event| event.name == "response.output_item.done");
        Self {
            items: done.map(|event| event.data["item"].clone()).collect(),
            events,
        }
    }

    /// The last event.
    pub fn end(&self) -> &Value {
        &end(&self.events).data
    }

    /// Holds the answer to be whole.
    pub fn well(self) -> Self {
        assert_eq!(self.end()["type"], "response.completed", "{:#}", self.end());
        self
    }

    pub fn text(&self) -> String {
        spoken(&self.events)
    }

    /// All thoughts that Codex shows or keeps in clear.
    pub fn thoughts(&self) -> String {
        let names = ["response.reasoning_text.delta", "response.reasoning_summary_text.delta"];
        let deltas = |name: &'static str| self.events.iter().filter(move |event| event.name == name);
        let name = names.into_iter().find(|name| deltas(name).next().is_some());
        let name = name.unwrap_or_default();
        deltas(name)
            .map(|event| event.data["delta"].as_str().unwrap())
            .collect()
    }

    pub fn calls(&self) -> Vec<&Value> {
        let is_call = |item: &&Value| item["type"].as_str().is_some_and(|kind| kind.ends_with("_call"));
        self.items.iter().filter(is_call).collect()
    }
}
