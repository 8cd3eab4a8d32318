//! A session from its first word to its last.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::demo::{self, Demo};
use crate::files;
use crate::launch::{self, Codex, Loan, Places, Signals, Terms};
use crate::provider::Table;
use crate::record::Recorder;
use crate::relay::{self, Access, Budget};
use crate::report::{self, Report};
use crate::session::key::Source;
use crate::session::secret;
use crate::session::{self, Arguments, Command, Config, Ground, Host, Model, ModelMap, Place, Resolved, Session, Wish};
use crate::upstream::{self, Client, Proxy};

use super::auth;
use super::environment::Surroundings;
use super::log::{self, Level, Log};
use super::models::prepared;
use super::options::Options;
use super::receipt::{self, Part, Receipt};
use super::recording::{self, Begun};
use super::rehearse::{self, Foreseen};
use super::shim;
use super::usage::book::{self, Book, Writing};

/// The provider that answers from within.
const DEMO: &str = "demo";

/// What stands for its address until it has one, as the table of providers has it.
const DEMO_ADDRESS: &str = "http://127.0.0.1/v1";

/// About as fast as a quick model; an answer that comes at once would not look like one.
const DEMO_PACE: Duration = Duration::from_millis(12);

/// Files that crelay opens for itself: streams, logs, signals, sockets.
const OWN_FILES: u64 = 32;

/// What was typed and what is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub options: &'a Options,
    pub table: &'a Table,
    pub surroundings: &'a Surroundings,
    /// Whose keys crelay keeps.
    pub kept: &'a [(String, Place)],
    pub log: &'a Log,
}

/// Runs Codex with the arguments in `given`, and says the code to end with.
pub(super) fn run(wanted: &Wanted<'_>, given: Vec<OsString>) -> Result<u8, Report> {
    let config = wanted.surroundings.config()?;
    let arguments = Arguments::understand(given).map_err(|error| shim::refusal(wanted.options, error))?;
    if arguments.command == Command::Direct {
        return step_aside(wanted, &config, &arguments);
    }
    launch::shield();
    if !wanted.options.dry_run {
        wanted.keep_log(&config)?;
        // Before anything is decided: what the user chose in a session that was killed counts as well.
        launch::sweep(&wanted.surroundings.folders);
        wanted.surroundings.keep.sweep();
    }
    let mut resolved = wanted.resolve(&config, &arguments)?;
    let runtime = runtime()?;
    if wanted.options.dry_run {
        let stock = wanted.surroundings.stock(&config)?;
        let known = resolved.session.hosts_mut();
        known.for_each(|host| host.furnish(stock.presumed(host)));
        resolved.session = resolved.session.settled()?;
        wanted.budget(&config, &resolved.session)?;
        let found = runtime.block_on(wanted.foresee(&config))?.supported()?;
        return rehearse::session(wanted, &found, &arguments, &resolved);
    }
    let code = runtime.block_on(session(wanted, &config, &arguments, resolved));
    // A client that is still being built is not waited for.
    runtime.shutdown_background();
    code
}

/// After our own help, Codex's: for what was typed behind the wish for help.
pub(super) fn codex_help(wanted: &Wanted<'_>, given: Vec<OsString>) -> Result<u8, Report> {
    let Ok(codex) = wanted.codex() else {
        return super::print("\nCodex's own help follows here once there is one: add `--install-codex`.\n");
    };
    super::print("\nCodex's own help:\n\n")?;
    let line: Vec<OsString> = given.into_iter().chain(["--help".into()]).collect();
    Err(launch::direct(&codex, &line, &wanted.surroundings.variables).into())
}

/// Becomes Codex for what needs no model.
fn step_aside(wanted: &Wanted<'_>, config: &Config, arguments: &Arguments) -> Result<u8, Report> {
    let runtime = runtime()?;
    if wanted.options.dry_run {
        return rehearse::aside(&runtime.block_on(wanted.foresee(config))?, arguments);
    }
    let codex = runtime.block_on(wanted.find(config))?;
    Err(launch::direct(&codex, &arguments.given, &wanted.surroundings.variables).into())
}

/// All on this one thread: Codex is killed when the thread ends that started it.
pub(super) fn runtime() -> Result<Runtime, Report> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| exhausted("cannot start", error))
}

impl Wanted<'_> {
    /// The Codex that would be run, whether or not it is one that crelay works with.
    pub fn codex(&self) -> Result<Codex, Report> {
        let config = self.surroundings.config()?;
        Ok(runtime()?.block_on(self.find(&config))?)
    }

    /// Keeps a log where the configuration wants one, or `CRELAY_LOG` only says how much, unless it goes to a file of
    /// the user's own.
    fn keep_log(&self, config: &Config) -> Result<(), Report> {
        let surroundings = self.surroundings;
        let level = surroundings.log_level();
        let has_file = self.options.log_file.is_some() || surroundings.log_file().is_some();
        if has_file || level == Some(Level::Off) || (level.is_none() && config.log != Some(true)) {
            return Ok(());
        }
        let folder = files::beneath(&surroundings.folders.state, "log", files::Root::State)?;
        self.log.keep(log::Place::Folder(folder), level)
    }

    pub fn ground<'b>(&'b self, config: &'b Config) -> Ground<'b> {
        Ground {
            table: self.table,
            config,
            environment: &self.surroundings.variables,
            strangers: &[],
            kept: self.kept,
        }
    }

    fn resolve(&self, config: &Config, arguments: &Arguments) -> Result<Resolved, Report> {
        let understand = |wish: &Wish| self.understand(config, wish, arguments);
        let wish = self.wish(arguments);
        if self.options.dry_run || is_for_programs(arguments) || !auth::can_ask() {
            return Ok(understand(&wish)?);
        }
        auth::resolve(self.surroundings, wish, understand)
    }

    /// What the options say, beside Codex's arguments.
    pub fn wish(&self, arguments: &Arguments) -> Wish {
        let folders = &self.surroundings.folders;
        let profile = arguments.profile.as_ref();
        let other = profile.and_then(|name| launch::Other::read(&folders.codex_home, name).ok());
        // A profile of the user's that names a model means it, unless the line names another.
        let named = other.as_ref().filter(|_| arguments.model.is_none());
        let mut model_map = ModelMap::default();
        let more = self.options.model_map.iter().cloned();
        more.for_each(|more| model_map.append(more));
        let wished = self.options.wished.wish();
        Wish {
            model_map,
            small_model: self.options.small_model.clone(),
            also: self.options.also.wish(),
            fallbacks: self.options.also.fallbacks(),
            model: wished.model.or_else(|| Some(named?.model()?.to_owned())),
            search: launch::configured_search(&folders.codex_home, other.as_ref()),
            ..wished
        }
    }

    /// What a wish means here, without asking anybody.
    pub fn understand(&self, config: &Config, wish: &Wish, arguments: &Arguments) -> Result<Resolved, session::Error> {
        let folders = &self.surroundings.folders;
        let remembered = |provider: &str| launch::remembered_model(folders, provider);
        session::resolve(&self.ground(config), wish, arguments, &remembered)
    }

    /// What the session may cost. Where nobody would know what it costs, there can be no limit.
    fn budget(&self, config: &Config, session: &Session) -> Result<Option<Budget>, Report> {
        let Some(dollars) = self.options.max_cost.or(config.max_cost) else {
            return Ok(None);
        };
        let is_unknown = |model: &&Model| model.price.is_none() && !session.host(model).endpoint.tells_cost;
        let mut asked = std::iter::once(&session.model).chain(&session.fallbacks);
        let Some(model) = asked.find(is_unknown) else {
            return Ok(Some(Budget { dollars }));
        };
        let endpoint = &session.host(model).endpoint;
        let (provider, model) = (&endpoint.provider, &model.id);
        let report = Report::new(format!(
            "what `{model}` costs is not known, so its cost cannot be limited"
        ));
        Err(report.hint(match endpoint.is_bare() {
            true => format!(
                "set no limit, or give the address a name in the configuration, such as `[providers.mine]`, with \
                 `base_url` and `{}`",
                price(model)
            ),
            false => format!(
                "write `{}` below `[providers.{provider}]`, or set no limit",
                price(model)
            ),
        }))
    }

    /// What all turns share, and who writes down what they use, unless that is not wanted.
    fn state(
        &self,
        config: &Config,
        session: Session,
        budget: Option<Budget>,
        recorder: Option<Recorder>,
    ) -> (relay::State, Option<Writing>) {
        let book = Book {
            state: self.surroundings.folders.state.clone(),
            session: session.id.clone(),
            project: Some(book::project(&self.surroundings.working_folder)),
        };
        let state = state(session, relay::Limits::default(), Access::Session);
        let mut state = state.within(budget).recorded(recorder);
        let writing = (config.usage != Some(false)).then(|| {
            let (turns, writing) = book.write();
            state.tell(turns);
            writing
        });
        (state, writing)
    }

    /// Tells what was used, and how to go on.
    fn tell(&self, arguments: &Arguments, state: &relay::State, budget: Option<Budget>, file: Option<File>) {
        let codex_home = &self.surroundings.folders.codex_home;
        let thread = state
            .thread()
            .filter(|thread| launch::can_resume(codex_home, &thread.id));
        let mut receipt = Receipt::of(state.session(), state.sum(), budget);
        receipt.parts = Part::all(state.parts());
        receipt.fallbacks = state.substitutions();
        receipt.resume = thread.as_ref().map(|thread| {
            let session = state.session();
            let is_own = |name: &&str| *name == session.model.id || *name == session.asked;
            let chosen = thread.model.as_deref().filter(|name| !is_own(name));
            receipt::resume(self.options, arguments.model.as_deref(), chosen, &thread.id)
        });
        receipt.thread = thread.map(|thread| thread.id);
        receipt.tell(self.options.quiet);
        let written = file.zip(self.options.receipt.as_deref());
        if let Some(Err(report)) = written.map(|(file, path)| receipt::write(file, path, &receipt)) {
            super::say(&report);
        }
        recording::tell(state.recorder(), self.options.recording.record.as_deref());
    }

    /// The Codex that would be run; for a rehearsal, which installs nothing.
    async fn foresee(&self, config: &Config) -> Result<Foreseen, Report> {
        let folders = &self.surroundings.folders;
        if self.options.install_codex && launch::installed(folders).is_none() {
            return Ok(Foreseen::Installed(launch::private_copy(folders)));
        }
        Ok(Foreseen::Found(self.find(config).await?))
    }

    pub async fn find(&self, config: &Config) -> Result<Codex, launch::Error> {
        let Surroundings {
            folders,
            working_folder,
            ..
        } = self.surroundings;
        // Neither npm nor `codex --version` needs a key.
        let ground = self.ground(config);
        let keyless = ground.without_keys();
        let installed = match self.options.install_codex {
            // It is there, or `foresee` would not have come here.
            true if self.options.dry_run => launch::installed(folders),
            true => Some(launch::install(folders, &keyless, working_folder)?),
            false => None,
        };
        let places = Places {
            option: installed.as_deref().or(self.options.codex.as_deref()),
            variable: self.surroundings.variable("CRELAY_CODEX"),
            configured: config.codex.as_deref(),
            own: self.surroundings.program.as_deref(),
            working_folder,
            environment: &keyless,
        };
        launch::find(&places, folders).await
    }
}

/// How the configuration is told what a model costs.
fn price(model: &str) -> String {
    let model = toml_edit::Value::from(model).to_string();
    format!("models.{model}.price = {{ input = 0.5, output = 1.5 }}")
}

/// Whether Codex is to write for a program, which cannot answer.
fn is_for_programs(arguments: &Arguments) -> bool {
    arguments.given.iter().any(|word| word == "--json")
}

/// Starts what Codex needs, then Codex, and takes everything back in reverse order.
async fn session(
    wanted: &Wanted<'_>,
    config: &Config,
    arguments: &Arguments,
    resolved: Resolved,
) -> Result<u8, Report> {
    let Surroundings { variables, folders, .. } = wanted.surroundings;
    let Options { wished, recording, .. } = wanted.options;
    let codex = wanted.find(config).await?.supported()?;
    let takes_terminal = arguments.command == Command::Interactive;
    if takes_terminal && matches!(resolved.key, Source::Input { .. }) && !io::stdin().is_terminal() {
        let report = Report::new("standard input is not a terminal, which Codex's TUI needs");
        return Err(report.hint("use `--key-file FILE`"));
    }
    let receipt = wanted.options.receipt.as_deref().map(receipt::open).transpose()?;
    note_exposure(&resolved.key);
    let mut session = wanted.surroundings.unlock(resolved)?;
    wanted.log.hide(&session);
    // Asking for a key can still be interrupted; from here on a signal must not leave anything behind.
    let signals = Signals::register()?;
    if wanted.options.while_read {
        signals.end_when_unread();
    }
    let demo = with_demo(&mut session).await?;
    let listener = relay::bind().await.map_err(no_loopback)?;
    let port = listener.local_addr().map_err(no_loopback)?.port();
    let stock = wanted.surroundings.stock(config)?;
    let (instructions, session) = prepared(wanted.surroundings, &stock, config, &codex, session).await?;
    let budget = wanted.budget(config, &session)?;
    let recording = recording.begin(&session, wished)?;
    let loan = launch::lend(&Terms {
        session: &session,
        arguments,
        version: codex.version,
        folders,
        environment: variables,
        port,
        instructions: &instructions,
    })?;
    if let Some(words) = rehearse::missed(&session) {
        super::note(&words);
    }
    let environment = launch::for_codex(&codex, &session, variables);
    tracing::info!(provider = %session.main.endpoint, model = session.model.id, codex = %codex.version, "a session begins");
    let child = launch::spawn(&codex, loan.line(), &environment, signals).await?;
    stock.renew(session.hosts());

    let (state, writing) = wanted.state(config, session, budget, recording.and_then(Begun::keep));
    let state = Arc::new(state);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(relay::run(listener, Arc::clone(&state), async move {
        // Only ever dropped.
        let _ = stopped.await;
    }));
    let code = child.wait().await;
    give_back(loan);
    drop(stop);
    // A panic in there was a turn's, and has been told to Codex as its end.
    let _ = serving.await;
    drop(demo);
    if let Some(writing) = writing {
        writing.end().await;
    }
    wanted.tell(arguments, &state, budget, receipt);
    Ok(code?)
}

/// Says so where a file holds the key for everybody to read.
pub(super) fn note_exposure(key: &Source) {
    if let Source::File(path) = key
        && secret::is_open_to_all(path)
    {
        let words = "every user of this machine can read the key in";
        super::note(&format!("{words} `{}`; `chmod 600` ends that", path.display()));
    }
}

pub(super) fn no_loopback(error: io::Error) -> Report {
    exhausted("cannot listen on 127.0.0.1", error)
}

/// A failure that this machine may be the cause of.
fn exhausted(message: &str, error: io::Error) -> Report {
    let hint = report::exhausted(&error);
    let report = Report::new(message).source(error);
    match hint {
        Some(hint) => report.hint(hint),
        None => report,
    }
}

/// Whether the provider answers from within.
pub(super) fn is_demo(session: &Session) -> bool {
    session.main.endpoint.provider == DEMO
}

/// Where requests go, for people. The demo takes a port when a session begins.
pub(super) fn address(session: &Session) -> &str {
    let url = session.main.endpoint.base_url.as_str();
    match is_demo(session) && url == DEMO_ADDRESS {
        true => "none: crelay itself answers",
        false => url,
    }
}

/// Starts that provider if it is one of the session's, and has it asked where it is.
pub(super) async fn with_demo(session: &mut Session) -> Result<Option<Demo>, Report> {
    // One that the user has put elsewhere is there.
    let is_ours = |host: &&mut Host| host.endpoint.provider == DEMO && host.endpoint.base_url.as_str() == DEMO_ADDRESS;
    let Some(host) = session.hosts_mut().find(is_ours) else {
        return Ok(None);
    };
    let demo = demo::serve(DEMO_PACE).await.map_err(no_loopback)?;
    host.endpoint.base_url = demo.base_url().clone();
    Ok(Some(demo))
}

/// The client toward the main provider is built while Codex is already starting.
pub(super) fn state(session: Session, limits: relay::Limits, access: Access) -> relay::State {
    let limits = relay::Limits {
        body: session.max_request,
        connections: limits.connections.min(most_connections()),
        ..limits
    };
    let client = |host: &Host| {
        let upstream_limits = upstream::Limits {
            joins: limits.joins,
            ..upstream::Limits::suiting(host.patience, host.endpoint.is_loopback())
        };
        Client::build_when_needed(Arc::new(host.endpoint.clone()), Proxy::System, upstream_limits)
    };
    relay::State::new(Arc::new(session), &client, limits).for_clients(access)
}

/// How many connections leave enough files for as many requests to the provider: macOS lets a process open 256, and
/// most of Linux 1024.
fn most_connections() -> usize {
    let open = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    let each = open.saturating_sub(OWN_FILES) / 2;
    usize::try_from(each.max(1)).unwrap_or(usize::MAX)
}

/// Codex has ended and its code is the answer; what could not be taken away is told beside it, and the next start
/// sweeps it.
fn give_back(loan: Loan) {
    if let Err(error) = loan.close() {
        super::say(&error.into());
    }
}
