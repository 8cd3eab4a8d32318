//! What the end of an answer means for who reads it, whichever protocol the answer came in.

use crate::wire::responses::ResponseError;

use super::Reader;
use super::ending::Ending;

/// How often in a row Codex is let go on by itself after the limit on an answer's length cut it.
const MOST_CUTS: u32 = 2;

/// What is to be done at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is closed; the answer is completed.
    Completed,
    /// What is whole is closed, and Codex is told to go on by itself.
    GoesOn,
    /// What is whole is closed; the answer is incomplete for this reason.
    Incomplete(&'static str),
    /// What is open stays unclosed.
    Failed(ResponseError),
}

/// What is known at the end.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What the provider said of it, if anything.
    pub ending: Option<Ending>,
    /// Who reads the answer.
    pub reader: Reader,
    /// How many answers directly before were cut by the limit on their length.
    pub cuts: u32,
    /// Whether every call has come whole.
    pub calls_are_whole: bool,
}

impl Case {
    /// Judges an answer of `who`: completed only if the provider said so. Codex loses what it is told is incomplete, so
    /// an answer that a limit cut is completed for it.
    pub fn judge(self, who: &str) -> Verdict {
        match self.ending {
            Some(Ending::Whole) => Verdict::Completed,
            Some(Ending::Over) if self.calls_are_whole => Verdict::Completed,
            Some(Ending::Length) => self.cut_by_length(),
            Some(Ending::Filter) if self.reader == Reader::Other => Verdict::Incomplete("content_filter"),
            Some(Ending::Filter) => failed("invalid_prompt", format!("{who}'s content filter ended the answer")),
            Some(Ending::Overflow) => failed(
                "context_length_exceeded",
                "the conversation is longer than the model's context window".to_owned(),
            ),
            Some(Ending::Trouble) => failed("server_error", format!("{who} gave up in the middle of the answer")),
            Some(Ending::Over) | None => failed(
                "server_error",
                format!("{who} closed the stream before the answer was finished"),
            ),
        }
    }

    fn cut_by_length(self) -> Verdict {
        let goes_on = self.cuts < MOST_CUTS;
        match self.reader {
            Reader::Codex if goes_on => Verdict::GoesOn,
            Reader::Codex if self.calls_are_whole => Verdict::Completed,
            _ => Verdict::Incomplete("max_output_tokens"),
        }
    }
}

fn failed(code: &str, message: String) -> Verdict {
    Verdict::Failed(ResponseError {
        code: code.to_owned(),
        message,
    })
}
