//! Those elsewhere who serve their own models.

use super::voice::{Arguments, Spent, Thinks, Usage, Voice};
use super::words::Kind;
use super::{Family, Ids, NOTHING, Replay, Rules, SAMPLING, Schema, Strict, System, ToolName, Vendor, families};

pub const VENDORS: &[Vendor] = &[
    Vendor::new("mistral", MISTRAL, MISTRALS),
    Vendor::new("xai", XAI, &[]),
    Vendor::new("gemini", GEMINI, &[]),
    Vendor::new("anthropic", ANTHROPIC, &[]),
    Vendor::new("azure", AZURE, &[]),
    Vendor::new("openai", OPENAI, &[]),
];

/// <https://docs.mistral.ai/api/endpoint/chat>; recordings.
pub const MISTRAL: Rules = Rules {
    name: Some("mistral"),
    key_variable: "MISTRAL_API_KEY",
    address: "https://api.mistral.ai/v1",
    model: "mistral-large-4",
    fields: &[
        "temperature",
        "top_p",
        "stop",
        "parallel_tool_calls",
        "prompt_cache_key",
    ],
    knobs: families::EFFORT,
    efforts: &["low", "medium", "high"],
    tool_choices: &["none", "any", "function"],
    formats: &["text", "json_object", "json_schema"],
    most: 262_144,
    stream_options: false,
    replay: Replay::Part,
    tool_name: ToolName::Wanted,
    user_after_tool: false,
    vision: true,
    schema: Schema::Mistral,
    ids: Ids::Nine,
    voice: Voice {
        thinks: Thinks::Part,
        usage: Usage::Given,
        arguments: Arguments::Whole,
        ..Voice::COMMON
    },
    envelope: r#"{"object":"error","message":{message},"type":"invalid_request_error","param":null,"code":"3051","raw_status_code":{status}}"#,
    says: &[
        (Kind::Key, 401, "Unauthorized"),
        (Kind::Model, 400, "Invalid model: {}"),
        (
            Kind::Field,
            422,
            r#"extra_forbidden: {}: "Extra inputs are not permitted""#,
        ),
        (
            Kind::Id,
            400,
            "Tool call id was {} but must be a-z, A-Z, 0-9, with a length of 9.",
        ),
        (Kind::Order, 400, "Unexpected role 'user' after role 'tool': {}"),
        (
            Kind::Unanswered,
            400,
            "Not the same number of function calls and responses",
        ),
        (
            Kind::Unasked,
            400,
            "Not the same number of function calls and responses",
        ),
        (
            Kind::Empty,
            400,
            "Assistant message must have either content or tool_calls, but not none. {}",
        ),
    ],
    speaks_like: "mistral",
    ..NOTHING
};

const MISTRALS: &[Family] = &[
    ("*devstral*", mistral_silent),
    ("*codestral*", mistral_silent),
    ("zai-glm*", mistral_glm),
];

fn mistral_silent(rules: Rules) -> Rules {
    Rules {
        knobs: &[],
        voice: Voice {
            thinks: Thinks::Silent,
            ..rules.voice
        },
        ..rules
    }
}

fn mistral_glm(rules: Rules) -> Rules {
    Rules { off: false, ..rules }
}

/// <https://docs.x.ai/docs/api-reference> by way of ll, ai, omp; an effort where models.dev names steps.
pub const XAI: Rules = Rules {
    name: Some("xai"),
    key_variable: "XAI_API_KEY",
    address: "https://api.x.ai/v1",
    model: "grok-4.7",
    fields: &["temperature", "top_p", "parallel_tool_calls"],
    knobs: families::EFFORT,
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    limits: &["max_tokens", "max_completion_tokens"],
    headers: &["x-grok-conv-id"],
    replay: Replay::Allowed("reasoning_content"),
    vision: true,
    detail: true,
    schema: Schema::Xai,
    voice: Voice {
        spent: Spent::Beside,
        arguments: Arguments::Whole,
        called: "",
        ..Voice::COMMON
    },
    envelope: r#"{"code":"Client specified an invalid argument","error":{message}}"#,
    says: &[(Kind::Key, 400, "Incorrect API key provided: sk-***")],
    speaks_like: "xai",
    ..NOTHING
};

/// <https://ai.google.dev/gemini-api/docs/openai>; omp's list of constraints.
pub const GEMINI: Rules = Rules {
    name: Some("gemini"),
    key_variable: "GEMINI_API_KEY",
    address: "https://generativelanguage.googleapis.com/v1beta/openai",
    model: "gemini-4-argon",
    fields: SAMPLING,
    knobs: families::EFFORT,
    efforts: &["low", "medium", "high"],
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    limits: &["max_tokens", "max_completion_tokens"],
    most: 32_768,
    replay: Replay::Signature,
    vision: true,
    schema: Schema::Gemini,
    voice: Voice {
        thinks: Thinks::Silent,
        usage: Usage::Last,
        spent: Spent::Total,
        arguments: Arguments::Whole,
        numbered: false,
        ..Voice::COMMON
    },
    envelope: r#"[{"error":{"code":{status},"message":{message},"status":"INVALID_ARGUMENT"}}]"#,
    says: &[
        (Kind::Key, 400, "API key not valid. Please pass a valid API key."),
        (
            Kind::Field,
            400,
            r#"Invalid JSON payload received. Unknown name "{}": Cannot find field."#,
        ),
        (
            Kind::Thoughts,
            400,
            "Function call is missing a thought_signature in functionCall parts. {}",
        ),
        (
            Kind::Schema,
            400,
            "Invalid JSON payload received. GenerateContentRequest.tools[0].function_declarations: {}",
        ),
    ],
    speaks_like: "gemini",
    ..NOTHING
};

/// <https://docs.claude.com/en/api/openai-sdk>. What it ignores it would be wrong to send.
const ANTHROPIC: Rules = Rules {
    name: Some("anthropic"),
    key_variable: "ANTHROPIC_API_KEY",
    address: "https://api.anthropic.com/v1",
    model: "claude-sonnet-5-5",
    fields: &["temperature", "top_p", "stop", "parallel_tool_calls"],
    tool_choices: &["none", "required", "function"],
    formats: &[],
    limits: &["max_tokens", "max_completion_tokens"],
    vision: true,
    voice: Voice {
        thinks: Thinks::Silent,
        cached: "",
        ..Voice::COMMON
    },
    speaks_like: "anthropic",
    ..NOTHING
};

/// <https://platform.openai.com/docs/api-reference/chat/create>; recordings.
pub const OPENAI: Rules = Rules {
    name: Some("openai"),
    key_variable: "OPENAI_API_KEY",
    address: "https://api.openai.com/v1",
    model: "gpt-6.1-sol",
    fields: &[
        "stop",
        "parallel_tool_calls",
        "prompt_cache_key",
        "service_tier",
        "verbosity",
        "metadata",
        "safety_identifier",
        "user",
        "store",
    ],
    knobs: families::EFFORT,
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    limits: &["max_completion_tokens"],
    most: 128_000,
    system: System::Developer,
    vision: true,
    detail: true,
    strict: Strict::Known,
    voice: Voice {
        thinks: Thinks::Silent,
        ..Voice::COMMON
    },
    says: &[(Kind::Field, 400, "Unknown parameter: {}")],
    speaks_like: "openai",
    ..NOTHING
};

/// The resource stands in the address.
const AZURE: Rules = Rules {
    name: Some("azure"),
    key_variable: "AZURE_OPENAI_API_KEY",
    address: "",
    speaks_like: "azure",
    ..OPENAI
};
