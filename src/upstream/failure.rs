//! Why there is no answer, or no whole one: its class, who says so, and in which words.
//!
//! Classification is pure: status, headers and body go in. How Codex is told is not decided here.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::session::{Codes, Endpoint, Hiding, Repair};

use super::complaint::Complaint;
use super::{patterns, repair, wait, words};

/// Most bytes of an error answer that are looked at.
pub const BODY_LIMIT: usize = 64 * 1024;

/// What kind of failure it is; decides whether it passes and what the user can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The key is missing, wrong or not allowed this.
    Auth,
    /// The account is empty.
    Balance,
    /// What the plan allows is used up; it comes back by itself.
    Quota,
    /// The provider does not have the model.
    Model,
    /// There is something else at the address.
    Address,
    /// The provider sends requests on to another address, where the key was not meant to go.
    Elsewhere,
    /// The provider does not take the request as it is.
    Request,
    /// A filter does not let the request or the answer through.
    Filter,
    /// The conversation is longer than the model can read.
    Overflow,
    /// Too many requests or tokens for now.
    RateLimit,
    /// The provider has too much to do.
    Overloaded,
    /// The provider broke.
    Server,
    /// There is no connection to the provider.
    Unreachable,
    /// Nothing listens at an address of this machine, and nothing will before the user starts it.
    NotRunning,
    /// Whoever answers at the address cannot show over TLS that it is the provider.
    Untrusted,
    /// The provider took the request and said nothing in time.
    Silent,
    /// The answer took longer than the user allows.
    Endless,
    /// The answer broke off.
    Cut,
    /// What came is nothing that an API sends.
    Malformed,
    /// The answer is larger than crelay holds. Another one would be no smaller, and cost as much again.
    Excess,
    /// The client cannot even be built.
    Setup,
}

/// Why there is no answer, or no whole one. Its words come out through [`Failure::sentence`] alone, which takes the
/// secrets out of them: some providers repeat a wrong key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure it is.
    pub class: Class,
    /// The provider's status, if it gave one.
    pub status: Option<u16>,
    /// How long the provider asked to wait.
    pub retry_after: Option<Duration>,
    /// How to ask so that it is not refused, where the refusal says it.
    pub repair: Option<Repair>,
    message: String,
}

impl Failure {
    /// A failure that crelay itself noticed; `message` may be empty.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            status: None,
            retry_after: None,
            repair: None,
            message: message.into(),
        }
    }

    /// An answer whose status is no success, from somebody who writes such codes.
    #[must_use]
    pub fn of_status(who: Codes, status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Self {
        let complaint = Complaint::of_body(body);
        let mut failure = Self::of(who, Some(status), complaint, now);
        let named = wait::by_headers(headers, now).or(failure.retry_after);
        let is_limit = matches!(failure.class, Class::RateLimit | Class::Quota | Class::Overloaded);
        failure.retry_after = named.or_else(|| wait::by_limits(headers, now).filter(|_| is_limit));
        failure
    }

    /// An answer that sends the request on to `target`, of which no more is told than where it is.
    #[must_use]
    pub fn elsewhere(status: u16, target: &url::Url) -> Self {
        let place = match target.host_str() {
            Some(_) => format!("{}{}", target.origin().ascii_serialization(), target.path()),
            None => format!("{}:", target.scheme()),
        };
        Self {
            status: Some(status),
            ..Self::new(Class::Elsewhere, place)
        }
    }

    /// An error object inside an answer that began well.
    #[must_use]
    pub fn of_value(who: Codes, value: &Value, now: SystemTime) -> Self {
        let complaint = Complaint::of_value(value);
        Self::of(who, complaint.status, complaint, now)
    }

    /// Words where an answer should be. Unless they are a provider's complaint, something else is at the address.
    #[must_use]
    pub fn of_text(who: Codes, text: &str, now: SystemTime) -> Self {
        let complaint = Complaint::of_text(text);
        match patterns::class(who, None, &complaint) {
            Some(_) => Self::of(who, None, complaint, now),
            None => Self::new(Class::Address, ""),
        }
    }

    fn of(who: Codes, status: Option<u16>, complaint: Complaint, now: SystemTime) -> Self {
        let class = class_of(who, status, &complaint);
        Self {
            class,
            status,
            retry_after: wait::by_words(who, &complaint, now),
            repair: repair::find(class, &complaint),
            message: complaint.message,
        }
    }

    /// Who said what, and what the user can do.
    #[must_use]
    pub fn sentence(&self, endpoint: &Endpoint) -> String {
        let mut sentence = self.whole(endpoint);
        if !sentence.ends_with(['.', '!', '?', '。', '…']) {
            sentence.push('.');
        }
        if let Some(hint) = self.hint(endpoint) {
            sentence.push(' ');
            sentence.push_str(&hint);
        }
        sentence
    }

    /// Who said what, to stand among other words.
    #[must_use]
    pub fn reason(&self, endpoint: &Endpoint) -> String {
        self.whole(endpoint).trim_end_matches(['.', '。']).to_owned()
    }

    fn whole(&self, endpoint: &Endpoint) -> String {
        self.what(&words::shown(&self.message, &Hiding::of(endpoint)), endpoint)
    }

    fn what(&self, said: &str, endpoint: &Endpoint) -> String {
        let who = &endpoint.provider_name;
        let address = &endpoint.base_url;
        let host = address.host_str().unwrap_or_default();
        match (self.class, self.status) {
            (_, Some(status)) if said.is_empty() => format!("{who} answered {status} without a word"),
            (Class::Elsewhere, Some(status)) => {
                format!("{who} sends requests on to {said} ({status}), where the key was not meant to go")
            }
            // A gateway's title is mostly its status.
            (_, Some(status)) if names(said, status) => format!("{who} says: {said}"),
            (_, Some(status)) => format!("{who} says: {said} ({status})"),
            (Class::Unreachable, None) => format!("cannot reach {who} at {host}: {said}"),
            (Class::NotRunning, None) => {
                format!("nothing listens at {}: is the server running?", address.authority())
            }
            (Class::Untrusted, None) => format!("cannot trust {who} at {host}: {said}"),
            (Class::Silent, None) => format!("{who} did not answer: {said}"),
            (Class::Endless, None) => format!("{who} did not finish: {said}"),
            (Class::Excess, None) => format!("the answer of {who} is more than crelay holds: {said}"),
            (Class::Cut, None) => format!("the answer of {who} broke off: {said}"),
            (Class::Malformed, None) => format!("{who} sent something that {said}"),
            (Class::Address, None) if said.is_empty() => {
                format!("{address} answered with something that is no answer of an API: is the address right?")
            }
            (Class::Address, None) => {
                format!("{address} answered with the web page “{said}”, not with an API: is the address right?")
            }
            (Class::Setup, None) => format!("crelay cannot speak to {who}: {said}"),
            (_, None) if said.is_empty() => format!("{who} reported an error without a word"),
            (_, None) => format!("{who} says: {said}"),
        }
    }

    fn hint(&self, endpoint: &Endpoint) -> Option<String> {
        let console = endpoint.console.as_deref();
        Some(match self.class {
            // A header of the user's own may be what was meant to let us in.
            Class::Auth if endpoint.key.is_none() && endpoint.headers.is_empty() => {
                let variable = if endpoint.is_bare() {
                    "`CRELAY_API_KEY`"
                } else {
                    "its variable"
                };
                format!("No key was sent: set {variable} or use `--key-file FILE`")
            }
            Class::Auth => {
                let place = console.map_or(String::new(), |url| format!(" at {url}"));
                let origin = endpoint.key_origin.as_ref();
                let origin = origin.map_or(String::new(), |origin| format!("; it came from {origin}"));
                format!("Check the key{place}{origin}")
            }
            Class::Balance => match console {
                Some(console) => format!("Top up at {console} or choose another provider with `--provider`"),
                None => "Top up or choose another provider with `--provider`".to_owned(),
            },
            Class::Quota | Class::RateLimit | Class::Overloaded | Class::Server if self.wait().is_none() => {
                match self.retry_after.map(wait::shown) {
                    Some(wait) => format!("It resets in {wait}; until then, choose another provider with `--provider`"),
                    None => "Wait until it resets, or choose another provider with `--provider`".to_owned(),
                }
            }
            Class::Model => "Choose another model with `-m`".to_owned(),
            Class::Elsewhere => {
                "If that is its address now, use it: with `--base-url`, or `base_url` in the configuration".to_owned()
            }
            Class::Address if self.status.is_some() => format!("Check the address: it is {}", endpoint.base_url),
            Class::Unreachable if endpoint.is_loopback() => "Is it running?".to_owned(),
            Class::Address
            | Class::Request
            | Class::Filter
            | Class::Overflow
            | Class::Quota
            | Class::RateLimit
            | Class::Overloaded
            | Class::Server
            | Class::Unreachable
            | Class::NotRunning
            | Class::Untrusted
            | Class::Silent
            | Class::Endless
            | Class::Cut
            | Class::Malformed
            | Class::Excess
            | Class::Setup => return None,
        })
    }
}

/// Whether the words tell the status already, by itself or before a colon.
fn names(said: &str, status: u16) -> bool {
    let status = status.to_string();
    let mut words = said.split_whitespace();
    words.any(|word| word.strip_suffix(':').unwrap_or(word) == status)
}

/// What status and words mean together. Where a status says more than words can, they only choose among what it can
/// mean.
fn class_of(who: Codes, status: Option<u16>, complaint: &Complaint) -> Class {
    use Class::{Address, Auth, Balance, Model, Overflow, Overloaded, Quota, RateLimit, Request, Server};

    let told = patterns::class(who, status, complaint);
    let among = |classes: &[Class], else_it_is: Class| told.filter(|told| classes.contains(told)).unwrap_or(else_it_is);
    match status {
        // A wrong key stays a wrong key whatever else is said.
        Some(401) => among(&[Balance, Quota, Model], Auth),
        Some(402) => among(&[Quota], Balance),
        // What stands before a provider refuses with a page, and knows nothing of keys.
        Some(403) => told.unwrap_or(if complaint.is_page { Address } else { Auth }),
        // An unknown model and a wrong path are told apart by the words alone.
        Some(404) if repair::find(Request, complaint).is_some() => Request,
        Some(404) if complaint.texts.iter().any(|text| text.contains("model")) => Model,
        Some(404) => among(&[Model], Address),
        Some(405 | 300..400) => Address,
        // The provider, or a gateway before it, lost patience or its upstream, or another request was in the way.
        Some(408 | 409 | 424 | 425 | 499) => told.unwrap_or(Server),
        Some(413) => among(&[RateLimit, Request, Quota], Overflow),
        Some(429) => among(&[Balance, Quota, Overloaded, Request, Model], RateLimit),
        Some(498) => Overloaded,
        Some(503 | 529) => told.unwrap_or(Overloaded),
        Some(400..500) => told.unwrap_or(Request),
        // Inside a good status, this type is all that says whose fault it is.
        None if complaint.codes.iter().any(|code| code == "invalid_request_error") => told.unwrap_or(Request),
        _ => told.unwrap_or(Server),
    }
}

#[cfg(test)]
mod tests;
