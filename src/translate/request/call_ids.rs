//! Ids of calls in the form that a dialect takes.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use crate::provider::dialect::CallIds;
use crate::translate::names::hash;

/// The longest id that every provider takes, apart from Mistral.
const LONGEST: usize = 40;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Gives each call of a history its id: the same history, the same ids, and no id twice.
#[derive(Debug)]
pub struct Minter {
    form: CallIds,
    seen: HashMap<String, u64>,
    given: HashSet<String>,
}

impl Minter {
    /// Ids in one form.
    pub fn new(form: CallIds) -> Self {
        Self {
            form,
            seen: HashMap::new(),
            given: HashSet::new(),
        }
    }

    /// The id of the next call that Codex knows as `call_id`. Some providers count from zero in every answer, so the
    /// same id may come again; it then gets another.
    pub fn mint(&mut self, call_id: &str) -> String {
        let occurrence = self.seen.entry(call_id.to_owned()).or_default();
        let first = *occurrence;
        *occurrence += 1;
        let form = self.form;
        let free = (first..)
            .map(|attempt| shaped(form, call_id, attempt))
            .find(|id| !self.given.contains(id));
        let id = free.unwrap_or_default();
        self.given.insert(id.clone());
        id
    }
}

fn shaped(form: CallIds, call_id: &str, attempt: u64) -> String {
    let fits = |lengths: RangeInclusive<usize>, marks: &[u8]| {
        let mut bytes = call_id.bytes();
        lengths.contains(&call_id.len()) && bytes.all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    let is_kept = match form {
        CallIds::Plain => fits(1..=LONGEST, b"_-"),
        CallIds::Dotted => fits(1..=LONGEST, b"_-.:"),
        CallIds::Nine => fits(9..=9, b""),
    };
    if attempt == 0 && is_kept {
        return call_id.to_owned();
    }
    match form {
        CallIds::Plain | CallIds::Dotted => format!("call_{:016x}", hash(call_id, attempt)),
        CallIds::Nine => nine(hash(call_id, attempt)),
    }
}

fn nine(mut number: u64) -> String {
    let mut id = String::with_capacity(9);
    for _ in 0..9 {
        // The remainder is below 62, so it is an index.
        id.push(char::from(LETTERS[usize::try_from(number % 62).unwrap_or_default()]));
        number /= 62;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_form_and_never_repeat() {
        let mut plain = Minter::new(CallIds::Plain);
        assert_eq!(plain.mint("call_1"), "call_1");
        let again = plain.mint("call_1");
        assert_ne!(again, "call_1");
        assert_ne!(plain.mint(&again), again, "an id that was given to another call");
        assert!(plain.mint("functions/read 0").starts_with("call_"));
        assert!(plain.mint("").starts_with("call_"));
        assert!(plain.mint("functions.read:0").starts_with("call_"));
        assert_eq!(
            Minter::new(CallIds::Dotted).mint("functions.read:0"),
            "functions.read:0"
        );

        let mut nine = Minter::new(CallIds::Nine);
        assert_eq!(nine.mint("abcDEF123"), "abcDEF123");
        for call_id in ["abcDEF123", "call_00_x", ""] {
            let id = nine.mint(call_id);
            assert!(
                id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{id}"
            );
        }
    }

    #[test]
    fn the_same_history_gets_the_same_ids() {
        let ids = |count: usize| {
            let mut minter = Minter::new(CallIds::Nine);
            ["a", "b", "a", "c"]
                .iter()
                .take(count)
                .map(|id| minter.mint(id))
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(3), ids(4)[..3]);
    }
}
