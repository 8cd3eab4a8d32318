//! How a client is told of a failure; Codex so that it does the right thing. What each channel does was seen on Codex
//! 0.169: most statuses are retried many times or lose their words; a 400 of plain text is shown as it is, at once, and
//! so is the code `invalid_prompt` inside a stream. `rate_limit_exceeded` is asked again after the seconds that its
//! words name, and `server_error` at once; both as often as the profile allows, and then the words are shown.

use std::time::Duration;

use hyper::{Response, StatusCode};

use crate::session::Endpoint;
use crate::translate::Reader;
use crate::upstream::{Class, Failure, LONGEST_WAIT};
use crate::wire::responses::ResponseError;

use super::refusal::{self, Body};

/// After these words Codex reads a number of seconds or milliseconds, wherever they stand first.
const CODEX_WAITS: &str = "try again in";

/// How far the answer had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was said yet.
    Waiting,
    /// Something was said, so a new attempt finds a provider that was there a moment ago.
    Answering,
}

/// A failure with all that is said of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What decides how it is told.
    pub failure: Failure,
    /// Who said what, and what the user can do.
    pub words: String,
}

impl Told {
    /// The failure of who is at `endpoint`.
    pub fn of(failure: Failure, endpoint: &Endpoint) -> Self {
        Self {
            words: failure.sentence(endpoint),
            failure,
        }
    }
}

/// The code that makes Codex do what the failure needs, and for how long it then waits.
fn code(failure: &Failure, phase: Phase) -> (&'static str, Option<Duration>) {
    let Some(wait) = failure.wait() else {
        let is_overflow = failure.class == Class::Overflow;
        let code = if is_overflow {
            "context_length_exceeded"
        } else {
            "invalid_prompt"
        };
        return (code, None);
    };
    let needs_time = match failure.class {
        Class::RateLimit | Class::Overloaded => true,
        _ if failure.retry_after.is_some() => true,
        // What a model did wrong it may do right at once; a machine needs a moment.
        Class::Server => phase == Phase::Waiting && failure.status.is_some_and(|status| status >= 500),
        _ => phase == Phase::Waiting,
    };
    if needs_time {
        ("rate_limit_exceeded", Some(wait))
    } else {
        ("server_error", None)
    }
}

/// The failure as the last event of a stream.
pub fn as_event(told: &Told, phase: Phase) -> ResponseError {
    let mut message = told.words.clone();
    let code = match code(&told.failure, phase) {
        (code, None) => code,
        (code, Some(wait)) => match read_wait(&message) {
            // The provider's words stand before ours, and Codex would wait for them without end.
            Some(read) if read > LONGEST_WAIT.max(wait) => "server_error",
            Some(_) => code,
            None => {
                message.push_str(&format!(" Please {CODEX_WAITS} {}s", wait.as_secs_f64().ceil()));
                code
            }
        },
    };
    ResponseError {
        code: code.to_owned(),
        message,
    }
}

/// How long Codex waits when it reads `words`.
fn read_wait(words: &str) -> Option<Duration> {
    let words = words.to_ascii_lowercase();
    let mut places = words.match_indices(CODEX_WAITS);
    places.find_map(|(start, cue)| {
        let rest = words[start + cue.len()..].trim_start();
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = rest[..rest.len() - unit.len()].parse().ok()?;
        let seconds = match unit.trim_start() {
            unit if unit.starts_with('s') => number,
            unit if unit.starts_with("ms") => number / 1000.0,
            _ => return None,
        };
        // What no clock can hold is too long in any case.
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    })
}

/// The failure as the status of a stream that has not begun, where that is the better channel: for Codex, whatever will
/// not pass. The rest is an event also then: Codex drops the words of other statuses, and only as an event is a full
/// context known to every Codex (0.150 takes the status for a fault of the line). Others know statuses.
pub fn as_status(told: &Told, reader: Reader) -> Option<Response<Body>> {
    if reader == Reader::Other {
        return Some(as_whole(told));
    }
    let is_final = code(&told.failure, Phase::Waiting).0 == "invalid_prompt";
    is_final.then(|| refusal::text(StatusCode::BAD_REQUEST, told.words.clone()))
}

/// The failure as the answer to whom it was to be whole.
pub fn as_whole(told: &Told) -> Response<Body> {
    let failure = &told.failure;
    let given = failure.status.and_then(|status| StatusCode::from_u16(status).ok());
    // Our own 401 would say that the session's token is wrong.
    let given = given.filter(|status| status.as_u16() >= 400 && *status != StatusCode::UNAUTHORIZED);
    let status = given.unwrap_or(match failure.class {
        Class::Silent => StatusCode::GATEWAY_TIMEOUT,
        Class::Overflow | Class::Request | Class::Filter => StatusCode::BAD_REQUEST,
        Class::RateLimit | Class::Quota => StatusCode::TOO_MANY_REQUESTS,
        Class::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_GATEWAY,
    });
    let code = match failure.class {
        Class::RateLimit | Class::Overloaded => "rate_limit_exceeded",
        class if class.passes() => "server_error",
        _ => code(failure, Phase::Waiting).0,
    };
    let mut response = refusal::error(status, code, &told.words);
    if let Some(wait) = failure.retry_after {
        let seconds = wait.as_secs_f64().ceil();
        response
            .headers_mut()
            .insert(hyper::header::RETRY_AFTER, (seconds as u64).into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_the_provider_names_is_waited_for_also_in_the_middle_of_an_answer() {
        let mut failure = Failure::new(Class::Server, "");
        assert_eq!(code(&failure, Phase::Answering), ("server_error", None));
        let wait = Duration::from_secs(3);
        failure.retry_after = Some(wait);
        assert_eq!(code(&failure, Phase::Answering), ("rate_limit_exceeded", Some(wait)));
    }

    #[test]
    fn a_wait_is_read_as_codex_reads_it() {
        let read = |words: &str| read_wait(words).map(|wait| wait.as_millis());
        assert_eq!(read("Slow down! Please Try again in 1.5s."), Some(1500));
        assert_eq!(read("try again in 20 seconds, or try again in 3s"), Some(20_000));
        assert_eq!(read("try again in 6ms"), Some(6));
        assert_eq!(read("try again in 7m12s"), None);
        assert_eq!(read("try again in 0m1s (429). Please try again in 4s"), Some(4000));
        assert_eq!(read("try again in a while"), None);
        assert_eq!(read_wait("try again in 99999999999999999999999s"), Some(Duration::MAX));
    }
}
