//! Refusals in providers' own words, as they were recorded or documented.

use super::super::fault::{End, Fault, again, broken, fault, overflow, words};
use super::super::said::{answer, stream};

/// Who says it, under the name by which its codes are known; with which status; what; and the end of it.
type Saying = (&'static str, u16, &'static str, End);

fn sayings() -> Vec<Saying> {
    [keys(), accounts(), models(), contexts(), others(), that_pass()]
        .into_iter()
        .flatten()
        .collect()
}

fn keys() -> Vec<Saying> {
    vec![
        (
            "deepseek",
            401,
            r#"{"error":{"message":"Authentication Fails, Your api key: ****-key is invalid","type":"authentication_error","param":null,"code":"invalid_request_error"}}"#,
            words("Check the key at https://acme.test/keys"),
        ),
        (
            "mistral",
            401,
            r#"{"detail":"Invalid API Key"}"#,
            words("Acme says: Invalid API Key (401). Check the key"),
        ),
        (
            "gemini",
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            words("(400). Check the key"),
        ),
    ]
}

fn accounts() -> Vec<Saying> {
    vec![
        (
            "deepseek",
            402,
            r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            words("Acme says: Insufficient Balance (402). Top up at https://acme.test/keys or choose another provider"),
        ),
        (
            "openrouter",
            402,
            r#"{"error":{"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits","code":402},"user_id":"user_1"}"#,
            words("(402). Top up"),
        ),
        (
            "glm",
            429,
            r#"{"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}}"#,
            words("Top up"),
        ),
        (
            "minimax",
            200,
            r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#,
            words("Top up"),
        ),
        (
            "openai",
            429,
            r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            words("Top up"),
        ),
        (
            "opencode",
            401,
            r#"{"type":"error","error":{"type":"CreditsError","message":"Insufficient balance. Manage your billing here"}}"#,
            words("Top up"),
        ),
        (
            "glm",
            429,
            r#"{"error":{"code":"1308","message":"Usage limit reached for 5 hour."}}"#,
            words("choose another provider with `--provider`"),
        ),
        (
            "kimi",
            403,
            r#"{"error":{"message":"You've reached your weekly (7-day) usage limit. Your quota will reset when the current 7-day window ends.","type":"access_terminated_error"}}"#,
            words("choose another provider with `--provider`"),
        ),
    ]
}

fn models() -> Vec<Saying> {
    vec![
        (
            "groq",
            404,
            r#"{"error":{"message":"The model `non-existent` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#,
            words("Choose another model with `-m`"),
        ),
        (
            "mistral",
            400,
            r#"{"code":"1500","message":"Invalid model: definitely-not-a-model","object":"error","param":null,"raw_status_code":400,"type":"invalid_model"}"#,
            words("Choose another model with `-m`"),
        ),
        (
            "venice",
            404,
            r#"{"error":"Specified model not found: x. Did you mean: y?"}"#,
            words("Choose another model with `-m`"),
        ),
    ]
}

fn contexts() -> Vec<Saying> {
    vec![
        (
            "deepseek",
            400,
            r#"{"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 140000 tokens","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
            overflow("maximum context length is 131072 tokens"),
        ),
        (
            "glm",
            400,
            r#"{"error":{"code":"1261","message":"Prompt exceeds max length"}}"#,
            overflow("Prompt exceeds max length"),
        ),
        (
            "mistral",
            400,
            r#"{"object":"error","message":"Prompt contains 200000 tokens, too large for model with 131072 maximum context length","type":"invalid_request_error","param":null,"code":"3051"}"#,
            overflow("too large for model"),
        ),
        ("cerebras", 400, "", overflow("without a word")),
        (
            "ollama",
            400,
            r#"{"error":{"message":"prompt too long; exceeded max context length by 1119046 tokens (ref: 1)","type":"invalid_request_error","param":null,"code":null}}"#,
            overflow("exceeded max context length"),
        ),
        (
            "gemini",
            400,
            r#"[{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}]"#,
            overflow("exceeds the maximum number of tokens"),
        ),
    ]
}

fn others() -> Vec<Saying> {
    vec![
        (
            "glm",
            400,
            r#"{"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}"#,
            words("(400)"),
        ),
        (
            "llamacpp",
            500,
            r#"{"error":{"code":500,"message":"Cannot use tools with stream","type":"server_error"}}"#,
            words("Cannot use tools with stream (500)"),
        ),
    ]
}

fn that_pass() -> Vec<Saying> {
    vec![
        (
            "openrouter",
            429,
            r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"Google","raw":"google/gemini is temporarily rate-limited upstream. Please retry shortly"}},"user_id":"user_1"}"#,
            again("temporarily rate-limited upstream"),
        ),
        (
            "glm",
            429,
            r#"{"error":{"code":"1302","message":"您的账户已达到速率限制"}}"#,
            again("(429)"),
        ),
        (
            "kimi",
            429,
            r#"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
            again("currently overloaded"),
        ),
        (
            "deepseek",
            503,
            r#"{"error":{"message":"Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.","type":"service_unavailable_error","param":null,"code":"invalid_request_error"}}"#,
            again("too busy"),
        ),
        (
            "fireworks",
            400,
            r#"{"error":{"message":"Floating point NaN (or Inf) detected in generation"}}"#,
            broken("Floating point NaN"),
        ),
    ]
}

/// What stands before an origin that does not answer, or does not want us, and how it is told: with the status once.
const PAGES: &[(&str, u16, &str, &str)] = &[
    (
        "Cloudflare's page of a bad gateway",
        502,
        "<!DOCTYPE html>\n<html><head><title>api.acme.test | 502: Bad gateway</title></head><body>cf-error-details</body></html>",
        "says: api.acme.test | 502: Bad gateway. ",
    ),
    (
        "Cloudflare's page of a timeout",
        524,
        "<!DOCTYPE html>\n<html><head><title>api.acme.test | 524: A timeout occurred</title></head><body></body></html>",
        "says: api.acme.test | 524: A timeout occurred. ",
    ),
    (
        "nginx's page",
        504,
        "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body><center>nginx</center></body></html>",
        "says: 504 Gateway Time-out. ",
    ),
    ("a page without a title", 503, "<html><body>busy</body></html>", "(503)"),
];

pub fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (who, status, body, end) in sayings() {
        let steps = answer(status, "content-type: application/json\r\n", body);
        let start = super::start(body);
        faults.push(fault(format!("{status} of {who}: {start}"), steps, end).of(who));
    }
    for (name, status, page, told) in PAGES {
        let steps = answer(*status, "content-type: text/html; charset=UTF-8\r\n", page);
        faults.push(fault(*name, steps, again(*told)));
    }
    let page = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>";
    let html = "content-type: text/html; charset=UTF-8\r\n";
    faults.push(fault(
        "403 with Cloudflare's challenge",
        answer(403, html, page),
        words("Just a moment... (403)"),
    ));
    faults.push(fault(
        "a page to log in where the answer should be",
        answer(200, html, page),
        words("web page “Just a moment...”"),
    ));
    faults.push(fault("a page inside a stream", stream(page), words("web page")));
    faults
}
