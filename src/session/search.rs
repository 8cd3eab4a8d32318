//! Whether the web is searched: what was typed and written down, and what the provider can.
//!
//! Codex searches by default: in an index that only OpenAI has, or live where its sandbox is off (seen on 0.134 to
//! 0.169). With another provider every search is live: words of the conversation reach a search engine, and are paid
//! for. So what nobody asked for is turned off.

/// What Codex is told about its search of the web.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Search {
    /// Nothing: its own arguments and configuration decide.
    #[default]
    AsConfigured,
    /// That it is on.
    On,
    /// That it is off.
    Off,
    /// That it is off, because the provider has none, although it was asked for.
    Missing,
}

/// What was said about searching, on or off, wherever it was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// On Codex's command line.
    pub line: Option<bool>,
    /// In crelay's configuration.
    pub crelay: Option<bool>,
    /// In Codex's configuration.
    pub codex: Option<bool>,
}

impl Said {
    /// What follows for a model of which `searches` says whether its provider searches for it. What was typed counts
    /// more than what was written for crelay, and that more than what was written for Codex.
    pub fn decide(self, searches: bool) -> Search {
        let wish = self.line.or(self.crelay).or(self.codex);
        match wish {
            Some(true) if !searches => Search::Missing,
            Some(true) if self.line.is_none() && self.crelay.is_some() => Search::On,
            Some(true) => Search::AsConfigured,
            Some(false) | None => Search::Off,
        }
    }
}

/// Whether a value of Codex's `web_search` asks for the web. `cached`, Codex's default, asks for OpenAI's own copy of
/// it, which nobody else has; with `live` and `indexed` the tool may reach out (seen on 0.169).
#[must_use]
pub fn is_live(mode: &str) -> bool {
    matches!(mode, "live" | "indexed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(searches: bool, said: [Option<bool>; 3]) -> Search {
        let [line, crelay, codex] = said;
        Said { line, crelay, codex }.decide(searches)
    }

    #[test]
    fn a_search_that_the_provider_has_not_is_off_and_missed_by_who_asked_last() {
        for (said, expected) in [
            ([None, None, None], Search::Off),
            ([None, None, Some(false)], Search::Off),
            ([None, None, Some(true)], Search::Missing),
            ([None, Some(false), Some(true)], Search::Off),
            ([None, Some(true), None], Search::Missing),
            ([Some(false), Some(true), Some(true)], Search::Off),
            ([Some(true), None, None], Search::Missing),
        ] {
            assert_eq!(decided(false, said), expected, "{said:?}");
        }
    }

    #[test]
    fn a_search_that_the_provider_has_is_on_for_who_asked_for_it_and_for_nobody_else() {
        for (said, expected) in [
            ([None, None, None], Search::Off),
            ([None, None, Some(false)], Search::Off),
            ([None, None, Some(true)], Search::AsConfigured),
            ([None, Some(true), Some(false)], Search::On),
            ([None, Some(false), Some(true)], Search::Off),
            ([Some(true), Some(false), None], Search::AsConfigured),
            ([Some(false), Some(true), Some(true)], Search::Off),
        ] {
            assert_eq!(decided(true, said), expected, "{said:?}");
        }
    }
}
