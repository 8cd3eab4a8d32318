//! The faults of clients: of a Codex in trouble, and of whoever is not Codex.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::client::{Act, Hears, LIMIT, Misdeed};
use super::fault::{MIB, Step};
use super::said::{STREAM, answer, says, stream, text, whole};
use crate::relay::running::TOKEN;

const BODY: &str = r#"{"model":"m","stream":true,"input":"hi"}"#;

pub fn faults() -> Vec<Misdeed> {
    [leaving(), bodies(), packed(), strangers(), requests()]
        .into_iter()
        .flatten()
        .collect()
}

/// What a misdeed is when nothing else is said of it: the provider is not asked.
fn misdeed(name: &'static str, acts: Vec<Act>, hears: Vec<Hears>) -> Misdeed {
    Misdeed {
        name,
        acts,
        hears,
        meets: stream(whole("Hello")),
        requests: 0,
        memory: 2 * MIB,
        hurry: None,
        crowd: 0,
    }
}

impl Misdeed {
    /// The provider is asked, and does this when it has heard the request.
    fn meets(self, steps: Vec<Step>) -> Self {
        let heard = [Step::HearsHead, Step::HearsBody];
        Self {
            meets: heard.into_iter().chain(steps).collect(),
            requests: 1,
            ..self
        }
    }

    fn requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }

    fn memory(self, memory: u64) -> Self {
        Self { memory, ..self }
    }

    /// A request may take a moment and no more.
    fn hurried(self) -> Self {
        Self {
            hurry: Some(Duration::from_millis(200)),
            ..self
        }
    }
}

/// The head of a request of Codex, up to its last blank line.
fn head(headers: &str) -> String {
    format!(
        "POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\noriginator: codex_exec\r\n\
         {headers}\r\n"
    )
}

fn request(body: &[u8], headers: &str) -> Vec<u8> {
    let head = head(&format!("{headers}content-length: {}\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

fn post() -> Act {
    act(request(BODY.as_bytes(), ""))
}

fn act(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Says(Bytes::from(bytes.into()))
}

/// Clients that leave, or half of them, at every moment of a turn.
#[rustfmt::skip]
fn leaving() -> Vec<Misdeed> {
    let waits = || vec![Step::TellsClient, Step::Stalls];
    let begins = || vec![says(STREAM), says(text("Hel")), Step::Stalls];
    let limit = answer(429, "retry-after: 60\r\n", "slow");
    let waiting_to_retry = vec![limit[0].clone(), Step::TellsClient, Step::Closes];
    let flood = text(&"x".repeat(16 * 1024));
    vec![
        misdeed("leaves without a word", vec![Act::Leaves], vec![]),
        misdeed("resets without a word", vec![Act::Resets], vec![]),
        misdeed("leaves in the request line", vec![act("POST /v1/resp"), Act::Leaves], vec![]),
        misdeed("leaves in the headers", vec![act("POST /v1/responses HTTP/1.1\r\nhost: 127"), Act::Leaves], vec![]),
        misdeed("leaves in the body", vec![act(head("content-length: 100\r\n")), act("{\"mod"), Act::Leaves], vec![]),
        misdeed("resets in the body", vec![act(head("content-length: 100\r\n")), act("{\"mod"), Act::Resets], vec![]),
        misdeed("leaves while the provider thinks", vec![post(), Act::WaitsForProvider, Act::Leaves], vec![]).meets(waits()),
        misdeed("resets while the provider thinks", vec![post(), Act::WaitsForProvider, Act::Resets], vec![]).meets(waits()),
        misdeed("leaves after the first words", vec![post(), Act::Listens, Act::Leaves], vec![]).meets(begins()),
        misdeed("resets after the first words", vec![post(), Act::Listens, Act::Resets], vec![]).meets(begins()),
        misdeed("leaves while the next attempt is waited for", vec![post(), Act::WaitsForProvider, Act::Leaves], vec![]).meets(waiting_to_retry),
        misdeed("reads nothing of an endless answer, and leaves", vec![post(), Act::WaitsForProvider, Act::Leaves], vec![])
            .meets(vec![says(STREAM), Step::Fills(flood.clone().into()), Step::TellsClient, Step::Stalls])
            // What was told, as far as the sockets take it, is kept to be told whole.
            .memory(16 * MIB),
        misdeed("reads nothing of an endless answer, and resets", vec![post(), Act::WaitsForProvider, Act::Resets], vec![])
            .meets(vec![says(STREAM), Step::Fills(flood.into()), Step::TellsClient, Step::Stalls])
            .memory(16 * MIB),
        misdeed("says that nothing more will come, and waits", vec![post(), Act::WaitsForProvider, Act::Finishes], vec![Hears::Nothing])
            .meets(waits()),
        misdeed("asks for a whole answer, and leaves", vec![act(request(br#"{"model":"m","input":"hi"}"#, "")), Act::WaitsForProvider, Act::Leaves], vec![]).meets(waits()),
    ]
}

/// Bodies that are not what they should be.
#[rustfmt::skip]
fn bodies() -> Vec<Misdeed> {
    let refused = |words| vec![Hears::Status(400, words)];
    let send = |body: &str| vec![act(request(body.as_bytes(), ""))];
    let deep = format!(r#"{{"model":"m","input":{}"#, "[".repeat(100_000));
    let deep_tool = format!(r#"{{"model":"m","stream":true,"input":"hi","tools":[{}1{}]}}"#, r#"{"a":"#.repeat(120), "}".repeat(120));
    let large = vec![act(head("content-length: 1073741824\r\n")), Act::Repeats("x".repeat(64 * 1024).into(), 64)];
    let endless = vec![act(head("transfer-encoding: chunked\r\n")), Act::Repeats(format!("10000\r\n{}\r\n", " ".repeat(65536)).into(), 64)];
    let chunked = |body: &str| vec![act(head("transfer-encoding: chunked\r\n")), act(body)];
    vec![
        misdeed("a body that is no JSON", send("hello"), refused("the request cannot be read")),
        misdeed("a body that is nothing", send(""), refused("the request cannot be read")),
        misdeed("half of a body", send(&BODY[..20]), refused("the request cannot be read")),
        misdeed("a list in place of an object", send(r#"["m","hi"]"#), refused("it is no JSON object")),
        misdeed("an input of another shape", send(r#"{"model":"m","input":7}"#), refused("`input`")),
        misdeed("a body of a hundred thousand levels", send(&deep), refused("the request cannot be read")),
        misdeed("a tool of 120 levels", send(&deep_tool), vec![Hears::Stream("response.completed")]).meets(stream(whole("Hello"))),
        misdeed("bytes that are no text", vec![act(request(b"{\"model\":\"\xff\xfe\"}", ""))], refused("the request cannot be read")),
        misdeed("a body that is too large, by its length", large, refused("larger than 1 MiB")),
        misdeed("a body that is too large, piece by piece", endless, refused("larger than 1 MiB")).memory(4 * MIB),
        misdeed("a body as large as may be, byte by byte at first", vec![act(head(&format!("content-length: {LIMIT}\r\n"))), Act::Trickles(BODY.into()), act(" ".repeat(LIMIT - BODY.len()))], vec![Hears::Stream("response.completed")])
            .meets(stream(whole("Hello")))
            .memory(8 * MIB),
        misdeed("a length of which nothing comes", vec![act(head(&format!("content-length: {LIMIT}\r\n"))), act("{"), Act::Leaves], vec![])
            .memory(MIB / 2),
        misdeed("a body that stops", vec![act(head("content-length: 100\r\n")), act("{\"mod")], refused("too slowly")).hurried(),
        misdeed("a length that is no number", vec![act(head("content-length: many\r\n"))], vec![Hears::Status(400, "")]),
        misdeed("two lengths", vec![act(head("content-length: 5\r\ncontent-length: 6\r\n"))], vec![Hears::Status(400, "")]),
        misdeed("chunks whose sizes are no numbers", chunked("zz\r\nhello\r\n"), refused("")),
        misdeed("chunks that lie about their size", chunked("2\r\nhello\r\n0\r\n\r\n"), refused("")),
        misdeed("chunks as they should be", chunked(&format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len())), vec![Hears::Stream("response.completed")]).meets(stream(whole("Hello"))),
        misdeed("chunks with something behind them", chunked(&format!("{:x};a=b\r\n{BODY}\r\n0\r\nx-a: b\r\ncontent-length: 5\r\n\r\n", BODY.len())), vec![Hears::Stream("response.completed")]).meets(stream(whole("Hello"))),
        misdeed("chunks with something endless behind them", vec![act(head("transfer-encoding: chunked\r\n")), act("0\r\n"), Act::Repeats("x-a: b\r\n".repeat(1024).into(), 128)], refused("broke off")),
        misdeed("a chunk whose size does not end", vec![act(head("transfer-encoding: chunked\r\n")), act("1;"), Act::Repeats("x".repeat(8192).into(), 128)], refused("broke off")),
        misdeed("a body that waits to be asked for", vec![act(head(&format!("expect: 100-continue\r\ncontent-length: {}\r\n", BODY.len()))), Act::Listens, act(BODY)], vec![Hears::Continue, Hears::Stream("response.completed")]).meets(stream(whole("Hello"))),
    ]
}

/// Bodies that are packed, or say so.
#[rustfmt::skip]
fn packed() -> Vec<Misdeed> {
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |body: &[u8]| compress_to_vec(body, CompressionLevel::Fastest);
    let zeros = vec![0; 64 * 1024 * 1024];
    let send = |coding: &str, body: Vec<u8>| vec![act(request(&body, &format!("content-encoding: {coding}\r\n")))];
    let refused = |words| vec![Hears::Status(400, words)];
    let whole_gzip = gzip(BODY.as_bytes());
    vec![
        misdeed("gzip that is none", send("gzip", BODY.into()), refused("not whole gzip")),
        misdeed("gzip that is cut", send("gzip", whole_gzip[..whole_gzip.len() - 4].to_vec()), refused("not whole gzip")),
        misdeed("zstd that is none", send("zstd", BODY.into()), refused("not whole zstd")),
        misdeed("a bomb in gzip", send("gzip", gzip(&zeros)), refused("larger than 1 MiB")).memory(4 * MIB),
        misdeed("a bomb in zstd", send("zstd", zstd(&zeros)), refused("larger than 1 MiB")).memory(8 * MIB),
        misdeed("a coding that nobody knows", send("br", vec![0x8b]), refused("in gzip and zstd")),
        misdeed("two codings at once", send("gzip, gzip", gzip(&whole_gzip)), refused("in gzip and zstd")),
    ]
}

/// Whoever is not Codex.
#[rustfmt::skip]
fn strangers() -> Vec<Misdeed> {
    let length = BODY.len();
    let send = |line: &str, headers: &str| vec![act(format!("{line} HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n"))];
    let post = "POST /v1/responses";
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    let host = "host: 127.0.0.1\r\n";
    let status = |status, code| vec![Hears::Status(status, code)];
    vec![
        misdeed("no token", send(post, host), status(401, "invalid_token")),
        misdeed("a wrong token", send(post, &format!("{host}authorization: Bearer {TOKEN}x\r\n")), status(401, "invalid_token")),
        misdeed("another scheme", send(post, &format!("{host}authorization: Basic {TOKEN}\r\n")), status(401, "invalid_token")),
        misdeed("a foreign name", send(post, &format!("host: evil.test\r\n{token}")), status(403, "host_refused")),
        misdeed("no name", send(post, &token), status(403, "host_refused")),
        misdeed("two names", send(post, &format!("{host}{host}{token}")), status(403, "host_refused")),
        misdeed("a web page", send(post, &format!("{host}{token}origin: http://127.0.0.1\r\n")), status(403, "origin_refused")),
        misdeed("a name with a dot at its end", send(post, &format!("host: localhost.\r\n{token}")), status(403, "host_refused")),
        misdeed("an address in one number", send(post, &format!("host: 2130706433\r\n{token}")), status(403, "host_refused")),
        misdeed("a stranger who waits to be asked for a body", send(post, &format!("{host}expect: 100-continue\r\n")), status(401, "invalid_token")),
        misdeed("an empty token", send(post, &format!("{host}authorization: Bearer \r\n")), status(401, "invalid_token")),
        misdeed("a wrong token before the right one", send(post, &format!("{host}authorization: Bearer x\r\n{token}")), status(401, "invalid_token")),
        misdeed("a WebSocket", send("GET /v1/responses", &format!("{host}{token}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n")), status(405, "method_not_allowed")),
        misdeed("a question to all", send("OPTIONS *", &format!("{host}{token}")), status(404, "not_found")),
        misdeed("a web page of nowhere", send(post, &format!("{host}{token}origin: null\r\n")), status(403, "origin_refused")),
        misdeed("a web page without a word of itself", send("GET /health", &format!("{host}origin: \r\n")), status(403, "origin_refused")),
        misdeed("a web page that asks first", send("OPTIONS /v1/responses", &format!("{host}origin: null\r\n")), status(403, "origin_refused")),
        misdeed("another method", send("PUT /v1/responses", &format!("{host}{token}")), status(405, "method_not_allowed")),
        misdeed("another path", send("POST /v1/chat/completions", &format!("{host}{token}")), status(404, "not_found")),
        misdeed("a path that goes up", send("POST /v1/../../etc/passwd", &format!("{host}{token}")), status(404, "not_found")),
        misdeed("a proxy's request", send("POST http://evil.test/v1/responses", &format!("{host}{token}")), status(403, "host_refused")),
        misdeed("a tunnel", send("CONNECT evil.test:443", &format!("{host}{token}")), status(403, "host_refused")),
    ]
}

/// Requests that are not as HTTP/1.1 has them, or more than one.
#[rustfmt::skip]
fn requests() -> Vec<Misdeed> {
    let health = "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n";
    let well = || Hears::Status(200, "ok");
    let own = |line: &str, headers: &str| vec![act(format!("{line} HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n{BODY}", BODY.len()))];
    let loudly = format!("AUTHORIZATION: bearer {TOKEN}\r\nOriginator: codex_exec\r\n");
    let hidden = format!("{}0\r\n\r\n{health}\r\n", head("content-length: 5\r\ntransfer-encoding: chunked\r\n"));
    let two = [request(BODY.as_bytes(), ""), request(BODY.as_bytes(), "")].concat();
    let hello = || vec![Hears::Stream("response.completed")];
    vec![
        misdeed("no HTTP at all", vec![act("\x16\x03\x01\x02\x00\x01\x00\x01\x03\x03 hello\r\n\r\n")], vec![Hears::Status(400, "")]),
        misdeed("HTTP/2 without asking", vec![act("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")], vec![Hears::Nothing]),
        misdeed("HTTP/2 by an upgrade", own("POST /v1/responses", &format!("host: 127.0.0.1\r\n{loudly}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n")), hello()).meets(stream(whole("Hello"))),
        misdeed("a whole address in the request line", own("POST http://localhost:80/v1/responses", &format!("host: LOCALHOST:80\r\n{loudly}")), hello()).meets(stream(whole("Hello"))),
        misdeed("an address of the other kind", own("POST /v1/responses", &format!("host: [::1]:4\r\n{loudly}")), hello()).meets(stream(whole("Hello"))),
        misdeed("more headers than anybody has", vec![act(format!("{health}{}\r\n", "x-a: b\r\n".repeat(200)))], vec![Hears::Status(431, "")]),
        misdeed("a head that stops", vec![act(health)], vec![Hears::Nothing]).hurried(),
        misdeed("a connection on which nothing comes", vec![], vec![Hears::Nothing]).hurried(),
        misdeed("HTTP/1.0", vec![act("GET /health HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n")], vec![well()]),
        misdeed("a request in front of a request", vec![act(format!("{health}\r\n{health}\r\n{health}\r\n"))], vec![well(), well(), well()]),
        misdeed("a turn in front of a turn", vec![act(two)], [hello(), hello()].concat()).meets(stream(whole("Hello"))).requests(2),
        misdeed("a request hidden in a body", vec![act(hidden)], vec![Hears::Status(400, ""), Hears::Nothing]),
        misdeed("lines that end with a line feed alone", vec![act("GET /health HTTP/1.1\nhost: 127.0.0.1\n\n")], vec![well()]),
        misdeed("a header that goes on in the next line", vec![act(format!("{health}x-a: b\r\n c\r\n\r\n"))], vec![Hears::Status(400, "")]),
        misdeed("a header with a zero", vec![act(format!("{health}x-a: \0\r\n\r\n"))], vec![Hears::Status(400, "")]),
        misdeed("headers without an end", vec![act(health), Act::Repeats("x-a: b\r\n".repeat(1024).into(), 128)], vec![Hears::Status(431, "")]),
        misdeed("a path without an end", vec![act("GET /"), Act::Repeats("x".repeat(8192).into(), 128)], vec![Hears::Status(431, "")]),
        Misdeed { crowd: 1000, ..misdeed("a thousand others who say nothing", vec![post()], hello()).meets(stream(whole("Hello"))).memory(32 * MIB) },
        misdeed("one byte at a time", vec![Act::Trickles(request(BODY.as_bytes(), "").into())], hello()).meets(stream(whole("Hello"))),
    ]
}
