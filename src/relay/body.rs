//! The body of a request: read within the limit, and unpacked within it too, however small a bomb is when it arrives.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::bufread::GzDecoder;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_ENCODING;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use tokio::time::Instant;

use crate::wire::ZSTD_WINDOW;

use super::Limits;
use super::refusal::Refusal;

/// How much is unpacked before others have their turn, in bytes: a millisecond's work.
const STEP: u64 = 256 * 1024;

/// The forms in which a body may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Zstd,
}

/// How many bytes must come in a second, once [`Limits::reading`] is over. The slowest lines that anybody works on
/// bring more; who sends byte by byte wants the connection and no answer.
const PACE: u64 = 16 * 1024;

/// The body as it was before it was packed.
pub async fn read(headers: &HeaderMap, body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    let coding = coding(headers)?;
    let packed = collect(body, limits).await?;
    match coding {
        Coding::Identity => Ok(packed),
        Coding::Gzip => unpacked(gzip(&packed), "gzip", limits.body).await,
        Coding::Zstd => unpacked(zstd(&packed), "zstd", limits.body).await,
    }
}

/// The body as it travels. One that says that it is too large is not even begun; what another says of its length is no
/// reason to hold memory for it before it comes.
async fn collect(body: &mut Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > limits.body as u64 {
        return Err(Refusal::TooLarge(limits.body));
    }
    let began = Instant::now();
    let mut whole = BytesMut::new();
    loop {
        let allowed = allowed(limits.reading, whole.len());
        let frame = match tokio::time::timeout_at(began + allowed, body.frame()).await {
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

/// How long a body may take of which so many bytes have come.
fn allowed(reading: Duration, bytes: usize) -> Duration {
    reading + Duration::from_secs(bytes as u64 / PACE)
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

/// What `packed` holds, in steps: all turns of a session share one thread, and none waits for a large body of another.
async fn unpacked(mut packed: impl Read, name: &'static str, limit: usize) -> Result<Bytes, Refusal> {
    let mut whole = Vec::new();
    loop {
        let step = packed.by_ref().take(STEP).read_to_end(&mut whole);
        if whole.len() > limit {
            return Err(Refusal::TooLarge(limit));
        }
        match step {
            Err(_) => return Err(Refusal::Packing(name)),
            Ok(0) => return Ok(whole.into()),
            Ok(_) => tokio::task::yield_now().await,
        }
    }
}

/// How many frames a body may have. Who packs in parts, to pack faster, makes parts of a mebibyte; of empty ones a
/// large body would hold millions, and nobody else would have a turn before they are all begun.
const MOST_FRAMES: usize = 1024;

/// A body that is packed in one frame, or several.
struct Frames<'a, R> {
    packed: &'a [u8],
    open: Option<R>,
    begun: usize,
    begin: fn(&'a [u8]) -> io::Result<R>,
    rest: fn(R) -> &'a [u8],
}

fn gzip(packed: &[u8]) -> Frames<'_, GzDecoder<&[u8]>> {
    Frames {
        packed,
        open: None,
        begun: 0,
        begin: |packed| Ok(GzDecoder::new(packed)),
        rest: GzDecoder::into_inner,
    }
}

type Zstd<'a> = Box<StreamingDecoder<&'a [u8], FrameDecoder>>;

fn zstd(packed: &[u8]) -> Frames<'_, Zstd<'_>> {
    Frames {
        packed,
        open: None,
        begun: 0,
        begin: |packed| {
            let frame = StreamingDecoder::new_with_max_window_size(packed, ZSTD_WINDOW);
            frame.map(Box::new).map_err(io::Error::other)
        },
        rest: |frame| frame.into_inner(),
    }
}

impl<R: Read> Read for Frames<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut frame = match self.open.take() {
                Some(frame) => frame,
                None if self.packed.is_empty() => return Ok(0),
                None if self.begun == MOST_FRAMES => return Err(io::ErrorKind::InvalidData.into()),
                None => {
                    self.begun += 1;
                    (self.begin)(self.packed)?
                }
            };
            let read = frame.read(out)?;
            if read > 0 || out.is_empty() {
                self.open = Some(frame);
                return Ok(read);
            }
            self.packed = (self.rest)(frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Write;
    use std::rc::Rc;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstded(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn gunzipped(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
        at_once(unpacked(gzip(packed), "gzip", limit))
    }

    fn unzstded(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
        at_once(unpacked(zstd(packed), "zstd", limit))
    }

    fn at_once<F: Future>(future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(future)
    }

    #[test]
    fn a_large_body_on_a_slow_line_earns_its_time_as_it_comes() {
        let reading = Duration::from_secs(60);
        for (bytes, seconds) in [
            (0, 60),
            (16 * 1024 - 1, 60),
            (16 * 1024, 61),
            (64 * 1024 * 1024, 60 + 4096),
        ] {
            assert_eq!(allowed(reading, bytes), Duration::from_secs(seconds), "{bytes}");
        }
    }

    #[test]
    fn what_was_packed_is_read_up_to_the_limit() {
        for text in [&b""[..], b"hello", &[b'x'; 100]] {
            assert_eq!(gunzipped(&gzipped(text), 100).as_deref(), Ok(text));
            assert_eq!(unzstded(&zstded(text), 100).as_deref(), Ok(text));
        }
        assert_eq!(gunzipped(&gzipped(&[b'x'; 101]), 100), Err(Refusal::TooLarge(100)));
        assert_eq!(unzstded(&zstded(&[b'x'; 101]), 100), Err(Refusal::TooLarge(100)));
    }

    #[test]
    fn several_frames_are_one_body() {
        assert_eq!(
            gunzipped(&[gzipped(b"ab"), gzipped(b"cd")].concat(), 4).as_deref(),
            Ok(&b"abcd"[..])
        );
        assert_eq!(
            unzstded(&[zstded(b"ab"), zstded(b"cd")].concat(), 4).as_deref(),
            Ok(&b"abcd"[..])
        );
        assert_eq!(
            unzstded(&[zstded(b"ab"), zstded(b"cde")].concat(), 4),
            Err(Refusal::TooLarge(4))
        );
    }

    #[test]
    fn frames_without_end_are_not_all_begun() {
        for most in [gzipped(b"").repeat(MOST_FRAMES), gzipped(b"x").repeat(MOST_FRAMES)] {
            assert!(gunzipped(&most, MOST_FRAMES).is_ok());
            let more = [most, gzipped(b"")].concat();
            assert_eq!(gunzipped(&more, MOST_FRAMES), Err(Refusal::Packing("gzip")));
        }
        let most = zstded(b"").repeat(MOST_FRAMES);
        assert_eq!(unzstded(&most, 1).as_deref(), Ok(&b""[..]));
        let more = [most, zstded(b"")].concat();
        assert_eq!(unzstded(&more, 1), Err(Refusal::Packing("zstd")));
    }

    /// What is read of a packed body.
    struct Counted<R>(R, Rc<Cell<usize>>);

    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(out)?;
            self.1.set(self.1.get() + read);
            Ok(read)
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = vec![0; 4 * 1024 * 1024];
        let (small, smaller) = (gzipped(&zeros), zstded(&zeros));
        let bombs: [Box<dyn Read>; 2] = [Box::new(gzip(&small)), Box::new(zstd(&smaller))];
        for bomb in bombs {
            let read = Rc::new(Cell::new(0));
            let outcome = at_once(unpacked(Counted(bomb, Rc::clone(&read)), "", 1000));
            assert_eq!(outcome, Err(Refusal::TooLarge(1000)));
            assert!(read.get() as u64 <= STEP, "{read:?}");
        }
    }

    #[test]
    fn others_have_their_turn_while_a_large_body_is_unpacked() {
        let packed = gzipped(&vec![0; 4 * 1024 * 1024]);
        let turns = Rc::new(Cell::new(0));
        let others = async {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        let unpacking = unpacked(gzip(&packed), "gzip", 1 << 30);
        at_once(async {
            tokio::select! {
                biased;
                () = others => {}
                whole = unpacking => assert_eq!(whole.unwrap().len(), 4 * 1024 * 1024),
            }
        });
        assert!(turns.get() >= 16, "{turns:?}");
    }

    #[test]
    fn what_is_broken_is_refused() {
        let whole = gzipped(b"hello");
        for broken in [&b"hello"[..], &whole[..whole.len() - 1]] {
            assert_eq!(gunzipped(broken, 100), Err(Refusal::Packing("gzip")));
        }
        let whole = zstded(b"hello");
        for broken in [&b"hello"[..], &whole[..whole.len() - 1]] {
            assert_eq!(unzstded(broken, 100), Err(Refusal::Packing("zstd")));
        }
    }
}
