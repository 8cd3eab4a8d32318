//! Asks a provider whether it knows a key.

use std::sync::Arc;

use crate::report::Report;
use crate::session::{self, Arguments, Ground, Resolved, Secret, Wish};
use crate::upstream::{Class, Client, Limits, Proxy};

use super::super::run;

/// What became of a key that was shown to its provider.
pub(in crate::cli) enum Proof {
    /// The provider knows it.
    Accepted,
    /// The provider does not know it, and says so in these words.
    Refused(String),
    /// Nothing is proved, for this reason.
    Open(String),
}

/// Shows `key` to `provider`. Where its address is not known yet, nothing is proved.
pub(super) fn prove(ground: &Ground<'_>, provider: &str, key: &Secret) -> Result<Proof, Report> {
    let wish = Wish {
        provider: Some(provider.to_owned()),
        key: Some(key.clone()),
        // No model is needed for it.
        is_open: true,
        ..Wish::default()
    };
    match session::resolve(ground, &wish, &Arguments::default(), &|_| None) {
        Ok(resolved) => run::runtime()?.block_on(ask(&resolved, key)),
        Err(error) => Ok(Proof::Open(error.to_string())),
    }
}

/// Shows `key` to the provider of a session.
pub(in crate::cli) async fn ask(resolved: &Resolved, key: &Secret) -> Result<Proof, Report> {
    let mut endpoint = resolved.session.main.endpoint.clone();
    let Some(check) = &resolved.key_check else {
        return Ok(Proof::Open(format!(
            "crelay knows no way to ask {}",
            endpoint.provider_name
        )));
    };
    endpoint.key = Some(key.clone());
    let endpoint = Arc::new(endpoint);
    let limits = Limits::suiting(resolved.session.main.patience, endpoint.is_loopback());
    let client = Client::build_in_background(Arc::clone(&endpoint), Proxy::System, limits);
    let codes = resolved.session.model.dialect.codes;
    Ok(match client.prove(check, codes).await {
        Ok(()) => Proof::Accepted,
        Err(failure) if failure.class == Class::Auth => {
            let console = endpoint.console.as_ref();
            let place = console.map_or(String::new(), |url| format!("; keys are made at {url}"));
            Proof::Refused(format!("{}{place}", failure.reason(&endpoint)))
        }
        Err(failure) => Proof::Open(failure.reason(&endpoint)),
    })
}
