//! What a provider, or a data set about providers, tells of itself when it is asked beside the turns.

use std::time::Duration;

use reqwest::header::CONTENT_ENCODING;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::session::Codes;

use super::client::{Client, below};
use super::clock::{Clock, within};
use super::failure::{Class, Failure};
use super::meter::Meter;
use super::{Limits, packing};

/// What is asked, and how much of an answer is heard.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Where, from the base address with a slash at its end; it never leaves the host.
    pub reference: &'a str,
    /// What is sent; a question without it is a `GET`.
    pub body: Option<&'a Value>,
    /// Most bytes of an answer. A longer one is none.
    pub most: usize,
    /// How long the whole answer may take.
    pub patience: Duration,
    /// Whose codes an error would carry.
    pub codes: Codes,
}

impl Client {
    /// Asks once.
    ///
    /// # Errors
    ///
    /// When it does not answer in time, not with success, or with more than was wanted.
    pub async fn told(&self, question: Question<'_>) -> Result<Vec<u8>, Failure> {
        let client = self.ready().await?;
        let address = self.place(question.reference)?;
        let request = match question.body {
            None => client.get(address),
            Some(body) => client.post(address).body(body.to_string()),
        };
        let limits = Limits {
            first: Some(question.patience),
            idle: Some(question.patience),
            total: Some(question.patience),
            ..Limits::default()
        };
        let end = Instant::now() + question.patience;
        let clock = Clock::start(&limits, Some(end));
        let mut response = self
            .answered(question.codes, request, &clock, &Meter::default())
            .await?;
        let coding = response.headers().get(CONTENT_ENCODING).cloned();
        let mut body = Vec::new();
        loop {
            match within(clock.deadline(), response.chunk()).await {
                None => return Err(clock.failure()),
                Some(Err(error)) => return Err(Failure::new(Class::Cut, super::answer::root(&error))),
                Some(Ok(None)) => break,
                Some(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
            }
            if body.len() > question.most {
                return Err(Failure::new(
                    Class::Cut,
                    "the answer is longer than such an answer can be",
                ));
            }
        }
        let coding = coding.as_ref().and_then(|coding| coding.to_str().ok());
        Ok(packing::unpacked(coding, body, question.most))
    }

    /// What `reference` means from the base address with a slash at its end.
    pub(super) fn place(&self, reference: &str) -> Result<Url, Failure> {
        let base = &self.endpoint().base_url;
        let place = below(base, "").join(reference);
        let mut place = place.map_err(|error| Failure::new(Class::Setup, error.to_string()))?;
        // Azure's `api-version` belongs to every request.
        if place.query().is_none() {
            place.set_query(base.query());
        }
        Ok(place)
    }
}
