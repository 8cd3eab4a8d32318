//! What came of a turn, as Codex hears it.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::wire::responses::Streamed;
use crate::wire::sse::Decoder;

/// One answer of the relay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// All text that was said.
    pub text: String,
    /// In how many pieces text, thoughts and arguments came.
    pub pieces: usize,
    /// The finished items, as they came: Codex sends them back so.
    pub items: Vec<Value>,
    /// When the first word came.
    pub first: Option<Duration>,
    /// When it was over.
    pub whole: Duration,
    /// How it ended.
    pub end: End,
}

/// How an answer ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum End {
    /// As the provider meant it.
    Completed,
    /// By a limit or a filter, for this reason.
    Incomplete(String),
    /// By a failure, in these words.
    Failed {
        /// In the words that Codex would show.
        words: String,
        /// Whether Codex would ask again, because it may pass.
        passes: bool,
    },
    /// Nobody waited for the rest.
    Late,
    /// It broke off.
    #[default]
    Cut,
}

/// A call that was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool.
    pub name: String,
    /// What stands in its place.
    pub arguments: String,
    /// By which it is answered.
    pub id: String,
}

impl Heard {
    /// The calls of functions, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let text = |item: &Value, field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let calls = self.items.iter().filter(|item| item["type"] == "function_call");
        calls
            .map(|item| Call {
                name: text(item, "name"),
                arguments: text(item, "arguments"),
                id: text(item, "call_id"),
            })
            .collect()
    }

    /// Whether thoughts were told before the answer.
    #[must_use]
    pub fn has_reasoning(&self) -> bool {
        self.items.iter().any(|item| item["type"] == "reasoning")
    }
}

/// Takes the bytes of an answer as they come.
#[derive(Debug, Default)]
pub struct Listener {
    decoder: Decoder,
    heard: Heard,
}

impl Listener {
    /// These bytes came so long after the request. Whoever writes frames that cannot be read is taken to have stopped.
    pub fn push(&mut self, bytes: &[u8], at: Duration) {
        self.heard.whole = at;
        // Our own relay writes no frames that are too large.
        let _ = self.decoder.push(bytes, |frame| {
            if let Some(event) = Streamed::read(frame.event, frame.data) {
                self.heard.take(&event, at);
            }
        });
    }

    /// Nothing more is listened to.
    #[must_use]
    pub fn close(self) -> Heard {
        self.heard
    }
}

impl Heard {
    fn take(&mut self, event: &Streamed, at: Duration) {
        let kind = event.kind.as_str();
        if kind.ends_with(".delta") {
            self.pieces += 1;
            self.first.get_or_insert(at);
        }
        match kind {
            "response.output_text.delta" => self.text.push_str(event.text("delta")),
            "response.output_item.done" => {
                self.first.get_or_insert(at);
                self.items.extend(event.fields.get("item").cloned());
            }
            "response.completed" => self.end = End::Completed,
            "response.incomplete" => {
                let reason = event.object("response").and_then(|response| {
                    let reason = response.get("incomplete_details")?.get("reason")?.as_str()?;
                    Some(reason.to_owned())
                });
                self.end = End::Incomplete(reason.unwrap_or_default());
            }
            "response.failed" => self.end = failure(event.object("response")),
            _ => {}
        }
    }
}

/// Codex asks again after these codes (seen on 0.169), and shows the words of all others at once.
fn failure(response: Option<&Map<String, Value>>) -> End {
    let error = response.and_then(|response| response.get("error"));
    let text = |field: &str| error.and_then(|error| error[field].as_str()).unwrap_or_default();
    End::Failed {
        words: text("message").to_owned(),
        passes: matches!(text("code"), "rate_limit_exceeded" | "server_error"),
    }
}
