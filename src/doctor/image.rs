//! An image of one colour, small enough to stand here and large enough for every provider that was seen: some refuse
//! what is smaller than 28 pixels.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Crc;

/// Width and height.
const SIDE: u32 = 64;

/// The colour of it.
pub const COLOUR: &str = "red";

const RED: [u8; 3] = [0xe0, 0x10, 0x10];

/// The image as a data URL: a PNG with a palette of one entry, and all its pixels of that.
#[must_use]
pub fn url() -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png()))
}

fn png() -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    // Eight bits a pixel, by palette; the rest as there is no other.
    header.extend([8, 3, 0, 0, 0]);
    let row = SIDE as usize + 1;
    let pixels = vec![0; row * SIDE as usize];
    let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(b"IHDR", &header, &mut image);
    chunk(b"PLTE", &RED, &mut image);
    chunk(b"IDAT", &packed(&pixels), &mut image);
    chunk(b"IEND", &[], &mut image);
    image
}

fn packed(pixels: &[u8]) -> Vec<u8> {
    use std::io::Read;

    let mut packed = Vec::new();
    // Reading from memory cannot fail.
    let _ = flate2::read::ZlibEncoder::new(pixels, flate2::Compression::best()).read_to_end(&mut packed);
    packed
}

fn chunk(kind: &[u8; 4], content: &[u8], image: &mut Vec<u8>) {
    image.extend((content.len() as u32).to_be_bytes());
    image.extend(kind);
    image.extend(content);
    let mut sum = Crc::new();
    sum.update(kind);
    sum.update(content);
    image.extend(sum.sum().to_be_bytes());
}
