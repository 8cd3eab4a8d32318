use serde_json::json;

use super::super::check::Verdict;
use super::*;
use crate::doctor::Listener;

const LIMIT: Duration = Duration::from_secs(60);

/// What is heard of these events, a tenth of a second apart.
fn heard(events: &[Value]) -> Heard {
    let mut listener = Listener::default();
    for (number, event) in events.iter().enumerate() {
        let frame = format!("data: {event}\n\n");
        listener.push(frame.as_bytes(), Duration::from_millis(100) * number as u32);
    }
    listener.close()
}

fn said(pieces: &[&str]) -> Heard {
    let mut events = vec![json!({"type": "response.created"})];
    events.extend(
        pieces
            .iter()
            .map(|piece| json!({"type": "response.output_text.delta", "delta": piece})),
    );
    events.push(json!({"type": "response.completed", "response": {}}));
    heard(&events)
}

fn called(calls: &[(&str, &str)]) -> Heard {
    let call = |(name, arguments): &(&str, &str)| {
        let item = json!({"type": "function_call", "name": name, "arguments": arguments, "call_id": "c"});
        json!({"type": "response.output_item.done", "item": item})
    };
    let mut events: Vec<Value> = calls.iter().map(call).collect();
    events.push(json!({"type": "response.completed", "response": {}}));
    heard(&events)
}

fn failed(code: &str) -> Heard {
    let error = json!({"code": code, "message": "X says: no."});
    heard(&[json!({"type": "response.failed", "response": {"error": error}})])
}

/// What is found, without its time.
fn judged(probe: Probe<'_>, heard: &Heard) -> Finding {
    Finding {
        seconds: None,
        ..probe.judge(heard, LIMIT)
    }
}

fn verdict(probe: Probe<'_>, heard: &Heard) -> Verdict {
    judged(probe, heard).verdict
}

#[test]
fn an_answer_is_streamed_if_it_comes_in_pieces() {
    let finding = Probe::Streaming.judge(&said(&["1", " 2"]), LIMIT);
    assert_eq!(finding.words, "first word after 0.10 s, all after 0.30 s");
    assert_eq!((finding.verdict, finding.seconds), (Verdict::Passed, Some(0.3)));
    let whole = judged(Probe::Streaming, &said(&["1 2 3 4 5 6 7 8 9"]));
    assert_eq!(whole.words, "the answer came in one piece after 0.10 s");
    assert_eq!(whole.verdict, Verdict::Warned);
    assert_eq!(verdict(Probe::Streaming, &said(&["1 2"])), Verdict::Passed);
    for empty in [said(&[]), said(&[" ", "\n"])] {
        assert_eq!(judged(Probe::Streaming, &empty).words, "the answer was empty");
        assert_eq!(verdict(Probe::Streaming, &empty), Verdict::Failed);
    }
}

#[test]
fn a_first_word_after_a_quarter_of_the_time_is_slow() {
    let after = |seconds| Heard {
        first: Some(Duration::from_secs(seconds)),
        whole: Duration::from_secs(20),
        ..said(&["1", " 2"])
    };
    assert_eq!(verdict(Probe::Streaming, &after(15)), Verdict::Passed);
    let slow = judged(Probe::Streaming, &after(16));
    assert_eq!(slow.verdict, Verdict::Warned);
    assert_eq!(slow.words, "first word after 16.0 s, all after 20.0 s");
    assert_eq!(
        slow.hint.as_deref(),
        Some("each turn begins as slowly; another model may be quicker: `-m`")
    );
}

#[test]
fn a_call_must_be_there_and_be_whole() {
    for (calls, expected, words) in [
        (
            &[(TOOL, r#"{"name":"north"}"#)][..],
            Verdict::Passed,
            "the tool was called as asked",
        ),
        (
            &[(TOOL, r#"{"name":"south"}"#)],
            Verdict::Warned,
            "the tool was called with other arguments than asked",
        ),
        (
            &[(TOOL, "{\"name\":")],
            Verdict::Failed,
            "the arguments of the call are no JSON object",
        ),
        (
            &[(TOOL, "[]")],
            Verdict::Failed,
            "the arguments of the call are no JSON object",
        ),
        (
            &[("rm", "{}")],
            Verdict::Failed,
            "the model called `rm`, which was not offered",
        ),
        (&[], Verdict::Failed, "the model spoke and called nothing"),
    ] {
        let finding = judged(Probe::ToolCall, &called(calls));
        assert_eq!(
            (finding.verdict, finding.words.as_str()),
            (expected, words),
            "{calls:?}"
        );
        assert_eq!(finding.hint.is_some(), expected != Verdict::Passed);
    }
}

#[test]
fn what_the_tool_said_must_be_in_the_answer() {
    let silent = called(&[(TOOL, "{}")]);
    let mut thought = silent.clone();
    thought.items.insert(0, json!({"type": "reasoning"}));
    let answer = said(&["It is ", WORD, "."]);
    for (before, words) in [
        (&thought, "it was read, and the reasoning before it was taken back"),
        (&silent, "it was read; there was no reasoning to send back"),
    ] {
        assert_eq!(
            judged(Probe::ToolResult(before), &answer),
            Check::ToolResult.passed(words)
        );
        assert_eq!(
            verdict(Probe::ToolResult(before), &said(&["It is late."])),
            Verdict::Warned
        );
    }
}

#[test]
fn what_a_session_can_live_without_is_no_failure() {
    let call = (TOOL, "{}");
    assert_eq!(verdict(Probe::ParallelCalls, &called(&[call, call])), Verdict::Passed);
    assert_eq!(verdict(Probe::ParallelCalls, &called(&[call])), Verdict::Warned);
    assert_eq!(verdict(Probe::ParallelCalls, &called(&[])), Verdict::Warned);
    assert_eq!(verdict(Probe::Image, &said(&["Red."])), Verdict::Passed);
    assert_eq!(verdict(Probe::Image, &said(&["I see none."])), Verdict::Warned);
    for (answer, expected) in [
        (r#" {"animal":"spider","legs":8}"#, Verdict::Passed),
        (r#"{"animal":"spider","legs":"8"}"#, Verdict::Warned),
        (r#"{"animal":"spider"}"#, Verdict::Warned),
        (r#"{"animal":"spider","legs":8,"eyes":8}"#, Verdict::Warned),
        ("```json\n{\"animal\":\"spider\",\"legs\":8}\n```", Verdict::Warned),
        ("It has eight legs.", Verdict::Warned),
    ] {
        assert_eq!(verdict(Probe::JsonSchema, &said(&[answer])), expected, "{answer}");
    }
}

#[test]
fn what_may_pass_says_nothing_of_what_a_session_can_live_without() {
    let none = Heard::default();
    let needed = [Probe::Streaming, Probe::ToolCall, Probe::ToolResult(&none)];
    for probe in needed {
        for heard in [failed("rate_limit_exceeded"), failed("invalid_prompt"), none.clone()] {
            assert_eq!(verdict(probe, &heard), Verdict::Failed, "{probe:?}");
        }
    }
    for probe in [Probe::ParallelCalls, Probe::Image, Probe::JsonSchema] {
        assert_eq!(
            verdict(probe, &failed("rate_limit_exceeded")),
            Verdict::Unchecked,
            "{probe:?}"
        );
        assert_eq!(verdict(probe, &failed("server_error")), Verdict::Unchecked, "{probe:?}");
        assert_eq!(verdict(probe, &none), Verdict::Unchecked, "{probe:?}");
        let refused = judged(probe, &failed("invalid_prompt"));
        assert_eq!(
            (refused.verdict, refused.words.as_str()),
            (Verdict::Warned, "X says: no")
        );
    }
    let late = Heard {
        end: End::Late,
        ..Heard::default()
    };
    assert_eq!(
        judged(Probe::Streaming, &late),
        Check::Streaming
            .failed("no whole answer in 60 s")
            .hint("wait longer with `--timeout`, or choose another model with `-m`")
    );
    let limited = json!({"incomplete_details": {"reason": "max_output_tokens"}});
    let limited = heard(&[json!({"type": "response.incomplete", "response": limited})]);
    assert_eq!(
        judged(Probe::Streaming, &limited),
        Check::Streaming.failed("the answer was not finished: max_output_tokens")
    );
}
