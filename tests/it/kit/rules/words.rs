//! What providers say instead of an answer, in their own words where those are known.

use std::sync::LazyLock;

use crelay::upstream::Class;
use serde_json::json;

use super::Rules;

/// Which rule a request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The key is another.
    Key,
    /// There is nothing at the path.
    Path,
    /// A header is missing or has changed.
    Header,
    /// The model is another.
    Model,
    /// A field, or a member of one, that is not known.
    Field,
    /// Two fields that exclude each other.
    Both,
    /// A value of a type or form that the field cannot have.
    Form,
    /// An effort that is not on the ladder.
    Effort,
    /// The model cannot be told not to think.
    Thinking,
    /// A `tool_choice`.
    Choice,
    /// A `response_format`.
    Format,
    /// A limit that is too high.
    Limit,
    /// A role that is not known.
    Role,
    /// Instructions that do not lead.
    Instructions,
    /// A message without words.
    Empty,
    /// A user after a tool.
    Order,
    /// A call without its answer.
    Unanswered,
    /// An answer without its call.
    Unasked,
    /// An id.
    Id,
    /// A call of the history.
    Call,
    /// Thoughts that did not come back.
    Thoughts,
    /// A part of a content that the model cannot read.
    Part,
    /// An image that is none.
    Image,
    /// A tool that is no function.
    ToolType,
    /// The name of a tool.
    ToolName,
    /// A tool in other respects.
    Tool,
    /// The schema of a tool.
    Schema,
    /// Something was said that nobody said, or has changed.
    History,
}

/// Status and words of a broken rule; `{}` stands for what is wrong in particular.
pub type Said = &'static [(Kind, u16, &'static str)];

/// What is said when the request is not to blame.
pub struct Trouble {
    speaker: &'static str,
    /// What the user must be told.
    pub class: Class,
    pub status: u16,
    /// Whole.
    pub body: &'static str,
}

static TROUBLES: LazyLock<Vec<Trouble>> = LazyLock::new(|| {
    let lines = include_str!("troubles.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(read)
        .collect()
});

/// OpenAI's shape.
pub const ENVELOPE: &str = r#"{"error":{"message":{message},"type":"invalid_request_error","param":null,"code":null}}"#;

/// Words that many use.
pub const COMMON: Said = &[
    (Kind::Key, 401, "Incorrect API key provided"),
    (Kind::Path, 404, "there is no {}"),
    (
        Kind::Model,
        404,
        "The model {} does not exist or you do not have access to it.",
    ),
    (Kind::Both, 400, "only one of {} may be set"),
    (
        Kind::Thinking,
        400,
        "Reasoning is mandatory for this endpoint and cannot be disabled: {}",
    ),
    (Kind::Instructions, 400, "System message must be at the beginning."),
    (
        Kind::Unanswered,
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. \
         (insufficient tool messages following tool_calls message)",
    ),
    (
        Kind::Unasked,
        400,
        "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
    ),
    (Kind::Schema, 400, "Invalid schema for function {}"),
    (
        Kind::ToolName,
        400,
        "Invalid request: function name is invalid, must start with a letter and can contain letters, numbers, \
         underscores, and dashes: {}",
    ),
];

impl Rules {
    /// Status and words for a broken rule.
    pub fn words(&self, kind: Kind, detail: &str) -> (u16, String) {
        let said = self.says.iter().chain(COMMON).find(|(said, _, _)| *said == kind);
        let (_, status, words) = said.copied().unwrap_or((kind, 400, "{}"));
        (status, words.replace("{}", detail))
    }

    /// The body around the words.
    pub fn body(&self, status: u16, message: &str) -> String {
        let body = self.envelope.replace("{status}", &status.to_string());
        body.replace("{message}", &json!(message).to_string())
    }

    /// What the provider says when the request is not to blame, in its own words where they are known.
    pub fn troubles(&self) -> impl Iterator<Item = &'static Trouble> {
        let of = |speaker: &'static str| TROUBLES.iter().filter(move |trouble| trouble.speaker == speaker);
        let own = self.speaks_like;
        let others = of("common").filter(move |trouble| of(own).all(|known| known.class != trouble.class));
        of(own).chain(others)
    }
}

fn read(line: &'static str) -> Trouble {
    let mut words = line.splitn(4, ' ');
    let mut next = || words.next().unwrap_or_else(|| panic!("troubles.txt: {line}"));
    Trouble {
        speaker: next(),
        class: class(next()),
        status: next().parse().unwrap(),
        body: next(),
    }
}

fn class(name: &str) -> Class {
    use Class::{Auth, Balance, Filter, Model, Overflow, Overloaded, Quota, RateLimit, Request, Server};
    let classes = [
        Auth, Balance, Filter, Model, Overflow, Overloaded, Quota, RateLimit, Request, Server,
    ];
    let named = classes.into_iter().find(|class| format!("{class:?}") == name);
    named.unwrap_or_else(|| panic!("troubles.txt: there is no class {name}"))
}
