//! Files in a message. Chat Completions know them only at OpenAI's, so text is read out and anything else is named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::wire::responses::ContentPart;

/// A file as words: what it holds, if that is text, else what it is.
pub fn words(part: &ContentPart) -> String {
    let name = part.filename.as_deref().unwrap_or("without a name");
    if let Some(text) = part.file_data.as_deref().and_then(text) {
        return format!("File `{name}`:\n{text}");
    }
    let place = part
        .file_url
        .as_deref()
        .map(|url| format!(" at {url}"))
        .unwrap_or_default();
    format!("[a file stood here: `{name}`{place}; this model cannot read it]")
}

/// The text of a data URL or of bare base64.
fn text(data: &str) -> Option<String> {
    let encoded = match data.strip_prefix("data:") {
        Some(url) => url.split_once(";base64,")?.1,
        None => data,
    };
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(data: &str) -> ContentPart<'static> {
        ContentPart {
            filename: Some("a.txt".to_owned()),
            file_data: Some(data.to_owned()),
            ..ContentPart::default()
        }
    }

    #[test]
    fn text_is_read_out_and_anything_else_is_named() {
        assert_eq!(words(&file("data:text/plain;base64,aGk=")), "File `a.txt`:\nhi");
        assert_eq!(words(&file("aGk=")), "File `a.txt`:\nhi");
        let named = "[a file stood here: `a.txt`; this model cannot read it]";
        assert_eq!(words(&file("data:application/pdf;base64,/w==")), named);
        let far = ContentPart {
            file_url: Some("https://example.com/x".to_owned()),
            ..ContentPart::default()
        };
        let said = "[a file stood here: `without a name` at https://example.com/x; this model cannot read it]";
        assert_eq!(words(&far), said);
    }
}
