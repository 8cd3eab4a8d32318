//! What goes wrong, drawn from a seed.

/// What a turn meets. Its name stands in the prompt, where the provider reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Nothing.
    None,
    /// The provider speaks at length.
    Long,
    /// The same, and the client reads slowly.
    SlowReader,
    /// The client leaves before it hears anything.
    LeavesAtOnce,
    /// The client leaves in the middle.
    Leaves,
    /// The provider never answers, and the client gives up.
    Silence,
    /// The connection is reset before the head of the answer.
    ResetBefore,
    /// The connection is reset in the middle.
    ResetInside,
    /// The stream ends in the middle of a frame.
    Truncated,
    /// The provider pauses in the middle.
    Stall,
    /// The answer comes byte by byte.
    Trickle,
    /// Frames that are no JSON, of wrong types, and no text at all.
    Malformed,
    /// Many calls with long arguments.
    Calls,
    /// An object where a stream was asked.
    Whole,
    /// A web page.
    Page,
    /// An error inside the stream.
    ErrorInside,
    /// Too many requests.
    Limited,
    /// The provider has too much to do.
    Overloaded,
    /// The key is wrong.
    Unauthorized,
    /// A request that is no JSON.
    Nonsense,
    /// A body that is larger than the relay takes.
    TooLarge,
    /// The client wants the answer in one piece.
    InOnePiece,
}

impl Fault {
    pub const ALL: [Self; 22] = [
        Self::None,
        Self::Long,
        Self::SlowReader,
        Self::LeavesAtOnce,
        Self::Leaves,
        Self::Silence,
        Self::ResetBefore,
        Self::ResetInside,
        Self::Truncated,
        Self::Stall,
        Self::Trickle,
        Self::Malformed,
        Self::Calls,
        Self::Whole,
        Self::Page,
        Self::ErrorInside,
        Self::Limited,
        Self::Overloaded,
        Self::Unauthorized,
        Self::Nonsense,
        Self::TooLarge,
        Self::InOnePiece,
    ];

    pub fn draw(draw: &mut Draw) -> Self {
        Self::ALL[draw.below(Self::ALL.len() as u64) as usize]
    }

    /// The one whose name stands in a request.
    pub fn find(request: &str) -> Option<Self> {
        let named = |fault: &&Self| request.contains(&format!("[{fault:?}]"));
        Self::ALL.iter().find(named).copied()
    }
}

/// Numbers that are the same for the same seed (splitmix64).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
