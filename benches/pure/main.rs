//! What the parts cost that own no socket, in bytes per second: `cargo bench --bench pure`.
//!
//! The texts are made up and always the same: source code with quotes and line ends for what tools answer, words for
//! what a model says.

#![allow(clippy::unwrap_used, missing_docs)]

mod texts;

use std::hint::black_box;

use crelay::provider::dialect::Dialect;
use crelay::translate::heal::{Found, Healer, Healing};
use crelay::translate::{Exchange, Opening, Question, Reader, Target};
use crelay::wire::chat::Chunks;
use crelay::wire::responses::{Encoder, Request};
use crelay::wire::sse::{Decoder, Frame};
use crelay::wire::{Said, json};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Map, Value};

/// Bytes that one read of a socket brings.
const READ: usize = 16 * 1024;

/// How many pieces an answer has.
const PIECES: usize = 1000;

fn target(dialect: &Dialect) -> Target<'_> {
    Target {
        dialect,
        model: "m",
        vision: false,
        max_output: None,
        window: None,
    }
}

fn exchange(dialect: &Dialect, body: &str) -> Exchange {
    let request: Request<'_> = json::from_str(body).unwrap();
    let question = Question {
        request: &request,
        whole: &|| Value::Null,
        asked: "acme",
    };
    Exchange::of(target(dialect), &question)
}

fn opening() -> Opening {
    Opening {
        response_id: "resp_1".to_owned(),
        created_at: 1,
        model: "m".to_owned(),
        reader: Reader::Codex,
        who: "Acme".to_owned(),
        echo: Map::new(),
    }
}

fn decoder(criterion: &mut Criterion) {
    let stream = texts::stream(PIECES);
    let mut group = criterion.benchmark_group("sse");
    group.throughput(Throughput::Bytes(stream.len() as u64));
    group.bench_function("frames of an answer", |bencher| {
        bencher.iter(|| {
            let mut decoder = Decoder::new();
            let mut hear = |frame: Frame<'_>| {
                black_box(frame);
            };
            for read in stream.as_bytes().chunks(READ) {
                decoder.push(black_box(read), &mut hear).unwrap();
            }
            decoder.finish(&mut hear);
        });
    });
    group.finish();
}

fn answer(criterion: &mut Criterion) {
    let stream = texts::stream(PIECES);
    let mut decoder = Decoder::new();
    let mut frames = Vec::new();
    let keep = |frame: Frame<'_>| frames.extend((frame.data != "[DONE]").then(|| frame.data.to_owned()));
    decoder.push(stream.as_bytes(), keep).unwrap();
    let dialect = Dialect::default();
    let body = texts::request(1000);
    let mut group = criterion.benchmark_group("answer");
    group.throughput(Throughput::Bytes(stream.len() as u64));
    group.bench_function("chunks become events", |bencher| {
        bencher.iter(|| {
            let mut chunks = Chunks::default();
            let mut encoder = Encoder::new();
            let mut events = Vec::new();
            let mut written = Vec::new();
            let mut reading = exchange(&dialect, &body).open(opening(), &mut events);
            for frame in &frames {
                let chunk = chunks.read(frame).unwrap();
                reading.push(Said::Chunk(Box::new(chunk)), &mut events).unwrap();
                for event in events.drain(..) {
                    encoder.encode(&event, &mut written);
                }
                written.clear();
            }
            reading.finish(2, &mut events);
            black_box(events);
        });
    });
    group.finish();
}

fn request(criterion: &mut Criterion) {
    let dialect = Dialect::default();
    let mut group = criterion.benchmark_group("request");
    for bytes in [40_000, 1_000_000, 8_000_000] {
        let body = texts::request(bytes);
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(bytes), &body, |bencher, body| {
            bencher.iter(|| exchange(&dialect, black_box(body)));
        });
    }
    group.finish();
}

fn healer(criterion: &mut Criterion) {
    let words = texts::words(PIECES);
    let length: usize = words.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("healer");
    group.throughput(Throughput::Bytes(length as u64));
    group.bench_function("ordinary text", |bencher| {
        bencher.iter(|| {
            let mut healer = Healer::new(Healing {
                grammars: Dialect::default().heal,
                ..Healing::default()
            });
            let mut found: Vec<Found> = Vec::new();
            for word in &words {
                healer.push(word.clone(), &mut found);
                found.clear();
            }
            healer.finish(&mut found);
        });
    });
    group.finish();
}

criterion_group!(benches, decoder, answer, request, healer);
criterion_main!(benches);
