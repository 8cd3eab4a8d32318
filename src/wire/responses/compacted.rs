//! The answer of `POST /v1/responses/compact`.

use serde::Serialize;

use super::{Status, Usage};

/// What takes the place of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compacted {
    /// `resp_…`.
    pub id: String,
    /// Always `response.compaction`.
    pub object: &'static str,
    /// Seconds since 1970.
    pub created_at: u64,
    /// The user's messages and a summary.
    pub output: Vec<CompactedItem>,
    /// Token counts of the summary's request.
    pub usage: Usage,
}

/// An item of it, which is sent back as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CompactedItem {
    /// What the user said.
    Message {
        /// `msg_…`.
        id: String,
        /// Always completed.
        status: Status,
        /// Always `user`.
        role: &'static str,
        /// As it came.
        content: Vec<InputPart>,
    },
    /// All the rest.
    Compaction {
        /// `cmp_…`.
        id: String,
        /// What crelay wants back.
        encrypted_content: String,
    },
}

/// A part of what a user said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InputPart {
    /// Text.
    InputText {
        /// The text.
        text: String,
    },
    /// An image.
    InputImage {
        /// Its address or data URL.
        image_url: String,
        /// `low`, `high` or `auto`.
        detail: String,
    },
    /// A file.
    InputFile {
        /// Its name.
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<String>,
        /// Its data URL or base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<String>,
        /// Its address.
        #[serde(skip_serializing_if = "Option::is_none")]
        file_url: Option<String>,
    },
}
