//! Servers on the user's own machine, and addresses of which nothing is known.

use super::families::{self, EFFORT};
use super::voice::{Arguments, Thinks, Usage, Voice};
use super::words::Kind;
use super::{Family, NOTHING, Replay, Rules, Values, Vendor};

pub const VENDORS: &[Vendor] = &[
    Vendor::new("ollama", OLLAMA, ANY),
    Vendor::new("lmstudio", LMSTUDIO, ANY),
    Vendor::new("llamacpp", LLAMACPP, ANY),
    Vendor::new("vllm", VLLM, ANY),
    Vendor::new("sglang", SGLANG, ANY),
    Vendor::new("litellm", LITELLM, &[]),
];

/// What every server that was seen accepts.
pub const GENERIC: Rules = Rules {
    key_variable: "CRELAY_API_KEY",
    voice: SILENT,
    ..NOTHING
};

const SILENT: Voice = Voice {
    thinks: Thinks::Silent,
    ..Voice::COMMON
};

/// Steps are known to gpt-oss wherever it runs.
const ANY: &[Family] = &[("*gpt-oss*", gpt_oss), ("*qwen*", families::qwen), ("*coder*", coder)];

fn gpt_oss(rules: Rules) -> Rules {
    Rules {
        knobs: EFFORT,
        efforts: &["low", "medium", "high"],
        off: false,
        ..rules
    }
}

/// These do not reason (models.dev).
fn coder(rules: Rules) -> Rules {
    Rules {
        voice: Voice {
            thinks: Thinks::Silent,
            ..rules.voice
        },
        ..rules
    }
}

/// <https://docs.ollama.com/api/openai-compatibility> by way of omp; a choice of tools is ignored there.
pub const OLLAMA: Rules = Rules {
    name: Some("ollama"),
    address: "http://localhost:11434/v1",
    model: "gpt-oss:20b",
    knobs: EFFORT,
    tool_choices: &["none"],
    replay: Replay::Kept("reasoning"),
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        arguments: Arguments::Whole,
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"message":{message},"type":"invalid_request_error","param":null,"code":null}}"#,
    says: &[(Kind::Model, 404, "model '{}' not found")],
    speaks_like: "ollama",
    ..NOTHING
};

/// <https://lmstudio.ai/docs/developer/openai-compat>, omp: a choice is a word.
const LMSTUDIO: Rules = Rules {
    name: Some("lmstudio"),
    key_variable: "LM_STUDIO_API_KEY",
    address: "http://localhost:1234/v1",
    model: "openai/gpt-oss-20b",
    replay: Replay::Kept("reasoning_content"),
    speaks_like: "lmstudio",
    ..NOTHING
};

/// Recordings of the server; omp, pi.
const LLAMACPP: Rules = Rules {
    name: Some("llamacpp"),
    key_variable: "LLAMA_API_KEY",
    address: "http://localhost:8080/v1",
    model: "qwen3",
    fields: &["cache_prompt"],
    knobs: &[
        ("chat_template_kwargs.enable_thinking", Values::Flag),
        ("chat_template_kwargs.preserve_thinking", Values::Flag),
    ],
    off: true,
    replay: Replay::Kept("reasoning_content"),
    envelope: r#"{"error":{"code":{status},"message":{message},"type":"invalid_request_error"}}"#,
    says: &[
        (Kind::Key, 401, "Invalid API Key"),
        (Kind::ToolType, 400, "'type' of tool must be 'function': {}"),
        (
            Kind::Schema,
            400,
            "JSON schema conversion failed: Unrecognized schema: {}",
        ),
        (
            Kind::Part,
            500,
            "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj: {}",
        ),
    ],
    speaks_like: "llamacpp",
    ..NOTHING
};

/// Recordings of the server; pi.
const VLLM: Rules = Rules {
    name: Some("vllm"),
    key_variable: "VLLM_API_KEY",
    address: "http://localhost:8000/v1",
    model: "Qwen/Qwen3.8-27B",
    fields: &["parallel_tool_calls", "temperature", "top_p"],
    knobs: &[("chat_template_kwargs.enable_thinking", Values::Flag)],
    off: true,
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    replay: Replay::Kept("reasoning_content"),
    voice: Voice {
        usage: Usage::After,
        ..Voice::COMMON
    },
    says: &[(Kind::Model, 404, "The model `{}` does not exist.")],
    ..NOTHING
};

/// pi.
const SGLANG: Rules = Rules {
    name: Some("sglang"),
    address: "http://localhost:30000/v1",
    model: "Qwen/Qwen3.8-27B",
    knobs: &[
        ("chat_template_kwargs.enable_thinking", Values::Flag),
        ("chat_template_kwargs.thinking", Values::Flag),
        ("separate_reasoning", Values::Flag),
    ],
    off: true,
    replay: Replay::Kept("reasoning_content"),
    speaks_like: "sglang",
    ..NOTHING
};

/// pi: whatever stands behind it, in OpenAI's shape.
const LITELLM: Rules = Rules {
    name: Some("litellm"),
    key_variable: "LITELLM_API_KEY",
    address: "http://localhost:4000/v1",
    replay: Replay::Allowed("reasoning_content"),
    speaks_like: "litellm",
    ..NOTHING
};
