//! Words and images of a user or a tool.

use std::borrow::Cow;

use crate::provider::dialect::Images;
use crate::wire::responses::{Content, ContentPart};
use crate::wire::{Text, chat};

use super::{Target, files};

/// What a model without eyes reads where an image stood.
pub const UNSEEN: &str = "[an image stood here; this model cannot see images]";

/// Content with its images still apart.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// Text and images in order.
    pub parts: Vec<chat::Part<'a>>,
}

impl<'a> Seen<'a> {
    /// Reads content; images that the model cannot see become a sentence.
    pub fn read(target: Target<'_>, content: &Content<'a>) -> Self {
        let parts = match content {
            Content::Text(text) => vec![chat::Part::Text { text: text.clone() }],
            Content::Parts(parts) => parts.iter().filter_map(|part| part_of(target, part)).collect(),
        };
        Self { parts }
    }

    /// Words alone.
    pub fn words(text: String) -> Self {
        Self {
            parts: vec![chat::Part::Text { text: text.into() }],
        }
    }

    /// All text, a line break between its parts.
    pub fn text(&self) -> Text<'a> {
        let mut texts = self.parts.iter().filter_map(|part| match part {
            chat::Part::Text { text } => Some(text),
            chat::Part::ImageUrl { .. } => None,
        });
        joined(texts.next(), texts)
    }

    /// The images alone.
    pub fn into_images(self) -> impl Iterator<Item = chat::Part<'a>> {
        self.parts.into_iter().filter(is_image)
    }

    /// A string where there is only text, else parts.
    pub fn into_content(self) -> chat::Content<'a> {
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
pub fn plain(content: &Content<'_>) -> String {
    match content {
        Content::Text(text) => text.get().into_owned(),
        Content::Parts(parts) => {
            let texts: Vec<Cow<'_, str>> = parts.iter().filter_map(text_of).collect();
            texts.join("\n")
        }
    }
}

/// Texts with a line break between them. One alone, as nearly everywhere, stays as it came.
fn joined<'a: 't, 't>(first: Option<&'t Text<'a>>, others: impl Iterator<Item = &'t Text<'a>>) -> Text<'a> {
    let Some(first) = first else {
        return Text::default();
    };
    let mut others = others.peekable();
    if others.peek().is_none() {
        return first.clone();
    }
    let mut whole = first.get().into_owned();
    for text in others {
        whole.push('\n');
        whole.push_str(&text.get());
    }
    whole.into()
}

fn is_image(part: &chat::Part<'_>) -> bool {
    matches!(part, chat::Part::ImageUrl { .. })
}

/// The text of a part, whatever the part is called. A sub-agent's task is plain text in `encrypted_content`: it is what
/// our own model wrote (seen on 0.169).
pub fn text_of<'a>(part: &'a ContentPart<'_>) -> Option<Cow<'a, str>> {
    let unread = part.refusal.as_deref().or(part.encrypted_content.as_deref());
    part.text.as_ref().map(Text::get).or(unread.map(Cow::Borrowed))
}

fn part_of<'a>(target: Target<'_>, part: &ContentPart<'a>) -> Option<chat::Part<'a>> {
    if part.r#type.as_deref() == Some("input_file") {
        let text = files::words(part).into();
        return Some(chat::Part::Text { text });
    }
    let Some(url) = &part.image_url else {
        let text = match &part.text {
            Some(text) => text.clone(),
            None => text_of(part)?.into_owned().into(),
        };
        return Some(chat::Part::Text { text });
    };
    if !target.vision {
        return Some(chat::Part::Text { text: UNSEEN.into() });
    }
    if target.dialect.images == Images::Inline && !url.get().starts_with("data:") {
        let text = format!("[an image stood here: {}; this service cannot fetch it]", url.get()).into();
        return Some(chat::Part::Text { text });
    }
    let url = url.clone();
    let image_url = match target.dialect.images {
        Images::Bare => chat::ImageUrl::Bare(url),
        Images::Detail => chat::ImageUrl::Object {
            url,
            detail: part.detail.clone(),
        },
        Images::Url | Images::Inline => chat::ImageUrl::Object { url, detail: None },
    };
    Some(chat::Part::ImageUrl { image_url })
}
