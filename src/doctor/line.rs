//! The narrow place where somebody is talked to: a relay of the session's own, and whoever speaks to it as Codex would.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::relay::{self, State};

use super::ask::Probe;
use super::heard::{End, Heard, Listener};

/// What the relay knows Codex by.
const ORIGINATOR: &str = "codex_doctor";

/// A line to the provider, through the relay. It ends when this is dropped.
#[derive(Debug)]
pub struct Line {
    address: String,
    client: reqwest::Client,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

impl Line {
    /// Opens one for the session of `state`.
    ///
    /// # Errors
    ///
    /// When this machine has no loopback, or no file is left to open.
    pub async fn open(state: State) -> io::Result<Self> {
        let state = Arc::new(state);
        let listener = relay::bind().await?;
        let address = format!("http://{}/v1/responses", listener.local_addr()?);
        let serving = tokio::spawn(relay::run(listener, Arc::clone(&state), std::future::pending()));
        // Fails only when a provider is installed already, which is then this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build();
        Ok(Self {
            address,
            client: client.map_err(io::Error::other)?,
            state,
            serving,
        })
    }

    /// Asks, and listens for as long as `limit`.
    pub async fn ask(&self, probe: Probe<'_>, limit: Duration) -> Heard {
        let began = Instant::now();
        let mut listener = Listener::default();
        let listening = tokio::time::timeout(limit, self.listen(probe, began, &mut listener)).await;
        let mut heard = listener.close();
        heard.whole = began.elapsed();
        match listening {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(words))) => heard.end = End::Failed { words, passes: false },
            Ok(Err(error)) => {
                heard.end = End::Failed {
                    words: error.without_url().to_string(),
                    passes: true,
                }
            }
            Err(_) => heard.end = End::Late,
        }
        heard
    }

    /// The words of a refusal, if that is the answer.
    async fn listen(&self, probe: Probe<'_>, began: Instant, heard: &mut Listener) -> reqwest::Result<Option<String>> {
        let session = self.state.session();
        let body = probe.body(&session.model, &session.id).to_string();
        let request = self.client.post(&self.address).bearer_auth(session.token.expose());
        let request = request.header("originator", ORIGINATOR).body(body);
        let mut response = request.send().await?;
        if !response.status().is_success() {
            return Ok(Some(response.text().await?));
        }
        while let Some(bytes) = response.chunk().await? {
            heard.push(&bytes, began.elapsed());
        }
        Ok(None)
    }

    /// What was used until now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
