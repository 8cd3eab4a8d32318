//! The client's side of one turn, and what it heard.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fault::{Draw, Fault};

/// No turn is meant to take nearly as long, but on a busy machine two hundred share little. After 300 s the relay
/// itself would give up a turn that is stuck.
const PATIENCE: Duration = Duration::from_secs(240);

/// How long a client waits for a provider that never answers.
const GIVES_UP: Duration = Duration::from_millis(400);

/// How a turn ended for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// `response.completed`, or a whole answer.
    Completed,
    /// `response.failed`.
    Failed,
    /// Another status than 200.
    Refused(u16),
    /// It left.
    Nothing,
}

/// Asks, and reads to the end or leaves. Panics if there is no end, or more than one.
pub async fn turn(address: SocketAddr, fault: Fault, draw: &mut Draw) -> Heard {
    let asked = ask(address, fault, draw);
    let Ok(answer) = tokio::time::timeout(PATIENCE, asked).await else {
        panic!("{fault:?} has no end");
    };
    match answer {
        Ok(Some(answer)) => read(fault, &answer),
        Ok(None) => Heard::Nothing,
        Err(error) => panic!("{fault:?}: {error}"),
    }
}

async fn ask(address: SocketAddr, fault: Fault, draw: &mut Draw) -> io::Result<Option<String>> {
    let mut stream = TcpStream::connect(address).await?;
    let is_streamed = fault != Fault::InOnePiece;
    let body = match fault {
        Fault::Nonsense => "{\"input\":".to_owned(),
        _ => json!({"model": "m", "stream": is_streamed, "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": format!("Meet [{fault:?}].")}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x".repeat(draw.below(100_000) as usize)}]},
        ], "tools": [{"type": "function", "name": "exec_command", "parameters": {"type": "object"}}]})
        .to_string(),
    };
    let length = match fault {
        Fault::TooLarge => 1 << 40,
        _ => body.len(),
    };
    let originator = if draw.below(2) == 0 {
        "originator: codex_exec\r\n"
    } else {
        ""
    };
    let head = format!(
        "POST /v1/responses HTTP/1.1\r\nhost: {address}\r\n{originator}connection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    match fault {
        Fault::LeavesAtOnce => Ok(None),
        Fault::Silence => {
            let _ = tokio::time::timeout(GIVES_UP, stream.read(&mut [0])).await;
            Ok(None)
        }
        Fault::Leaves => {
            let some = draw.below(200_000) as usize;
            stream.read_exact(&mut vec![0; some]).await?;
            Ok(None)
        }
        Fault::SlowReader => slowly(&mut stream).await.map(Some),
        _ => {
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            Ok(Some(String::from_utf8(answer).unwrap()))
        }
    }
}

async fn slowly(stream: &mut TcpStream) -> io::Result<String> {
    let mut answer = Vec::new();
    let mut piece = vec![0; 32 * 1024];
    loop {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(String::from_utf8(answer).unwrap());
        }
        answer.extend_from_slice(&piece[..read]);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn read(fault: Fault, answer: &str) -> Heard {
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{fault:?}: {answer:?}"));
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    if status != 200 {
        return Heard::Refused(status);
    }
    if fault == Fault::InOnePiece {
        assert!(body.contains("\"status\":\"completed\""), "{fault:?}");
        return Heard::Completed;
    }
    let ends = |name: &str| body.matches(&format!("event: response.{name}\n")).count();
    let (completed, failed) = (ends("completed"), ends("failed"));
    assert_eq!(
        completed + failed + ends("incomplete"),
        1,
        "{fault:?} has no end of its own"
    );
    assert!(body.ends_with("\r\n0\r\n\r\n"), "{fault:?}: something follows the end");
    if completed == 1 {
        Heard::Completed
    } else {
        Heard::Failed
    }
}
