//! Chunks of Chat Completions, and what comes in their place.

use crate::wire::Said;
use crate::wire::chat::{self, BaseResponse, Chunk, Chunks, Delta, DeltaContent, FunctionDelta};

use super::answer::{Piece, Speech};
use super::failure::{Class, Failure};

/// What the data of a frame says. `name` is the frame's own.
pub(super) fn read(speech: Speech, chunks: &mut Chunks, name: Option<&str>, data: &str, out: &mut Vec<Piece>) {
    match chunks.read(data) {
        _ if name == Some("error") => out.push(speech.failure_in(data)),
        Ok(chunk) => said(speech, chunk, data, out),
        Err(_) => tracing::debug!(bytes = data.len(), "left out a frame that is no chunk"),
    }
}

/// What an object says that came in place of a stream.
pub(super) fn whole(speech: Speech, text: &str, out: &mut Vec<Piece>) {
    let Ok(chunk) = chat::chunk(text) else {
        return out.push(Piece::Failed(Failure::new(Class::Cut, "it is no whole JSON")));
    };
    let is_answer = !chunk.choices.is_empty();
    let mut pieces = Vec::new();
    said(speech, chunk, text, &mut pieces);
    match pieces.as_slice() {
        [Piece::Said(_)] if !is_answer => out.push(Piece::Failed(Failure::new(Class::Address, ""))),
        [Piece::Said(_)] => out.extend(pieces.into_iter().chain([Piece::Done])),
        _ => out.append(&mut pieces),
    }
}

/// A chunk, or the error that it is: some providers send `{"code":429,"message":…}` in the place of a chunk. The counts
/// that stand beside an error count.
fn said(speech: Speech, mut chunk: Chunk, data: &str, out: &mut Vec<Piece>) {
    let is_empty = chunk.choices.is_empty() && chunk.usage.is_none() && chunk.x_groq.is_none();
    let has_code = || data.contains("\"code\"") || data.contains("\"status\"");
    let is_refusal = chunk.base_resp.as_ref().is_some_and(BaseResponse::is_refusal);
    if chunk.error.is_none() && !is_refusal && !(is_empty && has_code() && data.contains("\"message\"")) {
        return out.push(Piece::Said(Said::Chunk(Box::new(chunk))));
    }
    if chunk.usage.is_some() {
        chunk.choices.clear();
        chunk.error = None;
        out.push(Piece::Said(Said::Chunk(Box::new(chunk))));
    }
    out.push(speech.failure_in(data));
}

/// Whether nothing is said in a chunk.
pub(super) fn is_idle(chunk: &Chunk) -> bool {
    let Some(choice) = chunk.choices.first() else {
        return true;
    };
    let said = choice.delta.as_ref().or(choice.message.as_deref());
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
        && delta.function_call.as_ref().is_none_or(calls_nobody)
        && delta.reasoning_details.is_empty()
        && delta.annotations.is_empty()
        && delta.executed_tools.is_empty()
        && texts.into_iter().flatten().all(String::is_empty)
}

/// LiteLLM writes such a one beside words.
fn calls_nobody(call: &FunctionDelta) -> bool {
    let arguments = call.arguments.as_ref();
    call.name.as_ref().is_none_or(String::is_empty) && arguments.is_none_or(|arguments| arguments == "")
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
            r#"{"choices":[{"delta":{"function_call":{"name":"","arguments":""},"annotations":[]}}]}"#,
        ] {
            assert!(is_idle(data), "{data}");
        }
        for data in [
            r#"{"choices":[{"delta":{"content":"a"}}]}"#,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"","reasoning":"a"}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#,
            r#"{"choices":[{"delta":{"content":null,"function_call":{"name":"f","arguments":""}}}]}"#,
            r#"{"choices":[{"delta":{"annotations":[{"type":"url_citation"}]}}]}"#,
            r#"{"choices":[{"delta":{"executed_tools":[{"index":0,"type":"search"}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
        ] {
            assert!(!is_idle(data), "{data}");
        }
    }
}
