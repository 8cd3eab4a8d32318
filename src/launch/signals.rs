//! Signals to this process while Codex runs.

use std::fs;
use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::pin::pin;
use std::task::Poll;
use std::thread;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use tokio::signal::unix::{self, SignalKind};

use super::error::Error;

/// What somebody may send us, and what must reach Codex in one way or another.
const TO_CODEX: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// What happens around Codex.
const ABOUT_CODEX: [Signal; 2] = [Signal::SIGCHLD, Signal::SIGCONT];

/// The signals that are caught from now on.
#[derive(Debug)]
pub struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    /// Catches signals, so that none that comes later ends this process before it has cleaned up.
    pub fn register() -> Result<Self, Error> {
        let ignored = ignored();
        let wanted = TO_CODEX
            .into_iter()
            .filter(|signal| !ignored.contains(signal))
            .chain(ABOUT_CODEX);
        let caught = wanted.map(|signal| Ok((signal, unix::signal(SignalKind::from_raw(signal as i32))?)));
        Ok(Self(
            caught
                .collect::<std::io::Result<_>>()
                .map_err(Error::system("catch signals"))?,
        ))
    }

    /// Takes it for a SIGTERM when nobody reads standard output any more: so a program that runs crelay leaves nothing
    /// behind, however it dies. A file or a terminal has no reader that could go.
    pub fn end_when_unread(&self) {
        thread::spawn(|| {
            let output = io::stdout();
            // Linux tells the end unasked, macOS only who asks for something.
            let mut watched = [PollFd::new(output.as_fd(), PollFlags::POLLHUP)];
            while poll(&mut watched, PollTimeout::NONE) == Err(Errno::EINTR) {}
            // Fails for no process that is there.
            let _ = signal::kill(Pid::this(), Signal::SIGTERM);
        });
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        poll_fn(|context| {
            for (signal, stream) in &mut self.0 {
                if stream.poll_recv(context).is_ready() {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// The next signal that asks this process to end.
    pub async fn end(&mut self) -> Signal {
        loop {
            let signal = self.next().await;
            if TO_CODEX.contains(&signal) {
                return signal;
            }
        }
    }

    /// A signal to Codex that came before there was one.
    pub(super) async fn early(&mut self) -> Option<Signal> {
        // Lets the runtime see what the system has delivered.
        tokio::task::yield_now().await;
        let mut next = pin!(self.next());
        let arrived = poll_fn(|context| Poll::Ready(next.as_mut().poll(context))).await;
        match arrived {
            Poll::Ready(signal) if TO_CODEX.contains(&signal) => Some(signal),
            _ => None,
        }
    }
}

/// What `nohup` or a shell's `&` has told this process to ignore. Such a signal is not caught, and so stays ignored in
/// Codex as well. Only Linux says it without `sigaction`.
fn ignored() -> Vec<Signal> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or_default();
    TO_CODEX
        .into_iter()
        .filter(|signal| mask & (1 << (*signal as i32 - 1)) != 0)
        .collect()
}
