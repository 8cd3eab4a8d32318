//! Those who serve the models of others.

use super::families::{self, EFFORT, EVERYWHERE, MAYBE_EFFORT};
use super::voice::{Arguments, Thinks, Usage, Voice};
use super::words::Kind;
use super::{Family, Knob, NOTHING, Replay, Rules, SAMPLING, Schema, Search, Silence, Strict, System, Values, Vendor};

pub const VENDORS: &[Vendor] = &[
    Vendor::new("openrouter", OPENROUTER, OPENROUTERS),
    Vendor::new("groq", GROQ, GROQS),
    Vendor::new("cerebras", CEREBRAS, &[("*qwen*", families::qwen)]),
    Vendor::new("together", TOGETHER, EVERYWHERE),
    Vendor::new("fireworks", FIREWORKS, EVERYWHERE),
    Vendor::new("siliconflow", SILICONFLOW, EVERYWHERE),
    Vendor::new("siliconflow-cn", SILICONFLOW_CN, EVERYWHERE),
    Vendor::new("nvidia", NVIDIA, NVIDIAS),
    Vendor::new("synthetic", SYNTHETIC, EVERYWHERE),
    Vendor::new("huggingface", HUGGINGFACE, EVERYWHERE),
    Vendor::new("opencode-zen", OPENCODE_ZEN, OPENCODES),
    Vendor::new("opencode-go", OPENCODE_GO, OPENCODES),
    Vendor::new("ollama-cloud", OLLAMA_CLOUD, EVERYWHERE),
];

/// <https://openrouter.ai/docs/api-reference/parameters>; recordings.
pub const OPENROUTER: Rules = Rules {
    name: Some("openrouter"),
    key_variable: "OPENROUTER_API_KEY",
    address: "https://openrouter.ai/api/v1",
    model: "z-ai/glm-5.3",
    fields: &[
        "temperature",
        "top_p",
        "stop",
        "usage",
        "parallel_tool_calls",
        "verbosity",
        "prompt_cache_key",
        "session_id",
    ],
    knobs: &[
        ("reasoning.effort", Values::EffortsOrNone),
        ("reasoning.enabled", Values::Flag),
    ],
    efforts: &["low", "high", "max"],
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    most: 131_072,
    headers: &["x-title"],
    search: Search::Tool("openrouter:web_search", &["parameters"]),
    replay: Replay::Details,
    strict: Strict::Known,
    voice: Voice {
        thinks: Thinks::Details,
        usage: Usage::Again,
        alive: ": OPENROUTER PROCESSING\n\n",
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"message":{message},"code":{status}},"user_id":"user_5f0c7a1e"}"#,
    says: &[
        (Kind::Key, 401, "User not found."),
        (Kind::Model, 400, "{} is not a valid model ID"),
    ],
    speaks_like: "openrouter",
    ..NOTHING
};

const OPENROUTERS: &[Family] = &[
    ("moonshotai/*", families::kimi),
    ("deepseek/*", families::deepseek),
    ("qwen/*", families::qwen),
    ("minimax/*", families::minimax),
    ("x-ai/*", grok),
    ("openai/*", developer),
    ("anthropic/*", developer),
    ("google/*", gemini),
];

/// Its schema reaches the model as it is (omp).
fn grok(rules: Rules) -> Rules {
    Rules {
        schema: Schema::Xai,
        ..rules
    }
}

/// The same.
fn gemini(rules: Rules) -> Rules {
    Rules {
        schema: Schema::Gemini,
        ..rules
    }
}

/// `developer` is known to these (pi).
fn developer(rules: Rules) -> Rules {
    Rules {
        system: System::Developer,
        ..rules
    }
}

/// <https://console.groq.com/docs/api-reference> by way of ai and ll; recordings.
const GROQ: Rules = Rules {
    name: Some("groq"),
    key_variable: "GROQ_API_KEY",
    address: "https://api.groq.com/openai/v1",
    model: "openai/gpt-oss-120b",
    fields: &[
        "temperature",
        "top_p",
        "stop",
        "parallel_tool_calls",
        "service_tier",
        "user",
    ],
    knobs: &[
        ("reasoning_effort", Values::Efforts),
        ("reasoning_format", Values::Words(&["parsed", "hidden"])),
        ("include_reasoning", Values::Flag),
    ],
    tool_choices: &["none", "required", "function"],
    limits: &["max_completion_tokens"],
    silence: Silence::Absent,
    replay: Replay::Allowed("reasoning"),
    strict: Strict::Known,
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        usage: Usage::Twice,
        arguments: Arguments::Whole,
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"message":{message},"type":"invalid_request_error"}}"#,
    says: &[
        (Kind::Key, 401, "Invalid API Key"),
        (Kind::Field, 400, "property '{}' is unsupported"),
    ],
    speaks_like: "groq",
    ..NOTHING
};

const GROQS: &[Family] = &[
    ("openai/gpt-oss*", gpt_oss),
    ("*qwen*", families::qwen),
    ("*llama*", silent),
];

/// A schema for answers, and the search of its own, are known to these alone (ll).
fn gpt_oss(rules: Rules) -> Rules {
    Rules {
        formats: &["text", "json_object", "json_schema"],
        search: Search::Tool("browser_search", &[]),
        ..rules
    }
}

fn silent(rules: Rules) -> Rules {
    Rules {
        knobs: &[],
        voice: Voice {
            thinks: Thinks::Silent,
            ..rules.voice
        },
        ..rules
    }
}

/// <https://inference-docs.cerebras.ai> by way of ai and omp.
const CEREBRAS: Rules = Rules {
    name: Some("cerebras"),
    key_variable: "CEREBRAS_API_KEY",
    address: "https://api.cerebras.ai/v1",
    model: "gpt-oss-120b",
    fields: &[
        "temperature",
        "top_p",
        "stop",
        "parallel_tool_calls",
        "prompt_cache_key",
        "service_tier",
    ],
    knobs: EFFORT,
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    limits: &["max_completion_tokens"],
    stream_options: false,
    replay: Replay::Allowed("reasoning"),
    strict: Strict::AllOrNone,
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        usage: Usage::Given,
        ..Voice::COMMON
    },
    envelope: r#"{"message":{message},"type":"invalid_request_error","param":"","code":"wrong_api_format"}"#,
    says: &[(Kind::Key, 401, "Wrong API Key")],
    speaks_like: "cerebras",
    ..NOTHING
};

/// <https://docs.together.ai/reference/chat-completions-1> by way of pi and omp.
const TOGETHER: Rules = Rules {
    name: Some("together"),
    key_variable: "TOGETHER_API_KEY",
    address: "https://api.together.xyz/v1",
    model: "moonshotai/Kimi-K3",
    fields: SAMPLING,
    knobs: &[
        ("reasoning.enabled", Values::Flag),
        ("reasoning_effort", Values::MaybeEfforts),
    ],
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    replay: Replay::Allowed("reasoning_content"),
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        ..Voice::COMMON
    },
    speaks_like: "together",
    ..NOTHING
};

/// <https://docs.fireworks.ai/api-reference/post-chatcompletions> by way of pi and omp. Beside an effort, `thinking` is
/// 400.
const FIREWORKS: Rules = Rules {
    name: Some("fireworks"),
    key_variable: "FIREWORKS_API_KEY",
    address: "https://api.fireworks.ai/inference/v1",
    model: "accounts/fireworks/models/glm-5p3",
    fields: SAMPLING,
    knobs: &[
        ("reasoning_effort", Values::MaybeEfforts),
        ("thinking.type", Values::Words(&["enabled", "disabled"])),
    ],
    either: &[("reasoning_effort", "thinking")],
    tool_choices: &["none", "required", "function"],
    formats: &["text", "json_object", "json_schema"],
    replay: Replay::Allowed("reasoning_content"),
    strict: Strict::Known,
    envelope: r#"{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":{message}}}"#,
    speaks_like: "fireworks",
    ..NOTHING
};

/// <https://docs.siliconflow.com/en/api-reference/chat-completions> by way of models.dev; its troubles are memory.
const SILICONFLOW: Rules = Rules {
    name: Some("siliconflow"),
    key_variable: "SILICONFLOW_API_KEY",
    address: "https://api.siliconflow.com/v1",
    model: "zai-org/GLM-5.3",
    fields: SAMPLING,
    knobs: &[
        ("enable_thinking", Values::Flag),
        ("thinking_budget", Values::Number),
        ("reasoning_effort", Values::MaybeEfforts),
    ],
    replay: Replay::Allowed("reasoning_content"),
    envelope: r#"{"code":20015,"message":{message},"data":null}"#,
    says: &[(Kind::Key, 401, "Api key is invalid")],
    speaks_like: "siliconflow",
    ..NOTHING
};

const SILICONFLOW_CN: Rules = Rules {
    key_variable: "SILICONFLOW_CN_API_KEY",
    address: "https://api.siliconflow.cn/v1",
    model: "zai-org/GLM-5.2",
    ..SILICONFLOW
};

/// pi and omp.
const NVIDIA: Rules = Rules {
    name: Some("nvidia"),
    key_variable: "NVIDIA_API_KEY",
    address: "https://integrate.api.nvidia.com/v1",
    model: "z-ai/glm-5.3-flash",
    fields: SAMPLING,
    knobs: &[],
    replay: Replay::Allowed("reasoning_content"),
    speaks_like: "nvidia",
    ..NOTHING
};

const NVIDIAS: &[Family] = &[
    ("*kimi*", families::kimi),
    ("*deepseek*", nvidia_deepseek),
    ("*glm*", nvidia_glm),
    ("*qwen*", nvidia_qwen),
    ("*minimax*", nvidia_minimax),
];

fn nvidia_deepseek(rules: Rules) -> Rules {
    const SWITCH: &[Knob] = &[("thinking.type", Values::Words(&["enabled", "disabled"]))];
    Rules {
        knobs: SWITCH,
        off: true,
        ..families::deepseek(rules)
    }
}

fn nvidia_glm(rules: Rules) -> Rules {
    Rules {
        knobs: MAYBE_EFFORT,
        ..families::glm(rules)
    }
}

fn nvidia_qwen(rules: Rules) -> Rules {
    const SWITCH: &[Knob] = &[("chat_template_kwargs.enable_thinking", Values::Flag)];
    Rules {
        knobs: SWITCH,
        off: true,
        ..families::qwen(rules)
    }
}

fn nvidia_minimax(rules: Rules) -> Rules {
    const SWITCH: &[Knob] = &[(
        "chat_template_kwargs.thinking_mode",
        Values::Words(&["enabled", "disabled"]),
    )];
    Rules {
        knobs: SWITCH,
        off: true,
        ..families::minimax(rules)
    }
}

/// models.dev.
const SYNTHETIC: Rules = Rules {
    name: Some("synthetic"),
    key_variable: "SYNTHETIC_API_KEY",
    address: "https://api.synthetic.new/openai/v1",
    model: "hf:zai-org/GLM-5.3-Flash",
    knobs: MAYBE_EFFORT,
    replay: Replay::Allowed("reasoning_content"),
    ..NOTHING
};

/// pi; <https://huggingface.co/docs/inference-providers/index>.
const HUGGINGFACE: Rules = Rules {
    name: Some("huggingface"),
    key_variable: "HF_TOKEN",
    address: "https://router.huggingface.co/v1",
    model: "zai-org/GLM-5.3",
    knobs: MAYBE_EFFORT,
    replay: Replay::Allowed("reasoning_content"),
    strict: Strict::Known,
    speaks_like: "huggingface",
    ..NOTHING
};

/// pi and omp.
const OPENCODE_ZEN: Rules = Rules {
    name: Some("opencode-zen"),
    key_variable: "OPENCODE_API_KEY",
    address: "https://opencode.ai/zen/v1",
    model: "glm-5.3",
    knobs: MAYBE_EFFORT,
    headers: &["x-opencode-session"],
    replay: Replay::Kept("reasoning_content"),
    strict: Strict::Known,
    envelope: r#"{"type":"error","error":{"type":"invalid_request_error","message":{message}}}"#,
    speaks_like: "opencode-zen",
    ..NOTHING
};

/// Streams another field than it wants back (pi).
const OPENCODE_GO: Rules = Rules {
    address: "https://opencode.ai/zen/go/v1",
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        ..Voice::COMMON
    },
    ..OPENCODE_ZEN
};

const OPENCODES: &[Family] = &[
    ("*kimi*", families::kimi),
    ("*deepseek*", opencode_deepseek),
    ("*qwen*", families::qwen),
    ("*minimax*", families::minimax),
    ("*grok*", grok),
];

/// `thinking` beside the effort (pi).
fn opencode_deepseek(rules: Rules) -> Rules {
    const BOTH: &[Knob] = &[
        ("thinking.type", Values::Words(&["enabled", "disabled"])),
        ("reasoning_effort", Values::MaybeEfforts),
    ];
    Rules {
        knobs: BOTH,
        off: true,
        ..families::deepseek(rules)
    }
}

/// models.dev.
const OLLAMA_CLOUD: Rules = Rules {
    name: Some("ollama-cloud"),
    key_variable: "OLLAMA_API_KEY",
    address: "https://ollama.com/v1",
    model: "glm-5.3",
    ..super::local::OLLAMA
};
