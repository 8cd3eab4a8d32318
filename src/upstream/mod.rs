//! One HTTP client toward the provider; the pure decision whether to retry.
//!
//! A [`Client`] sends a translated request and gives the [`Answer`], which reads itself into [`Piece`]s: what was
//! said in the protocol of the request, and how it ended. Everything that can go wrong on the way is a [`Failure`], which knows its class and
//! its words, but not how Codex is told: that is the relay's.

mod answer;
mod chunks;
mod client;
mod complaint;
mod events;
mod failure;
mod patterns;
mod repair;
mod retry;
mod tls;
mod wait;
mod words;

use std::time::Duration;

use crate::session::Endpoint;

pub use answer::{Answer, Piece};
pub use client::{Client, Opening, Proxy, Request};
pub use failure::{Class, Failure};
pub use retry::{LONGEST_WAIT, Policy};

/// How long the provider may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// From the request to the first word of the answer; `None` is for ever.
    pub first: Option<Duration>,
    /// From word to word. Comments and empty chunks, with which providers keep the line open, are no words.
    pub idle: Duration,
    /// How often and how long a request is tried.
    pub retry: Policy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            first: Some(Duration::from_secs(300)),
            idle: Duration::from_secs(300),
            retry: Policy::default(),
        }
    }
}

impl Limits {
    /// What suits `endpoint`. A server on this machine may read a long prompt for many minutes before it says a word.
    #[must_use]
    pub fn suiting(endpoint: &Endpoint) -> Self {
        Self {
            first: Self::default().first.filter(|_| !endpoint.is_loopback()),
            ..Self::default()
        }
    }
}
