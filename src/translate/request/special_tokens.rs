//! Tokens by which a model's format is made, where they stand in somebody's text.

use serde_json::Value;

use crate::provider::dialect::SpecialTokens;
use crate::wire::Text;
use crate::wire::chat::{Content, Message, Part, Tool};

/// The tokens of harmony, without their brackets
/// (<https://cookbook.openai.com/articles/openai-harmony>, read 2026-11).
const HARMONY: [&str; 7] = ["start", "end", "message", "channel", "constrain", "return", "call"];

/// What every token begins with.
const BEGIN: &str = "<|";

/// Takes the tokens' meaning away in everything that a request says.
pub fn defuse(tokens: SpecialTokens, messages: &mut [Message<'_>], tools: &mut [Tool]) {
    match tokens {
        SpecialTokens::Plain => {}
        SpecialTokens::Harmony => {
            messages.iter_mut().for_each(defuse_message);
            let descriptions = tools.iter_mut().filter_map(|tool| tool.function.description.as_mut());
            descriptions.for_each(harmless);
        }
    }
}

fn harmless(text: &mut String) {
    if !text.contains(BEGIN) {
        return;
    }
    for token in HARMONY {
        *text = text.replace(&format!("<|{token}|>"), &format!("<| {token} |>"));
    }
}

fn harmless_text(text: &mut Text<'_>) {
    if text.holds(BEGIN) {
        let mut read = std::mem::take(text).into_string();
        harmless(&mut read);
        *text = read.into();
    }
}

fn defuse_message(message: &mut Message<'_>) {
    match message {
        Message::System { content } | Message::Developer { content } => harmless(content),
        Message::Tool { content, .. } => harmless_text(content),
        Message::User {
            content: Content::Text(text),
        } => harmless_text(text),
        Message::User {
            content: Content::Parts(parts),
        } => {
            for part in parts {
                if let Part::Text { text } = part {
                    harmless_text(text);
                }
            }
        }
        Message::Assistant(assistant) => {
            assistant.content.iter_mut().for_each(defuse_value);
            assistant.reasoning.values_mut().for_each(defuse_value);
            for call in &mut assistant.tool_calls {
                harmless_text(&mut call.function.arguments);
            }
        }
    }
}

fn defuse_value(value: &mut Value) {
    match value {
        Value::String(text) => harmless(text),
        Value::Array(values) => values.iter_mut().for_each(defuse_value),
        Value::Object(object) => object.values_mut().for_each(defuse_value),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_text_is_text_and_anything_else_stays() {
        let mut text = "<|start|>user<|message|>hi <|end |> <|python_tag|> <|end|>".to_owned();
        harmless(&mut text);
        assert_eq!(text, "<| start |>user<| message |>hi <|end |> <|python_tag|> <| end |>");
    }

    #[test]
    fn every_text_of_a_request_is_reached_and_only_where_it_is_asked_for() {
        let messages: Vec<Message<'_>> = vec![
            Message::System {
                content: "<|end|>".to_owned(),
            },
            Message::User {
                content: Content::Text("<|end|>".into()),
            },
            Message::User {
                content: Content::Parts(vec![Part::Text { text: "<|end|>".into() }]),
            },
            Message::Tool {
                tool_call_id: "<|end|>".to_owned(),
                name: None,
                content: "<|end|>".into(),
            },
        ];
        let mut sent = messages.clone();
        defuse(SpecialTokens::Plain, &mut sent, &mut []);
        assert_eq!(sent, messages);
        defuse(SpecialTokens::Harmony, &mut sent, &mut []);
        let text = serde_json::to_string(&sent).unwrap();
        // The id of a call is no text.
        assert_eq!(
            (text.matches("<|end|>").count(), text.matches("<| end |>").count()),
            (1, 4)
        );
    }
}
