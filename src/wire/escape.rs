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

/// How many of the first bytes of `text` stand for themselves in JSON. Eight are looked at at once.
#[must_use]
pub fn plain(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quotes = below(word ^ QUOTES, 1) | below(word ^ BACKSLASHES, 1);
        let escapes = below(word, 0x20) | quotes;
        if escapes != 0 {
            return number * 8 + escapes.trailing_zeros() as usize / 8;
        }
    }
    let rest = rest.iter();
    words.len() * 8 + rest.take_while(|byte| ESCAPES[usize::from(**byte)] == 0).count()
}

/// 1 in each byte.
const EACH: u64 = u64::from_le_bytes([1; 8]);

const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);

const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);

/// The highest bit of each byte of `word` that is less than `limit`; bits behind the first may be set, too.
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & (EACH << 7)
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
