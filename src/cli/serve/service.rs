//! A relay from its first socket to its last turn.

use std::fmt::Write;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cli::environment::Surroundings;
use crate::cli::log::{Log, Place};
use crate::cli::recording::{self, Begun};
use crate::cli::run;
use crate::cli::usage::book::{Book, Writing};
use crate::files;
use crate::launch::{Signals, TOKEN_VARIABLE};
use crate::relay::{self, Access};
use crate::report::{FAILURE, Report};
use crate::session::Session;
use crate::stock::Stock;

use super::options::Options;
use super::records::{self, Claim, Record};
use super::{FOLDER, base_url, daemon, folder, notify, sockets};

/// What is served, and to whom.
pub(super) struct Service<'a> {
    pub options: &'a Options,
    pub surroundings: &'a Surroundings,
    pub session: Session,
    pub access: Access,
    pub address: SocketAddr,
    /// Sockets that were passed; there is none at `address` then.
    pub passed: Vec<std::net::TcpListener>,
    pub log: Log,
    /// What records all turns.
    pub recording: Option<Begun>,
    /// Whether it is written down what turns use.
    pub writes_usage: bool,
    /// What is known of models.
    pub stock: Stock,
}

impl Service<'_> {
    /// Serves until a signal comes, and says the code to end with.
    pub async fn run(mut self) -> Result<u8, Report> {
        let mut signals = Signals::register()?;
        if self.options.while_read {
            signals.end_when_unread();
        }
        let demo = run::with_demo(&mut self.session).await?;
        let passed = std::mem::take(&mut self.passed);
        let listeners = match passed.is_empty() {
            false => sockets::adopted(passed)?,
            true => vec![self.listen().await?],
        };
        let addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok());
        let addresses: Vec<SocketAddr> = addresses.collect();
        let announcement = match self.options.json {
            true => self.lines(&addresses),
            false => self.announcement(&addresses),
        };
        let claim = match addresses.first() {
            Some(address) if self.options.detached => Some(self.leave(*address, &announcement)?),
            _ => {
                crate::cli::print(&announcement)?;
                None
            }
        };
        let systemd = self.surroundings.variable("NOTIFY_SOCKET");
        tracing::info!(provider = %self.session.main.endpoint, ?addresses, "serving begins");
        let limits = relay::Limits {
            drain: Duration::from_secs(self.options.drain),
            answers: self.options.keep_answers,
            ..relay::Limits::default()
        };
        self.stock.renew(self.session.hosts());
        let (state, writing) = self.state(limits);
        let (stop, stopped) = watch::channel(());
        let mut serving = JoinSet::new();
        for listener in listeners {
            let mut stopped = stopped.clone();
            serving.spawn(relay::run(listener, Arc::clone(&state), async move {
                // An error is the end as well.
                let _ = stopped.changed().await;
            }));
        }
        notify::tell(systemd, "READY=1");
        signals.end().await;
        notify::tell(systemd, "STOPPING=1");
        tracing::info!("serving ends when the turns have");
        stop.send_replace(());
        let drained = async { while serving.join_next().await.is_some() {} };
        let code = tokio::select! {
            () = drained => 0,
            again = signals.end() => u8::try_from(128 + again as i32).unwrap_or(FAILURE),
        };
        if let Some(writing) = writing {
            writing.end().await;
        }
        recording::tell(state.recorder(), self.options.recording.record.as_deref());
        drop((claim, demo));
        Ok(code)
    }

    /// What all turns share, and who writes down what they use.
    fn state(&mut self, limits: relay::Limits) -> (Arc<relay::State>, Option<Writing>) {
        let state = run::state(self.session.clone(), limits, self.access);
        let mut state = state.recorded(self.recording.take().and_then(Begun::keep));
        let book = Book {
            state: self.surroundings.folders.state.clone(),
            session: self.session.id.clone(),
            project: None,
        };
        let writing = self.writes_usage.then(|| {
            let (turns, writing) = book.write();
            state.tell(turns);
            writing
        });
        (Arc::new(state), writing)
    }

    async fn listen(&self) -> Result<TcpListener, Report> {
        let address = self.address;
        relay::bind_to(address).await.map_err(|error| {
            let report = Report::new(format!("cannot listen on `{address}`"));
            let living = folder(self.surroundings).map(|folder| records::living(&folder).unwrap_or_default());
            let living = living.unwrap_or_default();
            let hint = match living.iter().find(|record| record.address.port() == address.port()) {
                Some(record) => format!(
                    "process {} serves {} there: stop it with `crelay serve stop --port {}`",
                    record.pid,
                    record.provider,
                    address.port()
                ),
                None => "choose another port with `--port`; 0 takes a free one".to_owned(),
            };
            match error.kind() {
                io::ErrorKind::AddrInUse => report.source(error).hint(hint),
                _ => report.source(error),
            }
        })
    }

    /// Whose models can be chosen.
    fn names(&self) -> String {
        let offered = self.session.hosts().filter(|host| host.is_offered);
        let names: Vec<&str> = offered.map(|host| host.endpoint.provider_name.as_str()).collect();
        names.join(", ")
    }

    /// What programs read: a line for each address.
    fn lines(&self, addresses: &[SocketAddr]) -> String {
        let hosts = self.session.hosts().filter(|host| host.is_offered);
        let providers: Vec<&str> = hosts.map(|host| host.endpoint.provider.as_str()).collect();
        let lines = addresses.iter().map(|address| {
            let line = json!({
                "base_url": base_url(*address),
                "port": address.port(),
                "pid": nix::unistd::getpid().as_raw(),
                "providers": providers,
                "needs_token": self.access != Access::Machine,
            });
            format!("{line}\n")
        });
        lines.collect()
    }

    /// What the user reads.
    fn announcement(&self, addresses: &[SocketAddr]) -> String {
        let mut text = String::new();
        for address in addresses {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{} at {}", self.names(), base_url(*address));
        }
        if self.access == Access::Machine {
            let _ = writeln!(
                text,
                "every program on this machine may use it; set `{TOKEN_VARIABLE}` to ask for a token"
            );
        }
        text
    }

    /// Goes to the background: written down, told to whoever waits, logging to a file.
    fn leave(&self, address: SocketAddr, announcement: &str) -> Result<Claim, Report> {
        let folder = files::beneath(&self.surroundings.folders.state, FOLDER, files::Root::State)?;
        let given = self.options.log_file.clone().or(self.surroundings.log_file());
        let log = match &given {
            Some(path) => self.surroundings.working_folder.join(path),
            None => folder.join(format!("{address}.log")),
        };
        let record = Record {
            pid: nix::unistd::getpid().as_raw(),
            address,
            provider: self.names(),
            log: log.clone(),
            drain: self.options.drain,
        };
        let claim = self.claim(&folder, &record)?;
        if given.is_none() {
            // Its secrets are hidden already.
            self.log.keep(Place::File(log.clone()), self.surroundings.log_level())?;
        }
        crate::cli::print(announcement)?;
        daemon::detach(&log)?;
        Ok(claim)
    }

    fn claim(&self, folder: &Path, record: &Record) -> Result<Claim, Report> {
        match Claim::take(folder, record) {
            Ok(Some(claim)) => Ok(claim),
            Ok(None) => Err(Report::new("the relay that was there before has not ended yet")
                .hint("wait for its turns, or `crelay serve status`")),
            Err(error) => Err(files::Error::file("write below", folder, files::Root::State)(error).into()),
        }
    }
}
