//! The provider's side: byte for byte, so that it can break off anywhere.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::fault::Fault;

/// How many pieces of text a long answer has, and how long each is.
const PIECES: usize = 64;
const PIECE: usize = 8 * 1024;

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

pub struct Provider {
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        // The relay may have left before it was taken.
                        let Ok((stream, _)) = accepted else { continue };
                        connections.spawn(async move { drop(answer(BufReader::new(stream)).await) });
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Self { address, serving }
    }

    pub async fn stop(self) {
        self.serving.abort();
        let _ = self.serving.await;
    }
}

/// Answers one request. An error is the relay leaving.
async fn answer(mut stream: BufReader<TcpStream>) -> io::Result<()> {
    let request = read(&mut stream).await?;
    let fault = Fault::find(&request).unwrap_or(Fault::None);
    let mut stream = stream.into_inner();
    match fault {
        Fault::ResetBefore => return reset(stream),
        Fault::Silence => return silence(stream).await,
        Fault::Page => return whole(stream, "200 OK", "text/html", "<html><title>Log in</title></html>").await,
        Fault::Whole => {
            let message = json!({"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]});
            return whole(stream, "200 OK", "application/json", &message.to_string()).await;
        }
        Fault::Limited | Fault::Overloaded | Fault::Unauthorized => return refuse(stream, fault).await,
        _ => {}
    }
    stream.write_all(STREAM.as_bytes()).await?;
    for piece in 0..PIECES {
        speak(&mut stream, fault, piece).await?;
        match (fault, piece) {
            (Fault::ResetInside, 9) => return reset(stream),
            (Fault::Truncated, 9) => return stream.write_all(b"data: {\"choices\": [{\"del").await,
            (Fault::Stall, 9) => tokio::time::sleep(Duration::from_millis(300)).await,
            (Fault::ErrorInside, 9) => {
                let error = json!({"error": {"message": "The server had an error.", "code": 500}});
                return stream.write_all(format!("data: {error}\n\n").as_bytes()).await;
            }
            _ => {}
        }
    }
    let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9, "completion_tokens": 9}});
    stream
        .write_all(format!("data: {end}\n\ndata: [DONE]\n\n").as_bytes())
        .await
}

/// One piece of an answer.
async fn speak(stream: &mut TcpStream, fault: Fault, piece: usize) -> io::Result<()> {
    let text = match fault {
        Fault::Long | Fault::SlowReader | Fault::Leaves | Fault::InOnePiece => "word ".repeat(PIECE / 5),
        _ => "word ".to_owned(),
    };
    let arguments = ["{\"cmd\":\"", &text, "and \\\"more\\\"", "\"}"];
    let delta = match (fault, piece % 3) {
        (Fault::Calls, _) => json!({"tool_calls": [{
            "index": piece / 4,
            "id": format!("call_{}", piece / 4),
            "function": {"name": "exec_command", "arguments": arguments[piece % 4]},
        }]}),
        (_, 0) => json!({"reasoning_content": text}),
        _ => json!({"content": text}),
    };
    let frame = format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta}]}));
    match fault {
        Fault::Malformed => {
            let odd: [&[u8]; 4] = [
                b"data: {\"choices\": 7, \"usage\": \"none\"}\n\n",
                b"data: no JSON\n\nevent: ping\ndata:\n\n",
                b": \xff\xfe\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n\n",
                b"data: [1, {\"a\": null}]\r\n\r\n\r\rid\n\n",
            ];
            stream.write_all(odd[piece % 4]).await?;
            stream.write_all(frame.as_bytes()).await
        }
        Fault::Trickle if piece < 4 => {
            for byte in frame.as_bytes() {
                stream.write_all(&[*byte]).await?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
        _ => stream.write_all(frame.as_bytes()).await,
    }
}

async fn refuse(stream: TcpStream, fault: Fault) -> io::Result<()> {
    let (status, message) = match fault {
        Fault::Limited => ("429 Too Many Requests\r\nretry-after: 0", "Rate limit reached."),
        Fault::Overloaded => ("503 Service Unavailable", "The engine is overloaded."),
        _ => ("401 Unauthorized", "Invalid API key."),
    };
    let body = json!({"error": {"message": message, "type": "error", "code": null}});
    whole(stream, status, "application/json", &body.to_string()).await
}

async fn whole(mut stream: TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    // The connection stays: the relay keeps it for later turns, until it is closed.
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await
}

/// Says nothing until the other side leaves.
async fn silence(mut stream: TcpStream) -> io::Result<()> {
    let mut nothing = [0; 64];
    while stream.read(&mut nothing).await? > 0 {}
    Ok(())
}

/// Without lingering, closing sends a reset.
fn reset(stream: TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    Ok(String::from_utf8(body).unwrap())
}
