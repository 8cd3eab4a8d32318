//! When a delta was said, inside of what it says: `@NUMBER.NANOSECONDS@`.

use nix::time::{ClockId, clock_gettime};

/// Bytes of a stamp.
pub const LENGTH: usize = 26;

/// Nanoseconds of the clock that all processes share.
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap();
    u64::try_from(time.tv_sec()).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap()
}

/// Writes a stamp over the beginning of `place`.
pub fn write(place: &mut [u8], number: u32, time: u64) {
    place[0] = b'@';
    digits(&mut place[1..8], u64::from(number));
    place[8] = b'.';
    digits(&mut place[9..25], time);
    place[25] = b'@';
}

/// The stamps in `text`, in order.
pub fn read(text: &[u8]) -> impl Iterator<Item = (u32, u64)> {
    memchr::memchr_iter(b'@', text).step_by(2).map(|place| {
        let stamp = &text[place..place + LENGTH];
        assert_eq!(stamp[LENGTH - 1], b'@', "a stamp came whole");
        let number = std::str::from_utf8(&stamp[1..8]).unwrap().parse().unwrap();
        let time = std::str::from_utf8(&stamp[9..25]).unwrap().parse().unwrap();
        (number, time)
    })
}

fn digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap();
        number /= 10;
    }
}
