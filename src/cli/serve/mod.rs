//! `crelay serve`: the relay alone, for clients that somebody else starts.
//!
//! It goes the way of a session without Codex: understand, take the sockets, serve, drain. In the background it is the
//! same program, which has let go of its terminal and written itself down.

mod daemon;
mod notify;
pub(super) mod options;
mod predecessors;
mod records;
mod service;
mod sockets;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::files::{self, Root};
use crate::launch::{self, TOKEN_VARIABLE};
use crate::provider::Table;
use crate::relay::Access;
use crate::report::Report;
use crate::session::key::Source;
use crate::session::{self, Arguments, Config, Ground, Resolved, Secret, Session, Unlisted, Wish};
use crate::stock::Stock;

use super::broken;
use super::environment::{self, Surroundings};
use super::log::Log;
use super::models::furnished;
use super::run;

use options::{Action, Options};
use service::Service;

/// Where relays in the background are written down and log, beneath the state.
const FOLDER: &str = "serve";

/// Short tokens can be guessed from another machine. 16 characters are what a generator makes of 8 bytes.
const SHORTEST_TOKEN: usize = 16;

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let passed = sockets::passed()?;
    let surroundings = environment::read()?;
    match &options.action {
        Some(Action::Status { port }) => daemon::status(&folder(&surroundings)?, *port),
        Some(Action::Stop { port }) => daemon::stop(&folder(&surroundings)?, *port),
        None if options.daemon => daemon::start(),
        None => {
            let service = prepare(options, &surroundings, passed)?;
            let runtime = run::runtime()?;
            let code = runtime.block_on(service.run());
            runtime.shutdown_background();
            code
        }
    }
}

/// That folder, whether or not it is there; never one that somebody else could have written into.
fn folder(surroundings: &Surroundings) -> Result<PathBuf, files::Error> {
    let state = &surroundings.folders.state;
    let found = files::found(state, FOLDER, Root::State)?;
    Ok(found.unwrap_or_else(|| state.join(FOLDER)))
}

/// Decides everything that can be decided before a socket is taken.
fn prepare<'a>(
    options: &'a Options,
    surroundings: &'a Surroundings,
    passed: Vec<std::net::TcpListener>,
) -> Result<Service<'a>, Report> {
    if options.api_key.is_some() {
        let report = Report::new("a key on the command line is shown to everybody on this machine");
        let hint = "set `CODEX_RELAY_API_KEY` or the provider's own variable, or use `--key-file FILE`";
        return Err(report.hint(hint).code(crate::report::USAGE));
    }
    let log = Log::default();
    broken::hide_as(&log);
    let level = surroundings.log_level();
    match options.log_file.clone().or_else(|| surroundings.log_file()) {
        Some(path) => log.write_to(&path, level)?,
        // The file has the name of an address that is not known yet.
        None if options.detached => {}
        None => log.write_to_standard_error(level)?,
    }
    let config = surroundings.config()?;
    let mut resolved = resolve(options, surroundings, &config)?;
    let is_glm = matches!(&resolved.key, Source::Variable { name, .. } if predecessors::is_glm(name));
    if is_glm || run::is_demo(&resolved.session) {
        resolved.session.unlisted = Unlisted::ByOwn;
    }
    let token = token(options, surroundings)?;
    let bind = match options.bind {
        Some(bind) => Some(bind),
        None => predecessors::bind(surroundings)?,
    };
    let address = SocketAddr::new(
        bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        predecessors::port(options, surroundings, is_glm)?,
    );
    if token.is_none() {
        refuse_strangers(&sockets::addresses(&passed, address)?)?;
    }
    launch::shield();
    run::note_exposure(&resolved.key);
    let stock = surroundings.stock(&config)?;
    let mut session = furnish(&stock, surroundings.unlock(resolved)?)?;
    let access = match token {
        Some(token) => {
            session.token = token;
            Access::Token
        }
        None => Access::Machine,
    };
    log.hide(&session);
    let recording = options.recording.begin(&session, &options.wished)?;
    Ok(Service {
        options,
        surroundings,
        session,
        access,
        address,
        passed,
        log,
        recording,
        writes_usage: config.usage != Some(false),
        stock,
    })
}

/// The session with what is known of models; nothing of it is left to wait for.
fn furnish(stock: &Stock, session: Session) -> Result<Session, Report> {
    let runtime = run::runtime()?;
    let furnished = runtime.block_on(furnished(stock, session));
    runtime.shutdown_background();
    furnished
}

/// Whom requests go to, and how.
fn resolve(options: &Options, surroundings: &Surroundings, config: &Config) -> Result<Resolved, Report> {
    let table = Table::embedded().map_err(session::Error::from)?;
    let theirs = predecessors::address(options, surroundings);
    let wish = Wish {
        provider: theirs.provider,
        base_url: theirs.base_url,
        key_env: theirs.key_env,
        model_map: predecessors::model_map(options, surroundings)?,
        small_model: options.small_model.clone(),
        also: options.also.wish(),
        fallbacks: options.also.fallbacks(),
        is_open: true,
        ..options.wished.wish()
    };
    let ground = Ground {
        table: &table,
        config,
        environment: &surroundings.variables,
        strangers: predecessors::KEYS,
        kept: &surroundings.kept(),
    };
    Ok(session::resolve(&ground, &wish, &Arguments::default(), &|_| None)?)
}

/// Without a token nobody but this machine may be heard.
fn refuse_strangers(addresses: &[SocketAddr]) -> Result<(), Report> {
    let Some(open) = addresses.iter().find(|address| !sockets::is_loopback(address.ip())) else {
        return Ok(());
    };
    let report = Report::new(format!("other machines reach `{}`, and there is no token", open.ip()));
    Err(report.hint(format!(
        "add `--token-file FILE`, set `{TOKEN_VARIABLE}`, or listen on 127.0.0.1"
    )))
}

/// The token that clients must show, if there is one.
fn token(options: &Options, surroundings: &Surroundings) -> Result<Option<Secret>, Report> {
    let (origin, text) = match (&options.token_file, surroundings.variable(TOKEN_VARIABLE)) {
        (Some(path), _) => {
            let unreadable = |error| {
                let report = Report::new(format!("cannot read `{}`", path.display())).source(error);
                report.hint("name a file that is there, and that this user can read")
            };
            let text = std::fs::read_to_string(path).map_err(unreadable)?;
            (path.display().to_string(), Secret::new(text))
        }
        (None, Some(value)) => (TOKEN_VARIABLE.to_owned(), Secret::new(value.to_string_lossy())),
        (None, None) => return Ok(None),
    };
    let token = text.expose().trim();
    if token.len() < SHORTEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let report = Report::new(format!(
            "the token in `{origin}` is no {SHORTEST_TOKEN} visible characters of ASCII"
        ));
        return Err(report.hint("make one with `openssl rand -hex 32`"));
    }
    Ok(Some(Secret::new(token)))
}

/// What clients are told as the base address.
fn base_url(address: SocketAddr) -> String {
    format!("http://{address}/v1")
}
