//! Why there is no answer, or no whole one: its class, who says so, and in which words.
//!
//! Classification is pure: status, headers and body go in. How Codex is told is not decided here.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::session::{Endpoint, Secret};

use super::{patterns, retry, words};

/// Most bytes of an error answer that are looked at.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Shorter keys are words such as `none` or `ollama`, which local servers are given, and shorter headers those such as
/// `blue`; taking them out would only garble what is said.
const SHORTEST_SECRET: usize = 8;

/// What kind of failure it is; decides whether it passes and what the user can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The key is missing, wrong or not allowed this.
    Auth,
    /// The account is empty.
    Balance,
    /// The provider does not have the model.
    Model,
    /// There is something else at the address.
    Address,
    /// The provider does not take the request as it is.
    Request,
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
    /// The provider took the request and said nothing in time.
    Silent,
    /// The answer broke off.
    Cut,
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
    message: String,
}

impl Failure {
    /// A failure that crelay itself noticed; `message` may be empty.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            status: None,
            retry_after: None,
            message: message.into(),
        }
    }

    /// An answer whose status is no success.
    #[must_use]
    pub fn of_status(status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Self {
        let said = String::from_utf8_lossy(body);
        Self {
            class: class_of(Some(status), &said),
            status: Some(status),
            retry_after: retry::retry_after(headers, now),
            message: words::of_body(body),
        }
    }

    /// An error object inside an answer that began well. Its status counts only as a number in a field of that name:
    /// other numbers in it may be anything.
    #[must_use]
    pub fn of_value(value: &Value) -> Self {
        // Gemini's compatible endpoint wraps its error into a list.
        let error = value.get(0).unwrap_or(value);
        let error = error.get("error").unwrap_or(error);
        let number = |field: &str| error.get(field).and_then(Value::as_u64);
        let status = number("status").or_else(|| number("code"));
        let status = status.and_then(|status| u16::try_from(status).ok());
        let status = status.filter(|status| (400..600).contains(status));
        Self {
            class: class_of(status, &error.to_string()),
            status,
            retry_after: None,
            message: words::message(error).unwrap_or_default(),
        }
    }

    /// Who said what, and what the user can do.
    #[must_use]
    pub fn sentence(&self, endpoint: &Endpoint) -> String {
        let mut sentence = self.what(&words::shown(&self.message, &secrets(endpoint)), endpoint);
        if !sentence.ends_with(['.', '!', '?', '。', '…']) {
            sentence.push('.');
        }
        if let Some(hint) = self.hint(endpoint) {
            sentence.push(' ');
            sentence.push_str(&hint);
        }
        sentence
    }

    fn what(&self, said: &str, endpoint: &Endpoint) -> String {
        let who = &endpoint.provider_name;
        let address = &endpoint.base_url;
        let host = address.host_str().unwrap_or_default();
        match (self.class, self.status) {
            (_, Some(status)) if said.is_empty() => format!("{who} answered {status} without a word"),
            (_, Some(status)) => format!("{who} says: {said} ({status})"),
            (Class::Unreachable, None) => format!("cannot reach {who} at {host}: {said}"),
            (Class::NotRunning, None) => {
                format!("nothing listens at {}: is the server running?", address.authority())
            }
            (Class::Silent, None) => format!("{who} did not answer: {said}"),
            (Class::Cut, None) => format!("the answer of {who} broke off: {said}"),
            (Class::Address, None) if said.is_empty() => {
                format!("{address} answered with a web page, not with an API: is the address right?")
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
            Class::Auth => match console {
                Some(console) => format!("Check the key at {console}"),
                None => "Check the key".to_owned(),
            },
            Class::Balance => match console {
                Some(console) => format!("Top up at {console} or choose another provider with `--provider`"),
                None => "Top up or choose another provider with `--provider`".to_owned(),
            },
            Class::Model => "Choose another model with `-m`".to_owned(),
            Class::Address if self.status.is_some() => format!("Check the address: it is {}", endpoint.base_url),
            Class::RateLimit => {
                let wait = self.retry_after?.as_secs_f64().ceil();
                // Codex waits as long as these very words say (seen on 0.169).
                format!("Please try again in {wait}s")
            }
            Class::Unreachable if endpoint.is_loopback() => "Is it running?".to_owned(),
            Class::Address
            | Class::Request
            | Class::Overflow
            | Class::Overloaded
            | Class::Server
            | Class::Unreachable
            | Class::NotRunning
            | Class::Silent
            | Class::Cut
            | Class::Setup => return None,
        })
    }
}

/// What must not be shown, longest first: the key, and the headers, with which gateways let us in as well.
fn secrets(endpoint: &Endpoint) -> Vec<&str> {
    let headers = endpoint.headers.iter().map(|(_, value)| value.expose());
    // Of `Bearer …` and `Basic …`, what follows may be repeated alone.
    let credentials = headers.clone().filter_map(|value| Some(value.split_once(' ')?.1));
    let key = endpoint.key.iter().map(Secret::expose);
    let secrets = key.chain(headers).chain(credentials).map(str::trim);
    let mut secrets: Vec<&str> = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
    secrets.sort_by_key(|secret| Reverse(secret.len()));
    secrets
}

fn class_of(status: Option<u16>, said: &str) -> Class {
    let told = patterns::class(said);
    match status {
        // A wrong key stays a wrong key whatever else is said, unless it is the account that is empty.
        Some(401) => told.filter(|class| *class == Class::Balance).unwrap_or(Class::Auth),
        Some(402) => Class::Balance,
        Some(403) => told.unwrap_or(Class::Auth),
        // An unknown model and a wrong path are told apart by the words alone.
        Some(404) if said.to_lowercase().contains("model") => Class::Model,
        Some(404 | 405) => Class::Address,
        Some(408) => Class::Server,
        Some(413) => Class::Overflow,
        Some(429) => told
            .filter(|class| *class == Class::Balance)
            .unwrap_or(Class::RateLimit),
        Some(503 | 529) => told.unwrap_or(Class::Overloaded),
        Some(300..400) => Class::Address,
        Some(400..500) => told.unwrap_or(Class::Request),
        _ => told.unwrap_or(Class::Server),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint() -> Endpoint {
        Endpoint {
            provider: "deepseek".to_owned(),
            provider_name: "DeepSeek".to_owned(),
            base_url: "https://api.deepseek.com".parse().unwrap(),
            responses_url: None,
            key: Some(Secret::new("sk-secret")),
            headers: Vec::new(),
            console: Some("https://platform.deepseek.com".to_owned()),
        }
    }

    fn of_status(status: u16, body: &str) -> Failure {
        Failure::of_status(status, &HeaderMap::new(), body.as_bytes(), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn status_and_words_together_make_the_class() {
        for (status, body, class) in [
            (400, "bad", Class::Request),
            (400, "This model's maximum context length is 9 tokens", Class::Overflow),
            (400, "Model Not Exist", Class::Model),
            (401, "no", Class::Auth),
            (401, "Insufficient balance", Class::Balance),
            (402, "", Class::Balance),
            (403, "no", Class::Auth),
            (403, "run out of credits", Class::Balance),
            (
                404,
                r#"{"error":{"message":"The model `x` does not exist"}}"#,
                Class::Model,
            ),
            (404, "<html><title>404 Not Found</title>", Class::Address),
            (405, "", Class::Address),
            (413, "", Class::Overflow),
            (422, "extra_forbidden", Class::Request),
            (429, "slow down", Class::RateLimit),
            (429, r#"{"error":{"code":"1113","message":"…"}}"#, Class::Balance),
            (500, "", Class::Server),
            (500, "prompt too long", Class::Overflow),
            (502, "<html>", Class::Server),
            (503, "", Class::Overloaded),
            (307, "", Class::Address),
        ] {
            assert_eq!(of_status(status, body).class, class, "{status} {body}");
        }
    }

    #[test]
    fn an_error_inside_a_stream_has_a_status_only_if_it_names_one() {
        let read = |json: &str| {
            let failure = Failure::of_value(&serde_json::from_str(json).unwrap());
            (failure.class, failure.status, failure.message)
        };
        let limited = (Class::RateLimit, Some(429), "slow".to_owned());
        assert_eq!(read(r#"{"code":429,"message":"slow"}"#), limited);
        assert_eq!(
            read(r#"{"code":1302,"message":"a 429 b"}"#),
            (Class::Server, None, "a 429 b".to_owned())
        );
        let busy = (Class::Overloaded, None, "The server is overloaded".to_owned());
        assert_eq!(read(r#""The server is overloaded""#), busy);
        assert_eq!(read("{}"), (Class::Server, None, String::new()));
    }

    #[test]
    fn a_sentence_says_who_said_what_and_what_to_do() {
        let balance = of_status(402, r#"{"error":{"message":"Insufficient Balance"}}"#);
        assert_eq!(
            balance.sentence(&endpoint()),
            "DeepSeek says: Insufficient Balance (402). Top up at https://platform.deepseek.com or choose another \
             provider with `--provider`"
        );
        let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), "7".parse().unwrap())]);
        let limited = Failure::of_status(429, &headers, b"", SystemTime::UNIX_EPOCH);
        assert_eq!(
            limited.sentence(&endpoint()),
            "DeepSeek answered 429 without a word. Please try again in 7s"
        );
    }

    #[test]
    fn an_address_that_cannot_be_reached_is_told_with_its_host() {
        let unreachable = Failure::new(Class::Unreachable, "no connection in time");
        let words = unreachable.sentence(&endpoint());
        assert_eq!(
            words,
            "cannot reach DeepSeek at api.deepseek.com: no connection in time."
        );
    }

    #[test]
    fn a_missing_key_is_not_taken_for_a_wrong_one() {
        let refused = of_status(401, r#"{"error":"no"}"#);
        let mut endpoint = Endpoint {
            key: None,
            console: None,
            ..endpoint()
        };
        assert_eq!(
            refused.sentence(&endpoint),
            "DeepSeek says: no (401). No key was sent: set its variable or use `--key-file FILE`"
        );
        endpoint.provider = "custom".to_owned();
        assert_eq!(
            refused.sentence(&endpoint),
            "DeepSeek says: no (401). No key was sent: set `CRELAY_API_KEY` or use `--key-file FILE`"
        );
        endpoint.headers.push(("X-Key".to_owned(), Secret::new("mine")));
        assert_eq!(refused.sentence(&endpoint), "DeepSeek says: no (401). Check the key");
    }

    #[test]
    fn a_web_page_is_told_as_one() {
        let page = |title: &str| Failure::new(Class::Address, title).sentence(&endpoint());
        assert_eq!(
            page(""),
            "https://api.deepseek.com/ answered with a web page, not with an API: is the address right?"
        );
        assert_eq!(
            page("Log in"),
            "https://api.deepseek.com/ answered with the web page “Log in”, not with an API: is the address right?"
        );
    }

    #[test]
    fn a_key_that_the_provider_repeats_is_not_shown() {
        let refused = of_status(401, r#"{"error":{"message":"Incorrect API key: sk-secret!"}}"#);
        assert_eq!(
            refused.sentence(&endpoint()),
            "DeepSeek says: Incorrect API key: …! (401). Check the key at https://platform.deepseek.com"
        );
    }
    #[test]
    fn a_header_that_the_provider_repeats_is_not_shown() {
        let header = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
        let endpoint = Endpoint {
            headers: vec![
                header("X-Api-Key", "sk-secret-of-the-gateway"),
                header("Authorization", "Bearer token-secret"),
                header("X-Team", "blue"),
            ],
            ..endpoint()
        };
        let told = |words: &str| of_status(422, words).sentence(&endpoint);
        assert_eq!(
            told("blue: sk-secret-of-the-gateway, Bearer token-secret, token-secret, sk-secret"),
            "DeepSeek says: blue: …, …, …, … (422)."
        );
        let long = told(&format!("{}sk-secret-of-the-gateway", "x".repeat(495)));
        assert!(long.ends_with("xx… (422)."), "{long}");
    }
}
