//! What an answer may hold, and that what it holds is not read again with each piece that comes.
//!
//! Work is measured in processor time of the thread, which other threads do not change much: twice the text may take
//! twice the time and a little more, where the square would take four times.

use std::time::Duration;

use crelay::provider::dialect::{Dialect, Wire};
use crelay::translate::{Exchange, Opening, Question, Reader, Reading, Target};
use crelay::wire::Said;
use crelay::wire::chat;
use crelay::wire::responses::{Event, Request, Streamed};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value, json};

/// An answer to a request with one tool, in which everything is healed.
fn answer(wire: Wire) -> Reading {
    let request = json!({
        "model": "m", "input": "hi",
        "tools": [
            {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}},
            {"type": "custom", "name": "apply_patch", "description": "Patch."},
        ],
    })
    .to_string();
    let request: Request = serde_json::from_str(&request).unwrap();
    let dialect = Dialect {
        wires: vec![wire],
        ..Dialect::default()
    };
    let target = Target {
        dialect: &dialect,
        model: "m",
        vision: false,
        max_output: None,
        window: None,
    };
    let question = Question {
        request: &request,
        whole: &|| json!({"model": "m", "input": "hi"}),
        asked: "acme",
    };
    let opening = Opening {
        response_id: "resp_1".to_owned(),
        created_at: 1,
        model: "m".to_owned(),
        reader: Reader::Codex,
        who: "Acme".to_owned(),
        echo: Map::new(),
    };
    Exchange::of(target, &question).open(opening, &mut Vec::new())
}

fn chunk(delta: &Value) -> Said {
    let chunk = json!({"choices": [{"index": 0, "delta": delta}]}).to_string();
    Said::Chunk(Box::new(chat::chunk(&chunk).unwrap()))
}

fn event(fields: &Value) -> Said {
    Said::Event(Box::new(Streamed::read(None, &fields.to_string()).unwrap()))
}

fn text(piece: &str) -> Said {
    chunk(&json!({"content": piece}))
}

fn arguments(index: usize, piece: &str) -> Said {
    chunk(&json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}))
}

fn named(piece: &str) -> Said {
    chunk(&json!({"tool_calls": [{"function": {"name": "f", "arguments": piece}}]}))
}

fn custom(piece: &str) -> Said {
    chunk(&json!({"tool_calls": [{"index": 0, "function": {"name": "apply_patch", "arguments": piece}}]}))
}

fn word(piece: &str) -> Said {
    event(&json!({"type": "response.output_text.delta", "item_id": "a", "content_index": 0, "delta": piece}))
}

fn native(piece: &str) -> Said {
    event(&json!({"type": "response.function_call_arguments.delta", "item_id": "a", "delta": piece}))
}

/// What comes before the pieces, the piece, and how it becomes something said.
struct Case {
    name: &'static str,
    wire: Wire,
    before: Vec<Said>,
    piece: &'static str,
    said: fn(&str) -> Said,
}

fn chat(name: &'static str, before: Vec<Said>, piece: &'static str, said: fn(&str) -> Said) -> Case {
    Case {
        name,
        wire: Wire::Chat,
        before,
        piece,
        said,
    }
}

fn responses(name: &'static str, piece: &'static str, said: fn(&str) -> Said) -> Case {
    Case {
        wire: Wire::Responses,
        ..chat(name, Vec::new(), piece, said)
    }
}

fn words() -> Vec<Case> {
    let leaked = |markup: &str| vec![text(markup)];
    vec![
        chat("words", Vec::new(), "x", text),
        chat("white space", Vec::new(), " ", text),
        chat("white space behind a mark", leaked("<|im_end|>"), " ", text),
        chat("white space inside of markup", leaked("<tool_call>"), " ", text),
        chat(
            "nothing but tags",
            leaked("<tool_call>\n<function=f>\n<parameter=a>"),
            "<",
            text,
        ),
        chat(
            "markup of braces",
            leaked("<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\""),
            "}",
            text,
        ),
        chat("ends of tags in markup", leaked("<function=f><parameter=a>"), ">", text),
        chat("beginnings of markup", Vec::new(), "<tool_call>{\"", text),
        chat("marks of code", Vec::new(), "`", text),
        chat("thoughts", Vec::new(), "z", |piece| {
            chunk(&json!({"reasoning_content": piece}))
        }),
        chat("details of thoughts", Vec::new(), "z", |piece| {
            chunk(&json!({"reasoning_details": [{"type": "reasoning.text", "index": 0, "text": piece}]}))
        }),
        responses("words of items", "x", word),
        responses("white space of items", " ", word),
        responses("events that are passed on", "}", |_| {
            event(&json!({"type": "response.something.delta", "item_id": "a"}))
        }),
    ]
}

fn calls() -> Vec<Case> {
    let begun = || {
        let function = json!({"name": "f", "arguments": "{\"a\":\""});
        chunk(&json!({"tool_calls": [{"index": 0, "id": "a", "function": function}]}))
    };
    let long = || arguments(0, &"y".repeat(1 << 18));
    vec![
        chat("arguments", vec![begun()], "}", |piece| arguments(0, piece)),
        chat(
            "arguments with a name in each piece",
            vec![named("{\"a\":\"")],
            "}",
            named,
        ),
        chat("white space behind arguments", vec![named("{\"a\":1}")], " ", named),
        chat("arguments of two calls", vec![begun(), long()], "z", |piece| {
            arguments(1, piece)
        }),
        chat("words beside a call", vec![begun(), long()], "z", text),
        chat("a patch without a beginning", Vec::new(), "z", custom),
        responses("arguments of items", "}", native),
    ]
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

impl Case {
    /// The time that so many pieces take. Their making is not counted.
    fn time(&self, pieces: usize) -> Duration {
        let mut reading = answer(self.wire);
        let mut out = Vec::new();
        for said in self.before.clone() {
            reading.push(said, &mut out).unwrap();
        }
        let piece = (self.said)(self.piece);
        let pieces = vec![piece; pieces];
        let began = processor_time();
        for said in pieces {
            reading.push(said, &mut out).unwrap();
            out.clear();
        }
        reading.finish(2, &mut out);
        processor_time() - began
    }
}

#[test]
fn twice_the_text_takes_twice_the_time() {
    for case in words().into_iter().chain(calls()) {
        let (short, long) = (case.time(1 << 12), case.time(1 << 15));
        println!("{short:>8.2?} {long:>8.2?} {}", case.name);
        let allowed = 24 * short.max(Duration::from_millis(10));
        assert!(
            long < allowed,
            "{}: {short:?} became {long:?} with eight times the pieces",
            case.name
        );
    }
}

/// The words with which a turn ends that says `said` over and over.
fn excess(wire: Wire, said: &dyn Fn(usize) -> Said) -> String {
    let mut reading = answer(wire);
    let mut out: Vec<Event> = Vec::new();
    for number in 0.. {
        if let Err(fault) = reading.push(said(number), &mut out) {
            return fault.to_string();
        }
        out.clear();
    }
    unreachable!("nothing says so much")
}

#[test]
fn an_answer_that_does_not_end_is_too_much() {
    let mib = "x".repeat(1 << 20);
    for field in ["content", "reasoning_content", "reasoning", "refusal"] {
        let said = chunk(&json!({field: mib}));
        assert_eq!(
            excess(Wire::Chat, &|_| said.clone()),
            "it is longer than 64 MiB",
            "{field}"
        );
    }
    let piece = arguments(0, &mib);
    assert_eq!(
        excess(Wire::Chat, &|_| piece.clone()),
        "the arguments of one call are longer than 16 MiB"
    );
    let begin =
        |index: usize| chunk(&json!({"tool_calls": [{"index": index, "function": {"name": "f", "arguments": "{}"}}]}));
    assert_eq!(excess(Wire::Chat, &begin), "it has more than 1024 calls or parts");
    let leaked = text("<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>");
    assert_eq!(
        excess(Wire::Chat, &|_| leaked.clone()),
        "it has more than 1024 calls or parts"
    );
    let delta = |kind: &str, delta: &str| event(&json!({"type": kind, "item_id": "a", "delta": delta}));
    let words = delta("response.output_text.delta", &mib);
    assert_eq!(excess(Wire::Responses, &|_| words.clone()), "it is longer than 64 MiB");
    let piece = delta("response.function_call_arguments.delta", &mib);
    assert_eq!(
        excess(Wire::Responses, &|_| piece.clone()),
        "the arguments of one call are longer than 16 MiB"
    );
    let unknown = event(&json!({"type": "response.something", "item_id": "a", "any": [{"text": mib}]}));
    assert_eq!(
        excess(Wire::Responses, &|_| unknown.clone()),
        "it is longer than 64 MiB"
    );
    let item = |number: usize| {
        event(&json!({"type": "response.output_item.added", "item": {"type": "message", "id": number.to_string()}}))
    };
    assert_eq!(excess(Wire::Responses, &item), "it has more than 1024 calls or parts");
    let part = |number: usize| {
        event(&json!({"type": "response.output_text.delta", "item_id": "a", "content_index": number, "delta": "x"}))
    };
    assert_eq!(excess(Wire::Responses, &part), "it has more than 1024 calls or parts");
}
