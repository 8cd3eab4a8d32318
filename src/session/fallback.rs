//! Models that answer in the place of the session's while its provider has nothing left to answer with: whom the user
//! means by them.

use crate::plain;

use super::also::{Also, Further};
use super::choice::{self, Chosen, Ground};
use super::error::Error;
use super::range::Range;
use super::resolve::{Wish, usual_model};
use super::{Host, Model, Session};

impl Ground<'_> {
    /// The models that `wish` wants in the place of those of `main`, which are `range`, the first before the next.
    /// Their providers join `further`, if they are not there yet; who is there for this alone is not offered.
    pub(super) fn fallbacks(
        &self,
        wish: &Wish,
        (main, range): (&Chosen, &Range),
        further: &mut Vec<Further>,
    ) -> Result<Vec<Model>, Error> {
        let (words, origin) = match &wish.fallbacks {
            Also::Nobody => return Ok(Vec::new()),
            Also::Configured => (
                self.config.fallback.as_deref().unwrap_or_default(),
                self.config.place(&["fallback"]),
            ),
            Also::Typed(words) => (words.as_slice(), "`--fallback`".to_owned()),
        };
        let words = words.iter().filter(|word| !word.is_empty());
        words
            .map(|word| self.fallback(wish, (main, range), word, &origin, further))
            .collect()
    }

    /// Holds the configured fallbacks to what there is, as far as that can be told without asking anybody. What no
    /// provider of the configuration has may be a model of an address that will be typed, as long as none is usual;
    /// a slip in the name of a provider is told even so.
    ///
    /// # Errors
    ///
    /// The first slip, as a session tells it.
    pub fn check_fallbacks(&self) -> Result<(), Error> {
        let origin = self.config.place(&["fallback"]);
        let usual = self.choose(None, None).ok();
        for word in self.config.fallback.iter().flatten() {
            let (name, model) = split(word)?;
            let error = match self.named(name, Some(&origin), None) {
                Ok(chosen) => {
                    named(model, &chosen, &origin)?;
                    continue;
                }
                Err(error @ Error::UnknownProvider { .. }) => error,
                Err(_) => continue,
            };
            let own = self.config.providers.keys();
            let mut own = own
                .filter_map(|name| self.named(name, None, None).ok())
                .chain(usual.clone());
            let is_slip = || {
                let is_near = matches!(error, Error::UnknownProvider { meant: Some(_), .. });
                let before = word.split(':').next().unwrap_or_default();
                usual.is_some() || is_near || self.meet(before, None).is_ok()
            };
            if !own.any(|chosen| Range::new(&chosen, &Wish::default(), self.config).knows(word)) && is_slip() {
                return Err(error);
            }
        }
        Ok(())
    }

    /// What stands before the first slash is a provider if one is called so: which models a gateway has under the names
    /// of their makers changes with its list, and who is sent the prompts must not.
    fn fallback(
        &self,
        wish: &Wish,
        (main, range): (&Chosen, &Range),
        word: &str,
        origin: &str,
        further: &mut Vec<Further>,
    ) -> Result<Model, Error> {
        let (name, model) = split(word)?;
        let id = match self.meet(name, Some(origin)) {
            Ok((known, _)) => known.id,
            Err(_) if range.knows(word) || choice::is_bare(&main.id) => return Ok(range.model(word)),
            Err(error) => return Err(error),
        };
        if id == main.id {
            let id = named(model, main, origin)?;
            return Ok(range.model(&id));
        }
        let chosen = self.named(name, Some(origin), None)?;
        let model = named(model, &chosen, origin)?;
        let is_here = |known: &&mut Further| known.host().endpoint.provider == id;
        if let Some(known) = further.iter_mut().find(is_here) {
            known.is_needed();
            return Ok(known.host().range.model(&model));
        }
        let mut new = self.beside(wish, chosen, Some(origin))?;
        new.host.is_offered = false;
        let model = new.host.range.model(&model);
        further.push(new);
        Ok(model)
    }
}

/// What stands before the first slash of `word`, and what behind it.
fn split(word: &str) -> Result<(&str, Option<&str>), Error> {
    if word.chars().any(|c| plain::is_hostile(c) || c.is_whitespace()) {
        return Err(Error::BadModel(word.to_owned()));
    }
    Ok(match word.split_once('/') {
        Some((name, model)) => (name, Some(model)),
        None => (word, None),
    })
}

/// The model of `chosen` that was named, or else its usual one.
fn named(model: Option<&str>, chosen: &Chosen, origin: &str) -> Result<String, Error> {
    let named = model.filter(|model| !model.is_empty()).map(str::to_owned);
    named
        .or_else(|| usual_model(chosen))
        .ok_or_else(|| Error::NoFallbackModel {
            provider: chosen.id.clone(),
            origin: origin.to_owned(),
        })
}

impl Session {
    /// The fallbacks once all is known about their providers' models that will be.
    pub(super) fn settled_fallbacks(&self) -> Result<Vec<Model>, Error> {
        let settled = self.fallbacks.iter().map(|fallback| {
            let range = &self.host(fallback).range;
            range.spoken(range.meant(&fallback.id)?)
        });
        settled.collect()
    }
}

impl Host {
    /// How the user names a fallback of this provider.
    #[must_use]
    pub fn fallback(&self, model: &Model) -> String {
        format!("{}/{}", self.endpoint.provider, model.id)
    }
}
