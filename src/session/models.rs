//! Which model a request means: names that stand for others, and what becomes of names that nobody knows.

use std::str::FromStr;

use crate::provider::matches;

use super::error::Error;

/// Names that stand for models of the provider: for clients that can only ask for OpenAI's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelMap(Vec<(String, String)>);

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
    /// Puts `more` behind what is there.
    pub fn append(&mut self, mut more: Self) {
        self.0.append(&mut more.0);
    }

    /// What `asked` stands for, if for anything. A whole name counts before a pattern, and what was written first
    /// before what follows.
    pub(super) fn target(&self, asked: &str) -> Option<&str> {
        let exact = self.0.iter().find(|(from, _)| from == asked);
        let lower = asked.to_ascii_lowercase();
        let fits = |from: &str| from.contains('*') && matches(&from.to_ascii_lowercase(), &lower);
        let found = exact.or_else(|| self.0.iter().find(|(from, _)| fits(from)));
        found.map(|(_, to)| to.as_str())
    }

    /// All names, each with what it stands for.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(from, to)| (from.as_str(), to.as_str()))
    }

    /// All models that anything stands for.
    pub(super) fn targets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, to)| to.as_str())
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
            let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
            (is_name(from) && is_name(to) && !to.contains('*')).then(|| (from.to_owned(), to.to_owned()))
        };
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let pairs = entries.map(|entry| pair(entry).ok_or_else(|| Error::BadModelMap(entry.to_owned())));
        Ok(Self(pairs.collect::<Result<_, _>>()?))
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
