//! The fuzz targets of `fuzz/` over their seeds, as they are and with a few things changed, the same in every run.
//!
//! Seeds are the files in `fuzz/seeds`, and what other tests have that fits: turns, forms of markup, words of refusals.
//! `CRELAY_CORPUS=1 cargo test --test it fuzz::` writes them to `fuzz/corpus`, with what was recorded of real
//! providers.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::laws::heal::forms::FORMS;
use crate::laws::{Kind, captures, exchanges, frames, said};

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

/// How often each seed is changed.
const CHANGES: usize = 12;

/// Bytes of a recording that are worth changing.
const LARGEST: usize = 4 * 1024;

/// The name of an input, and what it is.
type Seed = (String, Vec<u8>);

fn seed(name: &str, settings: &[u8], read: &[u8]) -> Seed {
    (name.replace('/', "-"), [settings, read].concat())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The files in `fuzz/seeds`.
fn written(target: &str) -> Vec<Seed> {
    let paths = sorted(&root().join("fuzz/seeds").join(target));
    let seeds = paths
        .iter()
        .map(|path| seed(&name(path), &[], &fs::read(path).unwrap()));
    seeds.collect()
}

/// One file of every turn, with the turn's name.
fn turns(file: &str) -> Vec<(String, Vec<u8>)> {
    let cases = sorted(&root().join("tests/turns"));
    let read = |case: &PathBuf| (name(case), fs::read(case.join(file)).unwrap());
    cases.iter().map(read).collect()
}

/// Read by Codex and by others, healed and as it is, split here and there.
fn answers(said: impl IntoIterator<Item = (String, bool, Vec<u8>)>) -> Vec<Seed> {
    let numbered = said.into_iter().zip((0_u8..=255).cycle());
    let seeds = numbered.map(|((name, is_native, bytes), number)| {
        let settings = [u8::from(is_native) | (number & 3) << 1, number.wrapping_mul(37)];
        seed(&name, &settings, &bytes)
    });
    seeds.collect()
}

/// What the project itself has for a target.
fn own(target: &str) -> Vec<Seed> {
    let mut seeds = written(target);
    match target {
        "answer" => {
            let said = turns("upstream.sse").into_iter();
            seeds.extend(answers(
                said.map(|(name, bytes)| (name.clone(), name.contains("-responses."), bytes)),
            ));
        }
        "classification" => {
            let lines = include_str!("kit/rules/troubles.txt").lines();
            for line in lines.filter(|line| line.ends_with('}')) {
                let words: Vec<&str> = line.splitn(4, ' ').collect();
                seeds.push(refusal(
                    &words[..3].join("-"),
                    words[2].parse().unwrap(),
                    words[3].as_bytes(),
                ));
            }
        }
        "healer" => {
            let forms = FORMS.iter().zip(0_u8..);
            seeds.extend(forms.map(|(form, number)| {
                let settings = [number % 24 + 16, number.wrapping_mul(37)];
                let before = if form.is_first { "" } else { "I look.\n" };
                seed(form.name, &settings, format!("{before}{}\n", form.two()).as_bytes())
            }));
        }
        "request" => {
            let asked = turns("codex.json").into_iter().zip(0_u8..);
            seeds.extend(asked.map(|((name, body), number)| seed(&name, &[number.wrapping_mul(5), number], &body)));
        }
        _ => {}
    }
    seeds
}

fn refusal(name: &str, status: u16, body: &[u8]) -> Seed {
    let [high, low] = (status - 300).to_be_bytes();
    seed(name, &[0, high, low], body)
}

/// What was recorded of real providers and of Codex for a target; nothing where no recordings are.
fn recorded(target: &str) -> Vec<Seed> {
    let exchanges = exchanges()
        .into_iter()
        .filter(|exchange| exchange.body.len() <= LARGEST);
    match target {
        "answer" => {
            let good = exchanges.filter(|exchange| exchange.status == 200);
            answers(good.map(|exchange| (exchange.id.clone(), exchange.kind == Kind::Responses, exchange.body)))
        }
        "classification" => {
            let bad = exchanges.filter(|exchange| exchange.status >= 300);
            bad.map(|exchange| refusal(&exchange.id, exchange.status, &exchange.body))
                .collect()
        }
        "healer" => {
            let heard = exchanges.map(|exchange| (exchange.id, said::read(&frames(&exchange.body)).text));
            let marked = heard.filter(|(_, text)| text.contains(['<', '[', '{', '`']));
            marked
                .map(|(name, text)| seed(&name, &[20, 128], text.as_bytes()))
                .collect()
        }
        "request" => {
            let asked = captures().into_iter().flatten().enumerate();
            asked
                .map(|(number, body)| seed(&format!("capture-{number}"), &[number as u8, 1], &shortened(body)))
                .collect()
        }
        "sse" => exchanges
            .map(|exchange| seed(&exchange.id, &[128], &exchange.body))
            .collect(),
        _ => Vec::new(),
    }
}

/// A request of Codex without most of its words and tools, of which there are more than a fuzzer can change.
fn shortened(mut body: Value) -> Vec<u8> {
    fn shorten(value: &mut Value) {
        match value {
            Value::String(text) => text.truncate(text.floor_char_boundary(200)),
            Value::Array(list) => list.iter_mut().for_each(shorten),
            Value::Object(object) => object.values_mut().for_each(shorten),
            _ => {}
        }
    }
    let tools = body["tools"]
        .as_array()
        .map(|tools| tools[..tools.len().min(3)].to_vec());
    body["tools"] = json!(tools);
    shorten(&mut body);
    body.to_string().into_bytes()
}

/// Numbers that are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    /// One below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }

    /// Changes an input in one place.
    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let start = self.below(input.len());
        let end = (start + self.below(40)).min(input.len());
        match self.below(5) {
            0 => drop(input.drain(start..end)),
            1 => input.extend_from_within(start..end),
            2 => {
                let place = self.below(other.len());
                let piece = &other[place..other.len().min(place + 40)];
                drop(input.splice(start..start, piece.iter().copied()));
            }
            3 => input.truncate(start),
            _ => {
                if let Some(byte) = input.get_mut(start) {
                    *byte ^= 1 << self.below(8);
                }
            }
        }
    }
}

fn check_all(target: &str, check: fn(&[u8])) {
    let seeds = own(target);
    let mut numbers = Numbers(0x00c0_de0f);
    for (name, input) in &seeds {
        let mut input = input.clone();
        for change in 0..=CHANGES {
            let shown = || format!("{target}: {name}, changed {change} times: {}", input.escape_ascii());
            assert!(catch_unwind(|| check(&input)).is_ok(), "{}", shown());
            let (_, other) = &seeds[numbers.below(seeds.len())];
            numbers.change(&mut input, other);
        }
    }
    if std::env::var_os("CRELAY_CORPUS").is_some() {
        let folder = root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        for (name, input) in seeds.into_iter().chain(recorded(target)) {
            fs::write(folder.join(name), input).unwrap();
        }
    }
}

#[test]
fn frames_are_what_the_standard_says() {
    check_all("sse", targets::sse::check);
}

#[test]
fn whatever_a_provider_answers_is_a_lawful_turn() {
    check_all("answer", targets::answer::check);
}

#[test]
fn whatever_is_asked_is_a_request_that_its_dialect_allows() {
    check_all("request", targets::request::check);
}

#[test]
fn whatever_a_model_writes_is_healed_alike_however_it_is_cut() {
    check_all("healer", targets::healer::check);
}

#[test]
fn whatever_a_provider_refuses_with_can_be_shown() {
    check_all("classification", targets::classification::check);
}

#[test]
fn whatever_is_configured_and_typed_is_understood_or_refused_in_words() {
    check_all("configuration", targets::configuration::check);
}
