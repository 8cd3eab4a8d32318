//! Too much: pieces larger than anybody needs, and answers that never end.

use bytes::Bytes;
use serde_json::json;

use super::super::fault::{End, Fault, MIB, Step, again, broken, fault, words};
use super::super::said::{DONE, STREAM, delta, says, text, whole};

/// What the relay may hold of a provider's answer beyond its largest frame.
const FRAME: u64 = 16 * MIB;

pub fn faults() -> Vec<Fault> {
    let large = |name: &str, step: Step, end: End| fault(name, vec![says(STREAM), step], end).slow(4 * FRAME);
    let endless = |name: &str, said: &str| {
        let steps = vec![says(STREAM), flood(said)];
        fault(name, steps, again("Acme did not answer: ")).silence(300)
    };
    let mut faults = vec![
        large("a line without an end", flood("data: x"), words("larger than 16 MiB")),
        large(
            "a frame without an end",
            flood(&format!("data: {}\n", "x".repeat(1000))),
            words("larger than 16 MiB"),
        ),
        large(
            "a name of an event without an end",
            flood("event: x"),
            words("larger than 16 MiB"),
        ),
        large(
            "a whole answer without an end",
            flood("{\"choices\": [       "),
            words("larger than 16 MiB"),
        ),
        large("a page without an end", flood("<html> "), words("larger than 16 MiB")),
        endless("blank lines without an end", "\n"),
        endless("spaces without an end", " "),
        endless("comments without an end", ": still here\n\n"),
        endless("empty frames without an end", "data: {}\n\n"),
        endless(
            "empty chunks without an end",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n",
        ),
        endless("frames that are no JSON without an end", "data: hello\n\n"),
        endless("pings without an end", "event: ping\ndata: {}\n\n"),
    ];
    faults.extend(after_words());
    faults.extend(heads());
    faults
}

fn flood(said: &str) -> Step {
    Step::Floods(Bytes::from(said.repeat(64 * 1024 / said.len())))
}

/// The same, when Codex has begun to read.
fn after_words() -> Vec<Fault> {
    let endless = |name: &str, said: &str, end: End| {
        let steps = vec![says(STREAM), says(text("Hel")), flood(said)];
        fault(name, steps, end).shows("Hel").silence(300)
    };
    let silent = || broken("Acme did not answer: ");
    vec![
        fault(
            "words, then a line without an end",
            vec![says(STREAM), says(text("Hel")), flood("data: x")],
            End::Failed("invalid_prompt", "larger than 16 MiB".into()),
        )
        .shows("Hel")
        .slow(4 * FRAME),
        endless("words, then comments without an end", ": still here\n\n", silent()),
        endless("words, then empty frames without an end", "data: {}\n\n", silent()),
        endless("words, then nothing but line ends", "\n", silent()),
    ]
}

/// Heads and bodies of refusals.
fn heads() -> Vec<Fault> {
    let head = "HTTP/1.1 500 No\r\ncontent-type: text/plain\r\n";
    let broke = || again("the answer of Acme broke off: ");
    let many: String = (0..1000).map(|number| format!("x-{number}: 1\r\n")).collect();
    vec![
        fault("a header without an end", vec![says("HTTP/1.1 200 OK\r\nx-long: "), flood("x")], broke()),
        fault("headers without an end", vec![says("HTTP/1.1 200 OK\r\n"), flood("x-a: b\r\n")], broke()),
        fault("a thousand headers", vec![says(format!("HTTP/1.1 200 OK\r\n{many}\r\n")), says(whole("Hello")), Step::Closes], broke()),
        fault("a status line without an end", vec![says("HTTP/1.1 200 "), flood("x")], broke()),
        fault("a refusal without an end", vec![says(format!("{head}\r\n")), flood("no ")], again("(500)")),
        fault(
            "a refusal of a limit without an end",
            vec![says("HTTP/1.1 429 No\r\ntransfer-encoding: chunked\r\n\r\n"), flood(&format!("1000\r\n{}\r\n", "slow".repeat(1024)))],
            again("(429)"),
        ),
        fault(
            "a refusal that stops in the middle",
            vec![says(format!("{head}content-length: 1000\r\n\r\nIt is all so")), Step::Stalls],
            again("It is all so (500)"),
        )
        .silence(300),
        fault(
            "a text of two million characters",
            vec![says(STREAM), Step::Repeats(text(&"x".repeat(64 * 1024)).into(), 32), says(super::super::said::finish("stop")), says(DONE), Step::Closes],
            End::Completes,
        )
        .shows("x".repeat(2 * 1024 * 1024))
        .slow(32 * MIB),
        fault(
            "a thousand calls in one frame",
            vec![
                says(STREAM),
                says(delta(&json!({"tool_calls": (0..1_000).map(|index| json!({"index": index, "id": format!("c{index}"), "function": {"name": "look", "arguments": "{}"}})).collect::<Vec<_>>()}))),
                says(super::super::said::finish("tool_calls")),
                Step::Closes,
            ],
            End::Completes,
        )
        .shows("")
        .calls(1_000)
        .slow(32 * MIB),
        fault(
            "two thousand calls in one frame",
            vec![
                says(STREAM),
                says(delta(&json!({"tool_calls": (0..2_000).map(|index| json!({"index": index, "id": format!("c{index}"), "function": {"name": "look", "arguments": "{}"}})).collect::<Vec<_>>()}))),
                says(super::super::said::finish("tool_calls")),
                Step::Closes,
            ],
            End::Failed("invalid_prompt", "more than 1024 calls".into()),
        )
        .shows("")
        .slow(32 * MIB),
    ]
}
