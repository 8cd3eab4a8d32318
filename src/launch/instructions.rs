//! The base prompt of the catalog. Each Codex has a generic one for models that it does not know, and shows it in the
//! first request that it makes for such a model: so it is started once, alone in an empty home, toward a listener that
//! reads this request and refuses it. Kept for each version and program.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use crate::files::{self, Root, lock};
use crate::session::{Environment, Folders};

use super::child;
use super::command_line::TOKEN_VARIABLE;
use super::find::Codex;

/// A base prompt of our own: for a Codex that does not show its own, and for who asks for it.
pub const SHORT: &str = include_str!("instructions.md");

/// It takes 0.4 s on a small machine, and many times that when its program of 200 MB is read from a busy disk for the
/// first time. A Codex that does not show its prompt ends at once, so only one that hangs is waited for this long.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);

/// A prompt is some ten thousand characters; what is much shorter is something else.
const AT_LEAST: usize = 1000;

/// The base prompt for `codex`, from the cache, from `codex` itself, or a short one of our own.
pub async fn instructions(codex: &Codex, folders: &Folders, environment: &Environment) -> String {
    let name = format!("instructions-{}-{}.md", codex.version, codex.identity);
    let kept = folders.cache.join(name);
    // What others could write there is not told to a model.
    let is_ours = files::linked_folder(&folders.cache, Root::Cache).is_ok();
    if let Some(text) = read(&kept).filter(|_| is_ours) {
        return text;
    }
    let revealed = tokio::time::timeout(SHOWN_WITHIN, reveal(codex, folders, environment, &kept)).await;
    revealed
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .unwrap_or_else(|error| {
            tracing::warn!(version = %codex.version, %error, "Codex does not show its base prompt");
            SHORT.to_owned()
        })
}

/// What was kept; a text that was cut short is none.
fn read(kept: &Path) -> Option<String> {
    /// Ten times what the longest takes.
    const AT_MOST: u64 = 512 * 1024;
    files::read(kept, AT_MOST).ok().filter(|text| text.len() >= AT_LEAST)
}

async fn reveal(codex: &Codex, folders: &Folders, environment: &Environment, kept: &Path) -> io::Result<String> {
    let _lock = match reserve(&folders.cache).await {
        Ok(lock) => lock,
        Err(error) => {
            tracing::warn!(path = %folders.cache.display(), %error, "nothing can be kept in the cache");
            files::folder(&folders.runtime, Root::Runtime).map_err(io::Error::other)?;
            let own = folders.runtime.join(format!("probe-{}", std::process::id()));
            return show(codex, &Home::create(own)?, environment).await;
        }
    };
    if let Some(text) = read(kept) {
        return Ok(text);
    }
    let home = Home::create(folders.cache.join("probe"))?;
    let text = show(codex, &home, environment).await?;
    if let Err(error) = files::replace(kept, text.as_bytes()) {
        tracing::warn!(path = %kept.display(), %error, "the base prompt cannot be kept");
    }
    Ok(text)
}

/// Another start may be asking at this moment.
async fn reserve(cache: &Path) -> io::Result<fs::File> {
    files::linked_folder(cache, Root::Cache).map_err(io::Error::other)?;
    let name = cache.join("probe.lock");
    tokio::task::spawn_blocking(move || lock::wait(&name)).await?
}

/// Runs Codex until it makes its first request. It waits for the answer, so one that ends before made none.
async fn show(codex: &Codex, home: &Home, environment: &Environment) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut process = start(codex, listener.local_addr()?.port(), &home.0, environment)?;
    let shown = tokio::select! {
        biased;
        shown = first_request(&listener) => shown,
        ended = process.wait() => Err(io::Error::other(format!("it ended with {}", ended?))),
    };
    process.kill().await?;
    shown
}

fn start(codex: &Codex, port: u16, home: &Path, environment: &Environment) -> io::Result<tokio::process::Child> {
    let settings = [
        r#"model_provider="probe""#.to_owned(),
        format!(
            r#"model_providers.probe={{name="probe",base_url="http://127.0.0.1:{port}/v1",wire_api="responses",env_key="{TOKEN_VARIABLE}",request_max_retries=0,stream_max_retries=0}}"#
        ),
        r#"model="crelay-asks-for-the-generic-prompt""#.to_owned(),
        "features.unbounded_connection_retries=false".to_owned(),
        "features.plugins=false".to_owned(),
        "analytics.enabled=false".to_owned(),
        "check_for_update_on_startup=false".to_owned(),
    ];
    let mut command = std::process::Command::new(&codex.program);
    command.args(settings.iter().flat_map(|setting| ["-c", setting]));
    command.args(["exec", "--skip-git-repo-check", "-"]);
    // Neither a key nor a proxy of the user's is of use there.
    let needed = environment
        .iter()
        .filter(|(name, _)| ["PATH", "LD_LIBRARY_PATH"].iter().any(|kept| name == kept));
    let needed: Environment = needed.map(|(name, value)| (name.clone(), value.clone())).collect();
    command
        .env_clear()
        .envs(codex.environment(&needed))
        .env(TOKEN_VARIABLE, "none");
    command.env("HOME", home).env("CODEX_HOME", home).current_dir(home);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    child::die_with_us(&mut command, codex.kind);
    let mut process = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    // A prompt of no importance; its end is what Codex waits for.
    if let Some(stdin) = process.stdin.take() {
        let mut stdin = std::fs::File::from(stdin.into_owned_fd()?);
        io::Write::write_all(&mut stdin, b"hello")?;
    }
    Ok(process)
}

/// Accepts connections until one of them brings a prompt.
async fn first_request(listener: &TcpListener) -> io::Result<String> {
    loop {
        let (stream, _) = listener.accept().await?;
        if let Some(text) = prompt_of_connection(stream).await {
            return Ok(text);
        }
    }
}

async fn prompt_of_connection(stream: TcpStream) -> Option<String> {
    let found: Arc<Mutex<Option<String>>> = Arc::default();
    let service = service_fn(|request: Request<Incoming>| {
        let found = Arc::clone(&found);
        async move {
            let body = request.into_body().collect().await?.to_bytes();
            let prompt = serde_json::from_slice(&body).ok().and_then(|body| prompt(&body));
            if let (Some(prompt), Ok(mut found)) = (prompt, found.lock()) {
                *found = Some(prompt);
            }
            let mut refusal = Response::new(Full::new(Bytes::from_static(b"this was all")));
            *refusal.status_mut() = StatusCode::BAD_REQUEST;
            Ok::<_, hyper::Error>(refusal)
        }
    });
    let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    // One request is enough, and the connection may stay open after it.
    poll_fn(|context| {
        let ended = served.as_mut().poll(context).is_ready();
        let text = found.lock().ok().and_then(|mut found| found.take());
        if ended || text.is_some() {
            Poll::Ready(text)
        } else {
            Poll::Pending
        }
    })
    .await
}

/// The prompt of a request: up to 0.153 `instructions`, later the first developer message.
fn prompt(body: &Value) -> Option<String> {
    let instructions = body["instructions"].as_str().map(ToOwned::to_owned);
    let first = body["input"]
        .as_array()
        .and_then(|items| items.iter().find(|item| item["role"] == "developer"));
    let from_message = || {
        let parts = first?["content"].as_array()?;
        Some(
            parts
                .iter()
                .filter_map(|part| part["text"].as_str())
                .collect::<String>(),
        )
    };
    instructions
        .filter(|text| !text.is_empty())
        .or_else(from_message)
        .filter(|text| text.len() >= AT_LEAST)
}

/// A home for one run, removed with everything in it.
struct Home(PathBuf);

impl Home {
    /// Whoever holds the lock is alone here; what is there was left by a run that was killed.
    fn create(home: PathBuf) -> io::Result<Self> {
        files::absent(fs::remove_dir_all(&home))?;
        files::private_folder(&home)?;
        Ok(Self(home))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // A helper of the Codex that was just killed may still write; then the next run removes the rest.
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::debug!(path = %self.0.display(), %error, "a folder for one run cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests;
