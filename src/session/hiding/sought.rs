//! Many words looked for in one pass, of which some count in part: what a text takes does not depend on how many they
//! are.

use std::cmp::Ordering;
use std::ops::Range;

use crate::session::secret::Secret;

/// Shorter words stand within others by accident, and shorter headers are words such as `blue`; taking them out would
/// only garble what is said.
pub(super) const SHORTEST: usize = 8;

/// How many bits tell apart with which bytes a part may begin: of a thousand parts, two in a hundred places are looked
/// at in vain.
const BITS: u32 = 16;

/// Words and their parts. Of what stands in the words, nothing stands anywhere else.
#[derive(Debug, Clone, Default)]
pub(super) struct Sought {
    words: Vec<Secret>,
    /// Ordered by the bytes with which they begin.
    parts: Vec<Part>,
    /// A bit for each hash of the bytes with which a part begins; empty as long as there is none.
    beginnings: Vec<u64>,
}

/// Some bytes of a word.
#[derive(Debug, Clone, Copy)]
struct Part {
    word: usize,
    at: usize,
    length: usize,
}

impl Sought {
    /// Looks for `word` as well, and for as much as `part` bytes of it. Shorter words than [`SHORTEST`] are passed
    /// over.
    pub fn add(&mut self, word: Secret, part: usize) {
        let bytes = word.expose().as_bytes();
        if bytes.len() < SHORTEST {
            return;
        }
        self.beginnings.resize(1 << (BITS - 6), 0);
        let length = part.clamp(SHORTEST, bytes.len());
        for (at, window) in bytes.windows(length).enumerate() {
            let hash = hash(window);
            self.beginnings[hash >> 6] |= 1 << (hash & 63);
            let word = self.words.len();
            self.parts.push(Part { word, at, length });
        }
        self.words.push(word);
        let words = &self.words;
        self.parts
            .sort_by(|one, other| one.beginning(words).cmp(other.beginning(words)));
    }

    /// Where in `text` something of a word stands, in order; what touches may be told apart.
    pub fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let Some(longest) = self.parts.iter().map(|part| part.length).max() else {
            return found;
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| rest.len() >= SHORTEST) {
            let hash = hash(rest);
            let may_begin = self.beginnings[hash >> 6] >> (hash & 63) & 1 == 1;
            let length = if may_begin { self.length(rest) } else { 0 };
            if length > 0 {
                found.push(at..at + length);
            }
            // What begins before that ends within what is found.
            at += 1.max((length + 1).saturating_sub(longest));
        }
        found
    }

    /// How much of a word `text` begins with; 0 if that is less than a part.
    fn length(&self, text: &[u8]) -> usize {
        let beginning = &text[..SHORTEST];
        let first = self
            .parts
            .partition_point(|part| part.beginning(&self.words) < beginning);
        let parts = self.parts[first..].iter();
        let parts = parts.take_while(|part| part.beginning(&self.words).cmp(beginning) == Ordering::Equal);
        let lengths = parts.map(|part| {
            let word = self.words[part.word].expose().as_bytes()[part.at..].iter();
            let same = word.zip(text).take_while(|(one, other)| one == other).count();
            if same < part.length { 0 } else { same }
        });
        lengths.max().unwrap_or(0)
    }
}

impl Part {
    fn beginning(self, words: &[Secret]) -> &[u8] {
        &words[self.word].expose().as_bytes()[self.at..self.at + SHORTEST]
    }
}

/// Of the first bytes of `text`, of which there are [`SHORTEST`] at least.
fn hash(text: &[u8]) -> usize {
    /// From the golden ratio, as is usual.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut first = [0; SHORTEST];
    first.copy_from_slice(&text[..SHORTEST]);
    let spread = u64::from_le_bytes(first).wrapping_mul(SPREAD) >> (u64::BITS - BITS);
    // At most 16 bits.
    usize::try_from(spread).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which bytes are found, in the way that needs no thought.
    fn plainly(words: &[(String, usize)], text: &[u8]) -> Vec<bool> {
        let mut found = vec![false; text.len()];
        for (word, part) in words.iter().filter(|(word, _)| word.len() >= SHORTEST) {
            for sought in word.as_bytes().windows((*part).clamp(SHORTEST, word.len())) {
                let places = (0..text.len()).filter(|at| text[*at..].starts_with(sought));
                places.for_each(|at| found[at..at + sought.len()].fill(true));
            }
        }
        found
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_stands_there(
            words in prop::collection::vec(("[ab]{6,20}", 8usize..24), 0..6),
            text in "[ab]{0,120}",
        ) {
            let mut sought = Sought::default();
            for (word, part) in &words {
                sought.add(Secret::new(word.clone()), *part);
            }
            let mut found = vec![false; text.len()];
            for range in sought.find(text.as_bytes()) {
                found[range].fill(true);
            }
            prop_assert_eq!(found, plainly(&words, text.as_bytes()));
        }
    }
}
