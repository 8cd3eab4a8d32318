//! Those in China who serve their own models.

use super::voice::{Arguments, Thinks, Usage, Voice};
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
    Vendor::new("minimax", MINIMAX, MINIMAXES),
    Vendor::new("minimax-cn", MINIMAX_CN, MINIMAXES).serving("minimax"),
    Vendor::new("volcengine", VOLCENGINE, ARK),
    Vendor::new("volcengine-coding-plan", VOLCENGINE_CODING_PLAN, ARK),
    Vendor::new("byteplus", BYTEPLUS, ARK).serving("volcengine"),
    Vendor::new("qianfan", QIANFAN, families::EVERYWHERE),
    Vendor::new("tencent", TENCENT, families::EVERYWHERE),
    Vendor::new("tencent-intl", TENCENT_INTL, families::EVERYWHERE).serving("tencent"),
    Vendor::new("tencent-coding-plan", TENCENT_CODING_PLAN, families::EVERYWHERE),
    Vendor::new("tencent-token-plan", TENCENT_TOKEN_PLAN, families::EVERYWHERE),
    Vendor::new("stepfun", STEPFUN, &[]),
    Vendor::new("stepfun-cn", STEPFUN_CN, &[]).serving("stepfun"),
    Vendor::new("stepfun-plan", STEPFUN_PLAN, &[]).serving("stepfun"),
    Vendor::new("xiaomi", XIAOMI, MIMOS),
    Vendor::new("xiaomi-token-plan-sgp", XIAOMI_SGP, MIMOS).serving("xiaomi"),
    Vendor::new("xiaomi-token-plan-cn", XIAOMI_CN, MIMOS).serving("xiaomi"),
    Vendor::new("xiaomi-token-plan-ams", XIAOMI_AMS, MIMOS).serving("xiaomi"),
];

/// The same provider in another region, or on a plan; where nobody names the variable of its key, any will do.
const fn at(address: &'static str, key_variable: &'static str, rules: Rules) -> Rules {
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

fn hosted_glm(rules: Rules) -> Rules {
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

/// <https://platform.minimax.io/docs/api-reference/text-openai-api> by way of pi and omp.
pub const MINIMAX: Rules = Rules {
    name: Some("minimax"),
    key_variable: "MINIMAX_API_KEY",
    address: "https://api.minimax.io/v1",
    model: "MiniMax-M3",
    fields: SAMPLING,
    knobs: &[
        ("reasoning_split", Values::Flag),
        ("thinking.type", Values::Words(&["adaptive", "disabled"])),
        ("reasoning_effort", Values::MaybeEfforts),
    ],
    off: true,
    formats: &[],
    replay: Replay::Somewhere,
    voice: Voice {
        thinks: Thinks::Tags,
        arguments: Arguments::Object,
        ..Voice::COMMON
    },
    speaks_like: "minimax",
    ..NOTHING
};

const MINIMAX_CN: Rules = at("https://api.minimaxi.com/v1", "MINIMAX_API_KEY", MINIMAX);

const MINIMAXES: &[Family] = &[("*m2*", minimax_m2)];

/// Cannot be told not to think (omp).
fn minimax_m2(rules: Rules) -> Rules {
    Rules {
        off: false,
        efforts: &[],
        knobs: &[("reasoning_split", Values::Flag)],
        ..rules
    }
}

/// <https://www.volcengine.com/docs/82379/1494384> by way of models.dev and ll; `required` and named choices are memory,
/// and so are most of its troubles.
pub const VOLCENGINE: Rules = Rules {
    name: Some("volcengine"),
    key_variable: "ARK_API_KEY",
    address: "https://ark.cn-beijing.volces.com/api/v3",
    model: "doubao-seed-2-1-pro-260628",
    fields: SAMPLING,
    knobs: &[
        ("thinking.type", Values::Words(&["enabled", "disabled", "auto"])),
        ("reasoning_effort", Values::Efforts),
    ],
    off: true,
    limits: &["max_tokens", "max_completion_tokens"],
    either: &[("max_tokens", "max_completion_tokens")],
    replay: Replay::Kept("reasoning_content"),
    envelope: r#"{"error":{"code":"InvalidParameter","message":{message},"param":"","type":"BadRequest"}}"#,
    speaks_like: "volcengine",
    ..NOTHING
};

const VOLCENGINE_CODING_PLAN: Rules = Rules {
    key_variable: "ARK_CODING_PLAN_API_KEY",
    address: "https://ark.cn-beijing.volces.com/api/coding/v3",
    model: "glm-5.3",
    ..VOLCENGINE
};

const BYTEPLUS: Rules = at(
    "https://ark.ap-southeast.bytepluses.com/api/v3",
    "ARK_API_KEY",
    VOLCENGINE,
);

const ARK: &[Family] = &[
    ("*kimi*", hosted_kimi_switch),
    ("*deepseek*", families::deepseek),
    ("*glm*", hosted_glm),
];

/// K3 cannot be told not to think, and K2.7 has no steps.
fn hosted_kimi_switch(rules: Rules) -> Rules {
    Rules {
        off: false,
        ..families::kimi(rules)
    }
}

/// Memory for the most part.
const QIANFAN: Rules = Rules {
    name: Some("qianfan"),
    key_variable: "QIANFAN_API_KEY",
    address: "https://qianfan.baidubce.com/v2",
    model: "deepseek-v3.2",
    formats: &["text", "json_object"],
    search: Search::Fields(&["web_search"]),
    replay: Replay::Allowed("reasoning_content"),
    envelope: r#"{"error":{"code":"invalid_argument","message":{message},"type":"invalid_request_error"},"id":"as-5f0c7a1e"}"#,
    ..NOTHING
};

/// models.dev and omp.
const TENCENT: Rules = Rules {
    name: Some("tencent"),
    key_variable: "TENCENT_TOKENHUB_API_KEY",
    address: "https://tokenhub.tencentmaas.com/v1",
    model: "hy4-preview",
    knobs: &[
        ("thinking.type", Values::Words(&["enabled", "disabled", "adaptive"])),
        ("reasoning_effort", Values::Words(&["none", "high"])),
    ],
    off: true,
    replay: Replay::Allowed("reasoning_content"),
    ..NOTHING
};

const TENCENT_INTL: Rules = at(
    "https://tokenhub-intl.tencentcloudmaas.com/v1",
    "TENCENT_TOKENHUB_API_KEY",
    TENCENT,
);
const TENCENT_CODING_PLAN: Rules = at(
    "https://api.lkeap.cloud.tencent.com/coding/v3",
    "TENCENT_CODING_PLAN_API_KEY",
    TENCENT,
);
const TENCENT_TOKEN_PLAN: Rules = at("https://api.lkeap.cloud.tencent.com/plan/v3", "", TENCENT);

/// models.dev and omp.
const STEPFUN: Rules = Rules {
    name: Some("stepfun"),
    key_variable: "STEPFUN_API_KEY",
    address: "https://api.stepfun.ai/v1",
    model: "step-5-preview",
    knobs: families::EFFORT,
    replay: Replay::Kept("reasoning_content"),
    voice: Voice {
        thinks: Thinks::Field("reasoning"),
        ..Voice::COMMON
    },
    ..NOTHING
};

const STEPFUN_CN: Rules = at("https://api.stepfun.com/v1", "STEPFUN_API_KEY", STEPFUN);
const STEPFUN_PLAN: Rules = at("https://api.stepfun.com/step_plan/v1", "STEPFUN_API_KEY", STEPFUN);

/// pi and omp: its own reasoning with every message, no placeholder.
const XIAOMI: Rules = Rules {
    name: Some("xiaomi"),
    key_variable: "XIAOMI_API_KEY",
    address: "https://api.xiaomimimo.com/v1",
    model: "mimo-v2.6-pro",
    fields: SAMPLING,
    knobs: &[("thinking.type", Values::Words(&["enabled", "disabled"]))],
    off: true,
    limits: &["max_completion_tokens"],
    replay: Replay::Kept("reasoning_content"),
    ..NOTHING
};

const XIAOMI_SGP: Rules = at("https://token-plan-sgp.xiaomimimo.com/v1", "", XIAOMI);
const XIAOMI_CN: Rules = at("https://token-plan-cn.xiaomimimo.com/v1", "", XIAOMI);
const XIAOMI_AMS: Rules = at("https://token-plan-ams.xiaomimimo.com/v1", "", XIAOMI);

const MIMOS: &[Family] = &[("*mimo*", families::mimo)];
