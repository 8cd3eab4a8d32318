//! How a client is told of a failure; Codex so that it does the right thing. What each channel does was seen on Codex 0.169: most
//! statuses are retried many times or lose their words; a 400 of plain text is shown as it is, at once, and so is the
//! code `invalid_prompt` inside a stream.

use std::time::Duration;

use hyper::{Response, StatusCode};

use crate::session::Endpoint;
use crate::translate::Reader;
use crate::upstream::{Class, Failure};
use crate::wire::responses::ResponseError;

use super::refusal::{self, Body};

/// Codex waits as long as it is told, without a way out for a script; a longer wait is better told to the user.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The code that makes Codex do what the failure needs.
fn code(failure: &Failure) -> &'static str {
    match failure.class {
        Class::Overflow => "context_length_exceeded",
        Class::RateLimit if failure.retry_after.is_none_or(|wait| wait <= LONGEST_WAIT) => "rate_limit_exceeded",
        // `server_is_overloaded` would end the turn at once and lose the words.
        Class::Overloaded | Class::Server | Class::Unreachable | Class::Silent | Class::Cut => "server_error",
        Class::RateLimit
        | Class::Auth
        | Class::Balance
        | Class::Quota
        | Class::Filter
        | Class::Model
        | Class::Address
        | Class::Request
        | Class::NotRunning
        | Class::Untrusted
        | Class::Setup => "invalid_prompt",
    }
}

/// The failure as the last event of a stream.
pub fn as_event(failure: &Failure, endpoint: &Endpoint) -> ResponseError {
    ResponseError {
        code: code(failure).to_owned(),
        message: failure.sentence(endpoint),
    }
}

/// The failure as the status of a stream that has not begun, where that is the better channel: for Codex, whatever will
/// not pass. The rest is an event also then, because Codex drops the words of other statuses. Others know statuses.
pub fn as_status(failure: &Failure, endpoint: &Endpoint, reader: Reader) -> Option<Response<Body>> {
    if reader == Reader::Other {
        return Some(as_whole(failure, endpoint));
    }
    let words = failure.sentence(endpoint);
    match code(failure) {
        "invalid_prompt" => Some(refusal::text(StatusCode::BAD_REQUEST, words)),
        code @ "context_length_exceeded" => Some(refusal::error(StatusCode::BAD_REQUEST, code, &words)),
        _ => None,
    }
}

/// The failure as the answer to whom it was to be whole.
pub fn as_whole(failure: &Failure, endpoint: &Endpoint) -> Response<Body> {
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
    let mut response = refusal::error(status, code(failure), &failure.sentence(endpoint));
    if let Some(wait) = failure.retry_after {
        let seconds = wait.as_secs_f64().ceil();
        response
            .headers_mut()
            .insert(hyper::header::RETRY_AFTER, (seconds as u64).into());
    }
    response
}
