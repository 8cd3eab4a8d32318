use crate::wire::chat::DeltaContent;

use super::*;

/// Pieces as words, whether the bytes come at once or one by one.
fn read(bytes: &str) -> Vec<String> {
    read_as(Wire::Chat, bytes)
}

fn read_as(wire: Wire, bytes: &str) -> Vec<String> {
    let at_once = read_in(wire, bytes, bytes.len().max(1));
    assert_eq!(read_in(wire, bytes, 1), at_once);
    at_once
}

fn read_in(wire: Wire, bytes: &str, size: usize) -> Vec<String> {
    let mut reader = Reader::new(Speech {
        wire,
        ..Speech::default()
    });
    let mut out = Vec::new();
    for piece in bytes.as_bytes().chunks(size) {
        reader.push(piece, &mut out);
    }
    reader.finish(&mut out);
    out.iter().map(show).collect()
}

fn show(piece: &Piece) -> String {
    match piece {
        Piece::Said(Said::Chunk(chunk)) => format!("{} choices", chunk.choices.len()),
        Piece::Said(Said::Event(event)) => event.kind.clone(),
        Piece::Done => "done".to_owned(),
        Piece::Ended => "ended".to_owned(),
        Piece::Failed(failure) => format!("{:?} {:?}", failure.class, failure.status),
    }
}

#[test]
fn a_stream_is_read_with_or_without_its_last_blank_line() {
    let whole = ["1 choices", "done", "ended"];
    assert_eq!(read(": hello\n\ndata: {\"choices\":[{}]}\n\ndata: [DONE]\n\n"), whole);
    assert_eq!(read("\n\ndata: {\"choices\":[{}]}\n\ndata: [DONE]"), whole);
}

/// The texts of the pieces that `frames` become when they come at once.
fn texts(joins: bool, frames: &str) -> Vec<String> {
    let mut reader = Reader::new(Speech {
        joins,
        ..Speech::default()
    });
    let mut out = Vec::new();
    reader.push(frames.as_bytes(), &mut out);
    let text = |piece: &Piece| match piece {
        Piece::Said(Said::Chunk(chunk)) => match &chunk.choices[0].delta.as_ref().unwrap().content {
            Some(DeltaContent::Text(text)) => text.clone(),
            other => format!("{other:?}"),
        },
        other => show(other),
    };
    out.iter().map(text).collect()
}

#[test]
fn pieces_of_one_text_that_come_at_once_are_one_where_nothing_is_lost_by_it() {
    let frame = |text: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let named = |name: &str, text: &str| format!("event: {name}\n{}", frame(text));
    let frames = frame("a") + &frame("b") + ": here\n\n" + &frame("c") + "data: [DONE]\n\n" + &frame("d");
    assert_eq!(texts(true, &frames), ["abc", "done", "d"]);
    assert_eq!(texts(false, &frames), ["a", "b", "c", "done", "d"]);
    let failed = frame("a") + &named("error", "b") + &frame("c");
    assert_eq!(texts(true, &failed).len(), 3, "an error is no text");
    let halved = frame("a\\ud83d") + &frame("\\ude00b") + "data: nonsense\n\n" + &frame("c");
    assert_eq!(texts(true, &halved), ["a😀bc"]);
}

#[test]
fn a_whole_answer_is_one_chunk() {
    assert_eq!(
        read(" {\"choices\":[{\"message\":{}}]}\n"),
        ["1 choices", "done", "ended"]
    );
    assert_eq!(read("{\"choices\":[{\"mess"), ["Cut None", "ended"]);
}

#[test]
fn errors_are_found_in_every_disguise() {
    assert_eq!(
        read("data: {\"error\":{\"code\":429,\"message\":\"x\"}}\n\n"),
        ["RateLimit Some(429)", "ended"]
    );
    assert_eq!(
        read("data: {\"code\":429,\"message\":\"x\"}\n\n"),
        ["RateLimit Some(429)", "ended"]
    );
    assert_eq!(
        read("event: error\ndata: {\"message\":\"overloaded\"}\n\n"),
        ["Overloaded None", "ended"]
    );
    assert_eq!(
        read("event: error\ndata: Too Many Requests\n\n"),
        ["RateLimit None", "ended"]
    );
    assert_eq!(read("{\"error\":{\"message\":\"x\"}}"), ["Server None", "ended"]);
    assert_eq!(
        read("[{\"error\":{\"code\":400,\"message\":\"x\"}}]"),
        ["Request Some(400)", "ended"]
    );
    assert_eq!(read("<html><title>Log in</title></html>"), ["Address None", "ended"]);
    assert_eq!(read("429 Too Many Requests"), ["RateLimit None", "ended"]);
    assert_eq!(
        read(
            "data: {\"choices\":null,\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}\n\n"
        ),
        ["Balance None", "ended"]
    );
}

#[test]
fn what_is_no_answer_at_all_is_somebody_else() {
    for body in ["Ollama is running", "data", "d", "{\"method\":\"POST\"}", "[]\n"] {
        let read = read(body);
        assert_eq!(read, ["Address None", "ended"], "{body}");
    }
}

#[test]
fn an_answer_that_is_well_may_say_so() {
    let answer =
        "{\"choices\":[{\"message\":{}}],\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"},\"error\":null}";
    assert_eq!(read(answer), ["1 choices", "done", "ended"]);
}

#[test]
fn the_counts_of_an_error_count() {
    let error = "data: {\"error\":{\"code\":400,\"message\":\"x\"},\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n";
    assert_eq!(read(error), ["0 choices", "Request Some(400)", "ended"]);
}

#[test]
fn what_is_no_chunk_is_left_out() {
    assert_eq!(
        read("data: hello\n\ndata: {\"choices\":[]}\n\n"),
        ["0 choices", "ended"]
    );
    assert_eq!(read(""), ["ended"]);
}

#[test]
fn events_of_a_responses_endpoint_end_with_the_last_of_them() {
    let read = |bytes: &str| read_as(Wire::Responses, bytes);
    let end = "data: {\"type\":\"response.completed\",\"response\":{}}\n\n";
    assert_eq!(read(end), ["response.completed", "done", "ended"]);
    assert_eq!(
        read(&format!("event: ping\ndata: {{}}\n\n{end}data: [DONE]\n\n")),
        ["ping", "response.completed", "done", "done", "ended"]
    );
    assert_eq!(
        read("{\"object\":\"response\"}"),
        ["response.completed", "done", "ended"]
    );
    assert_eq!(read("{\"object\":\"resp"), ["Cut None", "ended"]);
    assert_eq!(read("data: hello\n\ndata: {}\n\n"), ["ended"]);
}

#[test]
fn a_responses_endpoint_tells_of_errors_in_many_ways() {
    let read = |bytes: &str| read_as(Wire::Responses, bytes);
    let error = "{\"code\":\"rate_limit_exceeded\",\"message\":\"slow\"}";
    for data in [
        format!("data: {{\"type\":\"error\",\"error\":{error}}}\n\n"),
        format!("data: {{\"type\":\"response.failed\",\"response\":{{\"error\":{error}}}}}\n\n"),
        format!("event: error\ndata: {error}\n\n"),
        format!("data: {{\"error\":{error}}}\n\n"),
        "event: error\ndata: Too Many Requests\n\n".to_owned(),
        format!("{{\"error\":{error}}}"),
        format!("{{\"object\":\"response\",\"status\":\"failed\",\"error\":{error}}}"),
    ] {
        assert_eq!(read(&data), ["RateLimit None", "ended"], "{data}");
    }
    assert_eq!(read("<html><title>Log in</title></html>"), ["Address None", "ended"]);
}
