//! One function a target, which panics where a law is broken. The first bytes of an input are settings; what follows is
//! what is read.

pub mod answer;
pub mod classification;
pub mod configuration;
pub mod healer;
pub mod request;
pub mod sse;

/// Bytes up to which an input is also read byte by byte: that takes time with the length of all that is open.
const SHORT: usize = 1024;

/// A place in something `length` long, of 256 that there are.
fn place(length: usize, setting: u8) -> usize {
    length * usize::from(setting) / 255
}
