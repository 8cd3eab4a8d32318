//! Texts and numbers as JSON writes them, appended to what is written already.

/// The letter behind the backslash for each byte that may not stand for itself; `u` where only its number can be
/// written, 0 where it stands for itself.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        escapes[control] = b'u';
        control += 1;
    }
    escapes[0x08] = b'b';
    escapes[b'\t' as usize] = b't';
    escapes[b'\n' as usize] = b'n';
    escapes[0x0c] = b'f';
    escapes[b'\r' as usize] = b'r';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` in quotes, byte for byte as `serde_json` writes it. What needs no escape is copied in runs.
pub fn string(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let (run, behind) = rest.split_at(plain(rest));
        out.extend_from_slice(run);
        let Some((byte, behind)) = behind.split_first() else {
            break;
        };
        let escape = ESCAPES[usize::from(*byte)];
        out.extend_from_slice(&[b'\\', escape]);
        if escape == b'u' {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            out.extend_from_slice(&[b'0', b'0', DIGITS[high], DIGITS[low]]);
        }
        rest = behind;
    }
    out.push(b'"');
}

/// How many of the first bytes of `text` stand for themselves in JSON.
#[must_use]
pub fn plain(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let marks = marks(word(&text[at..]));
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    text.len()
}

/// The first eight bytes of `text`, the first of them the lowest; what is not there counts as blanks.
#[inline]
#[must_use]
pub fn word(text: &[u8]) -> u64 {
    let word = text.first_chunk().copied().unwrap_or_else(|| {
        let mut word = [b' '; 8];
        word[..text.len()].copy_from_slice(text);
        word
    });
    u64::from_le_bytes(word)
}

/// The highest bit of each byte of `word` that does not stand for itself in JSON. Behind the first of them, bytes that
/// do may be marked, too.
#[inline]
#[must_use]
pub fn marks(word: u64) -> u64 {
    let quotes = word ^ each(b'"');
    let backslashes = word ^ each(b'\\');
    let below = |word: u64, limit| word.wrapping_sub(each(limit)) & !word;
    (below(word, 0x20) | below(quotes, 1) | below(backslashes, 1)) & each(0x80)
}

/// The same byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Appends `number` in digits.
pub fn number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        // The remainder is a digit.
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

/// Appends the name of a field that is not the first of its object; it has nothing that needs an escape.
pub fn name(name: &'static str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_byte_below_the_letters_is_written_as_by_serde_json() {
        let all: String = (0..0x80_u8).map(char::from).collect();
        assert_eq!(written(&all), serde_json::to_string(&all).unwrap());
    }

    #[test]
    fn numbers_are_written_in_digits() {
        for wanted in [0, 7, 10, 1_234_567_890, u64::MAX] {
            let mut out = Vec::new();
            number(wanted, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), wanted.to_string());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_by_serde_json(text in any::<String>()) {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
