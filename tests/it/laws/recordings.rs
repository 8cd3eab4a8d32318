//! The laws hold for every streamed and whole answer that real providers gave.
//!
//! The recordings are not part of the project; the test runs where they are (`CRELAY_SHARED`, default `../shared`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crelay::translate::Context;
use serde_json::Value;

use super::heard::{End, Heard, hear};
use super::{frames, play, said};

/// Bytes of an answer up to which splits are tried, at every byte of the shorter ones.
const SPLIT: usize = 4_000;
/// Bytes of an answer up to which every split and cut is tried; it takes time with the square of the length.
const CUT: usize = 1_000;

/// An answer of a real provider.
pub struct Recording {
    pub id: String,
    pub provider: String,
    pub bytes: Vec<u8>,
}

/// Where the recordings are, if they are here.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("CRELAY_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    root.join("recordings/index.json").exists().then_some(root)
}

/// Answers of Chat Completions that began with a good status. A whole answer is one chunk.
pub fn recordings() -> Vec<Recording> {
    let Some(shared) = shared() else {
        eprintln!("no recordings here: set CRELAY_SHARED to check the laws against them");
        return Vec::new();
    };
    let folder = shared.join("recordings");
    let index: Vec<Value> = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    index
        .iter()
        .filter(|row| row["kind"] == "chat" && row["status"].as_u64().unwrap_or(200) == 200)
        .filter_map(|row| {
            let path = row["response"].as_str()?;
            let bytes = fs::read(folder.join(path)).ok()?;
            let streamed = path.ends_with(".sse") || bytes.starts_with(b"data:");
            let bytes = if streamed { bytes } else { framed(&bytes)? };
            Some(Recording {
                id: row["id"].as_str()?.to_owned(),
                provider: row["provider"].as_str()?.to_owned(),
                bytes,
            })
        })
        .collect()
}

fn framed(whole: &[u8]) -> Option<Vec<u8>> {
    let body: Value = serde_json::from_slice(whole).ok()?;
    body.is_object().then(|| format!("data: {body}\n\n").into_bytes())
}

fn check_voices(id: &str, said: &said::Said, heard: &Heard) {
    if heard.end == End::Completed {
        // A call that the limit cut is not heard.
        let calls = if said.finish.as_deref() == Some("length") {
            &said.calls[..heard.calls.len()]
        } else {
            &said.calls
        };
        // Codex hears a refusal as words.
        let words = format!("{}{}", said.text, said.refusal);
        assert_eq!(heard.text.trim(), words.trim(), "{id}: text");
        assert_eq!(heard.calls, calls, "{id}: calls");
        assert_eq!(heard.usage.is_some(), said.usage, "{id}: usage");
        assert!(heard.text.is_empty() || heard.pages == said.pages, "{id}: pages");
        assert_eq!(heard.searches, 0, "{id}: nobody asked for a search");
        assert!(
            said.finish.is_some() || said.done,
            "{id}: completed without the provider's word"
        );
    }
    assert!(
        heard.thoughts.ends_with(&said.thoughts) || heard.end != End::Completed,
        "{id}: thoughts"
    );
    assert_eq!(heard.kept, heard.thoughts, "{id}: what was thought goes back as it was");
    let finished = said.finish.is_some() || said.done;
    let cut = matches!(said.finish.as_deref(), Some("content_filter" | "error"));
    assert!(
        !finished || said.error || cut || heard.end == End::Completed,
        "{id}: {:?} {said:?}",
        heard.end
    );
}

#[test]
fn what_real_providers_said_is_what_codex_hears() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for recording in recordings() {
        let heard = hear(&play(&[&recording.bytes], Context::default()));
        check_voices(&recording.id, &said::read(&frames(&recording.bytes)), &heard);
        *counts.entry(recording.provider).or_default() += 1;
    }
    println!("{counts:?}");
    assert!(
        counts.is_empty() || counts.values().sum::<usize>() > 600,
        "the recordings were read"
    );
}

#[test]
fn a_recorded_stream_split_anywhere_gives_the_same() {
    for recording in recordings().iter().filter(|recording| recording.bytes.len() <= SPLIT) {
        let whole = play(&[&recording.bytes], Context::default());
        let single: Vec<&[u8]> = recording.bytes.chunks(1).collect();
        assert_eq!(play(&single, Context::default()), whole, "{}", recording.id);
        let step = if recording.bytes.len() <= CUT { 1 } else { 61 };
        for split in (0..recording.bytes.len()).step_by(step) {
            let (left, right) = recording.bytes.split_at(split);
            assert_eq!(
                play(&[left, right], Context::default()),
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
            let heard = hear(&play(&[bytes], Context::default()));
            let said = said::read(&frames(bytes));
            let finished = said.finish.is_some() || said.done;
            assert!(finished || heard.end != End::Completed, "{} cut at {cut}", recording.id);
        }
    }
}
