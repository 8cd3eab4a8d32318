//! `--dry-run`: tells what would be run. Codex is asked for its version; nothing else is started, written or unlocked.

use std::ffi::OsStr;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use crate::launch::{self, Codex, Terms, Version};
use crate::report::{Report, quoted};
use crate::session::key::Source;
use crate::session::{Arguments, Named, Resolved, Search, Session};

use super::run::{self, Wanted};

/// The Codex that would be run.
#[derive(Debug)]
pub(super) enum Foreseen {
    /// It is there.
    Found(Codex),
    /// It would be installed first, here.
    Installed(PathBuf),
}

impl Foreseen {
    /// Refuses what the real run would refuse.
    pub fn supported(self) -> Result<Self, Report> {
        match self {
            Self::Found(codex) => Ok(Self::Found(codex.supported()?)),
            Self::Installed(_) => Ok(self),
        }
    }

    fn program(&self) -> &Path {
        match self {
            Self::Found(codex) => &codex.program,
            Self::Installed(program) => program,
        }
    }

    fn version(&self) -> Version {
        match self {
            Self::Found(codex) => codex.version,
            Self::Installed(_) => launch::TESTED,
        }
    }
}

impl fmt::Display for Foreseen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}", self.program().display(), self.version())?;
        match self {
            Self::Found(_) => formatter.write_str(")"),
            Self::Installed(_) => formatter.write_str(", would be installed first)"),
        }
    }
}

/// Tells the session.
pub(super) fn session(
    wanted: &Wanted<'_>,
    codex: &Foreseen,
    arguments: &Arguments,
    resolved: &Resolved,
) -> Result<u8, Report> {
    let surroundings = wanted.surroundings;
    let session = &resolved.session;
    let rehearsal = launch::rehearse(&Terms {
        session,
        arguments,
        version: codex.version(),
        folders: &surroundings.folders,
        environment: &surroundings.variables,
        // It is chosen when the session starts.
        port: 0,
        instructions: "",
    })?;
    let mut text = String::new();
    for (name, value) in told(codex, resolved) {
        if !value.is_empty() {
            line(&mut text, &format!("{name:<9} {value}"));
        }
    }
    if let Some((path, profile)) = &rehearsal.profile {
        line(&mut text, &format!("\nprofile   {}", path.display()));
        profile.lines().for_each(|each| line(&mut text, &format!("  {each}")));
    }
    line(&mut text, "\ncommand   with the port that is free when it starts");
    line(&mut text, &format!("  {}", command(codex, &rehearsal.line)));
    super::print(&text)
}

/// What is told of the session, each by its name.
fn told(codex: &Foreseen, resolved: &Resolved) -> Vec<(&'static str, String)> {
    let session = &resolved.session;
    let endpoint = &session.main.endpoint;
    let window = session
        .model
        .context_window
        .map_or("unknown".to_owned(), |tokens| format!("{tokens} tokens"));
    let key = match &resolved.key {
        Source::Absent => "none".to_owned(),
        source => format!("from {source}, not shown"),
    };
    let hidden = match session.hidden_env.as_slice() {
        [] => "nothing".to_owned(),
        names => format!("{} (not in Codex's environment)", names.join(", ")),
    };
    vec![
        (
            "provider",
            format!("{} ({})", endpoint.provider, endpoint.provider_name),
        ),
        ("address", run::address(session).to_owned()),
        ("wire", session.model.dialect.wire().word().to_owned()),
        (
            "model",
            match session.model_is_remembered {
                true => format!("{} (chosen with `/model`)", session.model.slug()),
                false => session.model.slug().into_owned(),
            },
        ),
        ("window", window),
        ("key", key),
        ("also", also(resolved)),
        ("fallback", fallbacks(resolved)),
        ("titles", deputy(session, session.deputies.small.as_ref())),
        ("reviews", deputy(session, session.deputies.review.as_ref())),
        ("agents", deputy(session, session.deputies.subagent.as_ref())),
        ("map", map(session)),
        ("hidden", hidden),
        ("search", search(session)),
        ("codex", codex.to_string()),
    ]
}

/// Who is beside the main provider, and where their keys come from.
fn also(resolved: &Resolved) -> String {
    let offered = resolved.further.iter().filter(|further| further.host().is_offered);
    let told = offered.map(|further| with_key(&further.host().endpoint.provider, &further.key));
    told.collect::<Vec<_>>().join(", ")
}

/// Who answers in whose place, in order, and where their keys come from.
fn fallbacks(resolved: &Resolved) -> String {
    let session = &resolved.session;
    let told = session.fallbacks.iter().map(|model| {
        let host = session.host(model);
        let provider = &host.endpoint.provider;
        let name = host.fallback(model);
        let mut further = resolved.further.iter();
        match further.find(|further| further.host().endpoint.provider == *provider) {
            Some(further) => with_key(&name, &further.key),
            None => name,
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Who does a part of the work, if anybody is named for it.
fn deputy(session: &Session, named: Option<&Named>) -> String {
    named.map_or_else(String::new, |named| meant(session, named))
}

/// What stands for which model.
fn map(session: &Session) -> String {
    let told = session.model_map.named();
    let told = told.map(|(from, to)| format!("{from} is {}", meant(session, to)));
    told.collect::<Vec<_>>().join(", ")
}

/// A model as it was named, and which one that is.
fn meant(session: &Session, named: &Named) -> String {
    match named.model() {
        Some(model) if model == named.typed() => model.to_owned(),
        Some(model) => format!("{} ({model})", named.typed()),
        None => format!(
            "{} (not known of {}, so passed over)",
            named.typed(),
            session.main.endpoint.provider_name
        ),
    }
}

fn with_key(name: &str, key: &Source) -> String {
    match key {
        Source::Absent => name.to_owned(),
        source => format!("{name} (key from {source})"),
    }
}

/// How it is with searching the web.
fn search(session: &Session) -> String {
    match session.search {
        Search::AsConfigured => "as Codex is configured".to_owned(),
        Search::On => "on".to_owned(),
        Search::Off => "off".to_owned(),
        Search::Missing => format!("off: {}", search_is_missing(session)),
    }
}

/// What the user asked for in vain.
pub(super) fn missed(session: &Session) -> Option<String> {
    let is_missing = session.search == Search::Missing;
    is_missing.then(|| format!("web search is off: {}", search_is_missing(session)))
}

fn search_is_missing(session: &Session) -> String {
    format!(
        "crelay knows none for `{}` of {}",
        session.model.id,
        session.host(&session.model).endpoint.provider_name
    )
}

/// Tells how crelay would step aside.
pub(super) fn aside(codex: &Foreseen, arguments: &Arguments) -> Result<u8, Report> {
    let mut text = String::new();
    line(&mut text, &format!("codex     {codex}"));
    line(&mut text, "\ncommand   replaces crelay, because it needs no model");
    line(&mut text, &format!("  {}", command(codex, &arguments.given)));
    super::print(&text)
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", line.trim_end());
}

/// The command as it could be typed.
fn command(codex: &Foreseen, arguments: &[impl AsRef<OsStr>]) -> String {
    let words = arguments.iter().map(AsRef::as_ref);
    let words: Vec<String> = std::iter::once(codex.program().as_os_str())
        .chain(words)
        .map(quoted)
        .collect();
    words.join(" ")
}
