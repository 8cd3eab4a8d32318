//! What a request must keep to, read off its dialect.

use crelay::provider::dialect::{
    AfterTool, CallIds, Dialect, EmptyContent, Images, Placeholder, Replay, SpecialTokens, System, ToolName,
};
use serde_json::Value;

/// What is left to be checked of a conversation, as far as it was read.
struct Reading<'a> {
    dialect: &'a Dialect,
    ids: Vec<&'a str>,
    /// Calls of the last answer that nothing has answered yet.
    waiting: Vec<&'a str>,
    /// The role of the message before.
    before: &'a str,
    /// Whether anybody has spoken to the model.
    is_spoken_to: bool,
}

/// Panics at the first message that a provider of this dialect would refuse.
pub fn check(dialect: &Dialect, sent: &Value) {
    let mut reading = Reading {
        dialect,
        ids: Vec::new(),
        waiting: Vec::new(),
        before: "",
        is_spoken_to: false,
    };
    for message in sent["messages"].as_array().unwrap() {
        reading.message(message);
    }
    assert_eq!(reading.waiting, Vec::<&str>::new());
    assert_ne!(reading.before, "assistant", "the model has the next word");
    assert!(reading.is_spoken_to, "somebody speaks to the model");
    let tools = sent["tools"].as_array().map_or(0, Vec::len);
    assert!(dialect.max_tools.is_none_or(|most| tools <= most), "{tools} tools");
    if dialect.special_tokens == SpecialTokens::Harmony {
        assert!(!sent["messages"].to_string().contains("<|end|>"));
    }
}

impl<'a> Reading<'a> {
    fn message(&mut self, message: &'a Value) {
        let role = message["role"].as_str().unwrap();
        match role {
            "tool" => self.tool(message),
            _ => assert_eq!(
                self.waiting,
                Vec::<&str>::new(),
                "each call is answered directly after it"
            ),
        }
        match role {
            "assistant" => self.assistant(message),
            "user" => self.user(message),
            "system" => {
                let leads = self.dialect.system != System::Leading || self.before.is_empty();
                assert!(leads, "the system speaks first");
                assert_ne!(self.dialect.system, System::Developer);
            }
            "developer" => assert_eq!(self.dialect.system, System::Developer),
            _ => {}
        }
        self.is_spoken_to |= matches!(role, "user" | "tool");
        self.before = role;
    }

    fn tool(&mut self, message: &'a Value) {
        let id = message["tool_call_id"].as_str().unwrap();
        let answered = self.waiting.iter().position(|waiting| *waiting == id);
        self.waiting.remove(answered.expect("a tool message answers a call"));
        assert!(message["content"].is_string());
        let is_named = message["name"].is_string();
        assert_eq!(is_named, self.dialect.tool_name == ToolName::Present);
    }

    fn user(&self, message: &Value) {
        let follows_tool = self.before == "tool" && self.dialect.after_tool == AfterTool::Assistant;
        assert!(!follows_tool, "an assistant message stands between tool and user");
        for part in message["content"].as_array().into_iter().flatten() {
            let image = &part["image_url"];
            match self.dialect.images {
                _ if image.is_null() => {}
                Images::Bare => assert!(image.is_string()),
                Images::Url => assert_eq!(image.as_object().unwrap().len(), 1),
                Images::Detail => assert!(image["url"].is_string()),
                Images::Inline => assert!(image["url"].as_str().unwrap().starts_with("data:")),
            }
        }
    }

    fn assistant(&mut self, message: &'a Value) {
        assert_ne!(self.before, "assistant", "nobody spoke between two answers");
        assert!(self.is_spoken_to, "the model does not speak first");
        let calls = message["tool_calls"].as_array();
        for call in calls.into_iter().flatten() {
            self.call(call);
        }
        let content = &message["content"];
        let is_silent = content.as_str().is_none_or(str::is_empty) && !content.is_array();
        assert!(!is_silent || calls.is_some(), "nothing is empty");
        if is_silent {
            let has = match self.dialect.empty_content {
                EmptyContent::Text => content == "",
                EmptyContent::Null => content.is_null() && message.get("content").is_some(),
                EmptyContent::Absent => message.get("content").is_none(),
            };
            assert!(has, "{message}");
        }
        self.thoughts(message);
    }

    fn thoughts(&self, message: &Value) {
        // What we put between a tool and a user is nobody's answer.
        let is_filler = self.before == "tool" && message["tool_calls"].is_null();
        let content = &message["reasoning_content"];
        match (self.dialect.replay, self.dialect.placeholder) {
            (Replay::ContentAlways, _) if is_filler && content.is_null() => {}
            (Replay::ContentAlways, Placeholder::Empty) => assert!(content.is_string()),
            (Replay::ContentAlways, Placeholder::Space) => assert!(!content.as_str().unwrap().is_empty()),
            (Replay::ContentAlways, Placeholder::Words) => assert!(!content.as_str().unwrap().trim().is_empty()),
            (Replay::Content, _) => assert!(content.as_str() != Some("")),
            _ => assert!(content.is_null()),
        }
        if self.dialect.replay == Replay::ExtraContent {
            let calls = message["tool_calls"].as_array();
            let signed = |call: &Value| call["extra_content"]["google"]["thought_signature"].is_string();
            assert!(calls.is_none_or(|calls| calls.iter().any(signed)), "{message}");
        }
    }

    fn call(&mut self, call: &'a Value) {
        let id = call["id"].as_str().unwrap();
        assert!(!self.ids.contains(&id), "ids are unique");
        let (lengths, marks) = match self.dialect.call_ids {
            CallIds::Plain => (1..=40, "_-"),
            CallIds::Dotted => (1..=40, "_-.:"),
            CallIds::Nine => (9..=9, ""),
        };
        assert!(lengths.contains(&id.len()), "{id}");
        assert!(
            id.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || marks.contains(letter)),
            "{id}"
        );
        self.ids.push(id);
        self.waiting.push(id);
        let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        assert!(arguments.is_object(), "arguments are an object");
    }
}
