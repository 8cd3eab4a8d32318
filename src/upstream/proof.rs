//! Whether the provider knows the key, asked at next to no cost.

use std::time::Duration;

use serde_json::json;

use crate::session::{Codes, KeyCheck};

use super::Limits;
use super::client::{Client, below};
use super::clock::Clock;
use super::failure::{Class, Failure};
use super::meter::Meter;

/// Somebody waits for it at a terminal.
const PATIENCE: Duration = Duration::from_secs(15);

impl Client {
    /// Asks the provider once, as `check` says, whether it knows the key.
    ///
    /// # Errors
    ///
    /// A failure of [`Class::Auth`] says that it does not; any other proves nothing.
    pub async fn prove(&self, check: &KeyCheck, codes: Codes) -> Result<(), Failure> {
        let client = self.ready().await?;
        let base = &self.endpoint().base_url;
        let request = match check {
            KeyCheck::Models => client.get(below(base, "models")),
            KeyCheck::Get(reference) => {
                let address = below(base, "").join(reference);
                client.get(address.map_err(|error| Failure::new(Class::Setup, error.to_string()))?)
            }
            KeyCheck::Chat(model) => {
                let ask = json!({"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1});
                client.post(below(base, "chat/completions")).body(ask.to_string())
            }
        };
        let limits = Limits {
            first: Some(PATIENCE),
            ..Limits::default()
        };
        let clock = Clock::start(&limits, None);
        self.answered(codes, request, &clock, &Meter::default()).await.map(drop)
    }
}
