//! Frames are what the standard says, however the stream is split; what crelay writes it reads.

use crelay::wire::sse::{self, Decoder};

use super::{SHORT, place};

pub fn check(input: &[u8]) {
    let [split, stream @ ..] = input else { return };
    let expected = expected(stream);
    assert_eq!(decode([stream]), expected, "whole");
    let (left, right) = stream.split_at(place(stream.len(), *split));
    assert_eq!(decode([left, right]), expected, "split");
    if stream.len() <= SHORT {
        assert_eq!(decode(stream.chunks(1)), expected, "byte by byte");
    }
    for (event, data) in expected {
        let event = event.unwrap_or_default();
        if data.contains('\n') {
            continue;
        }
        let mut written = Vec::new();
        sse::write(&event, |out| out.extend_from_slice(data.as_bytes()), &mut written);
        assert_eq!(decode([&written[..]]), [(Some(event), data)], "what is written is read");
    }
}

/// An event's name and data.
type Told = (Option<String>, String);

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Told> {
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    let mut keep = |frame: sse::Frame<'_>| frames.push((frame.event.map(str::to_owned), frame.data.to_owned()));
    for piece in pieces {
        decoder.push(piece, &mut keep).expect("no input is that large");
    }
    decoder.finish(&mut keep);
    frames
}

/// The standard's own words, over the whole text at once; an unfinished frame at the end counts.
fn expected(stream: &[u8]) -> Vec<Told> {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut frames = Vec::new();
    let (mut event, mut data) = (None, Vec::new());
    for line in text.split('\n').chain([""]) {
        if line.is_empty() {
            let event = event.take();
            let data = std::mem::take(&mut data);
            if !data.is_empty() {
                let data = data.join("\n");
                frames.push((event, data));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match field {
            "event" => event = Some(value),
            "data" => data.push(value),
            _ => {}
        }
    }
    frames
}
