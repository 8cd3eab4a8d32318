//! Whole turns as they travel, compared whole.
//!
//! A folder of `tests/turns` is a case, `<provider>.<what-happens>`, or `<provider>-responses.<what-happens>` through
//! that provider's own Responses endpoint: `codex.json` comes in, `upstream.json` goes out, `upstream.sse` comes back,
//! `codex.sse` goes to Codex. A bug first becomes a folder. `CRELAY_BLESS=1` writes what goes out anew, to be read
//! before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use crelay::provider::Table;
use crelay::translate::{Question, Reader, Target, native, request};
use crelay::wire::responses;
use serde_json::Value;

use crate::laws::{decode, hear, play_bytes, play_native_bytes};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/turns");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

/// Compares with the file, or writes it.
fn same(path: &Path, written: &str) -> Option<String> {
    if std::env::var_os("CRELAY_BLESS").is_some() {
        fs::write(path, written).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    (kept != written).then(|| format!("{} differs; it is now:\n{written}", path.display()))
}

#[test]
fn every_turn_travels_as_it_was_written_down() {
    let table = Table::embedded().unwrap();
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap();
        let spoken = name.split('.').next().unwrap();
        let native = spoken.strip_suffix("-responses");
        let provider = table.find(native.unwrap_or(spoken)).unwrap();
        let read = |file: &str| fs::read(case.join(file)).unwrap_or_else(|error| panic!("{name}/{file}: {error}"));
        let asked = read("codex.json");
        let whole: Value = serde_json::from_slice(&asked).unwrap();
        let body: responses::Request = serde_json::from_slice(&asked).unwrap();
        let model = body.model.clone().unwrap();
        let dialect = provider.dialect(&model);
        let known = provider.models.iter().find(|known| known.id == model);
        let target = Target {
            dialect: &dialect,
            model: &model,
            vision: known.is_some_and(|known| known.vision),
            max_output: known.and_then(|known| known.max_output),
            window: known.map(|known| known.context_window),
        };
        let question = Question {
            request: &body,
            whole: &|| whole.clone(),
            asked: &provider.id,
        };
        let said = read("upstream.sse");
        let (sent, bytes) = match native {
            Some(_) => {
                let outbound = native::request(target, &question);
                (
                    outbound.body,
                    play_native_bytes(&[&said], outbound.context, Reader::Codex),
                )
            }
            None => {
                let outbound = request(target, &body);
                // Through a value that keeps the order, for the line breaks.
                let sent = serde_json::from_slice(&serde_json::to_vec(&outbound.body).unwrap()).unwrap();
                (sent, play_bytes(&[&said], outbound.context, Reader::Codex))
            }
        };
        wrong.extend(same(
            &case.join("upstream.json"),
            &format!("{}\n", serde_json::to_string_pretty(&sent).unwrap()),
        ));
        hear(&decode(&bytes));
        wrong.extend(same(&case.join("codex.sse"), &String::from_utf8(bytes).unwrap()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
