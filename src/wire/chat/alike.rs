//! The chunks of one answer are alike: nearly each differs from the one before it in nothing but a few letters of text,
//! and is known again by what stands around them. Only what is new in it is read then.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::{Choice, Chunk, Delta, DeltaContent, chunk};
use crate::wire::escape;

/// Reads the chunks of one answer.
#[derive(Debug, Default)]
pub struct Chunks {
    known: Option<Known>,
}

/// The form of a chunk that brings a piece of text, and nothing else that is read.
#[derive(Debug)]
struct Known {
    /// Up to the quote with which the text begins.
    before: String,
    /// From the quote with which it ends.
    after: String,
    index: Option<i64>,
    voice: Voice,
}

/// The field that the text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Content,
    ReasoningContent,
    Reasoning,
}

impl Chunks {
    /// Reads the data of one frame, to the same as [`chunk`] does.
    ///
    /// # Errors
    ///
    /// When it is not a JSON object.
    pub fn read(&mut self, data: &str) -> Result<Chunk, serde_json::Error> {
        if let Some(chunk) = self.known.as_ref().and_then(|known| known.read(data)) {
            return Ok(chunk);
        }
        let chunk = chunk(data)?;
        self.known = Known::of(data, &chunk);
        Ok(chunk)
    }

    /// Adds the text of the chunk that `data` is to `last`, the chunk that was read last; whether it could, because
    /// both have the same form.
    pub fn join(&self, data: &str, last: &mut Chunk) -> bool {
        let Some(known) = &self.known else {
            return false;
        };
        let joined = known.text(data).and_then(|text| Some((text, known.voice.text(last)?)));
        joined.map(|(text, last)| last.push_str(&text)).is_some()
    }
}

impl Known {
    /// The form of what was read of `data`, if it is a piece of text.
    fn of(data: &str, chunk: &Chunk) -> Option<Self> {
        let [choice] = chunk.choices.as_slice() else {
            return None;
        };
        let (voice, text) = Voice::of(choice.delta.as_ref()?)?;
        if *chunk != voice.chunk(choice.index, text.to_owned()) {
            return None;
        }
        let mut names = memmem::find_iter(data.as_bytes(), voice.name());
        let name = names.next().filter(|_| names.next().is_none())?;
        let behind = data[name + voice.name().len()..].trim_start().strip_prefix(':')?;
        let inside = behind.trim_start().strip_prefix('"')?;
        let start = data.len() - inside.len();
        let end = start + end_of_text(inside)?;
        let (before, after) = (&data[..start], &data[end..]);
        // A name may be spelt in many ways.
        let is_spelt_plainly = memchr(b'\\', before.as_bytes())
            .or(memchr(b'\\', after.as_bytes()))
            .is_none();
        if !is_spelt_plainly || read_text(&data[start - 1..=end])? != text {
            return None;
        }
        Some(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            index: choice.index,
            voice,
        })
    }

    /// Reads what has this form; `None` if it has another.
    fn read(&self, data: &str) -> Option<Chunk> {
        let text = self.text(data)?;
        Some(self.voice.chunk(self.index, text.into_owned()))
    }

    /// The text in what has this form.
    fn text<'a>(&self, data: &'a str) -> Option<Cow<'a, str>> {
        let inside = data.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        if escape::plain(inside.as_bytes()) == inside.len() {
            return Some(Cow::Borrowed(inside));
        }
        // One text from quote to quote, or it has another form.
        read_text(&data[self.before.len() - 1..=self.before.len() + inside.len()]).map(Cow::Owned)
    }
}

impl Voice {
    /// The one field of `delta` that says something.
    fn of(delta: &Delta) -> Option<(Self, &str)> {
        match (&delta.content, &delta.reasoning_content, &delta.reasoning) {
            (Some(DeltaContent::Text(text)), None, None) => Some((Self::Content, text)),
            (None, Some(text), None) => Some((Self::ReasoningContent, text)),
            (None, None, Some(text)) => Some((Self::Reasoning, text)),
            _ => None,
        }
    }

    /// Its name, in quotes.
    fn name(self) -> &'static [u8] {
        match self {
            Self::Content => b"\"content\"",
            Self::ReasoningContent => b"\"reasoning_content\"",
            Self::Reasoning => b"\"reasoning\"",
        }
    }

    /// The text of a chunk that says nothing else.
    fn text(self, chunk: &mut Chunk) -> Option<&mut String> {
        let delta = chunk.choices.first_mut()?.delta.as_mut()?;
        match (self, &mut delta.content) {
            (Self::Content, Some(DeltaContent::Text(text))) => Some(text),
            (Self::Content, _) => None,
            (Self::ReasoningContent, _) => delta.reasoning_content.as_mut(),
            (Self::Reasoning, _) => delta.reasoning.as_mut(),
        }
    }

    /// A chunk that says nothing else.
    fn chunk(self, index: Option<i64>, text: String) -> Chunk {
        let mut delta = Delta::default();
        match self {
            Self::Content => delta.content = Some(DeltaContent::Text(text)),
            Self::ReasoningContent => delta.reasoning_content = Some(text),
            Self::Reasoning => delta.reasoning = Some(text),
        }
        Chunk {
            choices: vec![Choice {
                index,
                delta: Some(delta),
                ..Choice::default()
            }],
            ..Chunk::default()
        }
    }
}

/// Where the quote stands that ends the text which `inside` begins with.
fn end_of_text(inside: &str) -> Option<usize> {
    let bytes = inside.as_bytes();
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// A text in quotes.
fn read_text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Frames of one answer, read one after the other.
    fn read(frames: &[String]) -> Vec<Option<Chunk>> {
        let mut chunks = Chunks::default();
        frames.iter().map(|frame| chunks.read(frame).ok()).collect()
    }

    fn alone(frames: &[String]) -> Vec<Option<Chunk>> {
        frames.iter().map(|frame| chunk(frame).ok()).collect()
    }

    fn frame(voice: &str, text: &str) -> String {
        json!({"id": "c1", "created": 7, "choices": [
            {"index": 0, "delta": {"role": "assistant", voice: text}, "finish_reason": null, "logprobs": null},
        ], "usage": null})
        .to_string()
    }

    #[test]
    fn a_form_is_known_again_in_every_voice() {
        for voice in ["content", "reasoning_content", "reasoning"] {
            let mut chunks = Chunks::default();
            for text in ["a", "", "\"quoted\"\n", "é \u{1f600}"] {
                assert_eq!(
                    chunks.read(&frame(voice, text)).unwrap(),
                    chunk(&frame(voice, text)).unwrap()
                );
                let known = chunks.known.as_ref().unwrap();
                assert!(known.read(&frame(voice, "other \\ \"text\"")).is_some(), "{voice}");
                assert!(known.read(&frame("refusal", "x")).is_none());
            }
        }
    }

    #[test]
    fn a_piece_becomes_part_of_the_one_before_it_if_nothing_else_is_said() {
        for voice in ["content", "reasoning_content", "reasoning"] {
            let mut chunks = Chunks::default();
            assert!(!chunks.join(&frame(voice, "x"), &mut Chunk::default()));
            let mut last = chunks.read(&frame(voice, "a")).unwrap();
            assert!(chunks.join(&frame(voice, " \"b\" é"), &mut last));
            assert!(!chunks.join(&frame("refusal", "c"), &mut last));
            assert!(!chunks.join(&frame(voice, "c").replace("null", "\"stop\""), &mut last));
            assert_eq!(last, chunk(&frame(voice, "a \"b\" é")).unwrap());
        }
    }

    #[test]
    fn what_only_looks_alike_is_read_anew() {
        let form = |inside: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{inside}"}}}}]}}"#);
        let frames = [
            form("a"),
            // It ends in between, and what follows says more.
            form(r#"b"},"finish_reason":"stop","x":{"y":"z"#),
            form(r#"c\"#),
            form("d\te"),
            form(r"\u00e9\ud83d\ude00"),
            form("f"),
            r#"{"choices":[{"delta":{"content":"g"},"finish_reason":"stop"}]}"#.to_owned(),
            r#"{"choices":[{"delta":{"content":""#.to_owned(),
            form(r#"content\":\"h"#),
            r#"{"x":{"content":"i"},"choices":[{"delta":{"content":"i"}}]}"#.to_owned(),
            r#"{"x":{"content":"j"},"choices":[{"delta":{"content":"k"}}]}"#.to_owned(),
            r#"{"x":{"content":"l"},"choices":[{"delta":{"cont\u0065nt":"l"}}]}"#.to_owned(),
            r#"{"x":{"content":"m"},"choices":[{"delta":{"cont\u0065nt":"l"}}]}"#.to_owned(),
        ];
        assert_eq!(read(&frames), alone(&frames));
    }

    fn frames() -> impl Strategy<Value = Vec<String>> {
        let text = prop_oneof![r#"[a-c"\\é\n{}:,]{0,8}"#, Just("content".to_owned())];
        let voice = prop_oneof![
            Just("content"),
            Just("reasoning_content"),
            Just("reasoning"),
            Just("refusal")
        ];
        let more = prop_oneof![
            4 => Just(Value::Null),
            1 => Just(json!({"finish_reason": "stop"})),
            1 => Just(json!({"usage": {"prompt_tokens": 3}})),
            1 => Just(json!({"index": 1})),
        ];
        let frame = (voice, text, more).prop_map(|(voice, text, more)| {
            let mut choice = json!({"delta": {voice: text}});
            for (name, value) in more.as_object().into_iter().flatten() {
                choice[name] = value.clone();
            }
            json!({"choices": [choice]}).to_string()
        });
        prop::collection::vec(frame, 1..12)
    }

    proptest! {
        #[test]
        fn every_answer_is_read_as_frame_by_frame(frames in frames()) {
            prop_assert_eq!(read(&frames), alone(&frames));
        }

        #[test]
        fn no_byte_that_changes_is_passed_over(place in 0..120_usize, byte in any::<char>()) {
            let first = frame("content", "word");
            let mut second: Vec<char> = first.chars().collect();
            let place = place % second.len();
            second[place] = byte;
            let frames = [first, second.into_iter().collect()];
            prop_assert_eq!(read(&frames), alone(&frames));
        }
    }
}
