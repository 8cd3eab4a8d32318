//! The socket side: one request after the other, each on a connection of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::Shared;

/// The key that is asked for.
pub const KEY: &str = "sk-test-native";

/// Serves until it is stopped and woken.
pub fn serve(listener: &TcpListener, shared: &Shared) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        exchange(stream.unwrap(), shared);
    }
}

fn exchange(stream: TcpStream, shared: &Shared) {
    let Some((line, body)) = read(&stream) else {
        return;
    };
    let (status, kind, answer) = match respond(&line, &body, shared) {
        Ok((kind, answer)) => (200, kind, answer),
        Err((status, message)) => {
            let complaint = format!("{line}: {message}\n{}", String::from_utf8_lossy(&body));
            shared.state().violations.push(complaint);
            let error = json!({"error": {"message": message, "type": "invalid_request_error", "code": null}});
            (status, "application/json", error.to_string())
        }
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    // A client that hung up is none of the mock's business.
    let _ = (&stream).write_all(&[head.as_bytes(), answer.as_bytes()].concat());
}

/// What is answered, and of which kind it is; else the status and what is wrong.
fn respond(line: &str, body: &[u8], shared: &Shared) -> Result<(&'static str, String), (u16, String)> {
    let lists = line.starts_with("GET /v1/models ");
    if !lists && !line.starts_with("POST /v1/responses ") {
        return Err((404, "not found".to_owned()));
    }
    if !line.ends_with(&format!("Bearer {KEY}")) {
        return Err((401, "Incorrect API key".to_owned()));
    }
    if lists {
        let list = json!({"object": "list", "data": [{"id": shared.rules.model, "object": "model"}]});
        return Ok(("application/json", list.to_string()));
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| (400, error.to_string()))?;
    let frames = shared.answer(body).map_err(|message| (400, message))?;
    Ok(("text/event-stream", frames))
}

/// The request's first line with what it is authorised by, and its body.
fn read(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    let mut authorization = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => value.trim().clone_into(&mut authorization),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((format!("{} {authorization}", first.trim_end()), body))
}
