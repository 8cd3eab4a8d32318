//! What was typed, and who is called for it. The only room that reads the environment or ends the process.
//!
//! [`main`] reads the command line, then a session goes through `run`: understand, find Codex, take a port, lend Codex
//! what it needs, start it, serve it, and give everything back in reverse order. `rehearse` tells all that without
//! doing it. `serve` is the relay without a Codex, `shim` is Codex under another name, `auth` what can be done about
//! keys, `doctor` tells whether a session would work.

#![forbid(unsafe_code)]

mod auth;
mod broken;
mod completions;
mod configuration;
mod doctor;
mod environment;
mod log;
mod mistyped;
mod models;
mod options;
mod providers;
mod receipt;
mod recording;
mod rehearse;
mod replay;
mod run;
mod serve;
mod shim;
mod usage;
mod wished;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use clap::error::ErrorKind;
use nix::sys::signal::{SigSet, Signal};

use crate::launch;
use crate::plain;
use crate::provider::Table;
use crate::report::{self, Report};
use crate::session;

use options::{Crelay, Options, Verb};

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    // What would make a file longer than `ulimit -f` allows ends nobody: the write fails, and is told. Blocked and not
    // ignored, because that is what children take over; before the first thread, because threads take it over as well.
    let _ = SigSet::from(Signal::SIGXFSZ).thread_block();
    broken::watched(|| match run() {
        Ok(code) => ExitCode::from(code),
        Err(report) => {
            say(&report);
            ExitCode::from(report.exit_code())
        }
    })
}

fn run() -> Result<u8, Report> {
    let words = shim::unfold(std::env::args_os().collect())?;
    let typed = match options::parse(words.clone()) {
        Ok(typed) => typed,
        Err(error) if error.kind() == ErrorKind::DisplayVersion => return version(),
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return printed(error.print()).map(|_| report::USAGE);
        }
        Err(error) if error.use_stderr() => return Err(mistyped::report(&error, &words)),
        Err(help) => return printed(help.print()),
    };
    match typed.verb {
        None => printed(Crelay::command().print_help()),
        Some(Verb::Codex(options)) => codex("codex", &options, options.arguments.clone()),
        Some(Verb::Exec(options)) => {
            let exec = std::iter::once(OsString::from("exec"));
            codex("exec", &options, exec.chain(options.arguments.clone()).collect())
        }
        Some(Verb::Serve(options)) => serve::main(&options),
        Some(Verb::Shim(options)) => shim::main(&options, &words),
        Some(Verb::Replay(options)) => replay::main(&options),
        Some(Verb::Usage(options)) => usage::main(&options),
        Some(Verb::Auth { action }) => auth::main(&action),
        Some(Verb::Providers(options)) => providers::main(&options),
        Some(Verb::Doctor(options)) => doctor::main(&options),
        Some(Verb::Models(options)) => models::main(&options),
        Some(Verb::Config { action }) => configuration::main(&action),
        Some(Verb::Completions(options)) => completions::main(&options),
    }
}

/// All that can be typed, for manuals.
#[must_use]
pub fn command() -> clap::Command {
    Crelay::command()
}

/// Prints crelay's version, and that of the Codex that it would run.
fn version() -> Result<u8, Report> {
    print(concat!("crelay ", env!("CARGO_PKG_VERSION"), "\n"))?;
    let surroundings = match environment::read() {
        Ok(surroundings) => surroundings,
        Err(report) => return untold(&report),
    };
    if surroundings.variable(launch::ASKED).is_some() {
        // Another crelay takes this one for a Codex.
        return Ok(0);
    }
    let table = Table::embedded().map_err(session::Error::from)?;
    let wanted = run::Wanted {
        options: &Options::default(),
        table: &table,
        surroundings: &surroundings,
        kept: &[],
        log: &log::Log::default(),
    };
    let config = match surroundings.config() {
        Ok(config) => config,
        Err(report) => return untold(&report),
    };
    match run::runtime()?.block_on(wanted.find(&config)) {
        Ok(codex) => print(&format!("codex {} ({})\n", codex.version, codex.program.display())),
        Err(launch::Error::NotFound) => print("codex: none was found; `crelay codex --install-codex` installs one\n"),
        Err(error @ launch::Error::NothingThere { .. }) => print(&format!("codex: {error}\n")),
        Err(error) => untold(&error.into()),
    }
}

/// Why nothing can be said of Codex's version; crelay's own is told all the same.
fn untold(report: &Report) -> Result<u8, Report> {
    print(&format!("codex: cannot be told: {}\n", report.sentence()))
}

/// Runs Codex with the arguments in `given`.
fn codex(verb: &str, options: &Options, given: Vec<OsString>) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    if surroundings.variable(launch::ASKED).is_some() {
        return Err(Report::new("it leads back to crelay").code(report::NOT_RUNNABLE));
    }
    let log = log::Log::default();
    broken::hide_as(&log);
    if let Some(path) = options.log_file.clone().or_else(|| surroundings.log_file()) {
        log.write_to(&path, surroundings.log_level())?;
    }
    let table = Table::embedded().map_err(session::Error::from)?;
    let wanted = run::Wanted {
        options,
        table: &table,
        surroundings: &surroundings,
        kept: &surroundings.kept(),
        log: &log,
    };
    if options.help {
        printed(options::print_help(verb))?;
        return run::codex_help(&wanted, given);
    }
    run::run(&wanted, given)
}

/// Writes `text` to standard output, at once: Codex writes there after us, past our buffer.
fn print(text: &str) -> Result<u8, Report> {
    let mut output = io::stdout().lock();
    printed(
        output
            .write_all(plain::text(text).as_bytes())
            .and_then(|()| output.flush()),
    )
}

/// What became of printing. A reader who has seen enough, as `head` has, is no failure.
fn printed(outcome: io::Result<()>) -> Result<u8, Report> {
    use io::ErrorKind::{BrokenPipe, QuotaExceeded, StorageFull};
    let Err(error) = outcome else { return Ok(0) };
    let hint = match error.kind() {
        BrokenPipe => return Ok(0),
        StorageFull | QuotaExceeded => Some("make room on the disk that it is written to"),
        _ => report::exhausted(&error),
    };
    let report = Report::new("cannot print").source(error);
    Err(match hint {
        Some(hint) => report.hint(hint),
        None => report,
    })
}

/// Tells the user; that telling failed, nobody can be told.
fn say(report: &Report) {
    let _ = writeln!(io::stderr(), "{}", coloured(report));
}

/// Tells the user what is not as he asked, and yet no reason to stop. Only before Codex starts.
fn note(words: &str) {
    let _ = writeln!(io::stderr(), "note: {}", plain::text(words));
}

/// Red for errors and cyan for hints where somebody sees it.
fn coloured(report: &Report) -> String {
    let text = report.to_string();
    let is_wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if !is_wanted || !io::stderr().is_terminal() {
        return text;
    }
    let error = text.replacen("error:", "\u{1b}[1;31merror:\u{1b}[0m", 1);
    error.replacen("\nhint:", "\n\u{1b}[1;36mhint:\u{1b}[0m", 1)
}
