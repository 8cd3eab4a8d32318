//! Text comes out of the healer alike however it is cut, and what is not healed is not changed.

use crelay::provider::dialect::{Grammar, Grammars};
use crelay::translate::heal::{Found, Healer, Healing};

use crate::laws::offered::offered;

use super::{SHORT, place};

/// What came out, with what lies beside each other put together.
#[derive(Debug, Default, PartialEq)]
struct Healed {
    text: String,
    thoughts: String,
    calls: Vec<(String, String)>,
    /// Whether anything was put right; of marks side by side it is chance whether they are noted together.
    is_touched: bool,
}

pub fn check(input: &[u8]) {
    let [grammars, split, text @ ..] = input else { return };
    let text = String::from_utf8_lossy(text);
    let whole = heal(*grammars, [&*text]);
    let middle = text.floor_char_boundary(place(text.len(), *split));
    let (left, right) = text.split_at(middle);
    assert_eq!(heal(*grammars, [left, right]), whole, "in halves");
    if text.len() <= SHORT {
        let ends = text
            .char_indices()
            .map(|(start, letter)| &text[start..start + letter.len_utf8()]);
        assert_eq!(heal(*grammars, ends), whole, "letter by letter");
    }
    // Blanks, and the mark that a host repeats, are nothing where the answer begins in a thought that says nothing.
    let begins_in_thought = healing(*grammars).grammars.has(Grammar::ThinkPrefilled);
    if !whole.is_touched && whole.thoughts.is_empty() && !begins_in_thought {
        assert_eq!(whole.text, text, "nothing is lost where nothing is healed");
    }
    for (_, arguments) in &whole.calls {
        serde_json::from_str::<serde_json::Map<_, _>>(arguments).expect("arguments are an object");
    }
}

fn heal<'a>(setting: u8, pieces: impl IntoIterator<Item = &'a str>) -> Healed {
    let mut healer = Healer::new(healing(setting));
    let mut found = Vec::new();
    for piece in pieces {
        healer.push(piece.to_owned(), &mut found);
    }
    healer.finish(&mut found);
    let mut healed = Healed {
        is_touched: !healer.take_notes().is_empty(),
        ..Healed::default()
    };
    for found in found {
        match found {
            Found::Text(text) => healed.text.push_str(&text),
            Found::Thought(thought) => healed.thoughts.push_str(&thought),
            Found::Call(call) => healed.calls.push((call.name, call.arguments)),
        }
    }
    healed
}

/// One grammar alone, all that are usual, or all that there are; for an answer in words or in JSON.
fn healing(setting: u8) -> Healing {
    let chosen = usize::from(setting & 0x7f);
    let mut grammars = match Grammar::ALL.get(chosen) {
        Some(_) => Grammars::none(),
        None => Grammars::default(),
    };
    let (_, grammar) = Grammar::ALL
        .get(chosen)
        .copied()
        .unwrap_or(("", Grammar::ThinkPrefilled));
    if chosen <= Grammar::ALL.len() {
        grammars.set(grammar, true);
    }
    let (_, mut healing) = offered(grammars);
    healing.wants_json = setting & 0x80 != 0;
    healing
}
