//! In which respects providers differ, as far as the mock checks them. Plain data, taken from the vendors' pages and
//! error messages, and not from crelay's own table: a mistake there must not excuse itself here.

/// One provider's rules for one model.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// As crelay's `--provider` spells it; `None` for an endpoint that is given by its address alone.
    pub name: Option<&'static str>,
    /// The variable that crelay reads the key from.
    pub key_variable: &'static str,
    /// The model that the mock serves.
    pub model: &'static str,
    /// Which fields a request may have.
    pub fields: &'static [&'static str],
    /// What a request with another field is told.
    pub unknown_field: UnknownField,
    /// Where `system` may stand.
    pub system: System,
    /// How the model thinks aloud, and what it wants back.
    pub reasoning: Reasoning,
    /// Values of `reasoning_effort`.
    pub efforts: &'static [&'static str],
    /// Values of `tool_choice`; `function` stands for a named one.
    pub tool_choices: &'static [&'static str],
    /// Types of `response_format`.
    pub formats: &'static [&'static str],
    /// Which JSON schemas tools may have.
    pub schema: Schema,
    /// How calls are numbered.
    pub ids: Ids,
    /// Whether a user message may follow a tool message.
    pub user_after_tool: bool,
    /// Whether the model sees images.
    pub vision: bool,
    /// Where usage stands.
    pub usage: Usage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownField {
    /// 400.
    Refused,
    /// 422 `extra_forbidden`, as pydantic says it.
    Forbidden,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// One, and first.
    Leading,
    /// Any number, anywhere.
    Anywhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasoning {
    /// Says nothing of its thoughts and knows no field for them.
    None,
    /// `reasoning_content`, wanted back with every message that calls; `missing` is said when it is not there.
    Content { missing: &'static str },
    /// `reasoning_details`, wanted back as they were.
    Details,
    /// A `thinking` part of the content, taken back in the same place or not at all.
    Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Any whose root is an object and whose subschemas are objects.
    Plain,
    /// Moonshot's flavour.
    Moonshot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// `call_00_…`.
    Plain,
    /// Nine letters and digits.
    Nine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// In the last chunk, if asked for.
    Last,
    /// In a chunk without choices after the last, if asked for.
    After,
    /// In the choice of the last chunk.
    Choice,
    /// In the last chunk, whether asked for or not.
    Given,
}

impl Rules {
    /// <https://api-docs.deepseek.com/api/create-chat-completion>, read 2026-11-21.
    pub const DEEPSEEK: Self = Self {
        name: Some("deepseek"),
        key_variable: "DEEPSEEK_API_KEY",
        model: "deepseek-v4-pro",
        fields: &[
            "model",
            "messages",
            "stream",
            "stream_options",
            "tools",
            "tool_choice",
            "thinking",
            "reasoning_effort",
            "max_tokens",
            "temperature",
            "top_p",
            "response_format",
            "stop",
        ],
        unknown_field: UnknownField::Refused,
        system: System::Anywhere,
        reasoning: Reasoning::Content {
            missing: "The `reasoning_content` in the thinking mode must be passed back to the API.",
        },
        efforts: &["low", "high", "max"],
        tool_choices: &["none"],
        formats: &["text", "json_object"],
        schema: Schema::Plain,
        ids: Ids::Plain,
        user_after_tool: true,
        vision: false,
        usage: Usage::Last,
    };

    /// The smaller model: it sees images, and nobody has seen it take instructions in the middle.
    pub const DEEPSEEK_FLASH: Self = Self {
        model: "deepseek-flash",
        system: System::Leading,
        vision: true,
        ..Self::DEEPSEEK
    };

    /// What every server that was seen accepts.
    pub const GENERIC: Self = Self {
        name: None,
        key_variable: "CRELAY_API_KEY",
        model: "my-model",
        fields: &[
            "model",
            "messages",
            "stream",
            "stream_options",
            "tools",
            "tool_choice",
            "max_tokens",
            "response_format",
        ],
        system: System::Leading,
        reasoning: Reasoning::None,
        efforts: &[],
        tool_choices: &["none", "required"],
        usage: Usage::After,
        ..Self::DEEPSEEK
    };

    /// <https://docs.mistral.ai/api/endpoint/chat>, read 2026-11-21.
    pub const MISTRAL: Self = Self {
        name: Some("mistral"),
        key_variable: "MISTRAL_API_KEY",
        model: "mistral-large-4",
        fields: &[
            "model",
            "messages",
            "stream",
            "tools",
            "tool_choice",
            "max_tokens",
            "reasoning_effort",
            "response_format",
            "parallel_tool_calls",
            "temperature",
            "top_p",
            "stop",
        ],
        unknown_field: UnknownField::Forbidden,
        system: System::Leading,
        reasoning: Reasoning::Part,
        efforts: &["none", "low", "medium", "high"],
        tool_choices: &["none", "any", "required", "function"],
        formats: &["text", "json_object", "json_schema"],
        ids: Ids::Nine,
        user_after_tool: false,
        vision: true,
        usage: Usage::Given,
        ..Self::DEEPSEEK
    };

    /// <https://openrouter.ai/docs/api-reference/parameters>, read 2026-11-21.
    pub const OPENROUTER: Self = Self {
        name: Some("openrouter"),
        key_variable: "OPENROUTER_API_KEY",
        model: "z-ai/glm-5.3",
        fields: &[
            "model",
            "messages",
            "stream",
            "stream_options",
            "usage",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning",
            "max_tokens",
            "temperature",
            "top_p",
            "response_format",
            "verbosity",
            "prompt_cache_key",
        ],
        reasoning: Reasoning::Details,
        efforts: &[],
        tool_choices: &["none", "required", "function"],
        formats: &["text", "json_object", "json_schema"],
        vision: true,
        usage: Usage::After,
        ..Self::DEEPSEEK
    };

    /// <https://platform.moonshot.ai/docs/api/chat>, read 2026-11-21.
    pub const KIMI: Self = Self {
        name: Some("kimi"),
        key_variable: "MOONSHOT_API_KEY",
        model: "kimi-k3.1-pro",
        fields: &[
            "model",
            "messages",
            "stream",
            "stream_options",
            "tools",
            "tool_choice",
            "thinking",
            "reasoning_effort",
            "max_tokens",
            "response_format",
            "prompt_cache_key",
        ],
        reasoning: Reasoning::Content {
            missing: "thinking is enabled but reasoning_content is missing in assistant tool call message at index {}",
        },
        // The AI SDK's provider sends one (`strictJsonSchema`, November 2026).
        formats: &["text", "json_object", "json_schema"],
        schema: Schema::Moonshot,
        vision: true,
        usage: Usage::Choice,
        ..Self::DEEPSEEK
    };
}
