//! Whose keys there are, and where: the sources of each provider, in the order in which they count.

use super::choice::Ground;
use super::error::Error;
use super::key::{Place, Source};
use super::secret::Secret;

/// The keys of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The provider's id.
    pub provider: String,
    /// The provider's name, for people.
    pub name: String,
    /// Whether it answers nobody without a key.
    pub are_required: bool,
    /// The variables in which a key may stand, set or not.
    pub variables: Vec<String>,
    /// Where keys are; the first counts.
    pub sources: Vec<Source>,
}

impl Ground<'_> {
    /// The keys of the provider that `name` means, wherever that is.
    ///
    /// # Errors
    ///
    /// When the name is nobody's.
    pub fn keys(&self, name: &str) -> Result<Keys, Error> {
        let (known, entry) = self.meet(name, None)?;
        let variables = self.key_env(&known, &entry);
        let kept = self.kept(&known.id);
        let sources = self.sources(&known.id, &variables, entry.key_command.as_deref(), kept);
        Ok(Keys {
            sources: sources.collect(),
            variables,
            are_required: known.key_required || entry.key_env.is_some(),
            provider: known.id,
            name: known.name,
        })
    }

    /// The ids of all [providers](Self::providers).
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.providers().map(|(id, _)| id)
    }

    /// Where the key of the provider `id` is, the first that counts first. What was typed counts more than all of it.
    pub(super) fn sources(
        &self,
        id: &str,
        variables: &[String],
        key_command: Option<&str>,
        kept: Option<Place>,
    ) -> impl Iterator<Item = Source> {
        let set = variables.iter().filter_map(|name| {
            Some(Source::Variable {
                name: name.clone(),
                value: Secret::new(self.variable(name)?),
            })
        });
        let command = key_command.map(|command| Source::Command {
            provider: id.to_owned(),
            command: command.to_owned(),
        });
        let kept = kept.map(|place| Source::Kept {
            provider: id.to_owned(),
            place,
        });
        set.chain(command).chain(kept)
    }
}
