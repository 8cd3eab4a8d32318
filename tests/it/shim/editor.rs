//! An editor's extension speaks with Codex's app server over standard input and output. A shim is silent there.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use super::{call, shim};
use crate::codex::CONFIG;
use crate::kit::{Codex, Home, PATIENCE};

/// A running app server.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Server {
    fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    /// The first message that is wished. Whatever comes before it is a message as well.
    fn until(&self, wished: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("a message");
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("somebody said {line:?}"));
            if wished(&message) {
                return message;
            }
        }
    }

    fn ask(&mut self, id: u64, method: &str, params: &Value) -> Value {
        self.send(&json!({"id": id, "method": method, "params": params}));
        let answer = self.until(|message| message["id"] == id);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_editor_holds_a_whole_conversation_through_a_shim() {
    let (home, codex) = (Home::configured(CONFIG), Codex::take());
    let program = codex.program().display().to_string();
    let shim = shim(&home, "codex-demo", &["-P", "demo", "--codex", &program]);
    let mut command = call(&home, &shim, &["app-server"]);
    command.env("HTTPS_PROXY", "http://127.0.0.1:9");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (told, lines) = mpsc::channel();
    std::thread::spawn(move || {
        output
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| told.send(line))
    });
    let input = child.stdin.take();
    let mut server = Server { child, input, lines };

    let editor = json!({"clientInfo": {"name": "editor", "title": "An editor", "version": "1"}});
    server.ask(1, "initialize", &editor);
    server.send(&json!({"method": "initialized"}));
    let models = server.ask(2, "model/list", &json!({}));
    assert_eq!(models["data"][0]["id"], "demo");
    let thread = server.ask(3, "thread/start", &json!({"cwd": home.project()}));
    let id = &thread["thread"]["id"];
    let input = json!([{"type": "text", "text": "show me"}]);
    server.ask(4, "turn/start", &json!({"threadId": id, "input": input}));
    let is_method = |method: &'static str| move |message: &Value| message["method"] == method;
    server.until(is_method("item/agentMessage/delta"));
    let ran = server.until(|message| message["params"]["item"]["type"] == "commandExecution");
    assert!(
        ran["params"]["item"]["command"].as_str().unwrap().contains("pwd && ls"),
        "{ran}"
    );
    let ended = server.until(is_method("turn/completed"));
    assert_eq!(ended["params"]["turn"]["status"], "completed");

    // An editor that goes away closes the input, and everything ends.
    drop(server.input.take());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    home.assert_nothing_is_left();
}
