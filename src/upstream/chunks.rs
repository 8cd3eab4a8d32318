//! Chunks of Chat Completions, and what comes in their place.

use crate::wire::Said;
use crate::wire::chat::{self, Chunk, Delta, DeltaContent};

use super::answer::{Piece, error_in};
use super::failure::{Class, Failure};

/// What the data of a frame says. `name` is the frame's own.
pub(super) fn read(name: Option<&str>, data: &str, out: &mut Vec<Piece>) {
    let is_error = name == Some("error");
    out.push(match chat::chunk(data) {
        Ok(chunk) if !is_error => said(chunk, data),
        Err(_) if !is_error => {
            tracing::debug!(bytes = data.len(), "left out a frame that is no chunk");
            return;
        }
        _ => Piece::Failed(error_in(data)),
    });
}

/// What an object says that came in place of a stream.
pub(super) fn whole(text: &str, out: &mut Vec<Piece>) {
    let piece = match chat::chunk(text) {
        Ok(chunk) => said(chunk, text),
        Err(_) => Piece::Failed(Failure::new(Class::Cut, "it is no whole JSON")),
    };
    let is_said = matches!(piece, Piece::Said(_));
    out.push(piece);
    if is_said {
        out.push(Piece::Done);
    }
}

/// A chunk, or the error that it is: some providers send `{"code":429,"message":…}` in the place of a chunk.
fn said(chunk: Chunk, data: &str) -> Piece {
    if let Some(error) = &chunk.error {
        return Piece::Failed(Failure::of_value(error));
    }
    let is_empty = chunk.choices.is_empty() && chunk.usage.is_none() && chunk.x_groq.is_none();
    if is_empty && data.contains("\"message\"") && (data.contains("\"code\"") || data.contains("\"status\"")) {
        return Piece::Failed(error_in(data));
    }
    Piece::Said(Said::Chunk(Box::new(chunk)))
}

/// Whether nothing is said in a chunk.
pub(super) fn is_idle(chunk: &Chunk) -> bool {
    let Some(choice) = chunk.choices.first() else {
        return true;
    };
    let said = choice.delta.as_ref().or(choice.message.as_ref());
    choice.finish_reason.is_none() && said.is_none_or(is_silent)
}

fn is_silent(delta: &Delta) -> bool {
    let texts = [
        &delta.reasoning_content,
        &delta.reasoning,
        &delta.reasoning_text,
        &delta.refusal,
    ];
    let content = match &delta.content {
        None => true,
        Some(DeltaContent::Text(text)) => text.is_empty(),
        Some(DeltaContent::Parts(parts)) => parts.is_empty(),
    };
    content
        && delta.tool_calls.is_empty()
        && delta.reasoning_details.is_empty()
        && texts.into_iter().flatten().all(String::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_that_only_keep_the_line_open_are_known() {
        let is_idle = |data: &str| is_idle(&chat::chunk(data).unwrap());
        for data in [
            "{}",
            r#"{"choices":[]}"#,
            r#"{"choices":[{}]}"#,
            r#"{"choices":[{"delta":{"role":"assistant","content":"","tool_calls":[]}}]}"#,
            r#"{"choices":[{"delta":{"content":null,"reasoning":""},"finish_reason":null}]}"#,
        ] {
            assert!(is_idle(data), "{data}");
        }
        for data in [
            r#"{"choices":[{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"","reasoning":"a"}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ] {
            assert!(!is_idle(data), "{data}");
        }
    }
}
