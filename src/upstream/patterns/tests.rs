use serde_json::Value;

use super::*;

fn read(who: Codes, said: &str) -> Option<Class> {
    let complaint = match serde_json::from_str::<Value>(said) {
        Ok(value) => Complaint::of_value(&value),
        Err(_) => Complaint::of_text(said),
    };
    class(who, complaint.status, &complaint)
}

fn check(expected: Class, said: &[&str]) {
    for said in said {
        assert_eq!(read(Codes::Plain, said), Some(expected), "{said}");
    }
}

#[test]
fn an_empty_account_is_known_in_every_language() {
    check(
        Class::Balance,
        &[
            "Insufficient Balance",
            "余额不足或无可用资源包,请充值。",
            r#"{"error":{"message":"You exceeded your current quota, please check your plan","type":"insufficient_quota"}}"#,
            "Error from provider: You exceeded your current quota (insufficient_quota)",
            r#"{"error":{"message":"Your account is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}}"#,
            r#"{"error":{"message":"This request requires more credits, or fewer max_tokens.","code":402}}"#,
            r#"{"error":{"code":"AccountOverdueError","message":"The request failed because your account has an overdue balance."}}"#,
            r#"{"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}}"#,
            "Your credit balance is too low to access the API.",
            "your subscription payment is past due. update your payment method",
            "Your newly created team doesn't have any credits: personal-team-blocked:spending-limit",
        ],
    );
}

#[test]
fn a_plan_that_is_used_up_is_told_from_a_limit_that_passes() {
    check(
        Class::Quota,
        &[
            r#"{"error":{"code":"1308","message":"Usage limit reached for 5 hour. Your limit will reset at 2026-09-09 05:38:28"}}"#,
            r#"{"error":{"code":"1308","message":"已达到 5 小时的使用上限。您的限额将在 2026-08-25 07:41:44 重置。"}}"#,
            r#"{"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-08-27 12:05:49"}}"#,
            r#"{"error":{"type":"rate_limit_error","message":"usage limit exceeded, 5-hour usage limit reached for Token Plan Starter (0/0 used), resets at 2026-05-15T15:00:00Z (2056)"}}"#,
            r#"{"error":{"message":"You've reached your weekly (7-day) usage limit. Your quota will reset when the current 7-day window ends.","type":"access_terminated_error"}}"#,
            r#"{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429}}"#,
            r#"{"type":"error","error":{"type":"GoUsageLimitError","message":"x"}}"#,
            "you (somebody) have reached your session usage limit, please wait or upgrade to continue",
            "weekly usage limit reached. It will reset in 5 days 10 hours.",
            "You have exceeded the 5-hour usage quota. It will reset at 2026-01-10 12:23:21 +0800 CST.",
            r#"{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"32s"}]}}"#,
        ],
    );
    check(
        Class::RateLimit,
        &[
            r#"{"error":{"message":"You exceeded your current quota. … https://help.aliyun.com/error-code#token-limit","type":"insufficient_quota"}}"#,
            "Rate limit reached: maximum context length per minute",
            "Throttling error: Too many tokens, please wait before trying again.",
            r#"{"error":{"code":"RateLimitReached","message":"Your requests … have exceeded rate limit."}}"#,
            r#"{"error":{"message":"google/gemini is temporarily rate-limited upstream. Please retry shortly","code":429}}"#,
            r#"{"error":{"message":"Error from provider (Console Go): Provider rate limit exceeded","type":"rate_limit_error","code":"provider_rate_limit_exceeded"}}"#,
            "High demand … Rate limit exceeded",
        ],
    );
}

#[test]
fn a_full_context_is_known_in_all_its_words() {
    check(
        Class::Overflow,
        &[
            "Your input exceeds the context window of this model.",
            r#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#,
            "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens",
            "The prompt exceeds the model's maximum context length of 8,192 tokens",
            "The input exceeds maximum context length (4096)",
            "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)",
            "Prompt exceeds max length",
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
            "invalid params, context window exceeds limit (2013)",
            "Prompt contains 200000 tokens, too large for model with 131072 maximum context length",
            "Please reduce the length of the messages or completion.",
            "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
            "The input (300000 tokens) is longer than the model's context length (262144 tokens).",
            "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
            "prompt token count of 150000 exceeds the limit of 128000",
            "request (40046 tokens) exceeds the available context size (8192 tokens), try increasing it",
            "tokens to keep from the initial prompt is greater than the context length",
            "prompt too long; exceeded max context length by 1119046 tokens",
            "litellm.ContextWindowExceededError: litellm.BadRequestError: …",
            r#"{"error":{"message":"The total length of all messages is too long.","type":"too_many_prompt_tokens","code":400}}"#,
            "prompt is too long: 213462 tokens > 200000 maximum",
        ],
    );
}

#[test]
fn whatever_else_is_wrong_has_its_class() {
    check(
        Class::Filter,
        &[
            r#"{"error":{"message":"The response was filtered","code":"content_filter"}}"#,
            r#"{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}}"#,
            "The request was rejected because it was considered high risk",
        ],
    );
    check(
        Class::Model,
        &[
            "Model Not Exist",
            r#"{"code":"1500","message":"Invalid model: definitely-not-a-model","type":"invalid_model"}"#,
            "openai/gpt-nonexistent is not a valid model ID",
            "Specified model not found: x. Did you mean: y?",
            "The supported API model names are deepseek-v4-pro or deepseek-v4-flash, but you passed x.",
            "model \"qwen9\" not found, try pulling it first",
            r#"{"error":{"code":"unsupported_api_for_model","message":"x"}}"#,
        ],
    );
    check(
        Class::Auth,
        &[
            "Incorrect API key provided",
            "API key not valid. Please pass a valid API key.",
            "Invalid Authentication",
        ],
    );
    check(
        Class::Overloaded,
        &[
            "The engine is currently overloaded, please try again later",
            "This model is currently experiencing high demand.",
            "ResourceExhausted: Worker local total request limit reached",
        ],
    );
    check(
        Class::Request,
        &[
            "Request too large for gpt-4o in project x on tokens per min (TPM): Limit 1, Requested 30.",
            "Kimi For Coding is currently only available for Coding Agents such as Kimi CLI, Claude Code, etc.",
            "[json.exception.parse_error.101] parse error at line 1, column 15",
            "tools param requires --jinja flag",
        ],
    );
    check(
        Class::Server,
        &[
            "Floating point NaN (or Inf) detected in generation",
            r#"{"error":{"code":"tool_use_failed","message":"x"}}"#,
        ],
    );
}

#[test]
fn what_only_looks_like_something_means_nothing() {
    for said in [
        "",
        "unknown variant `image_url`, expected `text`",
        "The reasoning_content in the thinking mode must be passed back to the API.",
        "max_tokens is too large: 40000. This model supports at most 16384 completion tokens",
        "the balance of brackets in the schema is wrong",
        "messages: the prompt is empty",
        "the quota of tools is 128",
        r#"{"error":{"code":"1113","message":"x"}}"#,
        r#"{"error":{"code":"30001","message":"x"}}"#,
        r#"{"base_resp":{"status_code":1004,"status_msg":"x"}}"#,
        r#"{"error":{"message":"bad request","failed_generation":"insufficient balance, rate limit"}}"#,
    ] {
        assert_eq!(read(Codes::Plain, said), None, "{said}");
    }
}

#[test]
fn a_number_means_what_its_owner_means() {
    let glm = |code: &str| read(Codes::Glm, &format!(r#"{{"error":{{"code":"{code}","message":"…"}}}}"#));
    for (class, codes) in [
        (Class::Balance, &["1113"][..]),
        (Class::RateLimit, &["1302", "1305"]),
        (Class::Quota, &["1308", "1310", "1316", "1321"]),
        (Class::Model, &["1211", "1311"]),
        (Class::Overflow, &["1261"]),
        (Class::Filter, &["1301"]),
        (Class::Auth, &["1000", "1001", "1003", "1005"]),
        (Class::Request, &["1210", "1214", "1313"]),
    ] {
        for code in codes {
            assert_eq!(glm(code), Some(class), "{code}");
        }
    }
    assert_eq!(glm("1234"), None);
    let minimax = |code: u32| {
        read(
            Codes::Minimax,
            &format!(r#"{{"base_resp":{{"status_code":{code},"status_msg":"…"}}}}"#),
        )
    };
    assert_eq!(minimax(1008), Some(Class::Balance));
    assert_eq!(minimax(1002), Some(Class::RateLimit));
    assert_eq!(minimax(1004), Some(Class::Auth));
    assert_eq!(minimax(1027), Some(Class::Filter));
    assert_eq!(minimax(2056), Some(Class::Quota));
    assert_eq!(minimax(2013), Some(Class::Request));
    assert_eq!(
        read(Codes::Siliconflow, r#"{"code":30001,"message":"…"}"#),
        Some(Class::Balance)
    );
    let full = r#"{"code":20015,"message":"length of prompt_tokens must be less than max_total_tokens"}"#;
    assert_eq!(read(Codes::Siliconflow, full), Some(Class::Overflow));
    assert_eq!(read(Codes::Siliconflow, r#"{"code":20015,"message":"bad"}"#), None);
}

#[test]
fn who_says_nothing_says_something_with_the_status() {
    let silent = |who: Codes, status: u16| class(who, Some(status), &Complaint::of_body(b""));
    assert_eq!(silent(Codes::Cerebras, 400), Some(Class::Overflow));
    assert_eq!(silent(Codes::Plain, 400), None);
    assert_eq!(silent(Codes::Fireworks, 412), Some(Class::Balance));
    assert_eq!(class(Codes::Cerebras, Some(400), &Complaint::of_text("bad")), None);
    let unknown = Complaint::of_value(&serde_json::json!({"error": {"code": "invalid_model"}}));
    assert_eq!(class(Codes::Qianfan, Some(401), &unknown), Some(Class::Model));
}

#[test]
fn a_pattern_holds_text_and_numbers() {
    assert!(holds("length is 65,536 tokens", "is # tokens"));
    assert!(holds("a 1 b 2 c", "a*# c"));
    assert!(holds("is x is 5", "is #"));
    assert!(!holds("is x", "is #"));
    assert!(!holds("b a", "a*b"));
    assert!(holds("余额不足", "不足"));
}

#[test]
fn every_row_is_lower_case_has_a_source_and_is_reached() {
    for row in table::ROWS {
        assert!(!row.source.is_empty(), "{row:?}");
        let pieces = row.codes.iter().chain(row.words);
        assert!(pieces.clone().count() > 0 || !row.statuses.is_empty(), "{row:?}");
        for piece in pieces {
            assert_eq!(*piece, piece.to_lowercase());
        }
        let complaint = Complaint {
            texts: row.words.iter().take(1).map(|words| words.replace('#', "1")).collect(),
            codes: row.codes.iter().take(1).map(|code| (*code).to_owned()).collect(),
            ..Complaint::default()
        };
        let status = row.statuses.first().copied();
        assert_eq!(
            class(row.who.unwrap_or_default(), status, &complaint),
            Some(row.class),
            "{row:?}"
        );
    }
}
