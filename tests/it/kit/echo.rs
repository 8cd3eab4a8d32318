//! How providers, gateways and what lies between repeat a key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// `key` as others write it, each without a space.
pub fn forms(key: &str) -> Vec<String> {
    let (start, end) = (&key[..5], &key[key.len() - 4..]);
    let in_hex = key.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    vec![
        key.to_owned(),
        format!("bearer={key}"),
        format!("`{key}`"),
        format!("{start}********{end}"),
        format!("****{end}"),
        format!("{start}...{end}"),
        format!("{start}…{end}"),
        key[..key.len() - 2].to_owned(),
        key[2..].to_owned(),
        key.replace('-', "%2D"),
        in_hex,
        STANDARD.encode(key),
        STANDARD.encode(format!("Bearer {key}")),
        format!("Basic:{}", STANDARD.encode(format!("user:{key}\n"))),
        // What shows nothing between two letters.
        key.replace('t', "t\u{200b}"),
        key.replace('t', "t\u{1b}[0m"),
    ]
}

/// Panics if so much of `key` as nobody writes by accident is in `text`.
pub fn assert_hidden(key: &str, text: &str) {
    let encoded = (0..3).map(|before| STANDARD.encode(format!("{}{key}", "x".repeat(before))));
    // The first and the last characters have to do with what stands around.
    let encoded = encoded.map(|text| text[4..text.len() - 4].to_owned());
    for form in encoded.chain([key.to_owned()]) {
        for part in form.as_bytes().windows(8) {
            let found = text.as_bytes().windows(8).position(|window| window == part);
            let around = found.map(|at| String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(60)..at + 8]));
            assert_eq!(around, None, "a part of {key} is shown");
        }
    }
    let end = &key[key.len() - 4..];
    assert!(
        !text.contains(&format!("*{end}")) && !text.contains(&format!(".{end}")),
        "{text}"
    );
}
