//! The laws hold for every streamed and whole answer that real providers gave, wherever it is split and cut. What is
//! heard of the uncut ones is compared where they go through the relay.

use crelay::translate::{Context, Reader};
use serde_json::Value;

use super::heard::{End, hear};
use super::recorded::{Kind, exchanges};
use super::{frames, play, said};

/// Bytes of an answer up to which splits are tried, at every byte of the shorter ones.
const SPLIT: usize = 4_000;
/// Bytes of an answer up to which every split and cut is tried; it takes time with the square of the length.
const CUT: usize = 1_000;

/// A good answer of Chat Completions. A whole one is one chunk.
pub struct Recording {
    pub id: String,
    pub bytes: Vec<u8>,
}

/// Good answers of Chat Completions.
pub fn recordings() -> Vec<Recording> {
    let good = exchanges().into_iter().filter(|exchange| exchange.status == 200);
    good.filter(|exchange| exchange.kind == Kind::Chat)
        .filter_map(|exchange| {
            Some(Recording {
                bytes: if exchange.is_streamed() {
                    exchange.body
                } else {
                    framed(&exchange.body)?
                },
                id: exchange.id,
            })
        })
        .collect()
}

fn framed(whole: &[u8]) -> Option<Vec<u8>> {
    let body: Value = serde_json::from_slice(whole).ok()?;
    body.is_object().then(|| format!("data: {body}\n\n").into_bytes())
}

#[test]
fn a_recorded_stream_split_anywhere_gives_the_same() {
    for recording in recordings().iter().filter(|recording| recording.bytes.len() <= SPLIT) {
        let whole = play(&[&recording.bytes], Context::default(), Reader::Codex);
        let single: Vec<&[u8]> = recording.bytes.chunks(1).collect();
        assert_eq!(
            play(&single, Context::default(), Reader::Codex),
            whole,
            "{}",
            recording.id
        );
        let step = if recording.bytes.len() <= CUT { 1 } else { 61 };
        for split in (0..recording.bytes.len()).step_by(step) {
            let (left, right) = recording.bytes.split_at(split);
            assert_eq!(
                play(&[left, right], Context::default(), Reader::Codex),
                whole,
                "{} at {split}",
                recording.id
            );
        }
    }
}

#[test]
fn a_recorded_stream_cut_anywhere_is_a_lawful_turn() {
    for recording in recordings().iter().filter(|recording| recording.bytes.len() <= CUT) {
        for cut in 0..recording.bytes.len() {
            let bytes = &recording.bytes[..cut];
            let heard = hear(&play(&[bytes], Context::default(), Reader::Codex));
            let said = said::read(&frames(bytes));
            let finished = said.finish.is_some() || said.done;
            assert!(finished || heard.end != End::Completed, "{} cut at {cut}", recording.id);
        }
    }
}
