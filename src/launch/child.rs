//! Codex as a child: it shares our terminal, gets our signals, dies with us, and its end is ours.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{self, Signal};
use nix::sys::wait::{self, WaitPidFlag, WaitStatus};
use nix::unistd::Pid;

use crate::session::Environment;

use super::error::Error;
use super::find::{Codex, Kind};
use super::signals::Signals;
use super::terminal::Terminal;

/// A running Codex.
#[derive(Debug)]
pub struct Child {
    pid: Pid,
    signals: Signals,
    terminal: Terminal,
    was_interrupted: bool,
    was_terminated: bool,
}

/// Starts Codex. Call it on the main thread of a current-thread runtime: on Linux, Codex is killed when the *thread*
/// ends that started it.
pub async fn spawn(
    codex: &Codex,
    line: &[OsString],
    environment: &Environment,
    mut signals: Signals,
) -> Result<Child, Error> {
    if let Some(signal) = signals.early().await {
        return Err(Error::Interrupted(signal as i32));
    }
    let terminal = Terminal::remember();
    let mut command = Command::new(&codex.program);
    command.args(line).env_clear().envs(environment);
    die_with_us(&mut command, codex.kind);
    let child = command.spawn().map_err(|error| Error::start(&codex.program, error))?;
    let pid = Pid::from_raw(child.id().cast_signed());
    let mut child = Child {
        pid,
        signals,
        terminal,
        was_interrupted: false,
        was_terminated: false,
    };
    child.catch_up().await?;
    Ok(child)
}

/// Becomes Codex; returns only what went wrong.
#[must_use]
pub fn direct(codex: &Codex, line: &[OsString], environment: &Environment) -> Error {
    let error = Command::new(&codex.program)
        .args(line)
        .env_clear()
        .envs(codex.environment(environment))
        .exec();
    Error::start(&codex.program, error)
}

impl Child {
    /// Passes on what came while Codex was started. Until it executes its own program, the child is a copy of this
    /// process that catches signals as well: what the terminal sent to both in that moment ends up nowhere.
    async fn catch_up(&mut self) -> Result<(), Error> {
        while let Some(signal) = self.signals.early().await {
            match signal {
                Signal::SIGINT => self.send(signal)?,
                other => self.pass_on(other)?,
            }
        }
        Ok(())
    }

    /// Stays until Codex ends, and says the code to end with: Codex's own, or 128 and the signal that killed it.
    pub async fn wait(mut self) -> Result<u8, Error> {
        loop {
            let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED;
            match wait::waitpid(self.pid, Some(flags)) {
                Ok(WaitStatus::Exited(_, code)) => return Ok(self.ended(code)),
                Ok(WaitStatus::Signaled(_, signal, _)) => return Ok(self.ended(128 | signal as i32)),
                Ok(WaitStatus::Stopped(..)) => self.stop_too()?,
                Ok(_) | Err(Errno::EINTR) => (),
                Err(error) => return Err(Error::system("wait for Codex")(error.into())),
            }
            let signal = self.signals.next().await;
            self.pass_on(signal)?;
        }
    }

    /// A TUI that a signal killed left the terminal as it was using it; behind npm's wrapper that shows as a code.
    fn ended(&self, code: i32) -> u8 {
        if code > 128 {
            self.terminal.restore();
        }
        code.to_le_bytes()[0]
    }

    fn pass_on(&mut self, signal: Signal) -> Result<(), Error> {
        match signal {
            Signal::SIGCHLD => Ok(()),
            // What the terminal makes of Ctrl-C has reached Codex already. What somebody sends to us alone looks the
            // same, so the first is taken for the terminal's and another is passed on: whoever insists is heard, and
            // Codex at worst hears one keystroke twice, at the second of which it is ending anyway. Ctrl-\ needs no
            // such care: Codex does not survive its own.
            Signal::SIGINT if self.terminal.makes_signals() && !self.was_interrupted => {
                self.was_interrupted = true;
                Ok(())
            }
            Signal::SIGTERM if self.was_terminated => self.send(Signal::SIGKILL),
            Signal::SIGTERM | Signal::SIGHUP => {
                self.was_terminated |= signal == Signal::SIGTERM;
                self.send(signal)?;
                // A stopped Codex takes note only when it goes on.
                self.send(Signal::SIGCONT)
            }
            other => self.send(other),
        }
    }

    /// The pid is Codex's until [`wait::waitpid`] has told its end, and nothing is sent after that.
    fn send(&self, signal: Signal) -> Result<(), Error> {
        match signal::kill(self.pid, signal) {
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(Error::system("send a signal to Codex")(error.into())),
        }
    }

    /// Codex stopped alone, or else we would be stopped as well: the shell must see its job stop. Away from a terminal
    /// there is nobody who would continue us.
    fn stop_too(&self) -> Result<(), Error> {
        if !self.terminal.is_ours() {
            return Ok(());
        }
        signal::raise(Signal::SIGTSTP).map_err(|error| Error::system("stop")(error.into()))
    }
}

/// Keeps others who run as the same user, such as the commands of a model that runs without a sandbox, from reading the
/// key in this process's memory and environment, and its memory out of core dumps. Call it before a key is read.
#[cfg(target_os = "linux")]
pub fn shield() {
    // Refused only where the kernel lacks the call; the session is as safe as without it then.
    if let Err(error) = nix::sys::prctl::set_dumpable(false) {
        tracing::warn!(%error, "other processes of this user can look into this one");
    }
}

/// Elsewhere the system itself forbids it, unless a debugger was allowed.
#[cfg(not(target_os = "linux"))]
pub fn shield() {}

/// Lets the system kill the child when we die. Node.js as a wrapper gets the chance to pass the signal on to Codex,
/// which would survive its wrapper otherwise.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "`pre_exec` is the only place from which PR_SET_PDEATHSIG concerns the child"
)]
pub(super) fn die_with_us(command: &mut Command, kind: Kind) {
    let signal = match kind {
        Kind::Native => Signal::SIGKILL,
        Kind::Node => Signal::SIGTERM,
    };
    let parent = nix::unistd::getpid();
    let before_exec = move || {
        nix::sys::prctl::set_pdeathsig(signal)?;
        // We may have died before the call above took effect.
        if nix::unistd::getppid() == parent {
            Ok(())
        } else {
            Err(io::Error::from(Errno::ESRCH))
        }
    };
    // SAFETY: between fork and exec only async-signal-safe functions may be called. These are two system calls and the
    // construction of an error from a number; nothing is allocated, locked or dropped.
    unsafe { command.pre_exec(before_exec) };
}

/// Elsewhere nothing of the kind exists: Codex outlives a killed crelay, and its next request fails.
#[cfg(not(target_os = "linux"))]
pub(super) fn die_with_us(_: &mut Command, _: Kind) {}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[tokio::test]
    async fn a_signal_that_came_while_codex_was_started_is_passed_on() {
        let signals = Signals::register().unwrap();
        let mut process = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let mut child = Child {
            pid: Pid::from_raw(process.id().cast_signed()),
            signals,
            terminal: Terminal::remember(),
            was_interrupted: false,
            was_terminated: false,
        };
        signal::raise(Signal::SIGINT).unwrap();
        child.catch_up().await.unwrap();
        // It has the signal by now; without one it would end well.
        drop(process.stdin.take());
        assert_eq!(child.wait().await.unwrap(), 128 + Signal::SIGINT as u8);
        assert!(process.wait().is_err(), "nobody has reaped it");
    }
}
