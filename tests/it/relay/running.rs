//! A relay that runs, and the session that it runs for.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crelay::provider::Table;
use crelay::provider::dialect::{Dialect, Wire};
use crelay::session::{
    self, Arguments, Authorities, Config, Endpoint, Environment, Ground, Host, Model, ModelMap, Secret, Session,
    Unlisted, Wish,
};
use crelay::upstream::{Client, Policy, Proxy};
use crelay::{relay, upstream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::Connection;
use super::soon;
use crate::kit::{Authority, Provider};

pub const TOKEN: &str = "token-of-this-session";
pub const KEY: &str = "sk-of-the-provider";

/// Longer than any test: what waits for this waits for ever.
const NEVER: Duration = Duration::from_secs(3600);

/// What a relay is started with.
pub struct Setup {
    session: Session,
    pub limits: relay::Limits,
    pub upstream: upstream::Limits,
    proxy: Proxy,
}

/// A relay in front of `base_url` whose timers never fire, so that a test shows what does.
pub fn relay(base_url: &str) -> Setup {
    Setup {
        session: session(base_url),
        limits: relay::Limits {
            patience: NEVER,
            keepalive: NEVER,
            after_finish: NEVER,
            drain: NEVER,
            idle: NEVER,
            reading: NEVER,
            body: 1024,
            connections: 512,
            answers: 3,
            memory: 100_000,
            joins: true,
        },
        upstream: upstream::Limits {
            connect: None,
            first: None,
            idle: None,
            refusal: NEVER,
            total: None,
            probe: Duration::from_secs(15),
            retry: Policy {
                attempts: 1,
                budget: NEVER,
                pause: Duration::ZERO,
            },
            joins: true,
        },
        proxy: Proxy::System,
    }
}

fn session(base_url: &str) -> Session {
    Session {
        id: "0a1b2c3d".to_owned(),
        main: Host {
            names: vec!["acme".to_owned()],
            endpoint: Endpoint {
                provider: "acme".to_owned(),
                provider_name: "Acme".to_owned(),
                responses_url: None,
                base_url: base_url.parse().unwrap(),
                key: Some(Secret::new(KEY)),
                key_origin: None,
                headers: vec![("x-team".to_owned(), Secret::new("blue"))],
                authorities: Authorities::default(),
                console: Some("https://acme.test/keys".to_owned()),
                tells_cost: false,
                dialect: String::new(),
            },
            range: Default::default(),
            others: vec![model("n")],
            is_offered: true,
            patience: Default::default(),
        },
        further: Vec::new(),
        fallbacks: Vec::new(),
        model: model("m"),
        asked: "m".to_owned(),
        model_map: ModelMap::default(),
        deputies: Default::default(),
        unlisted: Unlisted::ByOwn,
        absent: None,
        model_is_explicit: false,
        model_is_remembered: false,
        search: crelay::session::Search::Off,
        token: Secret::new(TOKEN),
        max_request: 64 << 20,
        hidden_env: Vec::new(),
    }
}

fn model(id: &str) -> Model {
    Model {
        id: id.to_owned(),
        further: None,
        name: id.to_uppercase(),
        context_window: None,
        max_output: None,
        vision: false,
        efforts: Vec::new(),
        default_effort: None,
        price: None,
        is_usable: true,
        origins: Default::default(),
        dialect: Dialect::default(),
    }
}

impl Setup {
    pub fn limits(mut self, set: impl FnOnce(&mut relay::Limits)) -> Self {
        set(&mut self.limits);
        self
    }

    pub fn upstream(mut self, set: impl FnOnce(&mut upstream::Limits)) -> Self {
        set(&mut self.upstream);
        self
    }

    /// In front of the mock provider, as who types its name and model is.
    pub fn before(mut self, provider: &Provider) -> Self {
        let rules = provider.rules();
        let name = rules.name.unwrap();
        let table = Table::embedded().unwrap();
        let ground = Ground {
            table: &table,
            config: &Config::default(),
            environment: &Environment::default(),
            strangers: &[],
            kept: &[],
        };
        let wish = Wish {
            provider: Some(name.to_owned()),
            model: Some(rules.model.to_owned()),
            base_url: Some(provider.base_url().to_owned()),
            key_file: Some("never-read".into()),
            // The mock speaks Chat Completions.
            wire: Some(Wire::Chat),
            ..Wish::default()
        };
        let resolved = session::resolve(&ground, &wish, &Arguments::default(), &|_| None).unwrap();
        self.session = resolved.session;
        self.session.main.endpoint.key = Some(Secret::new(provider.key()));
        self.session.token = Secret::new(TOKEN);
        self
    }

    /// With a session of the test's own.
    pub fn with(self, session: Session) -> Self {
        Self { session, ..self }
    }

    /// What is known of the session's model.
    pub fn model(&self) -> &Model {
        &self.session.model
    }

    /// With a dialect of the test's own.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.session.model.dialect = dialect;
        self
    }

    /// Another model of the provider, with this dialect, answers in the place of the session's.
    pub fn relieved_by(mut self, id: &str, dialect: Dialect) -> Self {
        self.session.fallbacks.push(Model { dialect, ..model(id) });
        self
    }

    /// In this protocol.
    pub fn speaking(mut self, wire: Wire) -> Self {
        self.session.model.dialect.wires = vec![wire];
        self
    }

    /// With a model that sees images.
    pub fn seeing(mut self) -> Self {
        self.session.model.vision = true;
        self
    }

    /// In front of a provider of the table; without a row, it is anybody.
    pub fn known_as(mut self, provider: &str) -> Self {
        if let Some(known) = Table::embedded().unwrap().find(provider) {
            self.session.main.endpoint.provider.clone_from(&known.id);
            self.session.model.dialect = known.dialect("m");
        }
        self
    }

    /// With a provider for whom this authority vouches, and no other.
    pub fn trusting(mut self, authority: &Authority) -> Self {
        self.session.main.endpoint.authorities = Authorities {
            named: vec![authority.certificate()],
            only_named: true,
        };
        self
    }

    pub fn proxy(mut self, url: &str) -> Self {
        self.proxy = Proxy::At(url.parse().unwrap());
        self
    }

    pub async fn start(self) -> Relay {
        let listener = relay::bind().await.unwrap();
        let address = listener.local_addr().unwrap();
        let client =
            |host: &Host| Client::build_when_needed(Arc::new(host.endpoint.clone()), self.proxy.clone(), self.upstream);
        let later = Arc::new(AtomicU64::new(0));
        let passed = Arc::clone(&later);
        let clock = move || tokio::time::Instant::now() + Duration::from_secs(passed.load(Ordering::Relaxed));
        let state = relay::State::new(Arc::new(self.session), &client, self.limits);
        let state = Arc::new(state.timed(Box::new(clock)));
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(relay::run(listener, state, async {
            let _ = stopped.await;
        }));
        Relay {
            address,
            later,
            stop,
            running,
        }
    }
}

/// Runs until it is stopped or the test ends.
pub struct Relay {
    pub address: SocketAddr,
    /// How many seconds later it is for who is left alone.
    later: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Relay {
    /// So many seconds go by at once for who is left alone.
    pub fn pass(&self, seconds: u64) {
        self.later.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn connect(&self) -> Connection {
        Connection::to(self.address).await
    }

    /// Sends a turn as Codex does.
    pub async fn post(&self, body: &str) -> Connection {
        let mut connection = self.connect().await;
        connection.post(body).await;
        connection
    }

    /// Begins the shutdown; what comes back ends with the relay.
    pub fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.running
    }

    pub async fn stopped(self) {
        soon("the relay's end", self.stop()).await.unwrap();
    }
}
