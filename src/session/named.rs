//! Models that the user names beside the session's: as they are typed, and as they are meant.

use super::error::Error;

/// A model that was named, and which one that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    typed: String,
    /// Whether it was said of all providers, not all of which need to have it.
    is_for_all: bool,
    meant: Option<String>,
}

impl Named {
    /// One that the provider must have.
    #[must_use]
    pub fn here(typed: &str) -> Self {
        Self {
            typed: typed.to_owned(),
            is_for_all: false,
            meant: Some(typed.to_owned()),
        }
    }

    /// The same, said of whichever provider has it.
    #[must_use]
    pub fn for_all(self) -> Self {
        Self {
            is_for_all: true,
            ..self
        }
    }

    /// What stands on the command line or in the configuration.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The model that is meant; `None` if this provider does not have it.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.meant.as_deref()
    }

    /// Finds out which model is meant, by what `meant` says of a name and of whether it was said of all providers.
    pub(super) fn settle(&mut self, meant: impl Fn(&str, bool) -> Result<Option<String>, Error>) -> Result<(), Error> {
        self.meant = meant(&self.typed, self.is_for_all)?;
        Ok(())
    }
}

/// Models that do a part of Codex's work in the place of the session's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deputies {
    /// Finds titles for threads.
    pub small: Option<Named>,
    /// Reviews.
    pub review: Option<Named>,
    /// Does what the session's model passes on to sub-agents.
    pub subagent: Option<Named>,
}

impl Deputies {
    /// These, and those of `less` for what nobody is named here.
    #[must_use]
    pub fn or(self, less: Self) -> Self {
        Self {
            small: self.small.or(less.small),
            review: self.review.or(less.review),
            subagent: self.subagent.or(less.subagent),
        }
    }

    /// Those of a configuration that names them so.
    pub(super) fn named(small: &Option<String>, review: &Option<String>, subagent: &Option<String>) -> Self {
        let named = |name: &Option<String>| name.as_deref().map(Named::here);
        Self {
            small: named(small),
            review: named(review),
            subagent: named(subagent),
        }
    }

    /// The same, said of whichever provider has them.
    #[must_use]
    pub(super) fn for_all(self) -> Self {
        Self {
            small: self.small.map(Named::for_all),
            review: self.review.map(Named::for_all),
            subagent: self.subagent.map(Named::for_all),
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Named> {
        [&self.small, &self.review, &self.subagent].into_iter().flatten()
    }

    /// All of them, to be settled.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Named> {
        [&mut self.small, &mut self.review, &mut self.subagent]
            .into_iter()
            .flatten()
    }
}
