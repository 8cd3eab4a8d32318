//! Which leaked calls and thoughts are listened for, as the user wants it over what the table says.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::provider::dialect::{Grammar, Grammars};

use super::nearest::nearest;

/// `heal` of the configuration: nothing, what the table says, or that with some of it turned on or off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heal {
    /// What the table says, or nothing.
    All(bool),
    /// Some, by their names.
    Each(BTreeMap<String, bool>),
}

impl Heal {
    /// Puts the choice over `grammars`. `table` is what the table says.
    pub(super) fn put_over(&self, grammars: &mut Grammars, table: &Grammars) {
        match self {
            Self::All(true) => grammars.clone_from(table),
            Self::All(false) => *grammars = Grammars::none(),
            Self::Each(each) => {
                for (name, is_on) in each {
                    if let Some(grammar) = Grammar::find(name) {
                        grammars.set(grammar, *is_on);
                    }
                }
            }
        }
    }

    /// The first name that is none, and what may be meant.
    pub(super) fn fault(&self) -> Option<(&str, String)> {
        let Self::Each(each) = self else {
            return None;
        };
        let name = each.keys().find(|name| Grammar::find(name).is_none())?;
        let names = || Grammar::ALL.into_iter().map(|(name, _)| name);
        let hint = match nearest(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                format!("it knows {}", names.join(", "))
            }
        };
        Some((name, hint))
    }
}

impl<'de> Deserialize<'de> for Heal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads a choice as it is written.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Heal;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`true`, `false` or a table such as `{ dsml = false }`")
    }

    fn visit_bool<E: Error>(self, all: bool) -> Result<Heal, E> {
        Ok(Heal::All(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, each: A) -> Result<Heal, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(each)).map(Heal::Each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_over(heal: &[Heal], table: &[Grammar]) -> Vec<Grammar> {
        let mut from_table = Grammars::none();
        table.iter().for_each(|grammar| from_table.set(*grammar, true));
        let mut grammars = from_table.clone();
        heal.iter().for_each(|heal| heal.put_over(&mut grammars, &from_table));
        grammars.iter().collect()
    }

    fn each(name: &str, is_on: bool) -> Heal {
        Heal::Each(BTreeMap::from([(name.to_owned(), is_on)]))
    }

    #[test]
    fn a_choice_changes_only_what_it_names() {
        use Grammar::{Dsml, Glm, Think};

        assert_eq!(put_over(&[], &[Dsml, Think]), [Dsml, Think]);
        assert_eq!(put_over(&[Heal::All(false)], &[Dsml, Think]), []);
        assert_eq!(put_over(&[each("dsml", false)], &[Dsml, Think]), [Think]);
        assert_eq!(put_over(&[each("glm", true)], &[Dsml]), [Dsml, Glm]);
        assert_eq!(put_over(&[Heal::All(false), each("glm", true)], &[Dsml]), [Glm]);
        assert_eq!(put_over(&[Heal::All(false), Heal::All(true)], &[Dsml]), [Dsml]);
    }

    #[test]
    fn a_name_that_is_none_is_told_with_the_one_that_was_meant() {
        assert_eq!(each("dsml", false).fault(), None);
        let fault = |name| each(name, false).fault().unwrap().1;
        assert_eq!(fault("dmsl"), "did you mean `dsml`?");
        assert_eq!(
            fault("xml"),
            "it knows `dsml`, `deepseek-tokens`, `kimi-k2`, `kimi-k3`, `glm`, `hunyuan`, `qwen3-coder`, `qwen-element`, \
             `hermes`, `minimax-m2`, `minimax-m3`, `mistral`, `llama`, `harmony`, `step`, `gemma`, `tool-code`, `muse`, \
             `think`, `think-prefilled`"
        );
        assert_eq!(fault("minimax-m4"), "did you mean `minimax-m2`?");
    }
}
