//! Which model a request means: names that stand for others, and what becomes of names that nobody knows.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::models::is_name;
use crate::provider::matches;

use super::error::Error;
use super::named::Named;

/// Names that stand for models of the provider: for clients that can only ask for OpenAI's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelMap {
    /// What was typed, what stands in the provider's configuration, and what in that of all: the first that says
    /// anything of a name counts.
    layers: Vec<Vec<(String, Named)>>,
}

/// What becomes of a request for a model that is not among the session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    /// The session's own model answers. Codex may ask for another when a project's configuration names one that this
    /// provider does not have.
    ByOwn,
    /// It is asked for as it is named: the client knows what it wants, and the table does not know every model.
    AsNamed,
}

impl ModelMap {
    /// Puts `more` behind what is there; both were written in the same place.
    pub fn append(&mut self, more: Self) {
        let more = more.layers.into_iter().flatten();
        match self.layers.first_mut() {
            Some(first) => first.extend(more),
            None => self.layers.push(more.collect()),
        }
    }

    /// This, and `less` for what it does not say.
    #[must_use]
    pub(super) fn over(mut self, less: Self) -> Self {
        self.layers.extend(less.layers);
        self
    }

    /// The same, said of whichever provider has the models.
    #[must_use]
    pub(super) fn for_all(mut self) -> Self {
        for (_, to) in self.layers.iter_mut().flatten() {
            *to = to.clone().for_all();
        }
        self
    }

    /// What `asked` stands for, if for anything. In one place a whole name counts before a pattern, and what was
    /// written first before what follows.
    pub(super) fn target(&self, asked: &str) -> Option<&str> {
        let lower = asked.to_ascii_lowercase();
        let fits = |from: &str| from.contains('*') && matches(&from.to_ascii_lowercase(), &lower);
        self.layers.iter().find_map(|layer| {
            let first = |fits: &dyn Fn(&str) -> bool| {
                let mut fitting = layer.iter().filter(|(from, _)| fits(from));
                fitting.find_map(|(_, to)| to.model())
            };
            first(&|from| from == asked).or_else(|| first(&fits))
        })
    }

    /// All names, each with the model that it stands for.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.layers.iter().flatten();
        pairs.filter_map(|(from, to)| Some((from.as_str(), to.model()?)))
    }

    /// All that anything stands for, as it was written.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Named)> {
        self.layers.iter().flatten().map(|(from, to)| (from.as_str(), to))
    }

    /// All that anything stands for, to be settled.
    pub(super) fn named_mut(&mut self) -> impl Iterator<Item = &mut Named> {
        self.layers.iter_mut().flatten().map(|(_, to)| to)
    }

    /// What is wrong with it, with the name at which it is wrong.
    pub(super) fn fault(&self) -> Option<(&str, &'static str)> {
        self.named().find_map(|(from, to)| match () {
            () if !is_name(from) => Some((from, "is no name of a model, nor a pattern of names")),
            () if !is_name(to.typed()) || to.typed().contains('*') => Some((from, "stands for no name of a model")),
            () => None,
        })
    }
}

/// As it can be typed.
impl fmt::Display for ModelMap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (from, to)) in self.named().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(formatter, "{comma}{from}={}", to.typed())?;
        }
        Ok(())
    }
}

/// Reads a table in the order in which it is written.
impl<'de> Deserialize<'de> for ModelMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = ModelMap;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table such as `{ \"gpt-*\" = \"NAME\" }`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ModelMap, A::Error> {
        let mut layer = Vec::new();
        while let Some((from, to)) = map.next_entry::<String, String>()? {
            layer.push((from, Named::here(&to)));
        }
        Ok(ModelMap { layers: vec![layer] })
    }
}

/// Reads `FROM=TO`, or several with commas between them. `*` in `FROM` stands for any text. Without a `=`, the first
/// colon counts for it, as codex-relay 0.5 writes its map; names of models hold colons themselves.
impl FromStr for ModelMap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let pair = |entry: &str| {
            let (from, to) = entry.split_once('=').or_else(|| entry.split_once(':'))?;
            let (from, to) = (from.trim(), to.trim());
            (is_name(from) && is_name(to) && !to.contains('*')).then(|| (from.to_owned(), Named::here(to)))
        };
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let pairs = entries.map(|entry| pair(entry).ok_or_else(|| Error::BadModelMap(entry.to_owned())));
        let layers = vec![pairs.collect::<Result<_, _>>()?];
        Ok(Self { layers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(map: &str, asked: &str) -> Option<String> {
        let map: ModelMap = map.parse().unwrap();
        map.target(asked).map(str::to_owned)
    }

    #[test]
    fn a_whole_name_counts_before_a_pattern_and_the_first_before_the_next() {
        let map = "gpt-*=big, *-mini=small, gpt-5.4-mini=middle, gpt-5.4-mini=late,";
        for (asked, expected) in [
            ("gpt-5.4-mini", Some("middle")),
            ("gpt-5.5-mini", Some("big")),
            ("GPT-5.5", Some("big")),
            ("o4-mini", Some("small")),
            ("o4", None),
            ("my-gpt-4", None),
        ] {
            assert_eq!(target(map, asked).as_deref(), expected, "{asked}");
        }
        assert_eq!(target("", "gpt-4"), None);
        assert_eq!(target("*=all", "anything").as_deref(), Some("all"));
    }

    #[test]
    fn what_counts_more_counts_before_what_is_more_exact() {
        let map = |text: &str| text.parse::<ModelMap>().unwrap();
        let both = map("gpt-*=typed").over(map("gpt-6=configured,o3=third").for_all());
        assert_eq!(both.target("gpt-6"), Some("typed"));
        assert_eq!(both.target("o3"), Some("third"));
        let mut typed = map("gpt-*=first");
        typed.append(map("gpt-6=second"));
        assert_eq!(typed.target("gpt-6"), Some("second"));
        assert_eq!(typed.to_string(), "gpt-*=first,gpt-6=second");
        assert_eq!(typed.to_string().parse::<ModelMap>().unwrap(), typed);
    }

    #[test]
    fn what_the_provider_does_not_have_gives_way_to_what_follows() {
        let mut map: ModelMap = "gpt-6=gone,gpt-*=here".parse().unwrap();
        for named in map.named_mut() {
            named
                .settle(|typed, _| Ok((typed != "gone").then(|| typed.to_owned())))
                .unwrap();
        }
        assert_eq!(map.target("gpt-6"), Some("here"));
        assert_eq!(map.pairs().collect::<Vec<_>>(), [("gpt-*", "here")]);
    }

    #[test]
    fn a_colon_separates_where_no_equals_sign_does() {
        assert_eq!(target("gpt-5.4:deepseek-v4-pro,o3:x", "o3").as_deref(), Some("x"));
        assert_eq!(target("gpt-5.4:qwen3:8b", "gpt-5.4").as_deref(), Some("qwen3:8b"));
        assert_eq!(target("qwen3:8b=big", "qwen3:8b").as_deref(), Some("big"));
    }

    #[test]
    fn half_a_pair_is_told() {
        for text in ["gpt-4", "=big", "gpt-4=", "gpt-4=big model", "gpt-4=glm-*", "a=b,c"] {
            assert!(text.parse::<ModelMap>().is_err(), "{text}");
        }
        let error = "a=b,c".parse::<ModelMap>().unwrap_err().to_string();
        assert_eq!(error, "`c` is not `FROM=TO`");
    }
}
