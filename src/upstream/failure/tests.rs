use super::*;
use crate::session::{Authorities, Secret};

fn endpoint() -> Endpoint {
    Endpoint {
        provider: "deepseek".to_owned(),
        provider_name: "DeepSeek".to_owned(),
        base_url: "https://api.deepseek.com".parse().unwrap(),
        responses_url: None,
        key: Some(Secret::new("sk-secret")),
        key_origin: None,
        headers: Vec::new(),
        authorities: Authorities::default(),
        console: Some("https://platform.deepseek.com".to_owned()),
        tells_cost: false,
        dialect: String::new(),
    }
}

fn of_status(status: u16, body: &str) -> Failure {
    spoken(Codes::Plain, status, body)
}

fn spoken(who: Codes, status: u16, body: &str) -> Failure {
    Failure::of_status(who, status, &HeaderMap::new(), body.as_bytes(), SystemTime::UNIX_EPOCH)
}

#[test]
fn status_and_words_together_make_the_class() {
    for (status, body, class) in [
        (400, "bad", Class::Request),
        (400, "This model's maximum context length is 9 tokens", Class::Overflow),
        (400, "Model Not Exist", Class::Model),
        (401, "no", Class::Auth),
        (401, "Insufficient balance", Class::Balance),
        (402, "", Class::Balance),
        (403, "no", Class::Auth),
        (403, "run out of credits", Class::Balance),
        (403, "<!doctype html><title>Just a moment...</title>", Class::Address),
        (
            403,
            r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported"}}"#,
            Class::Request,
        ),
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist"}}"#,
            Class::Model,
        ),
        (404, "<html><title>404 Not Found</title>", Class::Address),
        (405, "", Class::Address),
        (409, "", Class::Server),
        (413, "", Class::Overflow),
        (424, "The upstream failed", Class::Server),
        (499, "", Class::Server),
        (422, "extra_forbidden", Class::Request),
        (429, "slow down", Class::RateLimit),
        (429, r#"{"error":{"code":"1113","message":"…"}}"#, Class::RateLimit),
        (429, "Usage limit reached for 5 hour.", Class::Quota),
        (402, "weekly usage limit reached", Class::Quota),
        (
            429,
            r#"{"error":{"type":"engine_overloaded_error"}}"#,
            Class::Overloaded,
        ),
        (
            400,
            "Floating point NaN (or Inf) was detected in generation",
            Class::Server,
        ),
        (500, "Failed to parse tool call arguments as JSON: …", Class::Request),
        (404, "No endpoints found that support image input", Class::Request),
        (404, "No endpoints found that support tool use", Class::Model),
        (
            413,
            "Request too large for model `x` on tokens per minute (TPM)",
            Class::Request,
        ),
        (498, "", Class::Overloaded),
        (500, "", Class::Server),
        (500, "prompt too long", Class::Overflow),
        (502, "<html>", Class::Server),
        (503, "", Class::Overloaded),
        (307, "", Class::Address),
    ] {
        assert_eq!(of_status(status, body).class, class, "{status} {body}");
    }
}

#[test]
fn words_that_a_status_cannot_mean_do_not_count() {
    for (status, body, class) in [
        // To wait, or to sum up, helps nobody without a key.
        (401, "Too many requests", Class::Auth),
        (401, "prompt too long", Class::Auth),
        (429, "prompt too long", Class::RateLimit),
        (429, "invalid api key", Class::RateLimit),
    ] {
        assert_eq!(of_status(status, body).class, class, "{status} {body}");
    }
}

#[test]
fn an_error_inside_a_stream_has_a_status_only_if_it_names_one() {
    let read = |json: &str| {
        let value = serde_json::from_str(json).unwrap();
        let failure = Failure::of_value(Codes::Plain, &value, SystemTime::UNIX_EPOCH);
        (failure.class, failure.status, failure.message)
    };
    let limited = (Class::RateLimit, Some(429), "slow".to_owned());
    assert_eq!(read(r#"{"code":429,"message":"slow"}"#), limited);
    assert_eq!(
        read(r#"{"code":1302,"message":"a 429 b"}"#),
        (Class::Server, None, "a 429 b".to_owned())
    );
    let busy = (Class::Overloaded, None, "The server is overloaded".to_owned());
    assert_eq!(read(r#""The server is overloaded""#), busy);
    assert_eq!(read("{}"), (Class::Server, None, String::new()));
    let refused = (Class::Request, None, "bad".to_owned());
    assert_eq!(
        read(r#"{"error":{"type":"invalid_request_error","message":"bad"}}"#),
        refused
    );
}

#[test]
fn a_sentence_says_who_said_what_and_what_to_do() {
    let balance = of_status(402, r#"{"error":{"message":"Insufficient Balance"}}"#);
    assert_eq!(
        balance.sentence(&endpoint()),
        "DeepSeek says: Insufficient Balance (402). Top up at https://platform.deepseek.com or choose another \
         provider with `--provider`"
    );
    assert_eq!(
        of_status(429, "").sentence(&endpoint()),
        "DeepSeek answered 429 without a word."
    );
}

#[test]
fn a_limit_that_nobody_waits_for_is_told_like_a_quota() {
    let limited = |seconds: &str| {
        let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), seconds.parse().unwrap())]);
        Failure::of_status(Codes::Plain, 429, &headers, b"Slow", SystemTime::UNIX_EPOCH).sentence(&endpoint())
    };
    assert_eq!(limited("300"), "DeepSeek says: Slow (429).");
    assert_eq!(
        limited("3600"),
        "DeepSeek says: Slow (429). It resets in 1h 0m; until then, choose another provider with `--provider`"
    );
}

#[test]
fn the_headers_of_a_limit_count_where_nothing_else_names_a_time() {
    let limited = |status: u16, body: &str| {
        let headers = HeaderMap::from_iter([("x-ratelimit-reset-tokens".parse().unwrap(), "7.5s".parse().unwrap())]);
        Failure::of_status(Codes::Plain, status, &headers, body.as_bytes(), SystemTime::UNIX_EPOCH).retry_after
    };
    assert_eq!(limited(429, "slow"), Some(Duration::from_millis(7500)));
    assert_eq!(limited(429, "Please try again in 3s"), Some(Duration::from_secs(3)));
    // They come with every answer.
    assert_eq!(limited(500, "oops"), None);
}

#[test]
fn a_quota_is_told_with_the_time_when_it_comes_back() {
    let told = |words: &str| spoken(Codes::Glm, 429, words).sentence(&endpoint());
    assert_eq!(
        told(r#"{"error":{"code":"1308","message":"Your limit will reset at 1970-01-01 11:12:00"}}"#),
        "DeepSeek says: Your limit will reset at 1970-01-01 11:12:00 (429). It resets in 3h 12m; until then, choose \
         another provider with `--provider`"
    );
    assert_eq!(
        told(r#"{"error":{"code":"1309","message":"no more"}}"#),
        "DeepSeek says: no more (429). Wait until it resets, or choose another provider with `--provider`"
    );
}

#[test]
fn a_limit_says_itself_how_long_to_wait_where_no_header_does() {
    let limited = of_status(429, "Rate limit reached. Please try again in 7m12s.");
    assert_eq!(limited.retry_after, Some(Duration::from_secs(432)));
    let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), "7".parse().unwrap())]);
    let words = b"Please try again in 30s.";
    let limited = Failure::of_status(Codes::Plain, 429, &headers, words, SystemTime::UNIX_EPOCH);
    assert_eq!(limited.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn words_where_an_answer_should_be_are_a_complaint_or_another_address() {
    let of_text = |text: &str| Failure::of_text(Codes::Plain, text, SystemTime::UNIX_EPOCH);
    assert_eq!(of_text("429 Too Many Requests").class, Class::RateLimit);
    assert_eq!(of_text("Ollama is running").class, Class::Address);
}

#[test]
fn an_address_that_cannot_be_reached_is_told_with_its_host() {
    let unreachable = Failure::new(Class::Unreachable, "no connection in time");
    let words = unreachable.sentence(&endpoint());
    assert_eq!(
        words,
        "cannot reach DeepSeek at api.deepseek.com: no connection in time."
    );
}

#[test]
fn a_missing_key_is_not_taken_for_a_wrong_one() {
    let refused = of_status(401, r#"{"error":"no"}"#);
    let mut endpoint = Endpoint {
        key: None,
        console: None,
        ..endpoint()
    };
    assert_eq!(
        refused.sentence(&endpoint),
        "DeepSeek says: no (401). No key was sent: set its variable or use `--key-file FILE`"
    );
    endpoint.provider = "custom".to_owned();
    assert_eq!(
        refused.sentence(&endpoint),
        "DeepSeek says: no (401). No key was sent: set `CRELAY_API_KEY` or use `--key-file FILE`"
    );
    endpoint.headers.push(("X-Key".to_owned(), Secret::new("mine")));
    assert_eq!(refused.sentence(&endpoint), "DeepSeek says: no (401). Check the key");
}

#[test]
fn a_web_page_is_told_as_one() {
    let page = |title: &str| Failure::new(Class::Address, title).sentence(&endpoint());
    assert_eq!(
        page(""),
        "https://api.deepseek.com/ answered with something that is no answer of an API: is the address right?"
    );
    assert_eq!(
        page("Log in"),
        "https://api.deepseek.com/ answered with the web page “Log in”, not with an API: is the address right?"
    );
}

#[test]
fn a_key_that_the_provider_repeats_is_not_shown() {
    let refused = of_status(401, r#"{"error":{"message":"Incorrect API key: sk-secret!"}}"#);
    assert_eq!(
        refused.sentence(&endpoint()),
        "DeepSeek says: Incorrect API key: …! (401). Check the key at https://platform.deepseek.com"
    );
}
#[test]
fn a_header_that_the_provider_repeats_is_not_shown() {
    let header = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
    let endpoint = Endpoint {
        headers: vec![
            header("X-Api-Key", "sk-secret-of-the-gateway"),
            header("Authorization", "Bearer token-secret"),
            header("X-Team", "blue"),
        ],
        ..endpoint()
    };
    let told = |words: &str| of_status(422, words).sentence(&endpoint);
    assert_eq!(
        told("blue: sk-secret-of-the-gateway, Bearer token-secret, token-secret, sk-secret"),
        "DeepSeek says: blue: …, …, …, … (422)."
    );
    let long = told(&format!("{}sk-secret-of-the-gateway", "x".repeat(495)));
    assert!(long.ends_with("xx… (422)."), "{long}");
}
