//! What providers list and models.dev knows: asked for over the network, and kept in the cache folder.
//!
//! [`Stock::kept`] tells what is there without asking anybody, so a start need not wait. Where nobody was asked yet,
//! [`Stock::first`] asks the provider, and [`Stock::renew`] asks again while a session runs. [`ask()`] alone asks
//! the provider and keeps nothing. What any of it means is told in `models`.

#![forbid(unsafe_code)]

mod ask;
mod shelf;

use std::time::Duration;

use url::Url;

use crate::models::{Found, Listing};
use crate::session::{Folders, Host, Lists};
use crate::upstream::Failure;

pub use ask::ask;

use shelf::{Shelf, now};

/// For how long a provider's list is not asked for again, in seconds. Models come and go by the week; a user who looks
/// for the one of this morning finds it in the second session at the latest.
const LIST_LASTS: u64 = 3600;

/// The same where the last question was in vain.
const REFUSAL_LASTS: u64 = 600;

/// For how long models.dev is not asked again. It changes by the day.
const DEV_LASTS: u64 = 24 * 3600;

/// How long a provider may take for its list while nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The kept answers, and who may be asked for more.
#[derive(Debug, Clone)]
pub struct Stock {
    shelf: Shelf,
    models_dev: Url,
    is_offline: bool,
}

/// What was answered earlier about one provider's models.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Kept {
    /// What was found out.
    pub found: Found,
    /// When the provider was asked for its list, in seconds since 1970. It may have given none.
    pub asked: Option<u64>,
    /// When models.dev was asked.
    pub dev_asked: Option<u64>,
}

impl Kept {
    /// Whether the provider has given its list, and not long ago.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.found.listing.is_some() && !is_old(self.asked, LIST_LASTS)
    }

    /// Whether the provider of `host` is to be asked before Codex starts: nobody has asked it yet, or it is a server
    /// of this machine that holds another model as soon as its user likes, which costs a millisecond.
    #[must_use]
    pub fn is_to_be_renewed(&self, host: &Host) -> bool {
        let changes = matches!(host.range.lists(), Lists::Ollama | Lists::LmStudio | Lists::LlamaCpp);
        let answers = self.found.listing.is_some() || is_old(self.asked, REFUSAL_LASTS);
        self.asked.is_none() || (changes && answers && host.endpoint.is_loopback())
    }
}

impl Stock {
    /// What is kept below the cache folder, which need not be there. With `is_offline` nobody beyond this machine is
    /// asked.
    #[must_use]
    pub fn new(folders: &Folders, models_dev: Url, is_offline: bool) -> Self {
        Self {
            shelf: Shelf::new(&folders.cache),
            models_dev,
            is_offline,
        }
    }

    /// Whether the provider of `host` may be asked, and has something to tell.
    #[must_use]
    pub fn may_ask(&self, host: &Host) -> bool {
        let is_near = host.endpoint.is_loopback();
        host.range.lists() != Lists::Nothing && (is_near || !self.is_offline)
    }

    /// What is kept about the models of a provider. Nobody is asked. Another key, or another address, is
    /// another account with a list of its own.
    #[must_use]
    pub fn kept(&self, host: &Host) -> Kept {
        let list = self.shelf.list(&host.endpoint);
        let dev = self.shelf.dev(host.range.models_dev());
        Kept {
            asked: list.as_ref().map(|list| list.asked),
            dev_asked: dev.as_ref().map(|dev| dev.asked),
            found: Found {
                listing: list.and_then(|list| list.said),
                dev: dev.map(|dev| dev.said).unwrap_or_default(),
            },
        }
    }

    /// The same where the key is not known, so that it cannot be told whose list it is: of the one account that was
    /// asked last. For showing what there may be, not for a session.
    #[must_use]
    pub fn presumed(&self, host: &Host) -> Found {
        let listing = self.shelf.newest_list(&host.endpoint);
        Found {
            listing: listing.or_else(|| self.kept(host).found.listing),
            ..self.kept(host).found
        }
    }

    /// Asks the provider for its list, and keeps it. An answer that takes longer than `patience` is not waited for, but
    /// kept when it comes, if this runtime still runs by then; that it was slow is kept as well, so that the next start
    /// does not wait again.
    pub async fn first(&self, host: &Host, patience: Duration) -> Option<Listing> {
        if !self.may_ask(host) {
            return None;
        }
        let (stock, asking) = (self.clone(), host.clone());
        let answer = tokio::spawn(async move { stock.ask_and_keep(&asking).await });
        match tokio::time::timeout(patience, answer).await {
            Ok(answer) => answer.ok()?.ok(),
            Err(_) => {
                tracing::info!(provider = %host.endpoint, "its list of models takes too long to wait for");
                self.shelf.keep_list(&host.endpoint, None);
                None
            }
        }
    }

    /// Asks the provider for its list, and keeps it, or else that it gave none. A key that is refused, and a server
    /// that does not run yet, say nothing about the next question.
    ///
    /// # Errors
    ///
    /// When there is no list.
    pub async fn ask_and_keep(&self, host: &Host) -> Result<Listing, Failure> {
        let answer = ask(host, PATIENCE).await;
        match &answer {
            Ok(listing) => self.shelf.keep_list(&host.endpoint, Some(listing)),
            Err(failure) => {
                let words = failure.sentence(&host.endpoint);
                tracing::info!(class = ?failure.class, "no list of models: {words}");
                if !ask::may_pass(failure) {
                    self.shelf.keep_list(&host.endpoint, None);
                }
            }
        }
        answer
    }

    /// Asks again, in the background, for all that has become old: each provider, and models.dev once. Nothing waits
    /// for it: what has not come by the end of this runtime is not kept. Must be called in a runtime.
    pub fn renew<'a>(&self, hosts: impl Iterator<Item = &'a Host>) {
        let mut dev = None;
        for host in hosts {
            let kept = self.kept(host);
            self.renew_list(host, &kept);
            if dev.is_none() && self.may_ask_models_dev(host) && is_old(kept.dev_asked, DEV_LASTS) {
                dev = Some(host.clone());
            }
        }
        if let Some(host) = dev {
            let stock = self.clone();
            tokio::spawn(async move { drop(stock.ask_models_dev(&host).await) });
        }
    }

    fn renew_list(&self, host: &Host, kept: &Kept) {
        let lasts = if kept.found.listing.is_some() {
            LIST_LASTS
        } else {
            REFUSAL_LASTS
        };
        if self.may_ask(host) && is_old(kept.asked, lasts) {
            let (stock, host) = (self.clone(), host.clone());
            tokio::spawn(async move { drop(stock.ask_and_keep(&host).await) });
        }
    }

    /// Whether models.dev may be asked, and knows the provider.
    #[must_use]
    pub fn may_ask_models_dev(&self, host: &Host) -> bool {
        !self.is_offline && !host.range.models_dev().is_empty()
    }

    /// Asks models.dev, and keeps what it says of all providers of the table.
    ///
    /// # Errors
    ///
    /// When it does not answer, or with something else.
    pub async fn ask_models_dev(&self, host: &Host) -> Result<(), Failure> {
        let shelf = self.shelf.clone();
        ask::models_dev(host, self.models_dev.clone(), move |everything| {
            shelf.keep_dev(&everything)
        })
        .await
        .inspect_err(|failure| tracing::info!(class = ?failure.class, "models.dev does not answer"))
    }
}

/// Whether what was said at that time is older than it lasts; what was said in the future was said by a clock that went
/// wrong.
fn is_old(asked: Option<u64>, lasts: u64) -> bool {
    let now = now();
    asked.is_none_or(|asked| asked > now || now - asked >= lasts)
}
