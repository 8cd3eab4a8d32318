//! What is listened for, and what stands at a place of the text.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::provider::dialect::{Grammar, Grammars};

use super::Healing;
use super::code::Code;
use super::cursor::{Cursor, Stop};
use super::decoder::{Begins, Reader};
use super::grammars::decoder;
use super::tools::{Call, Offered};

/// The most that is held back for a call that is not whole yet, in bytes; the markup of a longer one is let go as text.
/// Arguments beyond it would be longer than the longest answer of the table (524288 tokens, about two bytes of code
/// each).
pub const MOST_HELD: usize = 1 << 20;

/// Everything that is listened for.
#[derive(Debug)]
pub struct Marks {
    table: Arc<Table>,
    pub tools: Offered,
}

/// The marks of some grammars.
#[derive(Debug)]
struct Table {
    all: Vec<Mark>,
    /// Those that may stand where the text has these two bytes, in the order of the bytes. Nearly every mark begins
    /// with `<`, but few go on as a tag of HTML or a type of Rust does.
    by_pair: Vec<([u8; 2], Vec<Mark>)>,
    /// Those of one byte, which may stand before any other.
    single: Vec<Mark>,
    /// Which bytes a mark may begin with, or tell whether text is code.
    is_telling: [bool; 256],
}

/// What a table depends on: the grammars, whether there are tools, and whether an object alone is no call.
type Key = (Grammars, bool, bool);

/// The tables that were made; every turn of a session needs the same, and they are large.
static TABLES: Mutex<Vec<(Key, Arc<Table>)>> = Mutex::new(Vec::new());

/// Something to listen for.
#[derive(Debug, Clone, Copy)]
struct Mark {
    literal: &'static str,
    grammar: Grammar,
    means: Means,
}

#[derive(Debug, Clone, Copy)]
enum Means {
    /// A call, or the list that it stands in.
    Call(Begins, Reader),
    /// A thought up to this mark.
    Thought(&'static str),
    /// Nothing, unless what it closes stayed as text.
    Closer,
    /// Nothing.
    Token,
}

/// What stands before a place, white space apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Nothing was said.
    Nothing,
    /// A thought, with which the white space goes.
    Thought,
    /// Something that was taken out.
    Mark,
    /// Words.
    Words,
}

/// What stands at a place. Lengths are in bytes.
#[derive(Debug)]
pub enum Sighting {
    /// Words.
    Nothing,
    /// What may become markup; one of these literals must come before more can be told (none: any text may tell).
    Open(Vec<&'static str>),
    /// Calls.
    Calls(usize, Grammar, Vec<Call>),
    /// The beginning of a thought, and what will end it.
    Thought(usize, Grammar, &'static str),
    /// Marks that mean nothing.
    Stray(usize, Grammar),
    /// White space that goes with what stood before it.
    Gap(usize),
    /// Markup that must stay as it is, up to this mark; without one, to the end of the answer.
    Foreign(Option<&'static str>),
}

impl Sighting {
    /// The same with `gap` bytes of white space before it, which go with what is taken out.
    pub fn behind(self, gap: usize) -> Self {
        match self {
            Self::Calls(length, grammar, calls) => Self::Calls(gap + length, grammar, calls),
            Self::Thought(length, grammar, end) => Self::Thought(gap + length, grammar, end),
            Self::Stray(length, grammar) => Self::Stray(gap + length, grammar),
            other => other,
        }
    }
}

impl Marks {
    /// The marks of all grammars that are listened for.
    pub fn new(healing: Healing) -> Self {
        let key = (healing.grammars, !healing.tools.is_empty(), healing.wants_json);
        // What is in it is whole at any time.
        let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tables.iter().find(|(known, _)| *known == key);
        let table = known.map(|(_, table)| Arc::clone(table)).unwrap_or_else(|| {
            let table = Arc::new(Table::new(&key));
            tables.push((key, Arc::clone(&table)));
            table
        });
        Self {
            table,
            tools: healing.tools,
        }
    }

    /// The marks that `text` can begin with, or be the beginning of; what is left out cannot.
    fn near(&self, text: &str) -> &[Mark] {
        let Some(pair) = text.as_bytes().first_chunk::<2>() else {
            return &self.table.all;
        };
        match self.table.by_pair.binary_search_by_key(pair, |(known, _)| *known) {
            Ok(place) => &self.table.by_pair[place].1,
            Err(_) => &self.table.single,
        }
    }

    /// The first place in `text` where anything is to be told.
    pub fn telling(&self, text: &str) -> Option<usize> {
        text.bytes().position(|byte| self.table.is_telling[usize::from(byte)])
    }

    /// Whether `text` begins with a mark for calls, behind which all of it may be read.
    pub fn begins_call(&self, text: &str) -> bool {
        let is_call = |mark: &Mark| matches!(mark.means, Means::Call(..)) && text.starts_with(mark.literal);
        self.near(text).iter().any(is_call)
    }

    /// The grammar whose mark for calls `text` begins with. A bare bracket is no mark.
    pub fn opener(&self, text: &str) -> Option<Grammar> {
        let is_mark = |mark: &Mark| matches!(mark.means, Means::Call(..)) && mark.literal.len() > 1;
        let opens = |mark: &&Mark| is_mark(mark) && text.starts_with(mark.literal);
        self.near(text).iter().find(opens).map(|mark| mark.grammar)
    }

    /// What `rest` begins with. `has_kept` says whether any markup stayed as text, so that what closes it must stay,
    /// too.
    pub fn sight(&self, rest: &str, before: Before, is_whole: bool, has_kept: &mut bool) -> Sighting {
        let mut awaited = Vec::new();
        let mut is_refused = false;
        let mut foreign = None;
        for mark in self.near(rest) {
            if !rest.starts_with(mark.literal) {
                if !is_whole && mark.literal.starts_with(rest) && mark.may_stand(before) {
                    awaited.push("");
                }
                continue;
            }
            match mark.means {
                Means::Call(begins, read) if mark.may_stand(before) => {
                    let mut cursor = Cursor::new(rest, is_whole);
                    match read(&mut cursor, &self.tools) {
                        // What holds no call is none, such as an empty fence.
                        Ok(calls) if calls.is_empty() => is_refused |= begins == Begins::Anywhere,
                        Ok(calls) if cursor.at() <= MOST_HELD => {
                            return Sighting::Calls(cursor.at(), mark.grammar, calls);
                        }
                        Ok(_) => foreign = Some(None),
                        Err(Stop::More(literal)) => awaited.push(literal),
                        Err(Stop::No) => is_refused |= begins == Begins::Anywhere,
                        Err(Stop::Foreign(closer)) => {
                            is_refused = true;
                            foreign = Some(Some(closer));
                        }
                    }
                }
                Means::Thought(end) if mark.may_stand(before) => {
                    return Sighting::Thought(mark.literal.len(), mark.grammar, end);
                }
                _ => {}
            }
        }
        if !awaited.is_empty() && rest.len() <= MOST_HELD {
            return Sighting::Open(awaited);
        }
        if !awaited.is_empty() {
            foreign = Some(None);
        }
        *has_kept |= is_refused;
        match foreign {
            Some(closer) => Sighting::Foreign(closer),
            None => self.stray(rest, before, is_whole, *has_kept),
        }
    }

    /// Marks that mean nothing. They count where a machine writes them, at the end of a line, before the first word or
    /// beside other marks: in the middle of a sentence somebody speaks of them.
    fn stray(&self, rest: &str, before: Before, is_whole: bool, has_kept: bool) -> Sighting {
        let is_stray = |mark: &&Mark| match mark.means {
            Means::Closer => !has_kept,
            Means::Token => true,
            Means::Call(..) | Means::Thought(_) => false,
        };
        let mut end = 0;
        let mut first = None;
        while let Some(mark) = self
            .near(&rest[end..])
            .iter()
            .filter(is_stray)
            .find(|mark| rest[end..].starts_with(mark.literal))
        {
            end += mark.literal.len();
            first.get_or_insert(mark.grammar);
        }
        let Some(grammar) = first else {
            return Sighting::Nothing;
        };
        let tail = &rest[end..];
        let begins_words = match before {
            Before::Nothing => !tail.is_empty() && !tail.starts_with(' '),
            Before::Mark | Before::Thought => true,
            Before::Words => false,
        };
        let ends_line = tail.starts_with(['\n', '\r']) || (is_whole && tail.is_empty());
        let near = self.near(tail);
        if begins_words || ends_line || near.iter().any(|mark| tail.starts_with(mark.literal)) {
            return Sighting::Stray(end, grammar);
        }
        match near.iter().any(|mark| mark.literal.starts_with(tail)) && !is_whole {
            true => Sighting::Open(vec![""]),
            false => Sighting::Nothing,
        }
    }
}

impl Table {
    fn new((grammars, has_tools, wants_json): &Key) -> Self {
        let mut marks = Vec::new();
        for grammar in grammars.iter() {
            let decoder = decoder(grammar);
            let mut listen = |literal, means| {
                marks.push(Mark {
                    literal,
                    grammar,
                    means,
                });
            };
            decoder
                .thoughts
                .iter()
                .for_each(|(begin, end)| listen(begin, Means::Thought(end)));
            decoder.tokens.iter().for_each(|token| listen(token, Means::Token));
            if !has_tools {
                continue;
            }
            let call = Means::Call(decoder.begins, decoder.read);
            let opens = decoder.opens.iter();
            opens
                .filter(|open| !wants_json || **open != "{")
                .for_each(|open| listen(open, call));
            decoder.closers.iter().for_each(|closer| listen(closer, Means::Closer));
        }
        let mut is_telling = [false; 256];
        if !marks.is_empty() {
            let firsts = marks.iter().filter_map(|mark| mark.literal.bytes().next());
            firsts
                .chain(Code::MARKS)
                .for_each(|byte| is_telling[usize::from(byte)] = true);
        }
        let pairs: BTreeSet<[u8; 2]> = marks.iter().filter_map(Mark::pair).collect();
        let stand_at = |pair| marks.iter().filter(move |mark| mark.may_begin(pair)).copied().collect();
        Self {
            by_pair: pairs.into_iter().map(|pair| (pair, stand_at(pair))).collect(),
            single: marks.iter().filter(|mark| mark.pair().is_none()).copied().collect(),
            all: marks,
            is_telling,
        }
    }
}

impl Mark {
    /// What it begins with, unless it is one byte.
    fn pair(&self) -> Option<[u8; 2]> {
        self.literal.as_bytes().first_chunk().copied()
    }

    /// Whether it may stand where the text begins with `pair`.
    fn may_begin(&self, pair: [u8; 2]) -> bool {
        self.pair()
            .map_or_else(|| pair.starts_with(self.literal.as_bytes()), |own| own == pair)
    }

    /// Whether it can mean something behind what was said.
    fn may_stand(&self, before: Before) -> bool {
        match self.means {
            Means::Call(Begins::First, _) | Means::Thought(_) => before != Before::Words,
            Means::Call(Begins::Anywhere, _) | Means::Closer | Means::Token => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::provider::dialect::Grammars;

    #[test]
    fn the_marks_that_are_left_out_are_none_of_the_text() {
        let marks = Marks::new(Healing {
            grammars: Grammars::default(),
            tools: Offered::from_iter([("f".to_owned(), json!({}))]),
            wants_json: false,
        });
        let cuts = |literal: &'static str| (0..=literal.len()).filter_map(|end| literal.get(..end));
        let texts = marks.table.all.iter().flat_map(|mark| cuts(mark.literal));
        for text in texts.flat_map(|text| [text.to_owned(), format!("{text}a"), format!("{text}<")]) {
            let matters = |mark: &&Mark| text.starts_with(mark.literal) || mark.literal.starts_with(&text);
            let literals =
                |marks: &[Mark]| -> Vec<_> { marks.iter().filter(matters).map(|mark| mark.literal).collect() };
            assert_eq!(literals(marks.near(&text)), literals(&marks.table.all), "{text:?}");
        }
    }

    #[test]
    fn ordinary_text_meets_few_marks() {
        let marks = Marks::new(Healing {
            grammars: Grammars::default(),
            tools: Offered::from_iter([("f".to_owned(), json!({}))]),
            wants_json: false,
        });
        for text in ["<div>", "</p>", "<T>", "< b", "[a](b)", "`a`", "{}", "\n\n"] {
            let near = marks.near(text).len();
            assert!(
                near <= marks.table.all.len() / 2,
                "{text:?}: {near} of {}",
                marks.table.all.len()
            );
        }
    }
}
