//! Asks for a key in the terminal, where nobody must see it.
//!
//! The terminal goes on editing the line and only stops showing it. A signal that ends or stops this process meanwhile
//! finds the terminal shown again, because it is waited for by a thread of its own instead of being left to the system.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::thread::JoinHandleExt;
use std::thread::{self, JoinHandle};

use nix::sys::pthread;
use nix::sys::signal::{self, SigSet, Signal};
use nix::sys::termios::{self, LocalFlags, SetArg, Termios};

use crate::plain;

/// What may end or stop this process while it asks.
const WATCHED: [Signal; 5] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGTSTP,
];

/// Ends the thread that watches, and is sent to that thread alone.
const OVER: Signal = Signal::SIGUSR2;

/// A terminal that does not show what is typed, until it is dropped.
#[derive(Debug)]
pub(super) struct Hidden {
    terminal: File,
    settings: Termios,
    watched: SigSet,
    watcher: Option<JoinHandle<()>>,
}

impl Hidden {
    /// Asks for the key of `whose` on standard error and stops showing what is typed in `terminal`.
    pub fn ask(terminal: &File, whose: &str) -> io::Result<Self> {
        let settings = termios::tcgetattr(terminal)?;
        let mut watched: SigSet = WATCHED.into_iter().collect();
        watched.add(OVER);
        // Before the thread starts, which inherits it.
        watched.thread_block()?;
        let mut hidden = Self {
            terminal: terminal.try_clone()?,
            settings,
            watched,
            watcher: None,
        };
        hide(&hidden.terminal, &hidden.settings)?;
        prompt(whose);
        let (terminal, settings, whose) = (terminal.try_clone()?, hidden.settings.clone(), whose.to_owned());
        hidden.watcher = Some(thread::spawn(move || watch(watched, &terminal, &settings, &whose)));
        Ok(hidden)
    }
}

impl Hidden {
    /// Ends the line of the question, where no end of a line was typed.
    pub fn end_line(&self) {
        let _ = writeln!(io::stderr());
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(watcher) = self.watcher.take()
            && pthread::pthread_kill(watcher.as_pthread_t() as pthread::Pthread, OVER).is_ok()
        {
            let _ = watcher.join();
        }
        show(&self.terminal, &self.settings);
        // What came meanwhile is delivered now.
        let _ = self.watched.thread_unblock();
    }
}

fn prompt(whose: &str) {
    // Who cannot read the question can still answer it.
    let _ = write!(io::stderr(), "key for {}: ", plain::line(whose));
}

/// The end of the line is shown, so that what follows begins on the next.
fn hide(terminal: &File, settings: &Termios) -> io::Result<()> {
    let mut hidden = settings.clone();
    hidden.local_flags.remove(LocalFlags::ECHO);
    hidden.local_flags.insert(LocalFlags::ECHONL);
    // What was typed ahead is thrown away with the echo of it that is already on the screen.
    Ok(termios::tcsetattr(terminal, SetArg::TCSAFLUSH, &hidden)?)
}

fn show(terminal: &File, settings: &Termios) {
    // A terminal that has gone shows nothing anyway.
    let _ = termios::tcsetattr(terminal, SetArg::TCSADRAIN, settings);
}

/// Lets each signal do what it always does, in a terminal as it was.
fn watch(watched: SigSet, terminal: &File, settings: &Termios, whose: &str) {
    while let Ok(signal) = watched.wait() {
        if signal == OVER {
            return;
        }
        show(terminal, settings);
        let only: SigSet = [signal].into_iter().collect();
        // Ends or stops the process here; after a stop the question is asked again.
        let _ = signal::raise(signal).and_then(|()| only.thread_unblock());
        let _ = only.thread_block();
        let _ = hide(terminal, settings);
        prompt(whose);
    }
}
