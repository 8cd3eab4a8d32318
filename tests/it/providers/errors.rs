//! What providers are known to say when something is wrong, one by one, and what each of it means, by who has read it.
//! `troubles.txt` holds what the mock says; here is the rest. Those for whom the facts name a kind of error must have
//! one of that kind (`CRELAY_SHARED`, default `../shared`).

use std::time::SystemTime;

use crelay::provider::Table;
use crelay::upstream::{Class, Failure};
use reqwest::header::HeaderMap;

use crate::facts;
use crate::kit::Rules;

/// Who, what it means, the status (0 is an error inside a good one), the body.
type Row = (&'static str, Class, u16, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = {
    use Class::{Auth, Balance, Filter, Model, Overflow, Overloaded, Quota, RateLimit, Request, Server};
    &[
        ("deepseek", Request, 400, r#"{"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the API.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#),
        ("deepseek", Request, 400, r#"{"error":{"message":"The reasoning_text in the thinking mode must be passed back to the API","type":"invalid_request_error"}}"#),
        ("deepseek", Request, 400, r#"{"error":{"message":"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. (insufficient tool messages following tool_calls message)","type":"invalid_request_error"}}"#),
        ("deepseek", Request, 422, r#"{"error":{"message":"Failed to deserialize the JSON body into the target type: tools[0].type: unknown variant `custom`, expected `function`","type":"invalid_request_error"}}"#),
        ("deepseek", RateLimit, 429, r#"{"error":{"message":"Rate limit reached","type":"rate_limit_error","code":"rate_limit_error"}}"#),
        ("moonshot", Filter, 400, r#"{"error":{"message":"The request was rejected because it was considered high risk","type":"content_filter"}}"#),
        ("moonshot", Balance, 429, r#"{"error":{"message":"Your account org-x is suspended due to insufficient balance, please recharge your account","type":"exceeded_current_quota_error"}}"#),
        ("moonshot", Request, 400, r#"{"error":{"message":"thinking is enabled but reasoning_content is missing in assistant tool call message at index 3","type":"invalid_request_error"}}"#),
        ("moonshot", Request, 400, r#"{"error":{"message":"unknown tool type: custom, currently only function and plugin are supported","type":"invalid_request_error"}}"#),
        ("moonshot", Request, 400, r#"{"error":{"message":"tool_choice 'specified' is incompatible with thinking enabled","type":"invalid_request_error"}}"#),
        ("moonshot", Request, 400, r#"{"error":{"message":"Invalid request: tools.function.parameters is not a valid moonshot flavored json schema","type":"invalid_request_error"}}"#),
        ("moonshot", Quota, 403, r#"{"error":{"message":"Your access has ended.","type":"access_terminated_error"}}"#),
        ("kimi-coding", Quota, 403, r#"{"error":{"message":"Your access has ended.","type":"access_terminated_error"}}"#),
        ("kimi-coding", Balance, 429, r#"{"error":{"message":"insufficient balance","type":"exceeded_current_quota_error"}}"#),
        ("kimi-coding", RateLimit, 429, r#"{"error":{"message":"Your account reached max request limit","type":"rate_limit_reached_error"}}"#),
        ("kimi-coding", Overloaded, 429, r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#),
        ("kimi-coding", Filter, 400, r#"{"error":{"message":"considered high risk","type":"content_filter"}}"#),
        ("kimi-coding", Request, 400, r#"{"error":{"message":"thinking is enabled but reasoning_content is missing in assistant tool call message at index 1"}}"#),
        ("dashscope", RateLimit, 429, r#"{"error":{"message":"Requests rate limit exceeded, please try again later.","type":"limit_requests","code":"limit_requests"}}"#),
        ("dashscope", RateLimit, 429, r#"{"error":{"message":"Throttling error: Too many tokens, please wait before trying again.","type":"Throttling.AllocationQuota"}}"#),
        ("dashscope", Filter, 400, r#"{"error":{"message":"Output data may contain inappropriate content.","type":"DataInspectionFailed","code":"DataInspectionFailed"}}"#),
        ("zai", Auth, 401, r#"{"error":{"code":"1001","message":"Header中未收到Authentication参数,无法进行身份验证"}}"#),
        ("zai", Auth, 401, r#"{"error":{"code":"1003","message":"Authentication Token已过期"}}"#),
        ("zai", Auth, 401, r#"{"error":{"code":"1005","message":"验证失败"}}"#),
        ("zai", Auth, 403, r#"{"error":{"code":"1220","message":"您无权访问该API"}}"#),
        ("zai", RateLimit, 429, r#"{"error":{"code":"1305","message":"您当前使用该API的频率过高"}}"#),
        ("zai", Quota, 429, r#"{"error":{"code":"1308","message":"已达到 5 小时的使用上限。您的限额将在 2026-11-22 07:41:44 重置。"}}"#),
        ("zai", Quota, 429, r#"{"error":{"code":"1309","message":"您的 GLM Coding Plan 套餐已到期"}}"#),
        ("zai", Quota, 429, r#"{"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-11-27 12:05:49"}}"#),
        ("zai", Model, 429, r#"{"error":{"code":"1311","message":"当前订阅套餐暂未开放该模型权限"}}"#),
        ("zai", Request, 429, r#"{"error":{"code":"1313","message":"Your account is restricted by the fair use policy"}}"#),
        ("zai", Quota, 429, r#"{"error":{"code":"1316","message":"x"}}"#),
        ("zai", Quota, 429, r#"{"error":{"code":"1321","message":"x"}}"#),
        ("zai", Request, 400, r#"{"error":{"code":"1210","message":"该模型始终思考，不支持关闭思考"}}"#),
        ("zai", Request, 0, r#"{"error":{"code":"1214","message":"messages 参数非法"}}"#),
        ("zai", Request, 0, r#"{"error":{"code":"1222","message":"API 已下线"}}"#),
        ("zai", Balance, 0, r#"{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}"#),
        ("zai", Overflow, 400, r#"{"error":{"code":"1261","message":"Prompt too long"}}"#),
        ("zai", Filter, 400, r#"{"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}"#),
        ("mistral", Balance, 402, r#"{"detail":"Payment required"}"#),
        ("mistral", Request, 400, r#"{"object":"error","message":"Unexpected role 'user' after role 'tool'","type":"invalid_request_message_order","code":"3230"}"#),
        ("mistral", Request, 400, r#"{"object":"error","message":"Not the same number of function calls and responses","type":"invalid_request_message_order","code":"3230"}"#),
        ("groq", RateLimit, 429, r#"{"error":{"message":"Rate limit reached for model `openai/gpt-oss-120b` in organization `org` service tier `on_demand` on tokens per minute (TPM): Limit 8000, Used 7000, Requested 3000. Please try again in 7.66s.","type":"tokens","code":"rate_limit_exceeded"}}"#),
        ("groq", Overflow, 413, r#"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error"}}"#),
        ("groq", Request, 413, r#"{"error":{"message":"Request too large for model `openai/gpt-oss-120b` on tokens per minute (TPM): Limit 8000, Requested 30000","type":"tokens","code":"rate_limit_exceeded"}}"#),
        ("groq", Overloaded, 498, r#"{"error":{"message":"capacity"}}"#),
        ("groq", Server, 400, r#"{"error":{"message":"Failed to call a function. Please adjust your prompt.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"rate limit"}}"#),
        ("xai", Balance, 402, r#"{"code":"x","error":"usage balance exhausted"}"#),
        ("xai", Balance, 403, r#"{"code":"personal-team-blocked:spending-limit","error":"Your newly created team doesn't have any credits"}"#),
        ("openrouter", Auth, 401, r#"{"error":{"message":"No auth credentials found","code":401}}"#),
        ("openrouter", Balance, 402, r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 100.","code":402}}"#),
        ("openrouter", Quota, 429, r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429}}"#),
        ("openrouter", Overflow, 400, r#"{"error":{"message":"The input (300000) exceeds the maximum allowed input length of 200000","code":400}}"#),
        ("openrouter", Overflow, 400, r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"Together","raw":"{\"error\":{\"message\":\"input (300000 tokens) is longer than the model's context length (262144 tokens)\"}}"}}}"#),
        ("openrouter", Filter, 403, r#"{"error":{"message":"The model requires moderation. Your input was flagged for \"violence\". No credits were charged.","code":403}}"#),
        ("openrouter", Request, 400, r#"{"error":{"message":"Reasoning is mandatory for this endpoint and cannot be disabled","code":400}}"#),
        ("openrouter", Overloaded, 0, r#"{"error":{"code":503,"message":"Provider returned error","metadata":{"raw":"overloaded"}},"choices":[{"finish_reason":"error"}]}"#),
        ("minimax", Auth, 0, r#"{"base_resp":{"status_code":1004,"status_msg":"login fail"}}"#),
        ("minimax", Auth, 0, r#"{"base_resp":{"status_code":2049,"status_msg":"invalid api key"}}"#),
        ("minimax", Balance, 0, r#"{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#),
        ("minimax", RateLimit, 0, r#"{"base_resp":{"status_code":1002,"status_msg":"x"}}"#),
        ("minimax", Filter, 0, r#"{"base_resp":{"status_code":1026,"status_msg":"x"}}"#),
        ("minimax", Filter, 0, r#"{"base_resp":{"status_code":1027,"status_msg":"x"}}"#),
        ("minimax", Request, 0, r#"{"base_resp":{"status_code":2013,"status_msg":"invalid params, function name or parameters is empty"}}"#),
        ("minimax", Quota, 429, r#"{"type":"error","error":{"type":"rate_limit_error","message":"usage limit exceeded, 5-hour usage limit reached for Token Plan Starter (0/0 used), resets at 2026-05-15T15:00:00Z (2056)"}}"#),
        ("together", Balance, 402, r#"{"error":{"message":"Credit limit exceeded","type":"credit_limit"}}"#),
        ("together", RateLimit, 429, r#"{"error":{"message":"You have reached the limit","type":"request_limit"}}"#),
        ("together", Overloaded, 503, r#"{"error":{"message":"The server is not ready","type":"service_unavailable"}}"#),
        ("fireworks", Balance, 412, ""),
        ("fireworks", RateLimit, 429, r#"{"error":{"message":"x"}}"#),
        ("fireworks", Server, 400, r#"{"error":{"message":"Floating point NaN (not-a-number) is detected in generation"}}"#),
        ("cerebras", Overflow, 400, ""),
        ("cerebras", Overflow, 413, ""),
        ("siliconflow", Auth, 401, "\"Invalid token\""),
        ("siliconflow", Overloaded, 504, r#"{"code":50505,"message":"Model service overloaded"}"#),
        ("volcengine", Quota, 429, r#"{"error":{"code":"AccountQuotaExceeded","message":"You have exceeded the 5-hour usage quota. It will reset at 2026-01-10 12:23:21 +0800 CST."}}"#),
        ("volcengine", RateLimit, 429, r#"{"error":{"code":"QuotaExceeded","message":"x"}}"#),
        ("volcengine", Balance, 429, r#"{"error":{"code":"SetLimitExceeded","message":"Your account has reached the set inference limit for the model"}}"#),
        ("volcengine", Overflow, 400, r#"{"error":{"code":"InvalidParameter","message":"Input length 120000 exceeds the maximum length 98304."}}"#),
        ("volcengine", Filter, 400, r#"{"error":{"code":"SensitiveContentDetected","message":"x"}}"#),
        ("qianfan", Auth, 401, r#"{"error":{"code":"invalid_iam_token","message":"IAM token is invalid"}}"#),
        ("qianfan", Model, 401, r#"{"error":{"code":"invalid_model","message":"x"}}"#),
        ("nvidia", Overloaded, 0, r#"{"error":{"message":"ResourceExhausted: Worker local total request limit reached"}}"#),
        ("opencode-zen", Quota, 429, r#"{"type":"error","error":{"type":"GoUsageLimitError","message":"x"}}"#),
        ("opencode-zen", Quota, 429, r#"{"type":"error","error":{"type":"FreeUsageLimitError","message":"x"}}"#),
        ("opencode-zen", Quota, 429, r#"{"error":{"message":"Monthly usage limit reached"}}"#),
        ("opencode-go", Quota, 429, r#"{"error":{"message":"5-hour usage limit reached. Resets in 2 hours 5 min"}}"#),
        ("opencode-go", Auth, 401, r#"{"error":{"message":"x"}}"#),
        ("opencode-go", Balance, 401, r#"{"error":{"message":"Insufficient balance"}}"#),
        ("gemini", RateLimit, 429, r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}]"#),
        ("gemini", Quota, 429, r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x","details":[{"reason":"QUOTA_EXHAUSTED"}]}}]"#),
        ("gemini", Overloaded, 503, r#"[{"error":{"code":503,"message":"This model is currently experiencing high demand.","status":"UNAVAILABLE"}}]"#),
        ("anthropic", Overflow, 413, r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#),
        ("anthropic", Balance, 402, r#"{"error":{"message":"This request would exceed your available credits"}}"#),
        ("openai", Auth, 401, r#"{"error":{"code":"invalid_api_key","message":"Incorrect API key provided: sk-x."}}"#),
        ("openai", RateLimit, 429, r#"{"error":{"message":"Rate limit reached for gpt-6 in organization org on requests per min. Limit: 3 / min. Please try again in 20s.","type":"requests","code":"rate_limit_exceeded"}}"#),
        ("ollama", Overflow, 500, r#"{"error":{"message":"prompt too long; exceeded context length"}}"#),
        ("ollama", Request, 500, r#"{"error":{"message":"failed to parse tool call arguments as json"}}"#),
        ("vllm", Overflow, 400, r#"{"error":{"message":"This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens","type":"BadRequestError","param":"input_tokens","code":400}}"#),
        ("sglang", Overflow, 400, r#"{"object":"error","message":"Requested token count exceeds the model's maximum context length of 4096 tokens.","type":"BadRequestError","code":400}"#),
        ("llamacpp", Request, 400, r#"{"error":{"code":400,"message":"'type' of tool must be 'function'","type":"invalid_request_error"}}"#),
        ("llamacpp", Overloaded, 503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#),
        ("litellm", Overflow, 400, r#"{"error":{"message":"Context Window exceeded for given call","type":null,"code":"400"}}"#),
    ]
};

/// What a key of the facts means. Those that are no kind of error are left out.
fn meant(key: &str) -> &'static [Class] {
    match key {
        "auth" | "forbidden" => &[Class::Auth],
        "balance" | "balance2" => &[Class::Balance, Class::Quota],
        "rate" | "concurrency" => &[Class::RateLimit, Class::Quota],
        "overload" | "capacity" => &[Class::Overloaded],
        "overflow" => &[Class::Overflow],
        "quota" | "plan" => &[Class::Quota],
        "filter" => &[Class::Filter],
        "model" | "notopen" => &[Class::Model],
        "invalid" | "passback" | "toolchain" | "reasoning" | "toolparse" => &[Class::Request],
        _ => &[],
    }
}

#[test]
fn every_known_error_means_what_its_reader_says() {
    let table = Table::embedded().unwrap();
    let mut wrong = Vec::new();
    for (id, class, status, body) in ROWS {
        let provider = table.find(id).unwrap();
        let codes = provider
            .dialect(provider.default_model.as_deref().unwrap_or_default())
            .codes;
        let now = SystemTime::UNIX_EPOCH;
        let failure = match status {
            0 => Failure::of_value(codes, &serde_json::from_str(body).unwrap(), now),
            status => Failure::of_status(codes, *status, &HeaderMap::new(), body.as_bytes(), now),
        };
        if failure.class != *class {
            wrong.push(format!(
                "{id}: {:?} instead of {class:?}: {status} {body}",
                failure.class
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_of_error_that_the_facts_name_is_tried() {
    let Some(facts) = facts::facts("providers.json", "providers") else {
        return;
    };
    let table = Table::embedded().unwrap();
    let mut missing = Vec::new();
    for fact in &facts {
        let id = fact["id"].as_str().unwrap();
        let speaker = |id: &str| Rules::of(|name| table.find(id).is_some_and(|known| known.answers_to(name)), "");
        let Some(own) = speaker(id) else {
            continue;
        };
        // Regions and plans speak like each other.
        let speaks_alike = |who: &str| who == id || speaker(who).is_some_and(|who| who.speaks_like == own.speaks_like);
        let rows = ROWS.iter().filter(|(who, ..)| speaks_alike(who));
        let rows = rows.map(|(_, class, ..)| *class);
        let known: Vec<Class> = rows.chain(own.troubles().map(|trouble| trouble.class)).collect();
        for key in fact["errors"].as_object().into_iter().flat_map(|errors| errors.keys()) {
            let meant = meant(key);
            if !meant.is_empty() && !meant.iter().any(|class| known.contains(class)) {
                missing.push(format!("{id}: {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
