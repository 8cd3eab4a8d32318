//! Today's crelay before a provider that says again what it said: the whole path, over real sockets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::provider::{Provider, Table};
use crate::record::{Exchange, Head};
use crate::relay::{self, Access};
use crate::report::Report;
use crate::session::{self, Also, Arguments, Config, Grammar, Ground, Host, Secret, Session, Wire, Wish};
use crate::upstream::{self, Client, Policy, Proxy};

use super::playback::{Order, Playback};

/// What is shown for a key where one is needed. The playback asks for none.
const KEY: &str = "played-back";

/// What this relay is shown by us.
const TOKEN: &str = "played-back-to-ourselves";

/// A relay of today's.
#[derive(Debug)]
pub(super) struct Today {
    playback: Playback,
    base_url: String,
    client: reqwest::Client,
    serving: JoinHandle<()>,
}

/// What it did in one turn.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// What it sent.
    pub sent: Vec<Bytes>,
    /// What it told: the status and the body.
    pub status: u16,
    pub told: Vec<u8>,
}

impl Today {
    /// Starts one as the recorded session was.
    pub async fn start(head: &Head, table: &Table) -> Result<Self, Report> {
        let failed = |error: std::io::Error| Report::new("cannot listen on 127.0.0.1").source(error);
        let playback = Playback::start(Order::Next, Vec::new(), 0).await.map_err(failed)?;
        let session = session(head, table, &playback.base_url())?;
        let client = |host: &Host| {
            let usual = upstream::Limits::suiting(host.patience, true);
            let limits = upstream::Limits {
                // Whoever waits here waits for nothing.
                retry: Policy {
                    pause: Duration::ZERO,
                    ..usual.retry
                },
                ..usual
            };
            Client::build_when_needed(Arc::new(host.endpoint.clone()), Proxy::System, limits)
        };
        let state = relay::State::new(Arc::new(session), &client, relay::Limits::default());
        let state = Arc::new(state.for_clients(Access::Session));
        let listener = relay::bind().await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let serving = tokio::spawn(relay::run(listener, state, std::future::pending()));
        // Fails only when a provider is installed already, which is then this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build();
        Ok(Self {
            playback,
            base_url: format!("http://{address}"),
            client: client.map_err(|error| Report::new("cannot ask").source(error))?,
            serving,
        })
    }

    /// Asks what was asked.
    pub async fn ask(&mut self, exchange: &Exchange) -> Result<Again, Report> {
        self.playback.load(&exchange.attempts);
        let mut request = self
            .client
            .post(format!("{}{}", self.base_url, exchange.path))
            .bearer_auth(TOKEN);
        for (name, value) in &exchange.headers {
            request = request.header(name, value);
        }
        let failed = |error| Report::new("today's relay did not answer").source(error);
        let response = request.body(exchange.asked.clone()).send().await.map_err(failed)?;
        Ok(Again {
            status: response.status().as_u16(),
            told: response.bytes().await.map_err(failed)?.to_vec(),
            sent: self.playback.asked(),
        })
    }
}

impl Drop for Today {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The recorded session, with what today's table knows.
fn session(head: &Head, table: &Table, base_url: &str) -> Result<Session, Report> {
    let known = table.find(&head.dialect);
    let further: Vec<&Provider> = head.also.iter().filter_map(|id| table.find(id)).collect();
    let fallbacks = head.fallbacks.iter().filter_map(|word| word.split_once('/'));
    let relievers = fallbacks.clone().filter_map(|(dialect, _)| table.find(dialect));
    let keys = known.into_iter().chain(further.iter().copied()).chain(relievers);
    let keys = keys.filter_map(|known| known.key_env.first());
    let environment = keys.map(|name| (OsString::from(name), OsString::from(KEY)));
    let grammars = head
        .no_heal
        .as_ref()
        .map(|names| names.iter().filter_map(|name| Grammar::find(name)));
    let wish = Wish {
        provider: known.map(|known| known.id.clone()),
        model: Some(head.model.clone()).filter(|_| !head.is_open),
        base_url: Some(base_url.to_owned()),
        also: Also::Typed(further.iter().map(|known| known.id.clone()).collect()),
        fallbacks: Also::Typed(
            fallbacks
                .map(|(dialect, model)| match table.find(dialect) {
                    Some(known) => format!("{}/{model}", known.id),
                    None => model.to_owned(),
                })
                .collect(),
        ),
        wire: Wire::parse(&head.wire),
        no_heal: grammars.map(Iterator::collect),
        is_open: head.is_open,
        ..Wish::default()
    };
    let ground = Ground {
        table,
        config: &Config::default(),
        environment: &environment.collect::<BTreeMap<_, _>>(),
        strangers: &[],
        kept: &[],
    };
    let resolved = session::resolve(&ground, &wish, &Arguments::default(), &|_| None)?;
    let mut session = resolved.session;
    // One recording plays all providers.
    let played = session.main.endpoint.base_url.clone();
    for host in session.hosts_mut() {
        host.endpoint.base_url = played.clone();
        host.endpoint.responses_url = None;
        host.endpoint.key = Some(Secret::new(KEY));
    }
    session.main.endpoint.provider.clone_from(&head.provider);
    session.main.endpoint.provider_name.clone_from(&head.provider_name);
    session.token = Secret::new(TOKEN);
    Ok(session)
}
