//! How an answer ends, in the provider's word and in Codex's.

use crate::wire::responses::Usage;

/// What the provider said about the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The answer is whole.
    Whole,
    /// It is over, without a word that is known: whole, unless a call was left half said.
    Over,
    /// A limit on the answer's length cut it.
    Length,
    /// A filter cut it.
    Filter,
    /// The conversation is too long for the model.
    Overflow,
    /// The provider gave up.
    Trouble,
}

impl Ending {
    /// Reads `finish_reason` in any letters; an empty one is no reason (xAI sends it beside calls).
    pub fn read(reason: &str) -> Option<Self> {
        Some(match reason.to_ascii_lowercase().as_str() {
            "" => return None,
            "stop" | "tool_calls" | "function_call" | "tool_use" | "end_turn" | "stop_sequence" | "eos" => Self::Whole,
            "length" | "max_tokens" | "max_output_tokens" | "model_length" => Self::Length,
            "content_filter" | "sensitive" | "safety" | "recitation" | "prohibited_content" | "blocklist" => {
                Self::Filter
            }
            // GLM's word for it (pi-ai 1.5.2, read 2026-11).
            "model_context_window_exceeded" => Self::Overflow,
            // OpenRouter's, GLM's and DeepSeek's words for an answer that their machines gave up
            // (omp 18.2.11, read 2026-11).
            "error" | "network_error" | "insufficient_system_resource" => Self::Trouble,
            // vLLM's and SGLang's word for an answer that was given up (from memory), and others of that meaning.
            "abort" | "aborted" | "cancelled" | "canceled" | "timeout" => Self::Trouble,
            _ => Self::Over,
        })
    }
}

/// Whether the conversation left no room for a word, where none was said, which some do not say: Ollama ends for its
/// length at once, MiMo cuts the question down to the window and then does the same, GLM answers nothing to a question
/// that was longer than its window (pi-ai 1.5.2 and omp 18.2.11, read 2026-11). An answer to such a question is an
/// answer: Codex sees by the counts that it must sum up.
pub fn is_full(ending: Option<Ending>, usage: &Usage, window: Option<u64>) -> bool {
    let fills = |window: u64| usage.input_tokens >= window - window / 100;
    match ending {
        Some(Ending::Length) => usage.output_tokens == 0 || window.is_some_and(fills),
        Some(Ending::Whole | Ending::Over) => window.is_some_and(|window| usage.input_tokens > window),
        _ => false,
    }
}
