//! The rows: who says what, and what it means. The first row that fits counts.
//!
//! To add one, take the words or the code as they came, in lower case, name who says them and where that is known
//! from, and put the answer itself among the tests. Words are worth more than numbers: gateways pass on words, and the
//! same number means something else with everybody, so numbers belong to whoever writes them (`of`). What is only
//! known from memory is marked so.
//!
//! Sources: pi is `@earendil-works/pi-ai` 1.5.2, omp `@oh-my-pi/pi-ai` 18.2.11, ll `litellm` 1.109.1, all of 2026-11;
//! "recorded" is an answer that was kept.

use crate::session::Codes::{self, Cerebras, Fireworks, Glm, Minimax, Qianfan, Siliconflow};

use super::Class::{
    self, Address, Auth, Balance, Filter, Model, Overflow, Overloaded, Quota, RateLimit, Request, Server,
};
use super::Row;

const fn words(class: Class, words: &'static [&'static str], source: &'static str) -> Row {
    Row::words(class, words, source)
}

const fn codes(class: Class, codes: &'static [&'static str], source: &'static str) -> Row {
    Row::codes(class, codes, source)
}

const fn numbers(class: Class, who: Codes, numbers: &'static [&'static str], source: &'static str) -> Row {
    Row::codes(class, numbers, source).of(who)
}

/// All rows.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // What looks like something else further down.

    words(RateLimit, &["error-code*token-limit"], "DashScope: a limit a minute in OpenAI's words for an empty account (omp)"),
    words(Request, &["request too large for*tokens per min", "request too large for*tpm"], "OpenAI, Groq: larger than a whole minute allows, so waiting does not help (recorded)"),
    words(Request, &["currently only available for coding agents"], "Kimi Code, 403 access_terminated_error (MoonshotAI/kimi-code #413, 2026-06)"),
    words(Request, &["country, region, or territory not supported", "user location is not supported"], "OpenAI 403, Gemini 400: not a matter of the key (memory)"),

    numbers(Model, Glm, &["1311"], "GLM plans that do not hold the model (farion1231/cc-switch #1386, 2026-03)"),
    numbers(Request, Glm, &["1313"], "GLM plans, fair use: only support can lift it (zai-org/GLM-5 #68, 2026-05)"),

    // The plan's allowance is used up, and comes back.

    numbers(Quota, Glm, &["1308", "1309", "1310", "1314", "1315", "1316", "1317", "1318", "1319", "1320", "1321"], "GLM plans (ll, omp)"),
    words(Quota, &["usage limit reached", "limit exhausted", "使用上限"], "GLM plans, MiniMax plans, OpenCode Go (ll, omp; MiniMax-M2.7 #36, 2026-05)"),
    words(Quota, &["usage limit exceeded", "reached your*usage limit", "usage limit has been reached", "exceeded the*usage quota"], "MiniMax, Kimi Code, Ollama cloud, Ark plans (omp; openclaw #142656; continue #10579; Ark from memory)"),
    numbers(Quota, Minimax, &["2056"], "MiniMax token plan (MiniMax-M2.7 #36, 2026-05)"),
    codes(Quota, &["access_terminated_error"], "Kimi Code 403 (omp)"),
    codes(Quota, &["gousagelimiterror", "freeusagelimiterror", "usage_limit_reached", "accountquotaexceeded", "free_quota_exceeded"], "OpenCode (pi), Codex's own service, Ark (memory)"),
    words(Quota, &["gousagelimiterror", "freeusagelimiterror", "free-models-per-day", "quota will reset"], "OpenCode (pi), OpenRouter (omp), Gemini (liuw1535/antigravity2api-nodejs #44, 2025-12)"),
    words(Quota, &["requestsperday", "tokensperday"], "Gemini's `quotaId` of a day's limit, beside a delay of seconds that does not help (memory)"),
    codes(Quota, &["quota_exhausted"], "Gemini's `reason` (omp)"),
    words(Quota, &["hour allocated quota exceeded", "week allocated quota exceeded", "month allocated quota exceeded"], "DashScope coding plan (memory)"),

    // The account is empty.

    words(Balance, &["insufficient balance", "insufficient account balance", "account balance is insufficient"], "DeepSeek 402, Moonshot 429, MiniMax, SiliconFlow 403, OpenCode 401 (omp)"),
    words(Balance, &["insufficient credits", "requires more credits", "prompt tokens limit exceeded"], "OpenRouter 402 (omp; continue #10962)"),
    words(Balance, &["run out of credits", "spending-limit", "spending limit", "personal-team-blocked", "usage balance exhausted"], "xAI 403 and 402 (omp), Fireworks 412 (memory)"),
    words(Balance, &["credit balance is too low", "would exceed your available credits"], "Anthropic (pi, omp)"),
    words(Balance, &["exceeded your monthly included credits", "payment is past due"], "Hugging Face 402 (memory), Ollama cloud 403 (continue #13195, 2026-08)"),
    words(Balance, &["余额不足", "余额已用完", "账户已欠费"], "GLM, other Chinese providers (ll)"),
    codes(Balance, &["insufficient_quota", "exceeded_current_quota_error", "insufficient_balance", "accountoverdueerror", "arrearage"], "OpenAI 429; Moonshot 429, Ark 403, DashScope 400 (memory)"),
    codes(Balance, &["personal-team-blocked:spending-limit"], "xAI 403 (omp)"),
    words(Balance, &["insufficient_quota", "exceeded_current_quota", "accountoverdueerror", "arrearage"], "the same, through gateways that put codes into words"),
    codes(Balance, &["setlimitexceeded"], "Ark 429: a limit that the user set, until it is lifted in the console (memory)"),
    numbers(Balance, Glm, &["1113"], "GLM 429; also the key of a coding plan at the general address (ll)"),
    numbers(Balance, Siliconflow, &["30001"], "SiliconFlow 403 (memory)"),
    numbers(Balance, Minimax, &["1008"], "MiniMax, also inside a good status (memory)"),
    Row { statuses: &[412], ..numbers(Balance, Fireworks, &[], "Fireworks (memory)") },

    // A filter does not let the request or the answer through.

    codes(Filter, &["content_filter", "responsibleaipolicyviolation", "data_inspection_failed", "datainspectionfailed", "sensitivecontentdetected", "inputtextsensitivecontentdetected", "outputtextsensitivecontentdetected"], "Azure (recorded), DashScope and Ark (memory)"),
    words(Filter, &["content management policy", "considered high risk", "data_inspection_failed", "datainspectionfailed", "sensitivecontentdetected", "your input was flagged"], "Azure (recorded), Moonshot, DashScope, Ark and OpenRouter (memory)"),
    numbers(Filter, Glm, &["1301"], "GLM (ll)"),
    numbers(Filter, Minimax, &["1026", "1027"], "MiniMax: of the question, of the answer (memory)"),

    // Limits that pass. They stand before the overflow: "too many tokens per minute" is no full context.

    codes(Overloaded, &["engine_overloaded_error", "serveroverloaded", "service_tier_capacity_exceeded"], "Moonshot, Ark and Mistral, 429 all (memory)"),
    words(RateLimit, &["rate limit", "rate_limit", "rate-limited", "ratelimit", "too many requests", "throttling", "tokens per minute", "requests per minute", "max_parallel_requests"], "everybody (pi)"),
    codes(RateLimit, &["rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "ratelimitreached", "throttling_error", "throttling.ratequota", "throttling.allocationquota", "limit_requests"], "OpenAI, Moonshot, Azure and LiteLLM (recorded), DashScope (omp)"),
    numbers(RateLimit, Glm, &["1302", "1305"], "GLM: requests at once, requests in a time (ll)"),
    numbers(RateLimit, Minimax, &["1002", "1039", "1041", "2045"], "MiniMax: requests, tokens a minute, connections, growth (memory)"),

    // The conversation is longer than the model can read.

    codes(Overflow, &["context_length_exceeded", "exceed_context_size_error", "too_many_prompt_tokens", "request_too_large", "model_context_window_exceeded"], "OpenAI, llama.cpp (recorded), Perplexity (recorded), Anthropic, GLM (pi)"),
    words(Overflow, &["context_length_exceeded", "exceeds the context window", "model_context_window_exceeded"], "OpenAI, GLM (pi)"),
    words(Overflow, &["maximum context length is #", "maximum context length of", "exceeds*maximum context length", "# maximum context length"], "OpenRouter and vLLM (recorded), DeepSeek (memory), Mistral and proxies (pi)"),
    words(Overflow, &["exceeded model token limit"], "Kimi (pi)"),
    words(Overflow, &["prompt too long", "prompt exceeds max length", "prompt is too long"], "GLM, Ollama (recorded), Anthropic (pi)"),
    words(Overflow, &["range of input length should be"], "DashScope (pi)"),
    words(Overflow, &["context window exceeds limit"], "MiniMax (pi)"),
    words(Overflow, &["reduce the length of the messages", "reduce the length of either one"], "Groq (pi), OpenRouter (recorded)"),
    words(Overflow, &["maximum prompt length is #", "exceeds the maximum allowed input length"], "xAI, OpenRouter (pi)"),
    words(Overflow, &["(# tokens) is longer than the model's context length", "longer than the model's maximum"], "Together, SGLang (pi)"),
    words(Overflow, &["input token count*exceeds the maximum", "token count of # exceeds the limit of #"], "Gemini, Copilot (pi)"),
    words(Overflow, &["exceeds the available context size", "greater than the context length", "context size has been exceeded", "exceeded max context length", "exceeded context length"], "llama.cpp and Ollama (recorded), LM Studio (pi)"),
    words(Overflow, &["contextwindowexceedederror", "context window exceeded"], "LiteLLM (recorded)"),
    words(Overflow, &["exceed max message tokens", "input length # exceeds the maximum length"], "Ark (memory)"),
    numbers(Overflow, Glm, &["1261"], "GLM (pi, ll)"),
    Row { words: &["max_total_tokens", "max_seq_len", "maximum context"], ..numbers(Overflow, Siliconflow, &["20015"], "SiliconFlow (memory)") },
    Row { statuses: &[400, 413], is_silent: true, ..numbers(Overflow, Cerebras, &[], "Cerebras says no word (pi)") },

    // The model is not there.

    codes(Model, &["model_not_found", "model_not_supported", "unsupported_api_for_model", "deploymentnotfound", "modelnotopen", "invalid_model"], "OpenAI, Groq, Azure and Mistral (recorded), Copilot (omp), Ark (memory)"),
    words(Model, &["model not exist", "model does not exist", "model not found", "no such model", "unknown model", "invalid model", "is not a valid model", "not found the model", "model `*` does not exist", "model '*' does not exist", "model \"*\" not found", "model '*' not found", "supported api model names are", "no endpoints found", "not a chat model"], "DeepSeek, Mistral, OpenRouter, Venice, xAI, Groq, OpenAI (recorded), OpenRouter (github/app #2163), Moonshot, Ollama (pi)"),
    numbers(Model, Glm, &["1211"], "GLM (ll)"),
    numbers(Model, Qianfan, &["invalid_model"], "Qianfan 401, although the key is right (omp)").at(&[401]),

    // The key.

    words(Auth, &["invalid api key", "incorrect api key", "api key not valid", "invalid_api_key", "api key is invalid", "authentication fails", "invalid authentication"], "xAI and Gemini 400 (memory), and everybody 401"),
    codes(Auth, &["invalid_api_key", "wrong_api_key", "authentication_error", "invalid_authentication_error"], "OpenAI, Groq, DeepSeek and llama.cpp (recorded), Cerebras (pi)"),
    numbers(Auth, Glm, &["1000", "1001", "1002", "1003", "1004", "1005", "1220"], "GLM (ll)"),
    numbers(Auth, Minimax, &["1004", "2049"], "MiniMax (memory)"),

    // Something else is at the address.

    words(Address, &["unexpected endpoint or method"], "LM Studio, inside a good status (memory)"),

    // Too much to do.

    words(Overloaded, &["overloaded", "server_busy", "server is busy", "high demand", "no capacity", "insufficient_system_resource", "resourceexhausted"], "DeepSeek, Moonshot, Anthropic, Gemini, NVIDIA (pi, omp)"),
    numbers(Overloaded, Siliconflow, &["50505"], "SiliconFlow (memory)"),

    // What the model did wrong, and may do right the next time.

    codes(Server, &["tool_use_failed"], "Groq checks the calls that its models write (recorded)"),
    words(Server, &["floating point nan*detected in generation"], "Fireworks 400 (omp)"),

    // What will not pass although the status says that the provider broke.

    words(Request, &["failed to parse tool call arguments as json", "[json.exception.parse_error"], "llama.cpp, Ollama 500: a call in the history (omp)"),
    words(Request, &["image input is not supported", "tools param requires", "cannot use tools with stream", "cannot use both json_schema and grammar", "failed to load image"], "llama.cpp 500 (recorded)"),
    words(Request, &["unknown parameter: '", "unsupported parameter: '", "unsupported value: '", "unrecognized request argument"], "OpenAI, where no status was kept (recorded)"),

    // Inside a good status only the numbers say whose fault it is.

    numbers(Request, Glm, &["1210", "1212", "1213", "1214", "1215", "1221", "1222"], "GLM (ll)"),
    numbers(Request, Minimax, &["1042", "2013"], "MiniMax: characters, parameters (memory)"),
];
