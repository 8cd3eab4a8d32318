//! The conversation: what Codex needs of a provider, asked in a few words.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crelay::provider::Table;
use crelay::session::{self, Arguments, Config, Environment, Ground, Host, Session, Wish};
use crelay::upstream::{self, Client, Proxy};
use crelay::{relay, wire};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use url::Url;

use super::recorder::Recorder;

/// What the user says, in the order in which it is said.
pub const STREAMED: &str = "Say the word crelay, and nothing else.";
pub const WHOLE: &str = "Say the word relay, and nothing else.";
pub const FIRST_SUM: &str = "Call the tool `add` with a = 2 and b = 3, and tell me its result. Do not add yourself.";
const SECOND_SUM: &str = "Now do the same with a = 4 and b = 5.";

/// What became of a step: what was seen, or what is wrong.
pub type Told = Result<String, String>;

/// The session of a user who has these variables and names this provider and perhaps an address.
pub fn session(provider: &str, base_url: Option<&str>, environment: &Environment) -> Result<Session, session::Error> {
    let table = Table::embedded()?;
    let config = Config::default();
    let ground = Ground {
        table: &table,
        config: &config,
        environment,
        strangers: &[],
        kept: &[],
    };
    let wish = Wish {
        provider: Some(provider.to_owned()),
        base_url: base_url.map(str::to_owned),
        ..Wish::default()
    };
    session::resolve(&ground, &wish, &Arguments::default(), &|_| None)?.unlock(|_, _| unreachable!("nothing is kept"))
}

/// Asks everything, and keeps what travelled in folders below `kept`.
pub async fn hold(mut session: Session, kept: &Path) -> Vec<Told> {
    let base = session.main.endpoint.base_url.clone();
    let responses = session
        .main
        .endpoint
        .responses_url
        .clone()
        .unwrap_or_else(|| base.clone());
    let recorder = Recorder::start(&base, &responses).await;
    session.main.endpoint.base_url = recorder.before(&base);
    session.main.endpoint.responses_url = Some(recorder.before(&responses));
    let client = |host: &Host| {
        let patience = upstream::Limits::suiting(host.patience, host.endpoint.is_loopback());
        Client::build_when_needed(Arc::new(host.endpoint.clone()), Proxy::System, patience)
    };
    let session = Arc::new(session);
    let listener = relay::bind().await.unwrap();
    let relay = Url::parse(&format!("http://{}/v1/responses", listener.local_addr().unwrap())).unwrap();
    let state = Arc::new(relay::State::new(
        Arc::clone(&session),
        &client,
        relay::Limits::default(),
    ));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(relay::run(listener, state, async {
        // Only ever dropped.
        let _ = stopped.await;
    }));
    let talk = Talk {
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        relay,
        session,
        recorder,
        kept: kept.to_owned(),
    };
    let told = vec![
        talk.models().await,
        talk.streamed().await,
        talk.whole().await,
        talk.tools().await,
    ];
    drop(stop);
    let _ = serving.await;
    let hide = |words: String| without(talk.key(), &words);
    told.into_iter().map(|told| told.map(hide).map_err(hide)).collect()
}

struct Talk {
    http: reqwest::Client,
    relay: Url,
    session: Arc<Session>,
    recorder: Recorder,
    kept: PathBuf,
}

impl Talk {
    /// The provider lists the model, if it lists any.
    async fn models(&self) -> Told {
        let mut url = self.session.main.endpoint.base_url.clone();
        url.set_path(&format!("{}/models", url.path().trim_end_matches('/')));
        let mut request = self.http.get(url);
        if let Some(key) = self.key() {
            request = request.bearer_auth(key);
        }
        let answer = request.send().await.map_err(|error| format!("models: {error}"))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap_or_default();
        self.keep("models", None);
        match status {
            200 if text.contains(&self.session.model.id) => Ok("models: the model is listed".to_owned()),
            200 => Err(format!("models: `{}` is not listed", self.session.model.id)),
            404 | 405 => Ok("models: no list".to_owned()),
            _ => Err(format!("models: {status} {text}")),
        }
    }

    async fn streamed(&self) -> Told {
        let response = self.turn("streamed-text", true, &[user(STREAMED)]).await?;
        is_said("streamed text", &response, "crelay")
    }

    async fn whole(&self) -> Told {
        let response = self.turn("whole-text", false, &[user(WHOLE)]).await?;
        is_said("whole text", &response, "relay")
    }

    /// Two rounds with a tool; from the second request on, what was thought before goes back.
    async fn tools(&self) -> Told {
        let mut items = Vec::new();
        let mut thoughts = 0;
        for (number, (question, numbers, sum)) in [(FIRST_SUM, [2, 3], "5"), (SECOND_SUM, [4, 5], "9")]
            .into_iter()
            .enumerate()
        {
            items.push(user(question));
            let called = self.turn(&format!("a-call-{}", number + 1), true, &items).await?;
            let call = call(&called, numbers)?;
            items.extend(output(&called));
            items.push(json!({"type": "function_call_output", "call_id": call["call_id"], "output": sum}));
            let answered = self.turn(&format!("an-answer-{}", number + 1), true, &items).await?;
            is_said("tool", &answered, sum)?;
            items.extend(output(&answered));
            thoughts = items.iter().filter(|item| item["type"] == "reasoning").count();
        }
        Ok(format!("tool: two round trips, {thoughts} thoughts went back"))
    }

    /// Asks as Codex does, or for a whole answer; gives the finished response.
    async fn turn(&self, name: &str, stream: bool, items: &[Value]) -> Result<Value, String> {
        let parameters = json!({
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": false,
        });
        let tool = json!({"type": "function", "name": "add", "description": "Adds two numbers.", "strict": false, "parameters": parameters});
        let asked = json!({
            "model": self.session.model.id,
            "stream": stream,
            "store": false,
            "instructions": "You are a careful assistant.",
            "input": items,
            "tools": [tool],
            "tool_choice": "auto",
            "parallel_tool_calls": true,
            "reasoning": {"effort": "medium", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
        });
        let request = self
            .http
            .post(self.relay.clone())
            .bearer_auth(self.session.token.expose());
        let request = match stream {
            true => request.header("originator", "codex_exec"),
            false => request,
        };
        let answer = request
            .body(asked.to_string())
            .send()
            .await
            .map_err(|error| format!("{name}: {error}"))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| format!("{name}: {error}"))?;
        self.keep(name, Some(&asked));
        if !status.is_success() {
            return Err(format!("{name}: {status} {text}"));
        }
        let response = match stream {
            true => last(&text),
            false => serde_json::from_str(&text).unwrap_or_default(),
        };
        match response["status"].as_str() {
            Some("completed") => Ok(response),
            _ => Err(format!("{name}: {response}")),
        }
    }

    fn key(&self) -> Option<&str> {
        self.session.main.endpoint.key.as_ref().map(session::Secret::expose)
    }

    /// Writes down what travelled, as a case of `tests/turns` where it went well.
    fn keep(&self, name: &str, asked: Option<&Value>) {
        let provider = &self.session.main.endpoint.provider;
        for (number, exchange) in self.recorder.take().into_iter().enumerate() {
            let again = match number {
                0 => String::new(),
                _ => format!("-{}", number + 1),
            };
            let folder = self.kept.join(format!("{provider}.live-{name}{again}"));
            std::fs::create_dir_all(&folder).unwrap();
            let write = |file: &str, text: &str| {
                std::fs::write(folder.join(file), without(self.key(), text)).unwrap();
            };
            if let Some(asked) = asked {
                write("codex.json", &pretty(asked));
            }
            if let Ok(sent) = serde_json::from_slice::<Value>(&exchange.sent) {
                write("upstream.json", &pretty(&sent));
            }
            let received = String::from_utf8_lossy(&exchange.received);
            match exchange.status {
                200 if asked.is_some() => write("upstream.sse", &received),
                status => write(&format!("upstream.{status}.txt"), &received),
            }
        }
    }
}

/// The text without the key.
fn without(key: Option<&str>, text: &str) -> String {
    match key {
        Some(key) => text.replace(key, "[key]"),
        None => text.to_owned(),
    }
}

fn pretty(value: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}

fn user(text: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
}

fn output(response: &Value) -> Vec<Value> {
    response["output"].as_array().cloned().unwrap_or_default()
}

/// The response of the last event.
fn last(text: &str) -> Value {
    let mut event = Value::Null;
    let mut keep = |frame: wire::sse::Frame<'_>| event = serde_json::from_str(frame.data).unwrap_or_default();
    let mut decoder = wire::sse::Decoder::new();
    let _ = decoder.push(text.as_bytes(), &mut keep);
    decoder.finish(&mut keep);
    event["response"].take()
}

/// Whether the answer's words hold this one.
fn is_said(what: &str, response: &Value, word: &str) -> Told {
    let messages = output(response).into_iter().filter(|item| item["type"] == "message");
    let said: String = messages
        .map(|item| item["content"][0]["text"].as_str().unwrap_or_default().to_owned())
        .collect();
    match said.to_lowercase().contains(word) {
        true => Ok(format!("{what}: {}", said.trim())),
        false => Err(format!("{what}: it does not say `{word}`: {response}")),
    }
}

/// The one call, if it is the right one.
fn call(response: &Value, [a, b]: [i64; 2]) -> Result<Value, String> {
    let call = output(response)
        .into_iter()
        .find(|item| item["type"] == "function_call");
    let call = call.ok_or_else(|| format!("tool: nothing is called: {response}"))?;
    let arguments = call["arguments"].as_str().unwrap_or_default();
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    match call["name"] == "add" && arguments == json!({"a": a, "b": b}) {
        true => Ok(call),
        false => Err(format!("tool: another call: {call}")),
    }
}
