//! Whether the provider knows the key, asked at next to no cost.

use std::time::Duration;

use serde_json::json;

use crate::session::{Codes, KeyCheck};

use super::Limits;
use super::client::{Client, below};
use super::clock::Clock;
use super::failure::Failure;
use super::meter::Meter;

/// Somebody waits for it at a terminal.
const PATIENCE: Duration = Duration::from_secs(15);

impl Client {
    /// Asks the provider once, as `check` says, whether it knows the key.
    ///
    /// # Errors
    ///
    /// A failure of [`Class::Auth`](super::Class::Auth) says that it does not; any other proves nothing.
    pub async fn prove(&self, check: &KeyCheck, codes: Codes) -> Result<(), Failure> {
        let client = self.ready().await?;
        let request = match check {
            KeyCheck::Models => client.get(self.place("models")?),
            KeyCheck::Get(reference) => client.get(self.place(reference)?),
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
}

fn clock() -> Clock {
    let limits = Limits {
        first: Some(PATIENCE),
        ..Limits::default()
    };
    Clock::start(&limits, None)
}
