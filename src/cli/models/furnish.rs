//! What a session is told about models before it starts.

use std::time::Duration;

use crate::launch::{self, Codex};
use crate::models::{Found, Origin};
use crate::report::Report;
use crate::session::{self, Config, Environment, Folders, Instructions, Session};
use crate::stock::Stock;

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

/// The session with what is known of its provider's models. The provider is asked for its list only if it never was, if
/// what it holds changes between two sessions, or if its list of last time lacks the model that was named.
pub(in crate::cli) async fn furnished(stock: &Stock, session: Session) -> Result<Session, Report> {
    let kept = stock.kept(&session.main);
    let asks = kept.is_to_be_renewed(&session.main);
    let mut found = kept.found;
    if asks && let Some(listing) = stock.first(&session.main, PATIENCE).await {
        found.listing = Some(listing);
    }
    let furnished = match session.clone().furnished(found.clone()) {
        Err(session::Error::UnknownModel { .. }) if !asks => {
            let listing = stock.first(&session.main, PATIENCE_FOR_A_NAME).await.or(found.listing);
            session.furnished(Found { listing, ..found })
        }
        other => other,
    };
    let session = furnished?;
    tell(&session);
    Ok(session)
}

/// Writes down what was understood and what had to be assumed.
fn tell(session: &Session) {
    let model = &session.model;
    if session.asked != model.id {
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
