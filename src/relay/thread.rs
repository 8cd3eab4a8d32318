//! Which of Codex's threads the user is in: for who wants to go on with it later.

use hyper::HeaderMap;
use serde::Deserialize;

/// What Codex tells of a turn in `x-codex-turn-metadata`, from 0.128 on.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    thread_source: Option<String>,
}

impl Metadata {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let json = headers.get("x-codex-turn-metadata")?.to_str().ok()?;
        serde_json::from_str(json).ok()
    }
}

/// Whether Codex wants a title for another thread, which its TUI does after the first prompt (seen on 0.150 to 0.169).
pub fn is_for_a_title(headers: &HeaderMap) -> bool {
    let source = Metadata::of(headers).and_then(|metadata| metadata.thread_source);
    source.as_deref() == Some("thread_title")
}

/// The id of the thread, if the request is one of a user's own: Codex has others make titles, review and do parts of
/// the work. Seen on 0.118 to 0.169, whose oldest call the header `session_id` and tell nothing else.
pub fn of(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    if headers.contains_key("x-openai-subagent") {
        return None;
    }
    let source = Metadata::of(headers).and_then(|metadata| metadata.thread_source);
    if source.is_some_and(|source| source != "user") {
        return None;
    }
    let id = text("thread-id").or_else(|| text("session_id"))?;
    // It is shown in a terminal.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (!id.is_empty() && id.bytes().all(is_plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use hyper::http::{HeaderName, HeaderValue};

    use super::*;

    fn thread(headers: &[(&str, &str)]) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| {
            (
                name.parse::<HeaderName>().unwrap(),
                value.parse::<HeaderValue>().unwrap(),
            )
        });
        of(&headers.collect()).map(str::to_owned)
    }

    #[test]
    fn the_thread_of_a_user_is_known_in_every_version_and_no_other() {
        let own = |source| format!(r#"{{"thread_id":"a-1","thread_source":"{source}"}}"#);
        let metadata = "x-codex-turn-metadata";
        let some = Some("a-1".to_owned());
        assert_eq!(
            thread(&[("session_id", "a-1"), (metadata, r#"{"session_id":"a-1"}"#)]),
            some
        );
        assert_eq!(
            thread(&[("thread-id", "a-1"), ("session-id", "b"), (metadata, &own("user"))]),
            some
        );
        for source in ["thread_title", "subagent"] {
            assert_eq!(
                thread(&[("thread-id", "a-1"), (metadata, &own(source))]),
                None,
                "{source}"
            );
        }
        assert_eq!(thread(&[("thread-id", "a-1"), ("x-openai-subagent", "review")]), None);
        assert_eq!(thread(&[("thread-id", "a;1")]), None);
        assert_eq!(thread(&[]), None);
    }
}
