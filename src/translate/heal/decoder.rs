//! What every grammar says of itself.

use super::cursor::{Cursor, Read, Stop};
use super::tools::{Call, Offered};

/// One way of writing calls or thoughts. What is said once for all of them: nothing counts in code, a call counts when
/// it is whole and its tool was offered, and anything else stays as it came.
#[derive(Debug)]
pub struct Decoder {
    /// What calls begin with: the mark of a list of calls, or of a single one.
    pub opens: &'static [&'static str],
    /// Where calls may begin.
    pub begins: Begins,
    /// Reads one call, from what opens it to what closes it. The mark of a list is read with its first call, and what
    /// ends the list is one of the `closers`.
    pub read: Reader,
    /// What means nothing by itself: the ends of lists, and of calls that were taken out or never came.
    pub closers: &'static [&'static str],
    /// Tokens that belong to nobody's words, such as the end of a sentence.
    pub tokens: &'static [&'static str],
    /// What thoughts begin with, and what ends them.
    pub thoughts: &'static [(&'static str, &'static str)],
}

/// Reads a call, or a list of calls that have no mark of their own.
pub type Reader = fn(&mut Cursor<'_>, &Offered) -> Read<Vec<Call>>;

/// Where calls may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Anywhere outside code.
    Anywhere,
    /// Only where nothing was said before, because ordinary words look alike.
    First,
}

impl Decoder {
    /// Neither calls nor thoughts.
    pub const NOTHING: Self = Self {
        opens: &[],
        begins: Begins::Anywhere,
        read: |_, _| Err(Stop::No),
        closers: &[],
        tokens: &[],
        thoughts: &[],
    };
}
