//! Which model somebody means by a name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Names of the models of one provider.
#[derive(Debug, Clone, Default)]
pub struct Names<'a> {
    /// Every model that is known by its name, the most useful first.
    pub models: Vec<&'a str>,
    /// Short names, and what they stand for; the configuration's over the table's.
    pub aliases: BTreeMap<&'a str, &'a str>,
    /// Whether there are no models beside these.
    pub are_all: bool,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant<'a> {
    /// The model that has it.
    Itself,
    /// The model that the short name stands for.
    Alias(&'a str),
    /// The only model whose name begins with it, or is it in other letters.
    Beginning(&'a str),
    /// A model that may be there though nobody has told of it.
    Unheard,
    /// None: these are the nearest.
    Nothing(Vec<&'a str>),
}

/// How many names are told to who may have meant one of them.
const NEAREST: usize = 3;

impl<'a> Names<'a> {
    /// What `typed` means. A model of exactly this name counts before all else; a beginning counts only where all
    /// models are known, because the name may be that of one more.
    #[must_use]
    pub fn find(&self, typed: &str) -> Meant<'a> {
        if self.has(typed) {
            return Meant::Itself;
        }
        if let Some(meant) = self.aliases.get(typed) {
            return Meant::Alias(meant);
        }
        // Hugging Face and OpenRouter take behind a colon how to choose among those who serve a model.
        if typed.split_once(':').is_some_and(|(name, _)| self.has(name)) || !self.are_all {
            return Meant::Unheard;
        }
        match self.begun(typed) {
            Some(meant) => Meant::Beginning(meant),
            None => Meant::Nothing(self.nearest(typed)),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.models.contains(&name)
    }

    /// The only one that is meant by a beginning: of the whole name, or of what stands behind its maker's.
    fn begun(&self, typed: &str) -> Option<&'a str> {
        let typed = typed.to_ascii_lowercase();
        let only = |fits: &dyn Fn(&str) -> bool| {
            let mut fitting = self.models.iter().filter(|name| fits(&name.to_ascii_lowercase()));
            let first = fitting.next();
            first.filter(|_| fitting.next().is_none()).copied()
        };
        let own = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        only(&|name| name == typed)
            .or_else(|| only(&|name| own(name) == typed))
            .or_else(|| only(&|name| name.starts_with(&typed)))
            .or_else(|| only(&|name| own(name).starts_with(&typed)))
    }

    /// Those that have most in common with `typed`.
    fn nearest(&self, typed: &str) -> Vec<&'a str> {
        let wanted = pairs(typed);
        let common = |name: &str| {
            let pairs = pairs(name);
            let both = pairs.iter().filter(|pair| wanted.contains(pair)).count();
            // In thousandths: longer names have more in common with everything.
            2000 * both / (pairs.len() + wanted.len()).max(1)
        };
        let mut near: Vec<(usize, &str)> = self.models.iter().map(|name| (common(name), *name)).collect();
        near.sort_by_key(|(common, _)| Reverse(*common));
        near.into_iter().take(NEAREST).map(|(_, name)| name).collect()
    }
}

/// All neighbouring letters of a name, in small letters.
fn pairs(name: &str) -> Vec<(char, char)> {
    let letters: Vec<char> = name.to_ascii_lowercase().chars().collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(are_all: bool) -> Names<'static> {
        Names {
            models: vec![
                "deepseek-v4-pro",
                "deepseek-v4-flash",
                "deepseek-v4-flash-mini",
                "z-ai/glm-5.3",
                "glm",
                "MiniMax-M3",
            ],
            aliases: [
                ("pro", "deepseek-v4-pro"),
                ("glm", "z-ai/glm-5.3"),
                ("gone", "unlisted"),
            ]
            .into(),
            are_all,
        }
    }

    #[test]
    fn a_whole_name_counts_before_an_alias_and_that_before_a_beginning() {
        let all = names(true);
        let found = |typed| all.find(typed);
        assert_eq!(found("deepseek-v4-flash"), Meant::Itself);
        assert_eq!(found("glm"), Meant::Itself);
        assert_eq!(found("pro"), Meant::Alias("deepseek-v4-pro"));
        assert_eq!(found("gone"), Meant::Alias("unlisted"));
        assert_eq!(found("deepseek-v4-p"), Meant::Beginning("deepseek-v4-pro"));
        assert_eq!(found("minimax-m3"), Meant::Beginning("MiniMax-M3"));
        assert_eq!(found("GLM-5"), Meant::Beginning("z-ai/glm-5.3"));
        assert_eq!(found("z-ai"), Meant::Beginning("z-ai/glm-5.3"));
        assert_eq!(found("z-ai/glm-5.3:nitro"), Meant::Unheard);
    }

    #[test]
    fn a_beginning_of_two_models_means_neither_and_the_nearest_are_told() {
        let all = names(true);
        let nearest = |typed| match all.find(typed) {
            Meant::Nothing(nearest) => nearest,
            other => panic!("{typed} is {other:?}"),
        };
        let near = nearest("deepseek-v4-f");
        assert_eq!(near[0], "deepseek-v4-flash");
        assert_eq!(near.len(), 3);
        assert_eq!(nearest("deepsek-v4-pro")[0], "deepseek-v4-pro");
        assert_eq!(nearest("deepseek-flash-mini")[0], "deepseek-v4-flash-mini");
        assert_eq!(nearest("").len(), 3);
    }

    #[test]
    fn where_there_may_be_more_a_name_that_nobody_knows_is_left_alone() {
        let some = names(false);
        assert_eq!(some.find("deepseek-v4-p"), Meant::Unheard);
        assert_eq!(some.find("pro"), Meant::Alias("deepseek-v4-pro"));
        assert_eq!(Names::default().find("anything"), Meant::Unheard);
    }
}
