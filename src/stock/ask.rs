//! Asking.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::Url;

use crate::models::dev::{self, Everything};
use crate::models::{Facts, Listing, llama_props, ollama_details, ollama_running};
use crate::provider::{Error, Table};
use crate::session::{Codes, Endpoint, Host, Lists};
use crate::upstream::{Class, Client, Failure, Limits, Proxy, Question};

/// A list of four hundred models with all their descriptions is a megabyte.
const LONGEST_LIST: usize = 8 << 20;

/// models.dev says three megabytes of all models of all providers.
const LONGEST_DEV: usize = 32 << 20;

/// Of how many models Ollama is asked what they can. Who has more has most of them for other purposes.
const MOST_DETAILS: usize = 40;

/// How long models.dev may take.
const DEV_PATIENCE: Duration = Duration::from_secs(60);

/// Asks the provider of `host`, which has its key, for the list of its models, and for what else it tells of them.
///
/// # Errors
///
/// When it gives no list within `patience`.
pub async fn ask(host: &Host, patience: Duration) -> Result<Listing, Failure> {
    let asker = Asker::new(host.endpoint.clone(), host, patience);
    match host.range.lists() {
        Lists::Nothing => Err(nothing("it lists no models that could be asked for")),
        Lists::Some | Lists::All => asker.list("models").await,
        Lists::LmStudio => match asker.list("../api/v0/models").await {
            // Versions before 0.3.6 have the other one alone.
            Err(failure) if failure.status.is_some() => asker.list("models").await,
            answer => answer,
        },
        Lists::LlamaCpp => asker.llama().await,
        Lists::Ollama => asker.ollama().await,
    }
}

/// Whether the next question may be answered though this one was not.
pub fn may_pass(failure: &Failure) -> bool {
    matches!(
        failure.class,
        Class::Auth | Class::NotRunning | Class::Unreachable | Class::Untrusted | Class::Setup
    )
}

/// Asks models.dev, and gives what it says of the providers of the table to `keep`, away from this thread: reading it
/// takes as long as a few turns.
pub async fn models_dev(
    host: &Host,
    address: Url,
    keep: impl FnOnce(Everything) + Send + 'static,
) -> Result<(), Failure> {
    let reference = address.path().to_owned();
    // It is told nothing about the user: neither key nor headers.
    let endpoint = Endpoint {
        provider: "models.dev".to_owned(),
        provider_name: "models.dev".to_owned(),
        base_url: address,
        responses_url: None,
        key: None,
        key_origin: None,
        headers: Vec::new(),
        authorities: host.endpoint.authorities.clone(),
        console: None,
        tells_cost: false,
        dialect: String::new(),
    };
    let asker = Asker::new(endpoint, host, DEV_PATIENCE);
    let json = asker.told(&reference, None, LONGEST_DEV).await?;
    let read = tokio::task::spawn_blocking(move || {
        let table = Table::embedded().map_err(|error: Error| nothing(error.to_string()))?;
        let names = table.iter().map(|known| known.models_dev.as_str());
        let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let everything = dev::read(&json, &names).map_err(|error| nothing(error.to_string()))?;
        keep(everything);
        Ok(())
    });
    read.await.unwrap_or_else(|_| Err(nothing("it was not read")))
}

fn nothing(words: impl Into<String>) -> Failure {
    Failure::new(Class::Address, words)
}

/// Who asks one server.
#[derive(Clone)]
struct Asker {
    client: Client,
    patience: Duration,
    codes: Codes,
}

impl Asker {
    fn new(endpoint: Endpoint, host: &Host, patience: Duration) -> Self {
        let limits = Limits::suiting(host.patience, endpoint.is_loopback());
        Self {
            client: Client::build_in_background(Arc::new(endpoint), Proxy::System, limits),
            patience,
            codes: host.range.codes(),
        }
    }

    async fn told(&self, reference: &str, body: Option<&Value>, most: usize) -> Result<Vec<u8>, Failure> {
        let question = Question {
            reference,
            body,
            most,
            patience: self.patience,
            codes: self.codes,
        };
        self.client.told(question).await
    }

    async fn list(&self, reference: &str) -> Result<Listing, Failure> {
        let json = self.told(reference, None, LONGEST_LIST).await?;
        Listing::read(&json).ok_or_else(|| nothing("what it lists is no list of models"))
    }

    /// The window of llama.cpp's one model is divided among its slots, which only `props` tells.
    async fn llama(&self) -> Result<Listing, Failure> {
        let mut listing = self.list("models").await?;
        let props = self.told("../props", None, LONGEST_LIST).await;
        let props = props.ok().and_then(|json| llama_props(&json));
        if let (Some(props), [model]) = (props, listing.models.as_mut_slice()) {
            put_over(&mut model.facts, props);
        }
        Ok(listing)
    }

    async fn ollama(&self) -> Result<Listing, Failure> {
        let mut listing = self.list("models").await?;
        let mut asking = JoinSet::new();
        for (place, model) in listing.models.iter().take(MOST_DETAILS).enumerate() {
            let (asker, body) = (self.clone(), json!({"model": model.id}));
            asking.spawn(async move { (place, asker.told("../api/show", Some(&body), LONGEST_LIST).await) });
        }
        while let Some(answer) = asking.join_next().await {
            let Ok((place, Ok(json))) = answer else { continue };
            if let (Some(model), Some(facts)) = (listing.models.get_mut(place), ollama_details(&json)) {
                put_over(&mut model.facts, facts);
            }
        }
        let running = self.told("../api/ps", None, LONGEST_LIST).await.unwrap_or_default();
        for (id, window) in ollama_running(&running) {
            if let Some(model) = listing.models.iter_mut().find(|model| model.id == id) {
                model.facts.context_window = Some(window);
            }
        }
        Ok(listing)
    }
}

/// What `more` says counts more than what was said.
fn put_over(facts: &mut Facts, more: Facts) {
    let less = std::mem::replace(facts, more);
    facts.name = less.name;
    facts.context_window = facts.context_window.or(less.context_window);
    facts.vision = facts.vision.or(less.vision);
    facts.tools = facts.tools.or(less.tools);
    facts.converses = facts.converses.or(less.converses);
}
