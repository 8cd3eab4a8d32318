//! Whatever a provider answers instead of a model's words becomes a sentence that can be shown, and no secret is in it.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use crelay::provider::Table;
use crelay::session::{Arguments, Codes, Config, Endpoint, Environment, Ground, Wish, resolve};
use crelay::upstream::Failure;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

const CODES: [Codes; 7] = [
    Codes::Plain,
    Codes::Glm,
    Codes::Minimax,
    Codes::Siliconflow,
    Codes::Qianfan,
    Codes::Cerebras,
    Codes::Fireworks,
];

/// Providers repeat these.
const KEY: &str = "sk-0123456789abcdef";
const HEADER: &str = "Bearer gateway-secret";

/// Most characters of a sentence. Of the provider's words 500 are shown; the rest is ours.
const LONGEST: usize = 1000;

pub fn check(input: &[u8]) {
    let [codes, high, low, answer @ ..] = input else { return };
    let codes = CODES[usize::from(*codes) % CODES.len()];
    let status = 300 + u16::from_be_bytes([*high, *low]) % 300;
    let (headers, body) = parts(answer);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let text = String::from_utf8_lossy(body);
    let mut failures = vec![
        Failure::of_status(codes, status, &headers, body, now),
        Failure::of_text(codes, &text, now),
    ];
    if let Ok(value) = serde_json::from_str(&text) {
        failures.push(Failure::of_value(codes, &value, now));
    }
    for failure in failures {
        shown(&failure.sentence(&ENDPOINT));
    }
}

/// Lines of headers up to an empty one, and what follows it. Without an empty line there are no headers.
fn parts(answer: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    let Some(end) = answer.windows(2).position(|pair| pair == b"\n\n") else {
        return (headers, answer);
    };
    for line in answer[..end].split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    (headers, &answer[end + 2..])
}

fn shown(sentence: &str) {
    assert!(
        !sentence.contains(KEY) && !sentence.contains("gateway-secret"),
        "no secret: {sentence:?}"
    );
    assert!(
        !sentence.chars().any(char::is_control),
        "nothing moves the terminal: {sentence:?}"
    );
    assert!(sentence.chars().count() <= LONGEST, "it is bounded: {sentence:?}");
    assert!(sentence.len() > 3, "it says something: {sentence:?}");
}

/// A provider that gets both secrets.
static ENDPOINT: LazyLock<Endpoint> = LazyLock::new(|| {
    let table = Table::embedded().expect("the table can be read");
    let text = format!("[providers.deepseek]\nheaders = {{ X-Gateway = \"{HEADER}\" }}");
    let config = Config::parse(&text, Path::new("config.toml")).expect("it is a configuration");
    let environment = Environment::from([("DEEPSEEK_API_KEY".into(), KEY.into())]);
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &environment,
        strangers: &[],
        kept: &[],
    };
    let resolved = resolve(&ground, &Wish::default(), &Arguments::default(), &|_| None);
    let session = resolved
        .expect("all is known")
        .unlock::<crelay::session::Error>(|_, _| unreachable!("nothing is kept"))
        .expect("there is a key");
    session.main.endpoint
});
