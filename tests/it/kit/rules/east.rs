//! Those in China who serve their own models: DeepSeek, Moonshot, Alibaba and Zhipu.

use super::voice::{Thinks, Usage, Voice};
use super::words::Kind;
use super::{
    Family, Ids, Knob, NOTHING, Replay, Rules, SAMPLING, Schema, Search, Silence, Strict, System, Values, Vendor,
    families,
};

pub const VENDORS: &[Vendor] = &[
    Vendor::new("deepseek", DEEPSEEK, DEEPSEEKS),
    Vendor::new("moonshot", MOONSHOT, KIMIS),
    Vendor::new("moonshot-cn", MOONSHOT_CN, KIMIS),
    Vendor::new("kimi-coding", KIMI_CODING, KIMIS),
    Vendor::new("dashscope", DASHSCOPE, QWENS),
    Vendor::new("dashscope-cn", DASHSCOPE_CN, QWENS),
    Vendor::new("alibaba-token-plan", ALIBABA_TOKEN_PLAN, QWENS),
    Vendor::new("alibaba-coding-plan", ALIBABA_CODING_PLAN, QWENS),
    Vendor::new("qwen-us", QWEN_US, QWENS).serving("dashscope"),
    Vendor::new("qwen-workspace", QWEN_WORKSPACE, QWENS).serving("dashscope"),
    Vendor::new("qwen-workspace-cn", QWEN_WORKSPACE, QWENS).serving("dashscope-cn"),
    Vendor::new("qwen-token-plan-cn", QWEN_TOKEN_PLAN_CN, QWENS).serving("alibaba-token-plan"),
    Vendor::new("qwen-coding-cn", QWEN_CODING_CN, QWENS).serving("alibaba-coding-plan"),
    Vendor::new("zai", ZAI, GLMS),
    Vendor::new("zai-coding-plan", ZAI_CODING_PLAN, GLMS),
    Vendor::new("zhipu", ZHIPU, GLMS),
    Vendor::new("zhipu-coding-plan", ZHIPU_CODING_PLAN, GLMS),
];

/// The same provider in another region, or on a plan; where nobody names the variable of its key, any will do.
pub const fn at(address: &'static str, key_variable: &'static str, rules: Rules) -> Rules {
    Rules {
        address,
        key_variable,
        ..rules
    }
}

/// <https://api-docs.deepseek.com/api/create-chat-completion>; the calibrated validator of 2026-09-01; recordings.
pub const DEEPSEEK: Rules = Rules {
    name: Some("deepseek"),
    key_variable: "DEEPSEEK_API_KEY",
    address: "https://api.deepseek.com",
    model: "deepseek-v4-pro",
    fields: SAMPLING,
    knobs: &[
        ("thinking.type", Values::Words(&["enabled", "disabled"])),
        ("reasoning_effort", Values::Efforts),
    ],
    efforts: &["low", "high", "max"],
    off: true,
    tool_choices: &["none"],
    most: 393_216,
    system: System::Anywhere,
    silence: Silence::Text,
    detail: true,
    replay: Replay::WithCalls("reasoning_content"),
    voice: Voice {
        usage: Usage::Last,
        cached: "prompt_cache_hit_tokens",
        alive: ": keep-alive\n\n",
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"message":{message},"type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
    says: &[
        (Kind::Key, 401, "Authentication Fails, Your api key is invalid"),
        (
            Kind::Model,
            400,
            "The supported API model names are deepseek-v4-pro or deepseek-flash, but you passed {}.",
        ),
        (Kind::Choice, 400, "Thinking mode does not support this tool_choice: {}"),
        (
            Kind::Thoughts,
            400,
            "The `reasoning_content` in the thinking mode must be passed back to the API. {}",
        ),
        (
            Kind::Part,
            400,
            "Failed to deserialize the JSON body into the target type: {}",
        ),
        (
            Kind::ToolType,
            400,
            "Failed to deserialize the JSON body into the target type: tools: unknown variant {}, expected `function`",
        ),
    ],
    speaks_like: "deepseek",
    ..NOTHING
};

const DEEPSEEKS: &[Family] = &[("deepseek-flash*", flash), ("deepseek-reasoner*", reasoner)];

/// Nobody has seen the smaller model take instructions in the middle (pi).
fn flash(rules: Rules) -> Rules {
    Rules {
        system: System::Leading,
        ..rules
    }
}

/// The R1 of old must not be shown its earlier reasoning, and thinks without being asked (ai).
fn reasoner(rules: Rules) -> Rules {
    Rules {
        knobs: &[],
        replay: Replay::Unknown,
        system: System::Leading,
        ..rules
    }
}

/// <https://platform.moonshot.ai/docs/api/chat>; the calibrated validator of 2026-08-27.
pub const MOONSHOT: Rules = Rules {
    name: Some("kimi"),
    key_variable: "MOONSHOT_API_KEY",
    address: "https://api.moonshot.ai/v1",
    model: "kimi-k3.1-pro",
    fields: &["prompt_cache_key"],
    // `thinking` is silently ignored, which nobody can want.
    knobs: families::EFFORT,
    efforts: &["low", "high", "max"],
    tool_choices: &["none", "required"],
    formats: &["text", "json_object", "json_schema"],
    most: 1_048_576,
    system: System::Anywhere,
    silence: Silence::Text,
    replay: Replay::Everywhere("reasoning_content"),
    vision: true,
    schema: Schema::Moonshot,
    voice: Voice {
        usage: Usage::Choice,
        cached: "cached_tokens",
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"message":{message},"type":"invalid_request_error"}}"#,
    says: &[
        (Kind::Key, 401, "Invalid Authentication"),
        (Kind::Model, 404, "Not found the model {} or Permission denied"),
        (
            Kind::Choice,
            400,
            "tool_choice 'specified' is incompatible with thinking enabled: {}",
        ),
        (
            Kind::Thoughts,
            400,
            "thinking is enabled but reasoning_content is missing in assistant tool call message at index {}",
        ),
        (
            Kind::ToolType,
            400,
            "unknown tool type: {}, currently only function and plugin are supported",
        ),
        (
            Kind::Schema,
            400,
            "tools.function.parameters is not a valid moonshot flavored json schema, {}",
        ),
    ],
    speaks_like: "moonshot",
    ..NOTHING
};

const MOONSHOT_CN: Rules = Rules {
    address: "https://api.moonshot.cn/v1",
    ..MOONSHOT
};

const KIMI_CODING: Rules = Rules {
    key_variable: "KIMI_API_KEY",
    address: "https://api.kimi.com/coding/v1",
    speaks_like: "kimi-coding",
    ..MOONSHOT
};

const KIMIS: &[Family] = &[
    ("kimi-k2.7*", k2_7),
    ("kimi-for-coding-highspeed*", k2_7),
    ("kimi-k2.6*", k2_6),
    ("*k3*", k3),
    ("kimi-for-coding", coding),
];

/// Thinks always, without steps (pi); `required` is refused (ai).
fn k2_7(rules: Rules) -> Rules {
    Rules {
        knobs: &[],
        tool_choices: &["none"],
        replay: Replay::WithCalls("reasoning_content"),
        off: false,
        ids: Ids::Named,
        ..rules
    }
}

/// `thinking` is a switch, and `keep` beside it keeps earlier reasoning (ai, pi). A search needs it off.
fn k2_6(rules: Rules) -> Rules {
    const SWITCH: &[Knob] = &[
        ("thinking.type", Values::Words(&["enabled", "disabled"])),
        ("thinking.keep", Values::Words(&["all"])),
    ];
    Rules {
        knobs: SWITCH,
        off: true,
        search: Search::Builtin("$web_search"),
        ..k2_7(rules)
    }
}

/// K3 with a search, which was seen on the live service on 2026-08-18 (public code).
fn coding(rules: Rules) -> Rules {
    Rules {
        search: Search::Builtin("$web_search"),
        ..k3(rules)
    }
}

/// Cannot be told not to think (probe), whatever models.dev says of a switch.
fn k3(rules: Rules) -> Rules {
    Rules { off: false, ..rules }
}

/// <https://help.aliyun.com/zh/model-studio/> by way of pi, ai and omp. `required` is refused while thinking (memory).
pub const DASHSCOPE: Rules = Rules {
    name: Some("dashscope"),
    key_variable: "DASHSCOPE_API_KEY",
    address: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    model: "qwen3.8-max",
    fields: &["temperature", "top_p", "stop", "parallel_tool_calls"],
    knobs: &[
        ("enable_thinking", Values::Flag),
        ("preserve_thinking", Values::Flag),
        ("thinking_budget", Values::Number),
        ("reasoning_effort", Values::Efforts),
    ],
    efforts: &["low", "medium", "xhigh"],
    off: true,
    tool_choices: &["none"],
    most: 131_072,
    search: Search::Fields(&["enable_search", "search_options"]),
    replay: Replay::Kept("reasoning_content"),
    strict: Strict::Known,
    envelope: r#"{"error":{"message":{message},"type":"invalid_request_error","param":null,"code":"invalid_parameter_error"},"request_id":"5f0c7a1e"}"#,
    speaks_like: "dashscope",
    ..NOTHING
};

const DASHSCOPE_CN: Rules = Rules {
    address: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    ..DASHSCOPE
};

const ALIBABA_TOKEN_PLAN: Rules = Rules {
    key_variable: "ALIBABA_TOKEN_PLAN_API_KEY",
    address: "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
    ..DASHSCOPE
};

const ALIBABA_CODING_PLAN: Rules = Rules {
    key_variable: "ALIBABA_CODING_PLAN_API_KEY",
    address: "https://coding-intl.dashscope.aliyuncs.com/v1",
    model: "qwen3.7-plus",
    ..DASHSCOPE
};

const QWEN_US: Rules = at(
    "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
    "DASHSCOPE_API_KEY",
    DASHSCOPE,
);
/// The workspace stands in the address.
const QWEN_WORKSPACE: Rules = at("", "DASHSCOPE_API_KEY", DASHSCOPE);
const QWEN_TOKEN_PLAN_CN: Rules = at(
    "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    "BAILIAN_TOKEN_PLAN_API_KEY",
    DASHSCOPE,
);
const QWEN_CODING_CN: Rules = at(
    "https://coding.dashscope.aliyuncs.com/v1",
    "ALIBABA_CODING_PLAN_API_KEY",
    DASHSCOPE,
);

const QWENS: &[Family] = &[
    ("qwen3.7*", qwen_switch),
    ("qwen3.6*", qwen_switch),
    ("qwen3-coder*", qwen_coder),
    ("*kimi*", hosted_kimi),
    ("*deepseek*", families::deepseek),
    ("*glm*", hosted_glm),
];

/// A switch and a budget, no steps (models.dev).
fn qwen_switch(rules: Rules) -> Rules {
    Rules {
        efforts: &[],
        off: true,
        ..rules
    }
}

/// These do not reason (models.dev).
fn qwen_coder(rules: Rules) -> Rules {
    Rules {
        knobs: &[],
        replay: Replay::Unknown,
        voice: Voice {
            thinks: Thinks::Silent,
            ..rules.voice
        },
        ..rules
    }
}

fn hosted_kimi(rules: Rules) -> Rules {
    Rules {
        off: false,
        efforts: &[],
        ..families::kimi(rules)
    }
}

pub fn hosted_glm(rules: Rules) -> Rules {
    Rules { off: false, ..rules }
}

/// <https://docs.z.ai/api-reference/llm/chat-completion> by way of pi, omp, ll; the calibrated validator of 2026-08-28.
/// A forced choice is taken by GLM-5.3 alone (probe).
pub const ZAI: Rules = Rules {
    name: Some("zai"),
    key_variable: "ZAI_API_KEY",
    address: "https://api.z.ai/api/paas/v4",
    model: "glm-5.3",
    fields: &["temperature", "top_p", "stop", "tool_stream"],
    knobs: THINKING_KEPT,
    efforts: &["low", "high", "max"],
    tool_choices: &["none"],
    most: 131_072,
    search: Search::Tool("web_search", &["web_search"]),
    system: System::Leading,
    replay: Replay::Kept("reasoning_content"),
    voice: Voice {
        usage: Usage::Last,
        ..Voice::COMMON
    },
    envelope: r#"{"error":{"code":"1210","message":{message}}}"#,
    says: &[
        (Kind::Key, 401, "Authentication Token Expired"),
        (Kind::Model, 400, "Unknown Model, please check the model code: {}"),
        (
            Kind::Thinking,
            400,
            "该模型始终思考，不支持关闭思考；请使用 low、high 或 max。{}",
        ),
    ],
    speaks_like: "zai",
    ..NOTHING
};

const THINKING_KEPT: &[Knob] = &[
    ("thinking.type", Values::Words(&["enabled", "disabled"])),
    ("thinking.clear_thinking", Values::Flag),
    ("reasoning_effort", Values::Efforts),
];

const ZAI_CODING_PLAN: Rules = Rules {
    address: "https://api.z.ai/api/coding/paas/v4",
    ..ZAI
};
const ZHIPU: Rules = Rules {
    key_variable: "ZHIPU_API_KEY",
    address: "https://open.bigmodel.cn/api/paas/v4",
    formats: &["text", "json_object", "json_schema"],
    ..ZAI
};
const ZHIPU_CODING_PLAN: Rules = Rules {
    address: "https://open.bigmodel.cn/api/coding/paas/v4",
    ..ZHIPU
};

const GLMS: &[Family] = &[("glm-5.3*", glm_always), ("glm-5.2*", glm_steps)];

/// Always thinks: 400, code 1210 (probe).
fn glm_always(rules: Rules) -> Rules {
    Rules { off: false, ..rules }
}

fn glm_steps(rules: Rules) -> Rules {
    Rules {
        efforts: &["high", "max"],
        off: true,
        ..rules
    }
}
