//! Calls and thoughts that leaked into the text of an answer are put back where they belong.
//!
//! A host that does not understand how its own model writes calls passes the markup on as text. The [`Healer`] listens
//! for the grammars of the dialect and takes out what is whole. It owns no turn: text goes in, in any pieces, and what
//! is sure comes out. Until it is sure, text that may be markup is held back, no longer than needed; text without
//! marks is never held and never changed.
//!
//! What a call needs is strict, because it is going to be run: its tool was offered in this request, it came whole,
//! and it stands neither in code nor in a thought. Anything else stays text, to the last character.

mod code;
mod cursor;
mod decoder;
mod grammars;
mod marks;
mod scan;
mod thought;
mod tools;

use std::fmt;

use crate::provider::dialect::{Grammar, Grammars};

pub use scan::Healer;
pub use tools::{Call, Offered};

/// What the answer to a request is healed with. The default heals nothing.
#[derive(Debug, Clone)]
pub struct Healing {
    /// What is listened for.
    pub grammars: Grammars,
    /// The tools that may be called.
    pub tools: Offered,
    /// Whether the answer itself is to be JSON, so that an object alone is no call.
    pub wants_json: bool,
}

impl Default for Healing {
    fn default() -> Self {
        Self {
            grammars: Grammars::none(),
            tools: Offered::default(),
            wants_json: false,
        }
    }
}

/// What comes out of text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Ordinary words.
    Text(String),
    /// A piece of a thought.
    Thought(String),
    /// A whole call.
    Call(Call),
}

/// What was put right, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A call was read from text.
    Call(Grammar, String),
    /// A thought was read from text.
    Thought(Grammar),
    /// A mark that meant nothing was taken out of text.
    Mark(Grammar),
    /// So many calls that were read from text are not made, because the answer made calls in the proper way as well.
    Repeated(usize),
    /// The name of a proper call held a piece of markup.
    Name(String),
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(grammar, tool) => write!(formatter, "healed a call of `{tool}` ({})", grammar.name()),
            Self::Thought(grammar) => write!(formatter, "healed a thought ({})", grammar.name()),
            Self::Mark(grammar) => write!(formatter, "took a stray mark out of the text ({})", grammar.name()),
            Self::Repeated(count) => write!(formatter, "left out {count} healed calls beside proper ones"),
            Self::Name(tool) => write!(formatter, "healed the name of a call of `{tool}`"),
        }
    }
}
