//! Others in China, most of whom serve the models of their neighbours, too.

use super::east::{at, hosted_glm};
use super::voice::{Arguments, Thinks, Voice};
use super::{Family, NOTHING, Replay, Rules, SAMPLING, Search, Values, Vendor, families};

pub const VENDORS: &[Vendor] = &[
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

/// <https://www.volcengine.com/docs/82379/1494384> by way of models.dev and ll; `required` and named choices are
/// memory, and so are most of its troubles.
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
