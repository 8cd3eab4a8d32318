//! Thoughts between tags.

use crate::translate::heal::decoder::Decoder;

/// Models that think in the text, on hosts without a parser of thoughts; Seed's tag is from memory. A closing tag
/// that stands alone belongs to a thought that began in the prompt (DeepSeek R1, Qwen3-Thinking): what stood before it
/// has been told as words and cannot be taken back, so only the tag goes. Hosts that are known to do so listen for
/// `think-prefilled` (omp 18.2.11, read 2026-11).
///
/// Remove when no host of the table serves reasoning models without such a parser.
pub const TAGS: Decoder = Decoder {
    tokens: &[
        "</think>",
        "</thinking>",
        "</scratchpad>",
        "</mm:think>",
        "</seed:think>",
    ],
    thoughts: &[
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<scratchpad>", "</scratchpad>"),
        ("<mm:think>", "</mm:think>"),
        ("<seed:think>", "</seed:think>"),
    ],
    ..Decoder::NOTHING
};
