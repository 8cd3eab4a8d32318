//! Takes secrets out of words that others wrote, in whichever form they repeat them: whole, in part, masked by
//! themselves but for the ends, or put in another alphabet.

mod sought;

use std::fmt::Write;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::secret::Secret;
use super::{Endpoint, Session};

use sought::{SHORTEST, Sought};

/// So much of a key in a row is no accident. What keys of one maker have in common at their beginning is shorter, but
/// for few.
const PART: usize = 12;

/// Shorter keys are not told from what is written anyway.
const SHORTEST_WORD: usize = 4;

/// What keys are masked with. Dots only in threes.
const MASKS: [char; 5] = ['*', '•', '●', '…', '█'];

/// Secrets to be taken out of words.
#[derive(Debug, Clone, Default)]
pub struct Hiding {
    /// Keys and tokens, of which no part may be seen.
    keys: Vec<Secret>,
    /// Those of them that are too short to be looked for within words: they count only as words of their own.
    short: Vec<Secret>,
    /// All forms of them, and what may be seen in part: headers hold all kinds of things, addresses among them.
    sought: Sought,
}

impl Hiding {
    /// Hides what lets us in at `endpoint`: its key, and its headers, with which gateways let us in as well.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let mut hiding = Self::default();
        hiding.add_all(endpoint);
        hiding
    }

    /// The same for all providers of `session`.
    #[must_use]
    pub fn of_all(session: &Session) -> Self {
        let mut hiding = Self::default();
        session.hosts().for_each(|host| hiding.add_all(&host.endpoint));
        hiding
    }

    fn add_all(&mut self, endpoint: &Endpoint) {
        if let Some(key) = &endpoint.key {
            self.add(key);
        }
        for (_, value) in &endpoint.headers {
            let whole = value.expose().trim();
            self.sought.add(Secret::new(whole), whole.len());
            // Of `Bearer …` and `Basic …`, what follows may be repeated alone.
            let Some((scheme, credentials)) = value.expose().split_once(' ') else {
                continue;
            };
            self.add(&Secret::new(credentials.trim()));
            let decoded = STANDARD.decode(credentials.trim()).map(Zeroizing::new);
            if scheme.eq_ignore_ascii_case("basic")
                && let Ok(bytes) = decoded
                && let Ok(text) = std::str::from_utf8(&bytes)
            {
                self.add(&Secret::new(text));
                self.add(&Secret::new(text.split_once(':').map_or("", |(_, password)| password)));
            }
        }
    }

    /// Hides `key` as well, and all of its parts.
    pub fn add(&mut self, key: &Secret) {
        if key.expose().len() >= SHORTEST {
            self.keys.push(key.clone());
            for form in forms(key.expose()) {
                self.sought.add(form, PART);
            }
        } else if key.expose().len() >= SHORTEST_WORD && !is_ordinary(key.expose()) {
            self.keys.push(key.clone());
            self.short.push(key.clone());
        }
    }

    /// `text` with `mark` wherever a secret stood.
    #[must_use]
    pub fn hide(&self, text: &str, mark: &str) -> String {
        let mut found = self.sought.find(text.as_bytes());
        found.extend(self.words(text));
        found.extend(self.masked(text));
        found.sort_unstable_by_key(|range| range.start);
        let mut shown = String::with_capacity(text.len());
        // Where the last of them ended.
        let mut last = None;
        for range in found {
            // Of a letter of which a part is hidden, nothing is shown.
            let (start, end) = (
                text.floor_char_boundary(range.start),
                text.ceil_char_boundary(range.end),
            );
            if last.is_none_or(|last| last < start) {
                shown.push_str(&text[last.unwrap_or(0)..start]);
                shown.push_str(mark);
            }
            last = last.max(Some(end));
        }
        shown.push_str(&text[last.unwrap_or(0)..]);
        shown
    }

    /// Where a short key stands by itself.
    fn words<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self
            .short
            .iter()
            .flat_map(|key| text.match_indices(key.expose()))
            .map(|(start, key)| start..start + key.len());
        found.filter(|range| {
            let before = text[..range.start].chars().next_back();
            let behind = text[range.end..].chars().next();
            ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
        })
    }

    /// Where somebody has masked a key and left an end of it: `sk-ab***yz`.
    fn masked(&self, text: &str) -> Vec<Range<usize>> {
        let mut masked = Vec::new();
        if self.keys.is_empty() {
            return masked;
        }
        let is_around = |character: char| character.is_whitespace() || "\"'`,;:=()<>[]{}".contains(character);
        let mut past = 0;
        while let Some(mask) = mask(&text[past..]) {
            let mask = past + mask;
            let before = text[past..mask].rfind(is_around);
            let start = before.map_or(past, |at| text.ceil_char_boundary(past + at + 1));
            let end = text[mask..].find(is_around).map_or(text.len(), |at| mask + at);
            let token = &text[start..end];
            let token = match token.ends_with("...") {
                true => token,
                false => token.trim_end_matches(['.', '!', '?']),
            };
            if self.keys.iter().any(|key| is_masked(key.expose(), token)) {
                masked.push(start..start + token.len());
            }
            past = end;
        }
        masked
    }
}

/// Whether a short key is a word such as `none`, `Ollama` or `EMPTY`, which local servers are given: taking it out
/// would only garble what is said.
fn is_ordinary(key: &str) -> bool {
    let rest = key.get(1..).unwrap_or_default();
    let is_word = key.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word && (rest.bytes().all(|byte| byte.is_ascii_lowercase()) || key.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// Where the first mask of `text` begins.
fn mask(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // All but two masks begin with this byte, as few letters do.
    let may_begin = |byte: &u8| matches!(byte, b'*' | b'.' | 0xe2);
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(may_begin)?;
        let rest = &text[at..];
        if rest.starts_with(MASKS) || rest.starts_with("...") {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether `token` is an end of `key` beside a mask.
fn is_masked(key: &str, token: &str) -> bool {
    let dots = |from_end: bool| {
        if from_end {
            token.rfind("...")
        } else {
            token.find("...")
        }
    };
    let first = [token.find(MASKS), dots(false)].into_iter().flatten().min();
    let last = token
        .rfind(MASKS)
        .map(|at| at + token[at..].chars().next().map_or(0, char::len_utf8));
    let last = [last, dots(true).map(|at| at + 3)].into_iter().flatten().max();
    let (Some(first), Some(last)) = (first, last) else {
        return false;
    };
    let (head, tail) = (&token[..first], &token[last..]);
    (head.len() > 2 && key.starts_with(head)) || (tail.len() > 1 && key.ends_with(tail))
}

/// `key` as it stands in plain words, in an address, in JSON and in base64, where it may have something before it.
fn forms(key: &str) -> Vec<Secret> {
    let mut forms = vec![Secret::new(key)];
    // Who encodes more than must be is understood, too.
    let reserved: fn(char) -> bool = |character| !character.is_ascii_alphanumeric() && !"-._~".contains(character);
    let signs: fn(char) -> bool = |character| !character.is_ascii_alphanumeric();
    for is_encoded in [reserved, signs, |_| true] {
        forms.extend([encoded(key, is_encoded, false), encoded(key, is_encoded, true)]);
    }
    // Room for every letter as an escape: what grows leaves the key in its smaller selves.
    let mut json = Zeroizing::new(Vec::with_capacity(6 * key.len() + 2));
    if serde_json::to_writer(&mut *json, key).is_ok()
        && let Ok(json) = std::str::from_utf8(&json)
    {
        let json = json.trim_matches('"');
        forms.extend([Secret::new(json.replace('/', "\\/")), Secret::new(json)]);
    }
    for before in 0..3 {
        let mut bytes = Zeroizing::new(Vec::with_capacity(before + key.len()));
        bytes.resize(before, 0);
        bytes.extend_from_slice(key.as_bytes());
        // What stands before or behind has a share in the characters at the ends.
        let behind = usize::from(bytes.len() % 3 != 0);
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = Zeroizing::new(alphabet.encode(&*bytes));
            let inner = text.get([0, 2, 3][before]..text.len() - behind);
            forms.extend(inner.map(Secret::new));
        }
    }
    forms.sort_unstable_by(|one, other| one.expose().cmp(other.expose()));
    forms.dedup();
    forms
}

/// As in an address. Both cases of digits are in use.
fn encoded(key: &str, is_encoded: fn(char) -> bool, is_upper: bool) -> Secret {
    let mut encoded = String::with_capacity(12 * key.len());
    for character in key.chars() {
        // Writing to a string cannot fail.
        let _ = match u32::from(character) {
            _ if !is_encoded(character) => write!(encoded, "{character}"),
            code if is_upper => write!(encoded, "%{code:02X}"),
            code => write!(encoded, "%{code:02x}"),
        };
    }
    Secret::new(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Authorities;

    const KEY: &str = "sk-Ab+1/Cd%2\"Ef3\\Gh4~Ij5";

    fn hiding() -> Hiding {
        let mut hiding = Hiding::default();
        hiding.add(&Secret::new(KEY));
        hiding
    }

    fn hidden(text: &str) -> String {
        hiding().hide(text, "…")
    }

    #[test]
    fn a_key_is_hidden_in_every_alphabet() {
        assert_eq!(hidden(&format!("{KEY}, ü{KEY}ü {KEY}{KEY}")), "…, ü…ü …");
        for address in [
            "sk-Ab%2B1%2FCd%252%22Ef3%5CGh4~Ij5",
            "sk-Ab%2b1%2fCd%252%22Ef3%5cGh4~Ij5",
            "sk%2DAb%2B1%2FCd%252%22Ef3%5CGh4%7EIj5",
            "%73%6B%2D%41%62%2B%31%2F%43%64%25%32%22%45%66%33%5C%47%68%34%7E%49%6A%35",
        ] {
            assert_eq!(hidden(&format!("?key={address}&a")), "?key=…&a");
        }
        let json = serde_json::json!({ "key": KEY }).to_string();
        assert_eq!(hidden(&json), "{\"key\":\"…\"}");
        assert_eq!(hidden(&json.replace('/', "\\/")), "{\"key\":\"…\"}");
        for user in ["", "a", "me", "you", "user:", "Bearer "] {
            for behind in ["", ":", "\r\n", "abc"] {
                let text = STANDARD.encode(format!("{user}{KEY}{behind}"));
                let told = hidden(&text);
                // Of the key, only what shares a character with its neighbour may be left.
                assert!(
                    told.contains('…') && told.chars().count() < text.len() - 25,
                    "{text}: {told}"
                );
            }
        }
    }

    #[test]
    fn of_a_letter_that_is_hidden_in_part_nothing_is_shown() {
        let mut hiding = Hiding::default();
        hiding.add(&Secret::new("ab\u{e9}cdefghijklmnop"));
        // The second byte of `é` with what follows is part enough.
        assert_eq!(hiding.hide("x\u{129}cdefghijklmno", ""), "x");
        assert_eq!(hiding.hide("\u{e9}cdefghijkl\u{e9}cdefghijkl*", "-"), "-*");
    }

    #[test]
    fn a_part_of_a_key_is_hidden_and_what_is_none_stays() {
        assert_eq!(hidden(&format!("no {}", &KEY[..14])), "no …");
        assert_eq!(hidden(&format!("no {}-", &KEY[9..22])), "no …-");
        assert_eq!(hidden("sk-Ab is how keys begin"), "sk-Ab is how keys begin");
    }

    #[test]
    fn a_short_key_is_hidden_where_it_stands_by_itself_unless_it_is_an_ordinary_word() {
        let hidden = |key: &str, text: &str| {
            let mut short = Hiding::default();
            short.add(&Secret::new(key));
            short.hide(text, "…")
        };
        for (key, text, told) in [
            ("sk-1", "bad key sk-1.", "bad key …."),
            ("pw12", "pw12: \"pw12\", key=pw12", "…: \"…\", key=…"),
            ("hUnter", "hUnter is no key", "… is no key"),
            ("ab-cdef", "Bearer ab-cdef", "Bearer …"),
            ("é12é", "é12é", "…"),
            // Within a word it is an accident.
            ("pw12", "xpw12 pw123 épw12", "xpw12 pw123 épw12"),
            ("a-1", "a-1", "a-1"),
            ("pw-1234", "your key pw-1*** is wrong", "your key … is wrong"),
            ("ollama", "ollama is running", "ollama is running"),
            ("EMPTY", "EMPTY is no key", "EMPTY is no key"),
            ("None", "None was given", "None was given"),
        ] {
            assert_eq!(hidden(key, text), told, "{key}");
        }
    }

    #[test]
    fn a_key_that_others_have_masked_is_hidden_to_its_ends() {
        for masked in [
            "sk-Ab***Ij5",
            "sk-A****************",
            "****Ij5",
            "sk-Ab...Ij5",
            "sk-Ab…",
            "•••j5",
        ] {
            assert_eq!(hidden(&format!("your key: {masked} is wrong")), "your key: … is wrong");
            assert_eq!(hidden(&format!("key=\"{masked}\", no")), "key=\"…\", no");
        }
        assert_eq!(hidden("(sk-Ab***Ij5)."), "(…).");
        for other in ["**bold**", "wait...", "sk-other***", "a * b", "...", "see *.example."] {
            assert_eq!(hidden(other), other);
        }
    }

    #[test]
    fn a_header_is_hidden_whole_and_what_lets_in_also_alone() {
        let mut endpoint = Endpoint {
            provider: "acme".into(),
            provider_name: "Acme".into(),
            base_url: "https://acme.example".parse().unwrap(),
            responses_url: None,
            key: None,
            key_origin: None,
            headers: Vec::new(),
            authorities: Authorities::default(),
            console: None,
            tells_cost: false,
            dialect: String::new(),
        };
        let header = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
        endpoint.headers = vec![
            header("Authorization", "Basic bWU6b3BlbiBzZXNhbWU="),
            header("Referer", "https://acme.example/tool"),
        ];
        let hidden = |text: &str| Hiding::of(&endpoint).hide(text, "…");
        assert_eq!(hidden("me:open sesame, open sesame, bWU6b3BlbiBzZXNhbWU="), "…, …, …");
        assert_eq!(
            hidden("https://acme.example/tool, see https://acme.example/help"),
            "…, see https://acme.example/help"
        );
    }
}
