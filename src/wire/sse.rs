//! Server-sent events: a decoder that takes bytes in any pieces, and the one way crelay writes a frame.
//!
//! The decoder owns no socket. The format is that of the HTML standard, section 9.2.6 ("Interpreting an event stream"),
//! except that an unterminated last frame can be asked for: providers forget the final blank line.

use std::borrow::Cow;

use memchr::memchr2;

/// The largest frame that is kept, in bytes. A provider's longest legitimate line is one whole tool call;
/// 16 MiB leaves room for a patch of any file a model can read.
pub const FRAME_LIMIT: usize = 16 * 1024 * 1024;

/// One event of a stream: the name of its `event` field, if it had one, and its `data` lines joined by newlines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The `event` field.
    pub event: Option<&'a str>,
    /// The `data` fields, joined by `\n`. Bytes that are not UTF-8 were replaced.
    pub data: &'a str,
}

/// A frame grew beyond [`FRAME_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one event of its stream is larger than {} MiB", FRAME_LIMIT >> 20)]
pub struct TooLarge;

/// Turns bytes into frames; keeps what is not yet complete.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    event: Option<String>,
    data: Option<String>,
    after_return: bool,
    started: bool,
}

impl Decoder {
    /// A decoder at the start of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and shows `out` the frames that they complete, one by one.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] when a frame passes [`FRAME_LIMIT`]; the stream cannot be read any further.
    pub fn push(&mut self, bytes: &[u8], mut out: impl FnMut(Frame<'_>)) -> Result<(), TooLarge> {
        let mut rest = bytes;
        if self.after_return && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        if !bytes.is_empty() {
            self.after_return = false;
        }
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let line = &rest[..end];
            self.check(line.len())?;
            let carriage_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if carriage_return {
                match rest.first() {
                    Some(b'\n') => rest = &rest[1..],
                    Some(_) => {}
                    None => self.after_return = true,
                }
            }
            if !self.line.is_empty() {
                self.line.extend_from_slice(line);
                self.end_held_line(&mut out);
            } else if let Some(data) = self.only_line(line, rest) {
                // Nearly every frame comes whole, and is read where it stands.
                rest = rest.strip_prefix(b"\r").unwrap_or(rest);
                rest = &rest[1..];
                let event = self.event.take();
                out(Frame {
                    event: event.as_deref(),
                    data,
                });
            } else {
                self.end_line(line, &mut out);
            }
        }
        self.check(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    /// Ends the stream: an unterminated line and frame count as if their ends had come.
    pub fn finish(mut self, mut out: impl FnMut(Frame<'_>)) {
        if !self.line.is_empty() {
            self.end_held_line(&mut out);
        }
        self.dispatch(&mut out);
    }

    /// The data of a frame that has no other than this whole line of it, and ends with the blank line before `rest`.
    fn only_line<'a>(&self, line: &'a [u8], rest: &[u8]) -> Option<&'a str> {
        let is_over = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        let is_only = self.started && self.data.is_none() && is_over;
        let value = line.strip_prefix(b"data:").filter(|_| is_only)?;
        std::str::from_utf8(value.strip_prefix(b" ").unwrap_or(value)).ok()
    }

    /// Whether so many bytes more may be kept.
    fn check(&self, bytes: usize) -> Result<(), TooLarge> {
        let held = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        if held(&self.event) + held(&self.data) + self.line.len() + bytes > FRAME_LIMIT {
            return Err(TooLarge);
        }
        Ok(())
    }

    fn end_held_line(&mut self, out: &mut impl FnMut(Frame<'_>)) {
        let line = std::mem::take(&mut self.line);
        self.end_line(&line, out);
    }

    fn end_line(&mut self, bytes: &[u8], out: &mut impl FnMut(Frame<'_>)) {
        // Lines that are text, as all should be, are not looked at letter by letter.
        let line = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let line = match self.started {
            true => line.as_ref(),
            false => line.strip_prefix('\u{feff}').unwrap_or(&line),
        };
        self.started = true;
        if line.is_empty() {
            self.dispatch(out);
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.event = Some(value.to_owned()),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // `id` and `retry` serve reconnection, which no provider offers; a line without a name is a comment.
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut impl FnMut(Frame<'_>)) {
        let event = self.event.take();
        if let Some(data) = self.data.take() {
            out(Frame {
                event: event.as_deref(),
                data: &data,
            });
        }
    }
}

/// Appends one frame to `out`. What `data` appends must hold no line break (JSON as we write it never does).
pub fn write(event: &str, data: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(event.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    data(out);
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event's name and data.
    type Told = (Option<String>, String);

    fn told(frame: Frame<'_>) -> Told {
        (frame.event.map(str::to_owned), frame.data.to_owned())
    }

    fn decode(pieces: &[&[u8]]) -> Vec<Told> {
        let mut decoder = Decoder::new();
        let mut out = Vec::new();
        for piece in pieces {
            decoder.push(piece, |frame| out.push(told(frame))).unwrap();
        }
        decoder.finish(|frame| out.push(told(frame)));
        out
    }

    fn data(text: &str) -> Told {
        (None, text.to_owned())
    }

    const STREAM: &str = "\u{feff}: comment\r\n\r\nevent: greeting\ndata: a\ndata:b\n\ndata: naïve\r\rdata: whole\n\nevent: named\ndata:  one\n\ndata: returned\r\n\r\nid: 7\nretry: 5\n\ndata\n\ndata: last";

    fn frames() -> Vec<Told> {
        vec![
            (Some("greeting".to_owned()), "a\nb".to_owned()),
            data("naïve"),
            data("whole"),
            (Some("named".to_owned()), " one".to_owned()),
            data("returned"),
            data(""),
            data("last"),
        ]
    }

    #[test]
    fn every_line_end_comment_and_byte_order_mark_is_read() {
        assert_eq!(decode(&[STREAM.as_bytes()]), frames());
    }

    #[test]
    fn a_stream_split_anywhere_gives_the_same_frames() {
        for split in 0..=STREAM.len() {
            let (left, right) = STREAM.as_bytes().split_at(split);
            assert_eq!(decode(&[left, right]), frames(), "split at {split}");
        }
        let bytes: Vec<&[u8]> = STREAM.as_bytes().chunks(1).collect();
        assert_eq!(decode(&bytes), frames());
    }

    #[test]
    fn an_endless_frame_is_refused() {
        let mut decoder = Decoder::new();
        let piece = vec![b'x'; 1024 * 1024];
        let end = (0..32).find_map(|_| decoder.push(&piece, |_| ()).err());
        assert_eq!(end, Some(TooLarge));
    }

    #[test]
    fn what_is_not_kept_has_no_limit() {
        let mut decoder = Decoder::new();
        let comments = b": at work\n".repeat(100_000);
        let mut out = Vec::new();
        for _ in 0..32 {
            decoder.push(&comments, |frame| out.push(told(frame))).unwrap();
        }
        decoder.push(b"data: a\n\n", |frame| out.push(told(frame))).unwrap();
        assert_eq!(out, vec![data("a")]);
    }

    #[test]
    fn bytes_that_are_not_text_are_replaced() {
        assert_eq!(
            decode(&[b"data: a\xffb\n\ndata: \xff\n\n"]),
            vec![data("a\u{fffd}b"), data("\u{fffd}")]
        );
    }
}
