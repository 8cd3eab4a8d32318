//! The terminal that Codex and crelay share.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use nix::sys::termios::{self, LocalFlags, SetArg, Termios};
use nix::unistd;

/// What Codex's TUI sets and a killed one leaves behind: held output, the keyboard protocol (each screen has its own)
/// and xterm's modified keys, focus events, the kinds of mouse reports, bracketed paste, the alternate screen, a hidden
/// cursor, colours.
const RESET: &str = "\x1b[?2026l\x1b[<u\x1b[>4;0m\x1b[?1004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\
                     \x1b[?1049l\x1b[<u\x1b[?25h\x1b[0m\r\n";

/// The controlling terminal, if there is one.
#[derive(Debug)]
pub struct Terminal(Option<(File, Termios)>);

impl Terminal {
    /// Remembers how the terminal is now.
    pub fn remember() -> Self {
        let device = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(nix::libc::O_NOCTTY)
            .open("/dev/tty")
            .ok();
        Self(device.and_then(|device| {
            let settings = termios::tcgetattr(&device).ok()?;
            Some((device, settings))
        }))
    }

    /// Whether the terminal's keys reach our process group: then Codex has had them already.
    pub fn is_ours(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|(device, _)| unistd::tcgetpgrp(device) == Ok(unistd::getpgrp()))
    }

    /// Whether Ctrl-C in this terminal is a signal to our process group now. To a TUI it is a key like others: then a
    /// signal is somebody's who sent it to us alone.
    pub fn makes_signals(&self) -> bool {
        let settings = self.0.as_ref().and_then(|(device, _)| termios::tcgetattr(device).ok());
        self.is_ours() && settings.is_some_and(|settings| settings.local_flags.contains(LocalFlags::ISIG))
    }

    /// Undoes what a killed TUI left. A terminal that is as it was has had none: then nothing is written, because some
    /// terminals move their cursor when told to leave a screen that they are not in.
    pub fn restore(&self) {
        let Some((device, remembered)) = self.0.as_ref().filter(|_| self.is_ours()) else {
            return;
        };
        let Ok(now) = termios::tcgetattr(device) else { return };
        if now.local_flags == remembered.local_flags && now.input_flags == remembered.input_flags {
            return;
        }
        let restored = termios::tcsetattr(device, SetArg::TCSADRAIN, remembered).map_err(std::io::Error::from);
        let mut device = device;
        if let Err(error) = restored.and_then(|()| device.write_all(RESET.as_bytes())) {
            tracing::warn!(%error, "the terminal cannot be restored");
        }
    }
}
