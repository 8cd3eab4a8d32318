//! Relays in the background: how one gets there, and what becomes of it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{self, Signal};
use nix::unistd::{self, Pid};

use crate::report::{FAILURE, Report};

use super::records::{self, Record};

/// What status says by its exit code when nothing runs, as init scripts do (LSB 5.0, "Init Script Actions").
const NOT_RUNNING: u8 = 3;

/// How long a relay may take to end after its turns have.
const GRACE: Duration = Duration::from_secs(5);

/// After how long somebody who waits is told for what.
const PATIENCE: Duration = Duration::from_secs(1);

/// From look to look whether a relay has ended. It is not our child, so nothing tells us; and waiting for the lock on
/// its record, which ends with it, could not be given up in time.
const GLANCE: Duration = Duration::from_millis(20);

/// Starts this program once more with the same words, for the background, and tells what it tells until it is ready.
/// Its errors reach the user by themselves.
pub(super) fn start() -> Result<u8, Report> {
    let failed = |error: io::Error| Report::new("cannot start in the background").source(error);
    let words = std::env::args_os().skip(1);
    let words = words.map(|word| {
        if word == "--daemon" {
            OsString::from("--detached")
        } else {
            word
        }
    });
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .args(words)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut said = String::new();
    if let Some(mut output) = child.stdout.take() {
        // It lets go of its output when it is ready, or ends.
        output.read_to_string(&mut said).map_err(failed)?;
    }
    if !said.is_empty() {
        return crate::cli::print(&said);
    }
    let status = child.wait().map_err(failed)?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(FAILURE))
}

/// Lets go of the terminal, the folder and whoever waits for us; what is still printed goes to `log`.
pub(super) fn detach(log: &Path) -> Result<(), Report> {
    let let_go = || -> io::Result<()> {
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(log)?;
        let nothing = OpenOptions::new().read(true).open("/dev/null")?;
        std::env::set_current_dir("/")?;
        // Fails only for who leads a group already, which has a session of its own as well.
        let _ = unistd::setsid();
        unistd::dup2_stdin(&nothing)?;
        unistd::dup2_stderr(&log)?;
        unistd::dup2_stdout(&log)?;
        Ok(())
    };
    let_go().map_err(|error| Report::new("cannot go to the background").source(error))
}

/// Tells what runs, or only what listens on `port`.
pub(super) fn status(folder: &Path, port: Option<u16>) -> Result<u8, Report> {
    let living = records::living(folder).map_err(unreadable)?;
    let meant = meant(&living, port);
    if meant.is_empty() {
        crate::cli::print(&nothing(&living, port))?;
        return Ok(NOT_RUNNING);
    }
    let lines = meant.into_iter().map(|record| {
        let log = record.log.display();
        format!("{} (process {}, log in {log})\n", sentence(record), record.pid)
    });
    crate::cli::print(&lines.collect::<String>())
}

/// Stops what runs, or only what listens on `port`.
pub(super) fn stop(folder: &Path, port: Option<u16>) -> Result<u8, Report> {
    let living = records::living(folder).map_err(unreadable)?;
    let meant = meant(&living, port);
    match meant.as_slice() {
        [] => return crate::cli::print(&nothing(&living, port)),
        [_] => {}
        [first, ..] => {
            let report = Report::new(format!("{} relays are in the background", meant.len()));
            let port = first.address.port();
            return Err(report.hint(format!(
                "`crelay serve status` tells them; stop one with `--port {port}`"
            )));
        }
    }
    for record in meant {
        // Whoever has ended meanwhile needs no signal.
        let _ = signal::kill(Pid::from_raw(record.pid), Signal::SIGTERM);
        wait(folder, record)?;
        crate::cli::print(&format!("stopped: {}\n", sentence(record)))?;
    }
    Ok(0)
}

/// Those of `living` on `port`; all without one.
fn meant(living: &[Record], port: Option<u16>) -> Vec<&Record> {
    let is_meant = |record: &&Record| port.is_none_or(|port| record.address.port() == port);
    living.iter().filter(is_meant).collect()
}

/// That there is none of them, and who is there instead.
fn nothing(living: &[Record], port: Option<u16>) -> String {
    let Some(port) = port else {
        return "nothing is served in the background\n".to_owned();
    };
    let others: Vec<String> = living.iter().map(sentence).collect();
    match others.as_slice() {
        [] => format!("nothing is served on port {port}, nor on another\n"),
        others => format!("nothing is served on port {port}, but {}\n", others.join(", ")),
    }
}

fn wait(folder: &Path, record: &Record) -> Result<(), Report> {
    let begun = Instant::now();
    let until = begun + Duration::from_secs(record.drain) + GRACE;
    let mut is_told = false;
    while records::lives(folder, record).map_err(unreadable)? {
        let now = Instant::now();
        if !is_told && now.duration_since(begun) > PATIENCE {
            is_told = true;
            let turns = format!("its turns go on for up to {} s", record.drain);
            crate::cli::note(&format!("waiting for {}: {turns}", sentence(record)));
        }
        if now > until {
            let report = Report::new(format!("process {} does not end", record.pid));
            return Err(report.hint(format!("`kill -9 {}` ends it at once", record.pid)));
        }
        thread::sleep(GLANCE);
    }
    Ok(())
}

/// Who is served where.
fn sentence(record: &Record) -> String {
    format!("{} at {}", record.provider, super::base_url(record.address))
}

fn unreadable(error: io::Error) -> Report {
    Report::new("cannot tell what is served in the background").source(error)
}
