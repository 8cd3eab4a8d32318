//! How answers travel.

/// The shapes of one provider's chunks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Voice {
    /// Where thoughts stand.
    pub thinks: Thinks,
    /// Where usage stands.
    pub usage: Usage,
    /// Under which name cached tokens are counted, `a` or `a.b`; empty: not at all.
    pub cached: &'static str,
    /// How the tokens of thoughts are counted.
    pub spent: Spent,
    /// How a call's arguments come.
    pub arguments: Arguments,
    /// Whether calls say which they are.
    pub numbered: bool,
    /// Why a turn ends that calls.
    pub called: &'static str,
    /// Whether `[DONE]` comes.
    pub done: bool,
    /// What comes before the first chunk, to keep the connection open.
    pub alive: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Thinks {
    /// Silently.
    Silent,
    /// In this field of a delta.
    Field(&'static str),
    /// In `reasoning_details` and in `reasoning`.
    Details,
    /// In a `thinking` part of the content.
    Part,
    /// In the content, between `<think>` tags, unless the request asks with `reasoning_split` for a field, in which
    /// every piece then repeats those before it.
    Tags,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Usage {
    /// In the last chunk, if asked for.
    Last,
    /// In a chunk without choices after the last, if asked for.
    After,
    /// In the choice of the last chunk.
    Choice,
    /// In the last chunk, whether asked for or not.
    Given,
    /// In the last chunk, and in `x_groq` beside it.
    Twice,
    /// The last chunk comes again, with it.
    Again,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spent {
    /// By themselves, as a part of the completion.
    Detailed,
    /// By themselves, beside the completion.
    Beside,
    /// As the difference of the total.
    Total,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arguments {
    /// In pieces.
    Pieces,
    /// With the name, in one piece.
    Whole,
    /// With the name, as an object.
    Object,
}

impl Voice {
    /// What most say.
    pub const COMMON: Self = Self {
        thinks: Thinks::Field("reasoning_content"),
        usage: Usage::After,
        cached: "prompt_tokens_details.cached_tokens",
        spent: Spent::Detailed,
        arguments: Arguments::Pieces,
        numbered: true,
        called: "tool_calls",
        done: true,
        alive: "",
    };
}
