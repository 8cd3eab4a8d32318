//! Connections that end, rudely or politely, or fall silent, at every moment of an exchange.

use serde_json::json;

use super::super::fault::{End, Fault, Step, again, broken, fault};
use super::super::said::{CHUNKED, DONE, STREAM, call, delta, finish, frame, says, text};

/// How far an exchange comes.
struct Moment {
    name: &'static str,
    /// What was said until then.
    said: String,
    /// What Codex has of it.
    shown: &'static str,
    calls: usize,
    kind: Kind,
}

/// What the rest is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing was said yet, so all may be asked for again.
    Nothing,
    /// The answer has begun and lacks its end.
    Begun,
    /// The answer is whole.
    Whole,
}

fn moment(name: &'static str, said: impl Into<String>, kind: Kind) -> Moment {
    Moment {
        name,
        said: said.into(),
        shown: "",
        calls: 0,
        kind,
    }
}

impl Moment {
    fn shows(self, shown: &'static str) -> Self {
        Self { shown, ..self }
    }

    fn calls(self, calls: usize) -> Self {
        Self { calls, ..self }
    }
}

#[rustfmt::skip]
fn moments() -> Vec<Moment> {
    let role = delta(&json!({ "role": "assistant", "content": "" }));
    let thought = delta(&json!({ "reasoning_content": "Hm" }));
    let words = text("Hel");
    let half_call = call(0, "c1", "run", r#"{"command": "ls"#);
    let whole_call = call(0, "c1", "run", r#"{"command": "ls"}"#);
    let counts =
        frame(&json!({ "choices": [], "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } }));
    let stop = finish("stop");
    let with = |rest: &[&str]| [STREAM].iter().chain(rest).copied().collect::<String>();
    let second_call = call(1, "c2", "look", "{");
    vec![
        moment("in the status line", "HTTP/1.1 20", Kind::Nothing),
        moment("after the status line", "HTTP/1.1 200 OK\r\n", Kind::Nothing),
        moment("in the headers", "HTTP/1.1 200 OK\r\ncontent-type: text/ev", Kind::Nothing),
        moment("after the headers", STREAM, Kind::Nothing),
        moment("after a comment", with(&[": hello\n\n"]), Kind::Nothing),
        moment("in the first frame", with(&[&words[..20]]), Kind::Nothing),
        moment("after the role", with(&[&role]), Kind::Nothing),
        moment("in a thought", with(&[&thought]), Kind::Begun),
        moment("in the text", with(&[&words]), Kind::Begun).shows("Hel"),
        moment("in a frame after the text", with(&[&words, "data: {\"choi"]), Kind::Begun).shows("Hel"),
        moment("in the arguments of a call", with(&[&half_call]), Kind::Begun),
        moment("after the arguments of a call", with(&[&whole_call]), Kind::Begun),
        moment("in the second of two calls", with(&[&whole_call, &second_call]), Kind::Begun).calls(1),
        moment("after the end, before the counts", with(&[&words, &stop]), Kind::Whole).shows("Hel"),
        moment("after the counts, before [DONE]", with(&[&words, &stop, &counts]), Kind::Whole).shows("Hel"),
        moment("after the end of a call", with(&[&whole_call, &finish("tool_calls")]), Kind::Whole).calls(1),
        moment("after [DONE]", with(&[&words, &stop, DONE]), Kind::Whole).shows("Hel"),
    ]
}

pub fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for moment in moments() {
        faults.push(ending(&moment, "closes", Step::Closes));
        faults.push(ending(&moment, "resets", Step::Resets));
        faults.push(ending(&moment, "falls silent", Step::Stalls).silence(300));
    }
    faults.extend(before_the_answer());
    faults.extend(chunked());
    faults
}

fn ending(moment: &Moment, how: &str, step: Step) -> Fault {
    let is_silent = matches!(step, Step::Stalls);
    let mut steps = vec![says(moment.said.as_str())];
    // What was said before a reset may be lost in it.
    let is_seen = moment.kind != Kind::Nothing;
    if is_seen && matches!(step, Step::Resets) {
        steps.push(Step::WaitsForCodex);
    }
    steps.push(step.clone());
    let end = match (moment.kind, is_silent) {
        (Kind::Whole, _) => End::Completes,
        (Kind::Begun, true) => broken("Acme did not answer: "),
        (Kind::Nothing, true) => again("Acme did not answer: "),
        (Kind::Begun, false) if matches!(step, Step::Closes) => {
            broken("Acme closed the stream before the answer was finished")
        }
        (Kind::Begun, false) => broken("the answer of Acme broke off: "),
        (Kind::Nothing, false) => again("the answer of Acme broke off: "),
    };
    let mut fault = fault(format!("{how} {}", moment.name), steps, end).calls(moment.calls);
    if is_seen {
        fault = fault.shows(moment.shown);
    }
    fault
}

/// Before a byte of the answer.
fn before_the_answer() -> Vec<Fault> {
    let broke = || again("the answer of Acme broke off: ");
    let long = "x".repeat(6 * 1024 * 1024);
    vec![
        fault("closes before it reads", vec![Step::Closes], broke()).unheard(),
        // The connection may stand by then, or not.
        fault("resets before it reads", vec![Step::Resets], again("Acme")).unheard(),
        fault(
            "falls silent before it reads",
            vec![Step::Stalls],
            again("Acme did not answer: "),
        )
        .unheard()
        .silence(300),
        fault(
            "closes after the head of the request",
            vec![Step::HearsHead, Step::Closes],
            broke(),
        )
        .unheard(),
        fault(
            "resets after the head of the request",
            vec![Step::HearsHead, Step::Resets],
            broke(),
        )
        .unheard(),
        fault("closes after the request", vec![Step::Closes], broke()),
        fault("resets after the request", vec![Step::Resets], broke()),
        fault(
            "falls silent after the request",
            vec![Step::Stalls],
            again("Acme did not answer: "),
        )
        .silence(300),
        fault(
            "reads nothing of a long request",
            vec![Step::Stalls],
            again("Acme did not answer: "),
        )
        .unheard()
        .input(long.clone())
        .silence(1500)
        .slow(64 * super::super::fault::MIB),
        fault("resets twice, then answers", vec![Step::Resets], End::Completes)
            .then(vec![Step::Resets])
            .then(super::super::said::stream(super::super::said::whole("Hello")))
            .shows("Hello")
            .requests(3),
    ]
}

/// Streams that tell their own end, and do not come to it.
fn chunked() -> Vec<Fault> {
    let words = text("Hel");
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let broke = || broken("the answer of Acme broke off: ");
    vec![
        fault(
            "cuts a chunk of the encoding",
            vec![
                says(format!("{CHUNKED}{}ff\r\ndata: ", chunk(&words))),
                Step::WaitsForCodex,
                Step::Closes,
            ],
            broke(),
        )
        .shows("Hel"),
        fault(
            "leaves out the last chunk of the encoding",
            vec![
                says(format!("{CHUNKED}{}", chunk(&words))),
                Step::WaitsForCodex,
                Step::Closes,
            ],
            broke(),
        )
        .shows("Hel"),
        fault(
            "leaves out the last chunk after the end",
            vec![
                says(format!("{CHUNKED}{}{}", chunk(&words), chunk(&finish("stop")))),
                Step::WaitsForCodex,
                Step::Closes,
            ],
            End::Completes,
        )
        .shows("Hel"),
        fault(
            "writes a size of a chunk that is no number",
            vec![says(format!("{CHUNKED}{}zz\r\n", chunk(&words))), Step::Stalls],
            broke(),
        )
        .shows("Hel"),
        fault(
            "ends the encoding without a word",
            vec![says(format!("{CHUNKED}0\r\n\r\n")), Step::Closes],
            again("it was empty"),
        ),
    ]
}
