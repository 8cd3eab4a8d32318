//! A child that is awaited for a bounded time and does not outlive the test.

use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use nix::sys::signal::{SigHandler, Signal, kill};
use nix::unistd::Pid;

use super::PATIENCE;

/// A running child whose output is collected.
pub struct Process {
    watched: Watched,
    stdout: Output,
    stderr: Output,
}

/// Lets `command` start as a shell would start it: with all signals heeded. What `nohup` or a shell's `&` told the test
/// to ignore would stay ignored in it.
pub fn heed_signals(command: &mut Command) {
    let heed = || {
        for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
            #[expect(
                unsafe_code,
                reason = "nix calls every change of a signal unsafe, because of handlers"
            )]
            // SAFETY: no handler is set, and `signal` may be called between fork and exec.
            unsafe {
                nix::sys::signal::signal(signal, SigHandler::SigDfl)?;
            }
        }
        Ok(())
    };
    #[expect(unsafe_code, reason = "there is no safe way to change the signals of a child alone")]
    // SAFETY: between fork and exec only `signal` is called, which is safe there.
    unsafe {
        command.pre_exec(heed);
    }
}

/// What is left of a child.
#[derive(Debug)]
pub struct Ended {
    /// The exit code, or 128 + n after signal n, as a shell shows it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Starts `command` without a terminal. Its standard input is empty unless the command says otherwise.
    pub fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::null());
        Self::spawn_reading(command)
    }

    /// As [`Process::spawn`], with the standard input that the command was given.
    pub fn spawn_reading(command: &mut Command) -> Self {
        heed_signals(command);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = Output::collect(child.stdout.take().unwrap());
        let stderr = Output::collect(child.stderr.take().unwrap());
        Self {
            watched: Watched::new(child),
            stdout,
            stderr,
        }
    }

    /// Runs `command` to its end.
    pub fn run(command: &mut Command) -> Ended {
        Self::spawn(command).wait()
    }

    pub fn id(&self) -> u32 {
        self.watched.id()
    }

    pub fn signal(&self, signal: Signal) {
        self.watched.signal(signal);
    }

    /// The exit code when the child itself has ended; its own children may live.
    pub fn exit_code(&self) -> i32 {
        self.watched.exit_code().unwrap_or_else(|| {
            let (stdout, stderr) = (self.stdout.text(), self.stderr.text());
            panic!("the process did not end\nstdout: {stdout}\nstderr: {stderr}")
        })
    }

    /// Returns when the child has ended and nobody has its output open any more.
    pub fn wait(self) -> Ended {
        let code = self.exit_code();
        Ended {
            code,
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        }
    }

    /// Returns when the child has written `text` to its standard output.
    pub fn wait_for_stdout(&self, text: &str) {
        self.stdout.wait_for(text);
    }

    /// What the child has written to its standard output, once that is as `wished`.
    pub fn wait_for_stdout_matching(&self, wished: impl Fn(&str) -> bool) -> String {
        self.stdout.wait_until("what was wished", wished);
        self.stdout.text()
    }

    /// The rest of the first line of standard output that begins with `beginning`, once it is there.
    pub fn wait_for_line(&self, beginning: &str) -> String {
        let rest = |text: &str| {
            let mut lines = text.split_inclusive('\n');
            lines.find_map(|line| line.strip_prefix(beginning)?.strip_suffix('\n').map(ToOwned::to_owned))
        };
        self.stdout
            .wait_until(&format!("a line {beginning:?}"), |text| rest(text).is_some());
        rest(&self.stdout.text()).unwrap()
    }

    /// Returns when the child has written `text` to its standard error.
    pub fn wait_for_stderr(&self, text: &str) {
        self.stderr.wait_for(text);
    }
}

impl Ended {
    /// The same, if the child ended well.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// A child, waited for in a thread of its own, killed when dropped.
pub(super) struct Watched {
    pid: u32,
    status: Arc<(Mutex<Option<ExitStatus>>, Condvar)>,
}

impl Watched {
    pub fn new(mut child: Child) -> Self {
        let watched = Self {
            pid: child.id(),
            status: Arc::default(),
        };
        let ended = Arc::clone(&watched.status);
        std::thread::spawn(move || {
            let (status, changed) = &*ended;
            let exit = child.wait().unwrap();
            *status.lock().unwrap() = Some(exit);
            changed.notify_all();
        });
        watched
    }

    pub fn id(&self) -> u32 {
        self.pid
    }

    pub fn signal(&self, signal: Signal) {
        let status = self.status.0.lock().unwrap();
        if status.is_none() {
            let pid = Pid::from_raw(i32::try_from(self.pid).unwrap());
            // Between its end and the note of it the child may be gone.
            let _ = kill(pid, signal);
        }
    }

    /// `None` if it does not end.
    pub fn exit_code(&self) -> Option<i32> {
        let (status, changed) = &*self.status;
        let guard = status.lock().unwrap();
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |status| status.is_none())
            .unwrap();
        let status = (*guard)?;
        status.code().or_else(|| status.signal().map(|signal| 128 + signal))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

/// What comes out of one pipe.
struct Output {
    collected: Arc<(Mutex<Collected>, Condvar)>,
}

#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    ended: bool,
}

impl Output {
    fn collect(mut pipe: impl Read + Send + 'static) -> Self {
        let output = Self {
            collected: Arc::default(),
        };
        let shared = Arc::clone(&output.collected);
        std::thread::spawn(move || {
            let (collected, changed) = &*shared;
            let mut buffer = [0; 4096];
            loop {
                let read = pipe.read(&mut buffer).unwrap_or(0);
                let mut collected = collected.lock().unwrap();
                collected.bytes.extend_from_slice(&buffer[..read]);
                collected.ended = read == 0;
                changed.notify_all();
                if collected.ended {
                    return;
                }
            }
        });
        output
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.collected.0.lock().unwrap().bytes).into_owned()
    }

    fn whole(&self) -> String {
        let text = self.wait_while(|collected| !collected.ended);
        text.unwrap_or_else(|text| panic!("somebody keeps the output open after the end: {text}"))
    }

    fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?}"), |shown| shown.contains(text));
    }

    fn wait_until(&self, wish: &str, fulfilled: impl Fn(&str) -> bool) {
        let written = |collected: &mut Collected| fulfilled(&String::from_utf8_lossy(&collected.bytes));
        let outcome = self.wait_while(|collected| !collected.ended && !written(collected));
        let shown = outcome.unwrap_or_else(|shown| shown);
        assert!(fulfilled(&shown), "{wish} was not written, but {shown}");
    }

    /// The text until now, once `condition` is false; as an error if it stays true.
    fn wait_while(&self, condition: impl FnMut(&mut Collected) -> bool) -> Result<String, String> {
        let (collected, changed) = &*self.collected;
        let guard = collected.lock().unwrap();
        let (guard, timeout) = changed.wait_timeout_while(guard, PATIENCE, condition).unwrap();
        let text = String::from_utf8_lossy(&guard.bytes).into_owned();
        if timeout.timed_out() { Err(text) } else { Ok(text) }
    }
}
