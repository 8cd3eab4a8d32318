//! In which respects Responses endpoints differ, as far as the mock checks them. Plain data, taken from the vendors'
//! pages and error messages, and not from crelay's own table: a mistake there must not excuse itself here.

/// One endpoint's rules.
#[derive(Debug, Clone, Copy)]
pub struct NativeRules {
    /// As crelay's `--provider` spells it.
    pub name: &'static str,
    /// The variable that crelay reads the key from.
    pub key_variable: &'static str,
    /// The model that the mock serves.
    pub model: &'static str,
    /// Which fields a request may have.
    pub fields: &'static [&'static str],
    /// Which fields `reasoning` may have.
    pub reasoning_fields: &'static [&'static str],
    /// Values of `reasoning.effort`.
    pub efforts: &'static [&'static str],
    /// Which types of tools there are.
    pub tools: &'static [&'static str],
    /// What `tool_choice` may be beside `auto`: a word, or the type of a tool that is named.
    pub choices: &'static [&'static str],
    /// Which types of items there are.
    pub items: &'static [&'static str],
    /// Which roles messages may have.
    pub roles: &'static [&'static str],
    /// Whether a tool's schema may be a union at its root.
    pub root_union: bool,
    /// How the model thinks aloud, and what it wants back.
    pub thoughts: Thoughts,
    /// Whether the model sees images.
    pub vision: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoughts {
    /// As `reasoning_text`, wanted back before every call.
    Text,
    /// As a summary, with what only the maker can read, which must come back as it was.
    Encrypted,
}

impl NativeRules {
    /// <https://api-docs.deepseek.com/guides/responses_api>, read 2026-11-21, and the recordings of rig.
    pub const DEEPSEEK: Self = Self {
        name: "deepseek",
        key_variable: "DEEPSEEK_API_KEY",
        model: "deepseek-v4-pro",
        fields: &[
            "model",
            "instructions",
            "input",
            "tools",
            "tool_choice",
            "stream",
            "store",
            "reasoning",
            "text",
            "max_output_tokens",
            "temperature",
            "top_p",
        ],
        reasoning_fields: &["effort"],
        efforts: &["low", "high", "max"],
        tools: &["function", "custom", "tool_search", "web_search"],
        // In thinking mode, as in chat (recorded).
        choices: &["none"],
        items: &[
            "message",
            "reasoning",
            "function_call",
            "function_call_output",
            "custom_tool_call",
            "custom_tool_call_output",
            "tool_search_call",
            "tool_search_output",
            "web_search_call",
        ],
        roles: &["system", "developer", "user", "assistant"],
        root_union: true,
        thoughts: Thoughts::Text,
        vision: false,
    };

    /// <https://docs.x.ai/docs/api-reference>, omp and the AI SDK, read 2026-11-21.
    pub const XAI: Self = Self {
        name: "xai",
        key_variable: "XAI_API_KEY",
        model: "grok-4.7",
        fields: &[
            "model",
            "instructions",
            "input",
            "tools",
            "tool_choice",
            "stream",
            "store",
            "include",
            "reasoning",
            "text",
            "max_output_tokens",
            "temperature",
            "top_p",
            "parallel_tool_calls",
            "prompt_cache_key",
        ],
        efforts: &["low", "medium", "high", "xhigh"],
        tools: &["function", "web_search"],
        choices: &["none", "required", "function"],
        items: &[
            "message",
            "reasoning",
            "function_call",
            "function_call_output",
            "web_search_call",
        ],
        roles: &["system", "user", "assistant"],
        root_union: false,
        thoughts: Thoughts::Encrypted,
        vision: true,
        ..Self::DEEPSEEK
    };

    /// What every endpoint that was seen accepts.
    pub const GENERIC: Self = Self {
        name: "",
        key_variable: "CRELAY_API_KEY",
        model: "my-model",
        fields: &[
            "model",
            "instructions",
            "input",
            "tools",
            "tool_choice",
            "stream",
            "max_output_tokens",
            "text",
        ],
        tools: &["function"],
        choices: &["none", "required"],
        items: &["message", "reasoning", "function_call", "function_call_output"],
        roles: &["user", "assistant"],
        thoughts: Thoughts::Encrypted,
        ..Self::DEEPSEEK
    };
}
