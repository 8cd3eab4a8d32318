//! `crelay doctor`: whether a session would work. All is understood and asked as a session would, and nothing is
//! changed.

mod asking;
pub(super) mod options;
mod screen;

use std::time::Duration;

use crate::doctor::{Check, Codex, Examination, Finding, Key, Subject, machine};
use crate::launch;
use crate::provider::{self, Table};
use crate::report::{NOT_FOUND, Report, quoted};
use crate::session::key::Source;
use crate::session::{self, Arguments, Config, Resolved, Session, Wire, Wish, secret};

use super::run::Wanted;
use super::{auth, broken, environment, log, run};

use options::Options;
use screen::Screen;

/// The exit code where no session would work.
const SICK: u8 = 1;

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let log = log::Log::default();
    broken::hide_as(&log);
    if let Some(path) = options.log_file.clone().or_else(|| surroundings.log_file()) {
        log.write_to(&path, surroundings.log_level())?;
    }
    let table = Table::embedded().map_err(session::Error::from)?;
    let typed = options.of_session();
    let wanted = Wanted {
        options: &typed,
        table: &table,
        surroundings: &surroundings,
        kept: &surroundings.kept(),
        log: &log,
    };
    launch::shield();
    let is_dumb = surroundings.variable("TERM").is_some_and(|terminal| terminal == "dumb");
    let no_color = surroundings.variable("NO_COLOR").is_some();
    let mut visit = Visit {
        wanted,
        limit: options.timeout,
        screen: Screen::new(options.json, no_color, is_dumb),
        examination: Examination::begin(),
        no_model: None,
    };
    let runtime = run::runtime()?;
    let outcome = runtime.block_on(visit.pay());
    // A client that is still being built is not waited for.
    runtime.shutdown_background();
    outcome?;
    visit.screen.end(&visit.examination)?;
    Ok(if visit.examination.works { 0 } else { SICK })
}

/// One examination.
struct Visit<'a> {
    wanted: Wanted<'a>,
    /// How long a check may take.
    limit: Duration,
    screen: Screen,
    examination: Examination,
    /// That no model was named, if that is so.
    no_model: Option<Finding>,
}

impl Visit<'_> {
    /// Looks at everything, as long as there is a point in it.
    async fn pay(&mut self) -> Result<(), Report> {
        let config = self.wanted.surroundings.config();
        self.codex(config.as_ref().ok()).await?;
        let config = match config.and_then(|config| self.sound(config)) {
            Ok(config) => {
                let path = self.wanted.surroundings.configuration();
                let words = match path.exists() {
                    true => path.display().to_string(),
                    false => "none, and none is needed".to_owned(),
                };
                self.found(Check::Configuration.passed(words))?;
                config
            }
            Err(report) => {
                self.found(failed(Check::Configuration, &report))?;
                self.leftovers()?;
                self.folders()?;
                return self.stop("the configuration comes first");
            }
        };
        self.leftovers()?;
        self.folders()?;
        let Some(resolved) = self.provider(&config)? else {
            return Ok(());
        };
        let Some(session) = self.key(resolved.clone())? else {
            return self.stop("there is no key");
        };
        self.wanted.log.hide(&session);
        self.ask(&config, &resolved, session).await
    }

    /// A configuration that names nobody who is not there.
    fn sound(&self, config: Config) -> Result<Config, Report> {
        self.wanted.ground(&config).check()?;
        Ok(config)
    }

    fn found(&mut self, finding: Finding) -> Result<(), Report> {
        self.screen.tell(&finding)?;
        self.examination.add(finding);
        Ok(())
    }

    /// What was not looked at will not be, for this reason.
    fn stop(&mut self, reason: &str) -> Result<(), Report> {
        let rest = self.examination.missing();
        for check in &rest {
            self.examination.add(check.unchecked(format!("not checked: {reason}")));
        }
        self.screen.rest(&rest, reason)
    }

    async fn codex(&mut self, config: Option<&Config>) -> Result<(), Report> {
        self.screen.begin(Check::Codex)?;
        let usual = Config::default();
        let finding = match self.wanted.find(config.unwrap_or(&usual)).await.map_err(Report::from) {
            Ok(codex) => {
                self.examination.codex = Some(Codex {
                    version: codex.version.to_string(),
                    program: codex.program.display().to_string(),
                });
                machine::codex(&codex)
            }
            Err(report) if report.exit_code() == NOT_FOUND && !self.names_codex(config.unwrap_or(&usual)) => {
                let hint = "`crelay codex --install-codex` installs one for crelay alone, \
                            `npm install -g @openai/codex` one for all";
                Check::Codex.failed(report.sentence()).hint(hint)
            }
            Err(report) => failed(Check::Codex, &report),
        };
        self.found(finding)
    }

    /// Whether the user says where Codex is.
    fn names_codex(&self, config: &Config) -> bool {
        let variable = self.wanted.surroundings.variable("CRELAY_CODEX");
        self.wanted.options.codex.is_some() || variable.is_some() || config.codex.is_some()
    }

    fn leftovers(&mut self) -> Result<(), Report> {
        self.found(match launch::remains(&self.wanted.surroundings.folders) {
            Ok(remains) => machine::leftovers(&remains),
            Err(error) => {
                let report = Report::from(error);
                failed(Check::Leftovers, &report)
            }
        })
    }

    /// Whether what a session writes could be written.
    fn folders(&mut self) -> Result<(), Report> {
        let surroundings = self.wanted.surroundings;
        self.found(match launch::can_lend(&surroundings.folders, &surroundings.variables) {
            Ok(()) => Check::Folders.passed("a session can write where it has to"),
            Err(error) => {
                let report = Report::from(error);
                failed(Check::Folders, &report)
            }
        })
    }

    /// What the words mean. Where they mean no model, that is kept for later: the provider may tell of some.
    fn understand(&mut self, config: &Config, wish: &Wish) -> Result<Resolved, session::Error> {
        let arguments = Arguments::default();
        match self.wanted.understand(config, wish, &arguments) {
            Err(missing @ session::Error::NoModel { .. }) => {
                let open = Wish {
                    is_open: true,
                    ..wish.clone()
                };
                self.no_model = Some(failed(Check::Model, &missing.into()));
                self.wanted.understand(config, &open, &arguments)
            }
            understood => understood,
        }
    }

    /// Who is meant, and through whom they are reached. Whether there is a key is not asked yet.
    fn provider(&mut self, config: &Config) -> Result<Option<Resolved>, Report> {
        let wish = self.wanted.wish(&Arguments::default());
        let resolved = match self.understand(config, &wish) {
            Err(missing @ session::Error::NoKey { .. }) => {
                let keyless = Wish {
                    key_file: Some("-".into()),
                    ..wish
                };
                if let Ok(resolved) = self.understand(config, &keyless) {
                    self.subject(&resolved.session)?;
                }
                self.found(failed(Check::Key, &missing.into()))?;
                self.stop("there is no key")?;
                return Ok(None);
            }
            Err(error) => {
                self.found(failed(Check::Provider, &error.into()))?;
                self.stop("nobody knows who is to be asked")?;
                return Ok(None);
            }
            Ok(resolved) => resolved,
        };
        self.subject(&resolved.session)?;
        Ok(Some(resolved))
    }

    fn subject(&mut self, session: &Session) -> Result<(), Report> {
        let endpoint = &session.main.endpoint;
        let model = &session.model;
        let is_demo = run::is_demo(session) && self.wanted.options.wished.base_url.is_none();
        let whom = match (is_demo, endpoint.is_bare()) {
            (true, _) => format!("{} within crelay", endpoint.provider_name),
            // Its name is a part of its address.
            (_, true) => endpoint.base_url.to_string(),
            _ => endpoint.to_string(),
        };
        let named = self.no_model.is_none().then(|| model.id.clone());
        self.found(Check::Provider.passed(match &named {
            Some(model) => format!("{whom}, model `{model}`{}", relief(session)),
            None => whom,
        }))?;
        self.found(machine::proxy(&self.wanted.surroundings.variables, endpoint))?;
        let wire = model.dialect.wire();
        // Some are told by themselves, and some concern the other protocol.
        let is_told = |name: &str| match wire {
            Wire::Chat => matches!(name, "heal" | "wires" | "native" | "native_search"),
            Wire::Responses => matches!(name, "heal" | "wires" | "web_search"),
        };
        let axes = provider::differing(&model.dialect).into_iter();
        let axes = axes.filter(|(name, _)| !is_told(name));
        self.examination.provider = Some(Subject {
            id: endpoint.provider.clone(),
            name: endpoint.provider_name.clone(),
            base_url: endpoint.base_url.to_string(),
            model: named,
            wire: wire.word(),
            axes: axes.map(|(name, value)| (name.to_owned(), value)).collect(),
            healers: model.dialect.heal.iter().map(|grammar| grammar.name()).collect(),
        });
        Ok(())
    }

    /// The session with its key, if that can be had.
    fn key(&mut self, resolved: Resolved) -> Result<Option<Session>, Report> {
        let source = resolved.key.clone();
        let session = match self.wanted.surroundings.unlock(resolved) {
            Ok(session) => session,
            Err(report) => {
                self.found(failed(Check::Key, &report))?;
                return Ok(None);
            }
        };
        let Some(key) = &session.main.endpoint.key else {
            self.found(Check::Key.passed("none is needed"))?;
            return Ok(Some(session));
        };
        let last_four = auth::last(key);
        let words = match &last_four {
            Some(end) => format!("from {source}, …{end}"),
            None => format!("from {source}"),
        };
        let is_open = matches!(&source, Source::File(path) if secret::is_open_to_all(path));
        self.examination.key = Some(Key {
            source: source.to_string(),
            last_four,
        });
        self.found(match (is_open, &source) {
            (true, Source::File(path)) => Check::Key
                .warned(format!("{words}; every user of this machine can read it"))
                .hint(format!("`chmod 600 {}`", quoted(path.as_os_str()))),
            _ => Check::Key.passed(words),
        })?;
        Ok(Some(session))
    }
}

/// A check that a session would not get past.
fn failed(check: Check, report: &Report) -> Finding {
    let finding = check.failed(report.sentence());
    match report.advice() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

/// Who answers in the place of the model, if anybody does.
fn relief(session: &Session) -> String {
    let fallbacks = session.fallbacks.iter();
    let names = fallbacks.map(|model| format!("`{}`", session.host(model).fallback(model)));
    match names.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        names => format!(", relieved by {names}"),
    }
}
