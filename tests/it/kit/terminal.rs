//! A child in a pseudo-terminal: what it shows, and what is typed.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;
use vt100::{Callbacks, Parser, Screen};

use super::PATIENCE;
use super::process::{Watched, heed_signals};

const ROWS: NonZeroU16 = NonZeroU16::new(40).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(120).unwrap();

/// A terminal with one program in it, which is killed when the terminal is dropped.
pub struct Terminal {
    watched: Watched,
    keyboard: File,
    display: Arc<(Mutex<Display>, Condvar)>,
    /// Held so that the settings outlive the program.
    line: OwnedFd,
}

struct Display {
    parser: Parser<Answers>,
    is_closed: bool,
}

/// Answers to what programs ask their terminal; Codex does not start without them.
struct Answers {
    keyboard: File,
}

impl Terminal {
    /// Starts `command` as the leader of a session whose terminal this is.
    pub fn spawn(command: Command) -> Self {
        Self::of_columns(command, COLUMNS.get())
    }

    /// The same in a terminal that says of itself to be so wide.
    pub fn of_columns(mut command: Command, columns: u16) -> Self {
        let size = Winsize {
            ws_row: ROWS.get(),
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let terminal = openpty(&size, None).unwrap();
        // A child of another test that kept them open would keep this terminal, and what runs in it, alive.
        for end in [&terminal.master, &terminal.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        let line = || terminal.slave.try_clone().unwrap();
        heed_signals(&mut command);
        command.stdin(line()).stdout(line()).stderr(line());
        #[expect(unsafe_code, reason = "there is no safe way to give a child its terminal")]
        // SAFETY: between fork and exec only `setsid` and `ioctl` are called, which are safe there.
        unsafe {
            command.pre_exec(take_terminal);
        }
        let child = command.spawn().unwrap();
        // The command keeps the child's end open, and with it the display.
        drop(command);
        let keyboard = File::from(terminal.master);
        let answers = Answers {
            keyboard: keyboard.try_clone().unwrap(),
        };
        let display = Arc::new((
            Mutex::new(Display {
                parser: Parser::new_with_callbacks(ROWS, COLUMNS, 1000, answers),
                is_closed: false,
            }),
            Condvar::new(),
        ));
        let shown = Arc::clone(&display);
        let output = keyboard.try_clone().unwrap();
        std::thread::spawn(move || show(output, &shown));
        Self {
            watched: Watched::new(child),
            keyboard,
            display,
            line: terminal.slave,
        }
    }

    pub fn signal(&self, signal: Signal) {
        self.watched.signal(signal);
    }

    /// Types `keys`.
    pub fn send(&self, keys: &str) {
        (&self.keyboard).write_all(keys.as_bytes()).unwrap();
    }

    /// Returns when `text` stands on the screen, or did and has been scrolled away.
    pub fn expect(&self, text: &str) {
        self.expect_all(&format!("{text:?}"), |screen| screen.contains(text));
    }

    /// Returns when `text` stands on the screen so many times.
    pub fn expect_times(&self, text: &str, times: usize) {
        self.expect_all(&format!("{text:?} {times} times"), |screen| {
            screen.matches(text).count() == times
        });
    }

    /// Returns when `text` no longer stands on the screen.
    pub fn expect_gone(&self, text: &str) {
        self.expect_all(&format!("no {text:?}"), |screen| !screen.contains(text));
    }

    fn expect_all(&self, wish: &str, fulfilled: impl Fn(&str) -> bool) {
        let (display, changed) = &*self.display;
        let guard = display.lock().unwrap();
        let (guard, timeout) = changed
            .wait_timeout_while(guard, PATIENCE, |display| {
                !display.is_closed && !fulfilled(&display.parser.screen().contents())
            })
            .unwrap();
        let screen = guard.parser.screen().contents();
        drop(guard);
        let slow = if timeout.timed_out() { " in time" } else { "" };
        assert!(fulfilled(&screen), "the screen did not show {wish}{slow}:\n{screen}");
    }

    /// What stands on the screen now.
    pub fn screen(&self) -> String {
        self.display.0.lock().unwrap().parser.screen().contents()
    }

    /// Whether the first letter of the line that begins with `text` has a colour of its own.
    pub fn is_coloured(&self, text: &str) -> bool {
        let display = self.display.0.lock().unwrap();
        let screen = display.parser.screen();
        let mut rows = screen.rows(0, COLUMNS.get()).enumerate();
        let (row, _) = rows.find(|(_, line)| line.starts_with(text)).unwrap();
        let cell = screen.cell(u16::try_from(row).unwrap(), 0).unwrap();
        cell.fgcolor() != vt100::Color::Default
    }

    /// Whether lines are edited and echoed, as a shell wants to find its terminal.
    pub fn is_restored(&self) -> bool {
        let settings = nix::sys::termios::tcgetattr(&self.line).unwrap();
        let local = settings.local_flags;
        let wanted = nix::sys::termios::LocalFlags::ICANON | nix::sys::termios::LocalFlags::ECHO;
        local.contains(wanted)
    }

    /// The exit code of the program, or 128 + n after signal n.
    pub fn exit_code(&self) -> i32 {
        let code = self.watched.exit_code();
        code.unwrap_or_else(|| panic!("the program did not end:\n{}", self.screen()))
    }
}

fn take_terminal() -> std::io::Result<()> {
    nix::unistd::setsid()?;
    #[expect(unsafe_code, reason = "nix has no TIOCSCTTY")]
    // SAFETY: descriptor 0 is the terminal, and the request takes no pointer.
    let result = unsafe { nix::libc::ioctl(0, nix::libc::TIOCSCTTY, 0) };
    nix::errno::Errno::result(result)?;
    Ok(())
}

/// Reads until the last of the programs has closed the terminal.
fn show(mut output: File, shown: &(Mutex<Display>, Condvar)) {
    let (display, changed) = shown;
    let mut buffer = [0; 4096];
    loop {
        let read = output.read(&mut buffer).unwrap_or(0);
        let mut display = display.lock().unwrap();
        display.parser.process(&buffer[..read]);
        display.is_closed = read == 0;
        changed.notify_all();
        if display.is_closed {
            return;
        }
    }
}

impl Answers {
    fn say(&mut self, answer: &str) {
        // A program that has gone needs no answer.
        let _ = self.keyboard.write_all(answer.as_bytes());
    }
}

impl Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut Screen,
        first: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        match (first, last, parameters) {
            // Where is the cursor?
            (None, 'n', [[6]]) => {
                let (row, column) = screen.cursor_position();
                self.say(&format!("\x1b[{};{}R", row + 1, column + 1));
            }
            // What are you?
            (None, 'c', _) => self.say("\x1b[?62;22c"),
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut Screen, parameters: &[&[u8]]) {
        match parameters {
            [b"10", b"?"] => self.say("\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
            [b"11", b"?"] => self.say("\x1b]11;rgb:0000/0000/0000\x1b\\"),
            _ => {}
        }
    }
}
