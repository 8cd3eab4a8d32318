//! The body of a request: read within the limit, and unpacked within it too, however small a bomb is when it arrives.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_ENCODING;
use ruzstd::decoding::StreamingDecoder;
use tokio::time::Instant;

use super::Limits;
use super::refusal::Refusal;

/// The largest window that a zstd frame may need, as RFC 9659 sets it for this header.
const WINDOW: u64 = 8 * 1024 * 1024;

/// The forms in which a body may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// How many bytes must come in a second, once [`Limits::reading`] is over. The slowest lines that anybody works on bring
/// more; who sends byte by byte wants the connection and no answer.
const PACE: u64 = 16 * 1024;

/// The body as it was before it was packed.
pub async fn read(headers: &HeaderMap, body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    let coding = coding(headers)?;
    let limit = limits.body;
    let packed = collect(body, limits).await?;
    match coding {
        Coding::Identity => Ok(packed),
        Coding::Gzip => within(limit, "gzip", |most, out| gunzip(&packed, most, out)),
        Coding::Zstd => within(limit, "zstd", |most, out| unzstd(&packed, most, out)),
    }
}

/// The body as it travels. One that says that it is too large is not even begun.
async fn collect(body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    let told = body.size_hint();
    if told.lower() > limits.body as u64 {
        return Err(Refusal::TooLarge(limits.body));
    }
    let began = Instant::now();
    // Memory that nothing is written to costs nothing, so a length need not be true.
    let mut whole = BytesMut::with_capacity(told.exact().unwrap_or_default() as usize);
    loop {
        let earned = Duration::from_secs(whole.len() as u64 / PACE);
        let frame = match tokio::time::timeout_at(began + limits.reading + earned, body.frame()).await {
            Err(_) => return Err(Refusal::TooSlow),
            Ok(None) => return Ok(whole.freeze()),
            Ok(Some(Err(_))) => return Err(Refusal::Cut),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        if whole.len() + bytes.len() > limits.body {
            return Err(Refusal::TooLarge(limits.body));
        }
        whole.extend_from_slice(&bytes);
    }
}

/// Nobody packs a body twice, so a list of codings is refused like an unknown one.
fn coding(headers: &HeaderMap) -> Result<Coding, Refusal> {
    let Some(name) = headers.get(CONTENT_ENCODING) else {
        return Ok(Coding::Identity);
    };
    match name.as_bytes().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(Coding::Identity),
        b"gzip" | b"x-gzip" => Ok(Coding::Gzip),
        b"zstd" => Ok(Coding::Zstd),
        _ => Err(Refusal::Encoding),
    }
}

/// What `unpack` writes when it is let write one byte more than the limit.
fn within(
    limit: usize,
    name: &'static str,
    unpack: impl FnOnce(u64, &mut Vec<u8>) -> io::Result<()>,
) -> Result<Bytes, Refusal> {
    let mut whole = Vec::new();
    let outcome = unpack(limit as u64 + 1, &mut whole);
    if whole.len() > limit {
        return Err(Refusal::TooLarge(limit));
    }
    outcome.map(|()| whole.into()).map_err(|_| Refusal::Packing(name))
}

fn gunzip(packed: &[u8], most: u64, out: &mut Vec<u8>) -> io::Result<()> {
    MultiGzDecoder::new(packed).take(most).read_to_end(out).map(|_| ())
}

fn unzstd(mut packed: &[u8], most: u64, out: &mut Vec<u8>) -> io::Result<()> {
    // A body may be several frames.
    while !packed.is_empty() && (out.len() as u64) < most {
        let room = most - out.len() as u64;
        let frame = StreamingDecoder::new_with_max_window_size(&mut packed, WINDOW).map_err(io::Error::other)?;
        frame.take(room).read_to_end(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn gunzipped(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
        within(limit, "gzip", |most, out| gunzip(packed, most, out))
    }

    fn unzstded(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
        within(limit, "zstd", |most, out| unzstd(packed, most, out))
    }

    #[test]
    fn what_was_packed_is_read_up_to_the_limit() {
        for text in [&b""[..], b"hello", &[b'x'; 100]] {
            assert_eq!(gunzipped(&gzip(text), 100).as_deref(), Ok(text));
            assert_eq!(unzstded(&zstd(text), 100).as_deref(), Ok(text));
        }
        assert_eq!(gunzipped(&gzip(&[b'x'; 101]), 100), Err(Refusal::TooLarge(100)));
        assert_eq!(unzstded(&zstd(&[b'x'; 101]), 100), Err(Refusal::TooLarge(100)));
    }

    #[test]
    fn several_frames_are_one_body() {
        assert_eq!(
            gunzipped(&[gzip(b"ab"), gzip(b"cd")].concat(), 4).as_deref(),
            Ok(&b"abcd"[..])
        );
        assert_eq!(
            unzstded(&[zstd(b"ab"), zstd(b"cd")].concat(), 4).as_deref(),
            Ok(&b"abcd"[..])
        );
        assert_eq!(
            unzstded(&[zstd(b"ab"), zstd(b"cde")].concat(), 4),
            Err(Refusal::TooLarge(4))
        );
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = vec![0; 4 * 1024 * 1024];
        for (packed, unpack) in [
            (gzip(&zeros), gunzip as fn(&[u8], u64, &mut Vec<u8>) -> io::Result<()>),
            (zstd(&zeros), unzstd),
        ] {
            let mut out = Vec::new();
            assert!(unpack(&packed, 1000, &mut out).is_ok());
            assert_eq!(out.len(), 1000);
        }
    }

    #[test]
    fn what_is_broken_is_refused() {
        let whole = gzip(b"hello");
        for broken in [&b"hello"[..], &whole[..whole.len() - 1]] {
            assert_eq!(gunzipped(broken, 100), Err(Refusal::Packing("gzip")));
        }
        let whole = zstd(b"hello");
        for broken in [&b"hello"[..], &whole[..whole.len() - 1]] {
            assert_eq!(unzstded(broken, 100), Err(Refusal::Packing("zstd")));
        }
    }
}
