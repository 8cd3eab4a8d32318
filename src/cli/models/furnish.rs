//! What a session is told about models before it starts.

use std::time::Duration;

use futures_util::future::join_all;

use crate::launch::{self, Codex};
use crate::models::{Found, Listing, Origin};
use crate::report::Report;
use crate::session::{self, Config, Environment, Folders, Instructions, Session};
use crate::stock::{Kept, Stock};

use super::super::environment::Surroundings;

/// How long a start waits for the list of a provider that nobody has asked yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long it waits where the model that was named is not in the list that is kept: without an answer it would end.
const PATIENCE_FOR_A_NAME: Duration = Duration::from_secs(5);

/// What Codex is told at its beginning, and the session with what is known of its provider's models. Each may have to
/// be asked for, and is then asked for at once.
pub(in crate::cli) async fn prepared(
    surroundings: &Surroundings,
    stock: &Stock,
    config: &Config,
    codex: &Codex,
    session: Session,
) -> Result<(String, Session), Report> {
    let Surroundings { folders, variables, .. } = surroundings;
    let (instructions, session) = tokio::join!(
        instructions(config, codex, folders, variables),
        furnished(stock, session)
    );
    Ok((instructions?, session?))
}

/// The base prompt that the configuration wants, else Codex's own.
pub(in crate::cli) async fn instructions(
    config: &Config,
    codex: &Codex,
    folders: &Folders,
    variables: &Environment,
) -> Result<String, Report> {
    match (config.own_instructions()?, config.instructions) {
        (Some(own), _) => Ok(own),
        (None, Some(Instructions::Short)) => Ok(launch::SHORT.to_owned()),
        (None, Some(Instructions::Codex) | None) => Ok(launch::instructions(codex, folders, variables).await),
    }
}

/// The session with what is known of its providers' models. A provider is asked for its list only if it never was, if
/// what it holds changes between two sessions, or if a list of last time lacks a model that was named. All are asked at
/// once.
pub(in crate::cli) async fn furnished(stock: &Stock, mut session: Session) -> Result<Session, Report> {
    let kept: Vec<Kept> = session.hosts().map(|host| stock.kept(host)).collect();
    let asked: Vec<bool> = session
        .hosts()
        .zip(&kept)
        .map(|(host, kept)| host.is_offered && kept.is_to_be_renewed(host))
        .collect();
    let lists = lists_of(stock, &session, &asked, PATIENCE).await;
    let unheard: Vec<bool> = lists.iter().map(Option::is_none).collect();
    for ((host, kept), listing) in session.hosts_mut().zip(kept).zip(lists) {
        host.furnish(Found {
            listing: listing.or(kept.found.listing),
            ..kept.found
        });
    }
    let settled = match session.clone().settled() {
        Err(session::Error::UnknownModel { .. }) => {
            // Whoever lacks it may have it since yesterday, or have taken longer than a second to say so.
            let newer = lists_of(stock, &session, &unheard, PATIENCE_FOR_A_NAME).await;
            for (host, listing) in session.hosts_mut().zip(newer) {
                if let Some(listing) = listing {
                    host.list(listing);
                }
            }
            session.settled()
        }
        other => other,
    };
    let session = settled?;
    tell(&session);
    Ok(session)
}

/// The lists of those providers that are to be asked, as far as they come within `patience`.
async fn lists_of(stock: &Stock, session: &Session, asked: &[bool], patience: Duration) -> Vec<Option<Listing>> {
    let lists = session.hosts().zip(asked).map(|(host, asks)| async move {
        match asks {
            true => stock.first(host, patience).await,
            false => None,
        }
    });
    join_all(lists).await
}

/// Writes down what was understood and what had to be assumed.
fn tell(session: &Session) {
    let model = &session.model;
    if let Some(absent) = session.absent() {
        super::super::note(&format!(
            "`{}` was chosen last, which `--also {}` offers: this session begins with `{}`",
            absent.name, absent.provider, model.id
        ));
    }
    if session.asked != model.slug() {
        tracing::info!(asked = session.asked, model = model.id, "the name means this model");
    }
    if model.origins.context_window == Origin::Nobody {
        tracing::warn!(
            model = model.id,
            "nobody says how many tokens it reads: what the smallest models of today read is assumed; \
             `context_window` of the configuration says otherwise"
        );
    }
    if !model.is_usable {
        super::super::note(&format!(
            "`{}` is said not to call tools, and Codex works with nothing else",
            model.id
        ));
    }
}
