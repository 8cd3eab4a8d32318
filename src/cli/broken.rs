//! When crelay itself is broken. A panic is one of ours or of a library's; what it says must not appear in the middle
//! of what Codex shows, so it is kept until the end.

use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::process::ExitCode;
use std::sync::OnceLock;

use crate::report::{self, Report};

use super::log::Log;

/// The first panic; later ones are mostly its consequences.
static FIRST: OnceLock<String> = OnceLock::new();

/// Who knows what must not be shown: a panic may quote the text that it broke on.
static LOG: OnceLock<Log> = OnceLock::new();

/// Runs `program`. If anything in it panicked, or the log is not whole, says so at its end; the code is that of
/// `program` all the same, if it came to one.
pub(super) fn watched(program: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(keep));
    let code = panic::catch_unwind(program);
    if let Some(words) = FIRST.get() {
        let words = LOG.get().map_or_else(|| words.clone(), |log| log.hidden(words));
        super::say(&told(&words));
    }
    if let Some(report) = LOG.get().and_then(Log::lost) {
        super::say(&report);
    }
    code.unwrap_or(ExitCode::from(report::FAILURE))
}

/// Takes out of what a panic says whatever `log` hides.
pub(super) fn hide_as(log: &Log) {
    // A process has one.
    let _ = LOG.set(log.clone());
}

fn keep(panic: &PanicHookInfo<'_>) {
    let backtrace = std::backtrace::Backtrace::capture();
    tracing::error!(%panic, %backtrace, "crelay is broken");
    // Where it happened stands before what happened.
    let words = panic.to_string();
    let words = words.strip_prefix("panicked at ").unwrap_or(&words);
    // Only the first is kept.
    let _ = FIRST.set(words.replace('\n', " "));
}

fn told(words: &str) -> Report {
    let report = Report::new("crelay itself failed, which it should not").source(words.to_owned());
    report.hint("report it with this line, please; `--log-file FILE` keeps more of it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_as_any_other_error() {
        let text = "error: crelay itself failed, which it should not\n  caused by: src/a.rs:1:2: oh no\n\nhint: report it \
                    with this line, please; `--log-file FILE` keeps more of it";
        assert_eq!(told("src/a.rs:1:2: oh no").to_string(), text);
    }
}
