//! What a provider tells at next to no cost: whether it knows the key, which models it has, what is left on the account.

use std::time::Duration;

use reqwest::header::CONTENT_ENCODING;
use serde_json::{Value, json};

use crate::session::{Codes, KeyCheck};

use super::client::{Client, below};
use super::clock::Clock;
use super::failure::{Class, Failure};
use super::meter::Meter;
use super::{Limits, answer, packing};

/// Somebody waits for it at a terminal.
const PATIENCE: Duration = Duration::from_secs(15);

/// The largest list of models that was seen has 2 MB.
const LARGEST: usize = 16 * 1024 * 1024;

impl Client {
    /// Asks the provider once, as `check` says, whether it knows the key.
    ///
    /// # Errors
    ///
    /// A failure of [`Class::Auth`] says that it does not; any other proves nothing.
    pub async fn prove(&self, check: &KeyCheck, codes: Codes) -> Result<(), Failure> {
        let client = self.ready().await?;
        let request = match check {
            KeyCheck::Models => self.get(&client, "models")?,
            KeyCheck::Get(reference) => self.get(&client, reference)?,
            KeyCheck::Chat(model) => {
                let ask = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1});
                let address = below(&self.endpoint().base_url, "chat/completions");
                client.post(address).body(ask.to_string())
            }
        };
        self.answered(codes, request, &clock(), &Meter::default())
            .await
            .map(drop)
    }

    /// Asks the provider once for what is at `reference`, resolved against its address with a slash at the end, and reads
    /// the JSON of the answer, whole.
    ///
    /// # Errors
    ///
    /// When it cannot be had in 15 seconds, or is no JSON.
    pub async fn read(&self, reference: &str, codes: Codes) -> Result<Value, Failure> {
        let client = self.ready().await?;
        let request = self.get(&client, reference)?;
        let reading = async {
            let mut response = self.answered(codes, request, &clock(), &Meter::default()).await?;
            let coding = response.headers().get(CONTENT_ENCODING);
            let coding = coding.and_then(|coding| coding.to_str().ok()).map(str::to_owned);
            let mut body = Vec::new();
            while body.len() < LARGEST {
                match response.chunk().await {
                    Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                    Ok(None) => break,
                    Err(error) => return Err(Failure::new(Class::Cut, answer::root(&error))),
                }
            }
            let body = packing::unpacked(coding.as_deref(), body, LARGEST);
            serde_json::from_slice(&body).map_err(|_| Failure::new(Class::Address, ""))
        };
        let within = tokio::time::timeout(PATIENCE, reading).await;
        within.unwrap_or_else(|_| Err(Failure::new(Class::Silent, "no answer in time")))
    }

    fn get(&self, client: &reqwest::Client, reference: &str) -> Result<reqwest::RequestBuilder, Failure> {
        let address = below(&self.endpoint().base_url, "").join(reference);
        let mut address = address.map_err(|error| Failure::new(Class::Setup, error.to_string()))?;
        // Azure's `api-version`, which a reference would take away.
        if address.query().is_none() {
            address.set_query(self.endpoint().base_url.query());
        }
        Ok(client.get(address))
    }
}

fn clock() -> Clock {
    let limits = Limits {
        first: Some(PATIENCE),
        ..Limits::default()
    };
    Clock::start(&limits, None)
}
