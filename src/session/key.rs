//! Where a provider's key comes from, and that it is one.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{self, Signal};
use nix::sys::termios::{self, LocalFlags};
use nix::unistd::Pid;
use zeroize::Zeroizing;

use crate::report;

use super::error::Error;
use super::prompt::Hidden;
use super::secret::Secret;

/// Longer than any key, in bytes; a larger file is something else.
pub const LONGEST: usize = 16 * 1024;

/// Enough for a person to unlock a password store.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the key will be read. Nothing has been read from files or run yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// There is none, and none is needed.
    Absent,
    /// A variable of the environment.
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: Secret,
    },
    /// The first line of standard input, which is asked for if that is a terminal; what follows is left for Codex.
    Input {
        /// Whose key is asked for.
        provider: String,
    },
    /// A file.
    File(PathBuf),
    /// What a command prints.
    Command {
        /// Whose key.
        provider: String,
        /// For `sh -c`.
        command: String,
    },
    /// Where crelay keeps it for the user.
    Kept {
        /// Whose key, by the id.
        provider: String,
        /// Where.
        place: Place,
    },
    /// What the user has answered who was asked for it.
    Answer(Secret),
}

/// Where crelay keeps a key for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The keyring of the system: the Secret Service, or the Keychain of macOS.
    Keyring,
    /// A file of the user's alone.
    File,
}

impl Place {
    /// For people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => formatter.write_str("none"),
            Self::Variable { name, .. } => write!(formatter, "`{name}`"),
            Self::Input { .. } => formatter.write_str("standard input"),
            Self::File(path) => write!(formatter, "`{}`", path.display()),
            Self::Command { provider, .. } => write!(formatter, "`key_command` of `{provider}`"),
            Self::Kept { place, .. } => write!(formatter, "the {} of `crelay auth`", place.word()),
            Self::Answer(_) => formatter.write_str("your answer"),
        }
    }
}

impl Source {
    /// Where a key is that somebody may have to look for later.
    pub(super) fn origin(&self) -> Option<String> {
        match self {
            Self::Absent | Self::Input { .. } | Self::Answer(_) => None,
            _ => Some(self.to_string()),
        }
    }

    /// Reads the key and checks that a header can carry it. `kept` gives the one that is kept for a provider.
    ///
    /// # Errors
    ///
    /// When it cannot be read or is no key; the error never holds it.
    pub fn read<E: From<Error>>(
        &self,
        kept: impl FnOnce(&str, Place) -> Result<Secret, E>,
    ) -> Result<Option<Secret>, E> {
        let text = match self {
            Self::Absent => return Ok(None),
            Self::Variable { value, .. } | Self::Answer(value) => Zeroizing::new(value.expose().to_owned()),
            Self::Kept { provider, place } => Zeroizing::new(kept(provider, *place)?.expose().to_owned()),
            Self::Input { provider } => first_line(provider)?,
            Self::File(path) => file(path)?,
            Self::Command { provider, command } => run(provider, command, PATIENCE)?,
        };
        let key = text.trim();
        let fault = if key.is_empty() {
            "is empty"
        } else if key.contains("://") {
            "is an address"
        } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            "holds characters that no key has, such as a space or a line break"
        } else {
            return Ok(Some(Secret::new(key)));
        };
        Err(E::from(Error::BadKey {
            origin: match self {
                Self::Answer(_) => "the key that was typed".to_owned(),
                Self::Input { .. } if io::stdin().is_terminal() => "the key that was typed".to_owned(),
                _ => format!("the key from {self}"),
            },
            fault,
            instead: self.instead(),
        }))
    }

    /// How to give a key where what is there is none.
    fn instead(&self) -> String {
        match self {
            Self::Absent => "give one with `--key-file FILE`".to_owned(),
            Self::Variable { name, .. } => format!("correct `{name}`, or unset it"),
            Self::Input { .. } => "give the key in one line; what is typed or pasted is not shown".to_owned(),
            Self::Answer(_) => "paste the key; it is not shown".to_owned(),
            Self::File(_) => "the file holds the key and nothing else".to_owned(),
            Self::Command { .. } => "it prints the key and nothing else".to_owned(),
            Self::Kept { provider, .. } => format!("`crelay auth set {provider}` asks for another"),
        }
    }
}

/// Room for whatever is read, at once: a buffer that grew would leave the key in its smaller selves.
fn buffer() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(LONGEST))
}

/// What has been read, with a mark for whatever is no text.
fn text(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
}

fn file(path: &Path) -> Result<Zeroizing<String>, Error> {
    let unreadable = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    let mut bytes = buffer();
    let opened = File::open(path).map_err(unreadable)?;
    opened
        .take(LONGEST as u64)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(text(&bytes))
}

/// Byte by byte and past the buffer of [`io::stdin`], because all that follows the line is Codex's.
fn first_line(provider: &str) -> Result<Zeroizing<String>, Error> {
    let unreadable = |source| Error::File {
        path: PathBuf::from("/dev/stdin"),
        source,
    };
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(unreadable)?);
    // Shows what is typed again when the line is read.
    let hidden = match input.is_terminal() {
        true => Some(Hidden::ask(&input, provider).map_err(unreadable)?),
        false => None,
    };
    let mut line = buffer();
    let mut byte = Zeroizing::new([0]);
    while line.len() < LONGEST {
        match input.read(&mut *byte) {
            Ok(0) => {
                hidden.iter().for_each(Hidden::end_line);
                break;
            }
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Ok(text(&line))
}

/// A person wonders by then what is waited for.
const SILENCE: Duration = Duration::from_secs(2);

/// Words that stand on the terminal while somebody waits long, and are taken back when this is dropped.
struct Told {
    over: Option<mpsc::Sender<()>>,
    teller: Option<thread::JoinHandle<()>>,
}

impl Told {
    /// Says `words` on standard error if that is a terminal, once `silence` has passed.
    fn after(silence: Duration, words: String) -> Self {
        if !io::stderr().is_terminal() {
            return Self {
                over: None,
                teller: None,
            };
        }
        let (over, waits) = mpsc::channel::<()>();
        let teller = thread::spawn(move || {
            if waits.recv_timeout(silence) != Err(RecvTimeoutError::Timeout) || is_asking() {
                return;
            }
            let _ = write!(io::stderr(), "{words}");
            let _ = waits.recv();
            // Blanks instead of an escape: they mean the same to every terminal.
            let blanks = " ".repeat(words.chars().count());
            let _ = write!(io::stderr(), "\r{blanks}\r");
        });
        Self {
            over: Some(over),
            teller: Some(teller),
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}

/// Whether the terminal shows nothing of what is typed: a password store asks, and the screen is its own.
fn is_asking() -> bool {
    termios::tcgetattr(io::stderr()).is_ok_and(|settings| !settings.local_flags.contains(LocalFlags::ECHO))
}

/// Standard error and input stay the terminal's, so that a password store can ask.
fn run(provider: &str, command: &str, patience: Duration) -> Result<Zeroizing<String>, Error> {
    let failed = |fault: String| Error::KeyCommand {
        provider: provider.to_owned(),
        fault,
    };
    let spawned = Command::new("sh").args(["-c", command]).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| failed(format!("could not be started: {}", report::words(&error))))?;
    let until = Instant::now() + patience;
    let told = Told::after(SILENCE, format!("waiting for `key_command` of `{provider}` …"));
    let bytes = printed(&mut child, patience);
    drop(told);
    let Some(bytes) = bytes else {
        end(&mut child);
        return Err(failed(format!("printed no key within {} seconds", patience.as_secs())));
    };
    match ended(&mut child, until) {
        Ok(Some(status)) if status.success() => Ok(text(&bytes)),
        Ok(Some(status)) => Err(failed(report::ended_in_shell(status))),
        Ok(None) => {
            end(&mut child);
            Err(failed(format!("did not end within {} seconds", patience.as_secs())))
        }
        Err(error) => Err(failed(format!("was lost: {}", report::words(&error)))),
    }
}

/// How `child` has ended, if it does in time. Who has closed its output mostly ends in the next moment, and nothing
/// tells when: so it is looked at, each time after twice as long.
fn ended(child: &mut Child, until: Instant) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_micros(100);
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= until {
            return Ok(status);
        }
        thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(50));
    }
}

/// Ends `child` with all that it started. It has no process group of its own, which would be easier to end: it could
/// not ask at the terminal then, and Ctrl-C would not reach it.
fn end(child: &mut Child) {
    let mut known = 0;
    let mut found = family(child);
    // Who is stopped starts nobody, so there comes a time when nobody is new.
    while found.len() > known {
        known = found.len();
        send(&found, Signal::SIGSTOP);
        found = family(child);
    }
    send(&found, Signal::SIGKILL);
    let _ = child.wait();
}

/// Whoever has ended meanwhile needs no signal.
fn send(processes: &[Pid], signal: Signal) {
    for process in processes {
        let _ = signal::kill(*process, signal);
    }
}

/// `child` and its descendants; without `ps`, which small containers lack, `child` alone.
fn family(child: &Child) -> Vec<Pid> {
    let listed = Command::new("ps")
        .args(["-A", "-o", "pid,ppid"])
        .stderr(Stdio::null())
        .output();
    let listed = listed.map(|ended| String::from_utf8_lossy(&ended.stdout).into_owned());
    let numbers = |line: &str| {
        let mut words = line.split_whitespace().map(str::parse::<i32>);
        Some((words.next()?.ok()?, words.next()?.ok()?))
    };
    let born: Vec<(i32, i32)> = listed.unwrap_or_default().lines().filter_map(numbers).collect();
    let mut family: Vec<i32> = i32::try_from(child.id()).into_iter().collect();
    let mut asked = 0;
    while let Some(parent) = family.get(asked).copied() {
        family.extend(born.iter().filter(|(_, of)| *of == parent).map(|(process, _)| process));
        asked += 1;
    }
    family.into_iter().map(Pid::from_raw).collect()
}

/// All that is printed, or nothing if that takes too long.
fn printed(child: &mut Child, patience: Duration) -> Option<Zeroizing<Vec<u8>>> {
    let output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = buffer();
        // Read in part is read wrong: the key then fails its check or the provider's.
        let read = output.take(LONGEST as u64).read_to_end(&mut bytes);
        // The other side may have lost its patience.
        let _ = sender.send(read.is_ok().then_some(bytes));
    });
    receiver.recv_timeout(patience).ok().flatten()
}

#[cfg(test)]
mod tests;
