//! Words and images of a user or a tool.

use serde_json::{Value, json};

use crate::provider::dialect::Images;
use crate::wire::chat;
use crate::wire::responses::{Content, ContentPart};

use super::{Target, files};

/// What a model without eyes reads where an image stood.
pub const UNSEEN: &str = "[an image stood here; this model cannot see images]";

/// Content with its images still apart.
#[derive(Debug, Default)]
pub struct Seen {
    /// Text and images in order.
    pub parts: Vec<chat::Part>,
}

impl Seen {
    /// Reads content; images that the model cannot see become a sentence.
    pub fn read(target: Target<'_>, content: &Content) -> Self {
        let parts = match content {
            Content::Text(text) => vec![chat::Part::Text { text: text.clone() }],
            Content::Parts(parts) => parts.iter().filter_map(|part| part_of(target, part)).collect(),
        };
        Self { parts }
    }

    /// Words alone.
    pub fn words(text: String) -> Self {
        Self {
            parts: vec![chat::Part::Text { text }],
        }
    }

    /// All text, a line break between its parts.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                chat::Part::Text { text } => Some(text.as_str()),
                chat::Part::ImageUrl { .. } => None,
            })
            .collect();
        texts.join("\n")
    }

    /// The images alone.
    pub fn into_images(self) -> impl Iterator<Item = chat::Part> {
        self.parts.into_iter().filter(is_image)
    }

    /// A string where there is only text, else parts.
    pub fn into_content(self) -> chat::Content {
        if self.parts.iter().any(is_image) {
            chat::Content::Parts(self.parts)
        } else {
            chat::Content::Text(self.text())
        }
    }

    /// Whether there is nothing to read or see.
    pub fn is_empty(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, chat::Part::Text { text } if text.is_empty()))
    }
}

/// All text of some content, whatever its parts are called.
pub fn plain(content: &Content) -> String {
    match content {
        Content::Text(text) => text.clone(),
        Content::Parts(parts) => {
            let texts: Vec<&str> = parts.iter().filter_map(text_of).collect();
            texts.join("\n")
        }
    }
}

fn is_image(part: &chat::Part) -> bool {
    matches!(part, chat::Part::ImageUrl { .. })
}

/// The text of a part, whatever the part is called.
pub fn text_of(part: &ContentPart) -> Option<&str> {
    let text = part.text.as_deref();
    // A sub-agent's task is plain text under this name: it is what our own model wrote (seen on 0.169).
    text.or(part.refusal.as_deref()).or(part.encrypted_content.as_deref())
}

fn part_of(target: Target<'_>, part: &ContentPart) -> Option<chat::Part> {
    if part.r#type.as_deref() == Some("input_file") {
        return Some(chat::Part::Text {
            text: files::words(part),
        });
    }
    let Some(url) = &part.image_url else {
        return text_of(part).map(|text| chat::Part::Text { text: text.to_owned() });
    };
    if !target.vision {
        return Some(chat::Part::Text {
            text: UNSEEN.to_owned(),
        });
    }
    if target.dialect.images == Images::Inline && !url.starts_with("data:") {
        return Some(chat::Part::Text {
            text: format!("[an image stood here: {url}; this service cannot fetch it]"),
        });
    }
    let image_url: Value = match (target.dialect.images, &part.detail) {
        (Images::Bare, _) => json!(url),
        (Images::Detail, Some(detail)) => json!({"url": url, "detail": detail}),
        (Images::Detail | Images::Url | Images::Inline, _) => json!({"url": url}),
    };
    Some(chat::Part::ImageUrl { image_url })
}
