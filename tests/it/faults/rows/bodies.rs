//! Bodies that are packed or measured wrongly, and answers that send us elsewhere.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::fault::{End, Fault, Step, again, broken, fault, words};
use super::super::said::{answer, says, text, whole};

pub fn faults() -> Vec<Fault> {
    [packed(), measured(), elsewhere()].into_iter().flatten().collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Codings that were never asked for.
#[rustfmt::skip]
fn packed() -> Vec<Fault> {
    let error = r#"{"error":{"message":"Insufficient Balance"}}"#;
    let zstd = compress_to_vec(error.as_bytes(), CompressionLevel::Fastest);
    let address = || words("is the address right?");
    vec![
        fault("402 packed with gzip", answer(402, "content-encoding: gzip\r\n", gzip(error)), words("Acme says: Insufficient Balance (402)")),
        fault("402 packed with zstd", answer(402, "content-encoding: zstd\r\n", zstd), words("Acme says: Insufficient Balance (402)")),
        fault("402 packed with deflate", answer(402, "content-encoding: deflate\r\n", deflate(error)), words("Acme says: Insufficient Balance (402)")),
        fault("402 that says gzip and is not", answer(402, "content-encoding: gzip\r\n", error), words("Insufficient Balance (402)")),
        fault("402 packed without saying so", answer(402, "", gzip(error)), words("Acme says: Insufficient Balance (402)")),
        fault("402 in a coding that nobody knows", answer(402, "content-encoding: br\r\n", [0x8b, 0x02, 0x80, 0x61, 0x03]), words("Acme answered 402 without a word")),
        fault("an answer packed with gzip", answer(200, "content-encoding: gzip\r\n", gzip(&whole("Hello"))), address()),
        fault("an answer packed without saying so", answer(200, "", gzip(&whole("Hello"))), address()),
        fault("an answer that says gzip and is not", answer(200, "content-encoding: gzip\r\n", whole("Hello")), End::Completes).shows("Hello"),
    ]
}

/// Lengths that do not fit.
#[rustfmt::skip]
fn measured() -> Vec<Fault> {
    let broke = || again("the answer of Acme broke off: ");
    let said = |headers: &str, body: &str| vec![says(format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}")), Step::Closes];
    vec![
        fault("a length that is too long", said("content-length: 9999\r\n", &text("Hel")), broken("the answer of Acme broke off: ")).shows("Hel"),
        fault("a length that is too long, after the end", said("content-length: 9999\r\n", &whole("Hello")), End::Completes).shows("Hello"),
        fault("a length that is too short", said("content-length: 20\r\n", &whole("Hello")), broke()),
        fault("a length that is no number", said("content-length: many\r\n", &whole("Hello")), broke()),
        fault("a length below nothing", said("content-length: -1\r\n", &whole("Hello")), broke()),
        fault("two lengths", said("content-length: 5\r\ncontent-length: 6\r\n", &whole("Hello")), broke()),
        fault("a length and chunks", said("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"), broke()),
        fault("a coding of the transfer that nobody knows", said("transfer-encoding: gzip, chunked\r\n", "zz"), broke()),
        fault("a header without a colon", said("content-type\r\n", &whole("Hello")), broke()),
        fault("a header with a zero", said("x-a: \0\r\n", &whole("Hello")), broke()),
        fault("a content type that is wrong", said("content-type: application/pdf\r\n", &whole("Hello")), End::Completes).shows("Hello"),
    ]
}

/// Redirects, none of which is followed: the key and the prompt would go where nobody sent them.
fn elsewhere() -> Vec<Fault> {
    let mut faults = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for (where_to, location) in [
            ("the same host", "/v2/chat/completions"),
            ("itself", "/v1/chat/completions"),
            ("another host", "http://127.0.0.2:9/v1/chat/completions"),
            ("a file", "file:///etc/passwd"),
        ] {
            let steps = answer(status, &format!("location: {location}\r\n"), "");
            faults.push(fault(
                format!("{status} to {where_to}"),
                steps,
                words("Acme sends requests on to "),
            ));
        }
    }
    faults.push(fault(
        "300 without a place to go",
        answer(300, "", ""),
        words("Check the address"),
    ));
    faults.push(fault(
        "304 that nobody asked for",
        answer(304, "", ""),
        words("Check the address"),
    ));
    faults
}
