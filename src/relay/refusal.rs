//! What the relay answers by itself: refusals in the shape of the Responses API, and the plain bodies of small routes.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::translate::Reader;

/// The body of every answer; errors in it are events, so it has none of its own.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Why a request is not even tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A web page asks.
    #[error("requests of web pages are refused")]
    Origin,
    /// Somebody reached us under a name that is not ours.
    #[error("the relay answers to localhost and loopback addresses such as 127.0.0.1 alone")]
    Host,
    /// The token is missing or wrong.
    #[error("the token of this session is missing or wrong; only the Codex that crelay started has it")]
    Token,
    /// The token of a server is missing or wrong.
    #[error("the token of this server is missing or wrong; send it as `authorization: Bearer …`")]
    Bearer,
    /// There is nothing at this path.
    #[error("there is nothing here; the relay has /v1/responses, /v1/models, /health and /metrics")]
    Path,
    /// Another method is needed.
    #[error("this path answers to {0} alone")]
    Method(&'static str),
    /// The body is packed in a way that is not read.
    #[error("the relay reads bodies in gzip and zstd, and in no other `content-encoding`")]
    Encoding,
    /// The body is not what its header says.
    #[error("the body is not whole {0}, as its `content-encoding` says")]
    Packing(&'static str),
    /// The body is too large, packed or unpacked, for so many bytes.
    #[error(
        "the request is larger than {}: set `max_request_mib` in crelay's configuration higher (256 at most), or go on \
         in a new conversation",
        size(*.0)
    )]
    TooLarge(usize),
    /// The body comes too slowly.
    #[error("the request came too slowly, and nobody waits for the rest of it")]
    TooSlow,
    /// The answer that a request follows is not there.
    #[error("the answer that `previous_response_id` names is not kept, or no longer; send the whole conversation")]
    Previous,
    /// There is no such answer.
    #[error("no finished answer with this id is kept; one that is still being written ends when its client hangs up")]
    Unknown,
    /// Nothing is left to cancel.
    #[error("the answer is finished; there is nothing to cancel")]
    Finished,
    /// The body broke off.
    #[error("the request broke off")]
    Cut,
    /// crelay itself is broken. What happened is told where it happened.
    #[error("crelay itself failed on this request, which it should not: report it, please; its log says more")]
    Broken,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::Origin | Self::Host => StatusCode::FORBIDDEN,
            Self::Token | Self::Bearer => StatusCode::UNAUTHORIZED,
            Self::Path | Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Packing(_) | Self::Previous | Self::Finished | Self::Cut => StatusCode::BAD_REQUEST,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Origin => "origin_refused",
            Self::Host => "host_refused",
            Self::Token | Self::Bearer => "invalid_token",
            Self::Path => "not_found",
            Self::Method(_) => "method_not_allowed",
            Self::Encoding => "unsupported_encoding",
            Self::Packing(_) => "broken_encoding",
            Self::TooLarge(_) => "request_too_large",
            Self::TooSlow => "request_too_slow",
            Self::Previous => "previous_response_not_found",
            Self::Unknown => "response_not_found",
            Self::Finished => "response_finished",
            Self::Cut => "incomplete_request",
            Self::Broken => "internal_error",
        }
    }

    /// Whether Codex is to show it: its request was let in, and would meet the same if it was sent again.
    fn is_shown(self) -> bool {
        matches!(
            self,
            Self::Encoding | Self::Packing(_) | Self::TooLarge(_) | Self::TooSlow | Self::Cut | Self::Broken
        )
    }

    /// The refusal as an answer. Codex would send what got any other status than 400 five times more, and shows the
    /// words of a 400 as they are (seen on 0.169).
    pub fn response(self, reader: Reader) -> Response<Body> {
        if reader == Reader::Codex && self.is_shown() {
            return text(StatusCode::BAD_REQUEST, self.to_string());
        }
        let param = (self == Self::Previous).then_some("previous_response_id");
        let mut response = told(self.status(), self.code(), &self.to_string(), param);
        let headers = response.headers_mut();
        match self {
            Self::Token | Self::Bearer => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Method(allowed) => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            _ => {}
        }
        response
    }
}

/// A number of bytes in words.
fn size(bytes: usize) -> String {
    const MIB: usize = 1 << 20;
    match bytes % MIB {
        0 => format!("{} MiB", bytes / MIB),
        _ => format!("{bytes} bytes"),
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'static str>,
    code: &'a str,
}

/// An error in the shape of the Responses API.
pub fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    told(status, code, message, None)
}

fn told(status: StatusCode, code: &str, message: &str, param: Option<&'static str>) -> Response<Body> {
    let r#type = if status.is_server_error() {
        "server_error"
    } else {
        "invalid_request_error"
    };
    let error = ErrorObject {
        message,
        r#type,
        param,
        code,
    };
    json(status, &ErrorBody { error })
}

/// `value` as the whole answer.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    // Serialising our own types into memory cannot fail: every map key is a string.
    let body = serde_json::to_vec(value).unwrap_or_default();
    json_text(status, body.into())
}

/// JSON that was written before, as the whole answer.
pub fn json_text(status: StatusCode, body: Bytes) -> Response<Body> {
    whole(status, "application/json", body)
}

/// `words` as the whole answer.
pub fn text(status: StatusCode, words: String) -> Response<Body> {
    whole(status, "text/plain; charset=utf-8", words.into())
}

/// A body of another kind as the whole answer.
pub fn whole(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Full::new(body).boxed_unsync());
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
