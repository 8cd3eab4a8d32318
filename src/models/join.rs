//! Which of several counts.

use super::Facts;

/// Who says something of a model, the one who counts most first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The user, in the configuration.
    Configuration,
    /// The provider, asked for it.
    Provider,
    /// The table that crelay is built with.
    Table,
    /// models.dev.
    ModelsDev,
    /// Nobody.
    #[default]
    Nobody,
}

impl Origin {
    /// The word for it in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Provider => "provider",
            Self::Table => "table",
            Self::ModelsDev => "models.dev",
            Self::Nobody => "nobody",
        }
    }
}

/// Who said what counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `Facts`")]
pub struct Origins {
    pub name: Origin,
    pub context_window: Origin,
    pub max_output: Origin,
    pub vision: Origin,
    pub tools: Origin,
    pub efforts: Origin,
    pub price: Origin,
}

/// What counts of what `sources` say, and who said it: of each fact what the first says who says anything of it.
#[must_use]
pub fn join(sources: &[(Origin, &Facts)]) -> (Facts, Origins) {
    let mut joined = Facts::default();
    let mut origins = Origins::default();
    for (origin, facts) in sources {
        take(&mut joined.name, &facts.name, &mut origins.name, *origin);
        take(
            &mut joined.context_window,
            &facts.context_window,
            &mut origins.context_window,
            *origin,
        );
        take(
            &mut joined.max_output,
            &facts.max_output,
            &mut origins.max_output,
            *origin,
        );
        take(&mut joined.vision, &facts.vision, &mut origins.vision, *origin);
        take(&mut joined.tools, &facts.tools, &mut origins.tools, *origin);
        take(&mut joined.efforts, &facts.efforts, &mut origins.efforts, *origin);
        take(&mut joined.price, &facts.price, &mut origins.price, *origin);
        take(&mut joined.converses, &facts.converses, &mut Origin::default(), *origin);
    }
    (joined, origins)
}

fn take<T: Clone>(joined: &mut Option<T>, said: &Option<T>, origin: &mut Origin, speaker: Origin) {
    if joined.is_none() && said.is_some() {
        joined.clone_from(said);
        *origin = speaker;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_counts_more_decides_each_fact_by_itself() {
        let window = |tokens| Facts {
            context_window: Some(tokens),
            ..Facts::default()
        };
        let configured = Facts {
            vision: Some(false),
            ..Facts::default()
        };
        let live = window(8_192);
        let table = Facts {
            name: Some("Big".to_owned()),
            vision: Some(true),
            ..window(131_072)
        };
        let (facts, origins) = join(&[
            (Origin::Configuration, &configured),
            (Origin::Provider, &live),
            (Origin::Table, &table),
        ]);
        let expected = Facts {
            name: Some("Big".to_owned()),
            vision: Some(false),
            ..window(8_192)
        };
        assert_eq!(facts, expected);
        let expected = Origins {
            name: Origin::Table,
            context_window: Origin::Provider,
            vision: Origin::Configuration,
            ..Origins::default()
        };
        assert_eq!(origins, expected);
    }
}
