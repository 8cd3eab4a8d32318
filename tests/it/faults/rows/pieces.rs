//! Answers that begin well and hold what no answer holds: errors in a good status, malformed pieces, wrong encodings.

use serde_json::json;

use super::super::fault::{End, Fault, Step, again, broken, fault, words};
use super::super::said::{DONE, STREAM, answer, call, delta, finish, frame, says, stream, text, whole};

pub fn faults() -> Vec<Fault> {
    [errors_inside(), little(), malformed(), calls(), encodings()]
        .into_iter()
        .flatten()
        .collect()
}

/// Errors in a status that says all is well.
#[rustfmt::skip]
fn errors_inside() -> Vec<Fault> {
    let credits = r#"{"error":{"code":402,"message":"Insufficient credits"}}"#;
    let framed = |data: &str| format!("data: {data}\n\n");
    let half = call(0, "c1", "run", r#"{"command": "ls"#);
    vec![
        fault("an error as the first frame", stream(framed(credits)), words("Insufficient credits (402). Top up")),
        fault("an error in place of a stream", answer(200, "", credits), words("Insufficient credits (402). Top up")),
        fault("a limit as the first frame", stream(framed(r#"{"error":{"code":429,"message":"Slow"}}"#)), again("Slow")),
        fault("an error event of plain words", stream("event: error\ndata: Too Many Requests\n\n"), again("Too Many Requests")),
        fault("an error that is a string", stream(framed(r#"{"error":"overloaded"}"#)), again("overloaded")),
        fault("an error that is a string, as a status", answer(400, "", r#"{"error":"no such thing"}"#), words("no such thing (400)")),
        fault("an error that is only a number", answer(400, "", r#"{"error":7}"#), words("(400)")),
        fault("an error that is true", stream(framed(r#"{"error":true}"#)), broken("Acme")),
        fault("an error whose words are a list", answer(400, "", r#"{"error":{"message":["one","two"]}}"#), words("one (400)")),
        fault("errors of a hundred levels", answer(400, "", format!("{}1{}", r#"{"error":"#.repeat(100), "}".repeat(100))), words("(400)")),
        fault("lists of a hundred thousand levels", answer(400, "", "[".repeat(100_000)), words("(400)")),
        fault("an error after words", stream([&text("Hel"), framed(credits).as_str()].concat()), End::Failed("invalid_prompt", "Top up".into())).shows("Hel"),
        fault("an overload after words", stream([&text("Hel"), framed(r#"{"error":{"message":"overloaded"}}"#).as_str()].concat()), again("overloaded")).shows("Hel"),
        fault("an error event after words", stream([&text("Hel"), "event: error\ndata: boom\n\n"].concat()), broken("boom")).shows("Hel"),
        fault("an error in the arguments of a call", stream([&half, framed(r#"{"error":{"code":500,"message":"boom"}}"#).as_str()].concat()), broken("boom")).shows(""),
        fault("an error after the end", stream([&text("Hel"), &finish("stop"), framed(credits).as_str()].concat()), End::Completes).shows("Hel"),
        fault("an error as the reason of the end", stream([text("Hel"), finish("error")].concat()), broken("")).shows("Hel"),
        fault("a filter as the reason of the end", stream([text("Hel"), finish("content_filter"), DONE.to_owned()].concat()), End::Failed("invalid_prompt", "filter ended the answer".into())).shows("Hel"),
        fault("escape sequences in an error", answer(400, "", "\u{1b}[31mred\u{1b}]0;title\u{7}"), words("Acme says: red (400)")),
        fault("the key in an error", answer(400, "", json!({"error": {"message": format!("bad key {}", crate::relay::running::KEY)}}).to_string()), words("bad key … (400)")),
    ]
}

/// Hardly anything, or something else.
#[rustfmt::skip]
fn little() -> Vec<Fault> {
    let empty = || again("it was empty");
    vec![
        fault("an empty answer", stream(""), empty()),
        fault("an empty answer with a length", answer(200, "", ""), empty()),
        fault("204 and nothing", vec![says("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"), Step::Closes], empty()),
        fault("206 and a whole answer", answer(206, "content-type: text/event-stream\r\n", whole("Hello")), End::Completes).shows("Hello"),
        fault("blank lines alone", stream("\n\r\n \n"), empty()),
        fault("comments alone", stream(": a\n\n: b\n\n"), empty()),
        fault("names of events alone", stream("event: message\n\nid: 1\n\nretry: 5\n\n"), empty()),
        fault("frames without data", stream("data:\n\ndata: \n\n"), empty()),
        fault("a role and nothing else", stream(delta(&json!({"role": "assistant"}))), empty()),
        fault("nothing but [DONE]", stream(DONE), empty()),
        fault("an end without words", stream([&finish("stop"), DONE].concat()), End::Completes).shows(""),
        fault("a whole answer in place of a stream", answer(200, "", r#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}"#), End::Completes).shows("Hello"),
        fault("half of a whole answer", answer(200, "", r#"{"choices":[{"message":{"content":"Hel"#), again("no whole JSON")),
        fault("an empty list", answer(200, "", "[]"), words("is the address right?")),
        fault("an object of somebody else", answer(200, "", r#"{"status":"ok"}"#), words("is the address right?")),
        fault("words of somebody else", answer(200, "", "Ollama is running"), words("is the address right?")),
        fault("bytes of somebody else", answer(200, "", [0x16, 0x03, 0x01, 0x02, 0x00]), words("is the address right?")),
        fault("another protocol altogether", vec![says("SSH-2.0-OpenSSH_9.9\r\n"), Step::Closes], again("broke off")),
        fault("an answer of HTTP/0.9", vec![says("hello\n"), Step::Closes], again("broke off")),
        fault("an answer of HTTP/1.0", vec![says(format!("HTTP/1.0 200 OK\r\n\r\n{}", whole("Hello"))), Step::Closes], End::Completes).shows("Hello"),
        fault("100 again and again, then an answer", vec![says("HTTP/1.1 100 Continue\r\n\r\n".repeat(5)), says(STREAM), says(whole("Hello")), Step::Closes], End::Completes).shows("Hello"),
        fault("100 and the end", vec![says("HTTP/1.1 100 Continue\r\n\r\n"), Step::Closes], again("broke off")),
        fault("101 that nobody asked for", vec![says("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"), Step::Closes], broken("answered 101")),
    ]
}

/// Pieces that are not what they should be.
#[rustfmt::skip]
fn malformed() -> Vec<Fault> {
    let around = |frame: &str| [&text("Hel"), frame, &whole("lo")].concat();
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    vec![
        fault("a frame that is no JSON", stream(around("data: hello\n\n")), End::Completes).shows("Hello"),
        fault("frames that are no JSON alone", stream(["data: {not json\n\n", DONE].concat()), again("sent something that is not JSON")),
        fault("a frame that is half JSON", stream(around("data: {\"choices\":[{\"del\n\n")), End::Completes).shows("Hello"),
        fault("a frame of a hundred thousand levels", stream(around(&deep)), End::Completes).shows("Hello"),
        fault("a frame that is null", stream(around("data: null\n\n")), End::Completes).shows("Hello"),
        fault("choices that are a string", stream(around("data: {\"choices\":\"no\"}\n\n")), End::Completes).shows("Hello"),
        fault("a choice that is a number", stream(around("data: {\"choices\":[7]}\n\n")), End::Completes).shows("Hello"),
        fault("a delta that is a string", stream(around("data: {\"choices\":[{\"delta\":\"no\"}]}\n\n")), End::Completes).shows("Hello"),
        fault("content that is a number", stream(around("data: {\"choices\":[{\"delta\":{\"content\":7}}]}\n\n")), End::Completes).shows("Hello"),
        fault("a field twice", stream(around("data: {\"choices\":[],\"choices\":[]}\n\n")), End::Completes).shows("Hello"),
        fault("counts that are strings and below nothing", stream(around("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":\"9\",\"completion_tokens\":-1}}\n\n")), End::Completes).shows("Hello"),
        fault("counts beyond all numbers", stream(around("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1e400,\"completion_tokens\":18446744073709551616}}\n\n")), End::Completes).shows("Hello"),
        fault("zeros between frames", stream(around("\0\0\0\n\n")), End::Completes).shows("Hello"),
        fault("a zero in the text", stream([text("Hel\u{0}"), whole("lo")].concat()), End::Completes).shows("Hel\u{0}lo"),
        fault("other choices beside the first", stream(around(&frame(&json!({"choices": [{"index": 1, "delta": {"content": "x"}}]})))), End::Completes).shows("Hello"),
        fault("words after the end", stream([&text("Hello"), &finish("stop"), &text("x"), DONE].concat()), End::Completes).shows("Hellox"),
        fault("words after [DONE]", stream([&whole("Hello"), text("x").as_str()].concat()), End::Completes).shows("Hello"),
        fault("two ends", stream([&text("Hello"), &finish("stop"), &finish("stop"), DONE, DONE].concat()), End::Completes).shows("Hello"),
        fault("an end of a reason that nobody knows", stream([&text("Hello"), &finish("bored"), DONE].concat()), End::Completes).shows("Hello"),
        fault("one byte at a time", vec![Step::Trickles([STREAM, &whole("Hello")].concat().into()), Step::Closes], End::Completes).shows("Hello"),
        fault("headers of the provider that Codex would believe", answer(200, "openai-model: gpt-9\r\nx-codex-turn-state: x\r\nset-cookie: a=b\r\n", whole("Hello")), End::Completes).shows("Hello"),
    ]
}

/// Calls of tools in the wrong shape.
#[rustfmt::skip]
fn calls() -> Vec<Fault> {
    let done = |pieces: &[&str]| stream([pieces.concat().as_str(), &finish("tool_calls"), DONE].concat());
    let ls = r#"{"command": "ls"}"#;
    vec![
        fault("indexes of calls that jump", done(&[&call(0, "c1", "run", ls), &call(7, "c2", "look", "{}")]), End::Completes).shows("").calls(2),
        fault("indexes of calls that go back", done(&[&call(3, "c1", "run", ls), &call(1, "c2", "look", "{}")]), End::Completes).shows("").calls(2),
        fault("two calls with the same id", done(&[&call(0, "c", "run", ls), &call(1, "c", "look", "{}")]), End::Completes).shows("").calls(2),
        fault("a call without an id", done(&[&call(0, "", "run", ls)]), End::Completes).shows("").calls(1),
        fault("a call without a name", done(&[&call(0, "c1", "", ls)]), End::Completes).shows("").calls(1),
        fault("a call of a tool that was not offered", done(&[&call(0, "c1", "fly", "{}")]), End::Completes).shows("").calls(1),
        fault("arguments that are an object", done(&[&delta(&json!({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "run", "arguments": {"command": "ls"}}}]}))]), End::Completes).shows("").calls(1),
        fault("arguments that are no JSON", done(&[&call(0, "c1", "run", "ls -l {")]), End::Completes).shows("").calls(1),
        fault("arguments that are cut, and an end that says they are whole", done(&[&call(0, "c1", "run", r#"{"command": "l"#)]), End::Completes).shows("").calls(1),
        fault("an end by length in a call", stream([&call(0, "c1", "run", r#"{"command": "l"#), &finish("length"), DONE].concat()), End::Completes).shows(""),
        fault("a list of calls that is a string", done(&[&delta(&json!({"tool_calls": "run"})), &text("Hello")]), End::Completes).shows("Hello"),
        fault("a call that is null", done(&[&delta(&json!({"tool_calls": [null]})), &text("Hello")]), End::Completes).shows("Hello"),
        fault("an index below nothing", done(&[&delta(&json!({"tool_calls": [{"index": -1, "id": "c1", "function": {"name": "run", "arguments": ls}}]}))]), End::Completes).shows("").calls(1),
        fault("an index that is a string", done(&[&delta(&json!({"tool_calls": [{"index": "0", "id": "c1", "function": {"name": "run", "arguments": ls}}]}))]), End::Completes).shows("").calls(1),
    ]
}

/// Texts in other encodings, and pieces of one.
#[rustfmt::skip]
fn encodings() -> Vec<Fault> {
    let utf16: Vec<u8> = format!("\u{feff}{}", whole("Hello")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = whole("caf\u{e9}").chars().map(|character| character as u8).collect();
    let cut = text("caf\u{e9}");
    let cut = &cut.as_bytes()[..cut.find('\u{e9}').unwrap() + 1];
    let surrogate = |escape: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{escape}\"}}}}]}}\n\n");
    vec![
        fault("Latin-1 where UTF-8 belongs", stream(latin), End::Completes).shows("caf\u{fffd}"),
        fault("UTF-16 where UTF-8 belongs", stream(utf16), words("is the address right?")),
        fault("a stream cut inside a character", [vec![says(STREAM), says(text("Hel")), says(cut), Step::WaitsForCodex], vec![Step::Closes]].concat(), broken("")).shows("Hel"),
        fault("half of a surrogate pair", stream([&surrogate("Hel\\ud800 "), whole("lo").as_str()].concat()), End::Completes).shows("Hel\u{fffd} lo"),
        fault("half of a surrogate pair at the end of a frame", stream([&surrogate("Hel\\ud800"), whole("lo").as_str()].concat()), End::Completes).shows("Hello"),
        fault("a surrogate pair in two frames", stream([&surrogate("\\ud83d"), &surrogate("\\ude00"), whole("!").as_str()].concat()), End::Completes).shows("😀!"),
        fault("a byte order mark", stream(format!("\u{feff}{}", whole("Hello"))), End::Completes).shows("Hello"),
        fault("lines that end with CRLF", stream(whole("Hello").replace('\n', "\r\n")), End::Completes).shows("Hello"),
        fault("lines that end with CR", stream(whole("Hello").replace('\n', "\r")), End::Completes).shows("Hello"),
        fault("lines that end in three ways", stream([text("Hel").replace('\n', "\r"), text("l").replace('\n', "\r\n"), whole("o")].concat()), End::Completes).shows("Hello"),
        fault("no blank line after the last frame", stream(whole("Hello").trim_end()), End::Completes).shows("Hello"),
        fault("no space after the name of a field", stream(whole("Hello").replace("data: ", "data:")), End::Completes).shows("Hello"),
        fault("data in several lines", stream(whole("Hello").replace(",\"delta\"", ",\ndata: \"delta\"")), End::Completes).shows("Hello"),
    ]
}
