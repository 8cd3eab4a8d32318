//! The session's providers as turns ask them: each with its own connections, and with what it was learned to refuse.

use std::borrow::Cow;
use std::sync::Arc;

use crate::session::{self, Endpoint, Model, Repair, Session};
use crate::upstream::Client;

use super::fallbacks::Stop;
use super::models::Models;

/// One provider.
#[derive(Debug)]
pub struct Host {
    /// Where it is asked.
    pub endpoint: Endpoint,
    /// What asks it.
    pub client: Client,
    models: Models,
}

/// All of them.
#[derive(Debug)]
pub struct Hosts {
    session: Arc<Session>,
    main: Arc<Host>,
    further: Vec<Arc<Host>>,
}

impl Host {
    fn new(host: &session::Host, client: Client) -> Arc<Self> {
        Arc::new(Self {
            endpoint: host.endpoint.clone(),
            client,
            models: Models::default(),
        })
    }

    /// Keeps what was learned of a refusal.
    pub fn repair(&self, model: &Model, repair: &Repair) {
        self.models.repair(model, repair);
    }
}

impl Hosts {
    /// Those of `session`, of which nothing was refused yet. Each is asked by what `client` makes for it; the main
    /// one's begins to be built at once, the others' when they are first asked.
    pub fn new(session: Arc<Session>, client: &dyn Fn(&session::Host) -> Client) -> Self {
        let main = Host::new(&session.main, client(&session.main));
        main.client.prepare();
        let further = session.further.iter().map(|host| Host::new(host, client(host)));
        Self {
            main,
            further: further.collect(),
            session,
        }
    }

    /// The provider and the model that a request means, as it is asked by now.
    pub fn find(&self, name: Option<&str>) -> Stop {
        self.of(self.session.model(name))
    }

    /// A model of the session with its provider, as it is asked by now.
    pub fn stop(&self, model: &Model) -> Stop {
        self.of(Cow::Borrowed(model))
    }

    fn of(&self, model: Cow<'_, Model>) -> Stop {
        let provider = &self.session.host(&model).endpoint.provider;
        let mut further = self.further.iter();
        let host = further.find(|host| host.endpoint.provider == *provider);
        let host = host.unwrap_or(&self.main);
        Stop {
            host: Arc::clone(host),
            model: host.models.find(model),
        }
    }
}
