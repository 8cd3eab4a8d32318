//! Error answers that come packed although nobody asked for it: some gateways pack whatever is long enough.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use ruzstd::decoding::StreamingDecoder;

use crate::wire::ZSTD_WINDOW;

/// What every gzip stream and every zstd frame begins with; whoever packs does not always say so.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// `body` as it was before it was packed, and at most `limit` bytes of what was; nothing where it cannot be read.
/// `coding` is what the answer says of itself.
pub fn unpacked(coding: Option<&str>, body: Vec<u8>, limit: usize) -> Vec<u8> {
    let start = |packed: &mut dyn Read| {
        let mut whole = Vec::new();
        // What comes before the place where it is broken, or was cut, is enough.
        let _ = packed.take(limit as u64).read_to_end(&mut whole);
        whole
    };
    if body.starts_with(GZIP) {
        return start(&mut MultiGzDecoder::new(body.as_slice()));
    }
    if body.starts_with(ZSTD) {
        let decoder = StreamingDecoder::new_with_max_window_size(body.as_slice(), ZSTD_WINDOW);
        return decoder.map_or(Vec::new(), |mut decoder| start(&mut decoder));
    }
    match coding.map(str::to_ascii_lowercase).as_deref() {
        // By the standard it is zlib; some leave out its frame.
        Some("deflate") => match start(&mut ZlibDecoder::new(body.as_slice())) {
            empty if empty.is_empty() => start(&mut DeflateDecoder::new(body.as_slice())),
            whole => whole,
        },
        Some("br") => Vec::new(),
        // It says so, and is not.
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const SAID: &[u8] = br#"{"error":{"message":"no"}}"#;

    fn packed() -> [(Option<&'static str>, Vec<u8>); 5] {
        let level = Compression::fast();
        let mut gzip = GzEncoder::new(Vec::new(), level);
        gzip.write_all(SAID).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(SAID).unwrap();
        let mut deflate = DeflateEncoder::new(Vec::new(), level);
        deflate.write_all(SAID).unwrap();
        [
            (Some("gzip"), gzip.finish().unwrap()),
            (Some("Deflate"), zlib.finish().unwrap()),
            (Some("deflate"), deflate.finish().unwrap()),
            (None, compress_to_vec(SAID, CompressionLevel::Fastest)),
            (Some("gzip"), SAID.to_vec()),
        ]
    }

    #[test]
    fn what_was_packed_is_read_whatever_it_says_of_itself() {
        for (coding, body) in packed() {
            assert_eq!(unpacked(coding, body, 100), SAID, "{coding:?}");
        }
    }

    #[test]
    fn what_is_cut_or_too_long_is_read_up_to_there() {
        for (coding, mut body) in packed().into_iter().take(4) {
            assert_eq!(unpacked(coding, body.clone(), 5), &SAID[..5], "{coding:?}");
            body.truncate(body.len() / 2);
            assert!(SAID.starts_with(&unpacked(coding, body, 100)), "{coding:?}");
        }
        assert_eq!(unpacked(Some("br"), vec![0x8b, 0x02], 100), b"");
    }
}
