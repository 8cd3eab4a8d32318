//! The lines of a recording.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The first line: whose exchanges these are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The version of crelay.
    pub crelay: String,
    /// When it began, in seconds since 1970.
    pub at: u64,
    /// The session's id.
    pub session: String,
    /// The provider's id.
    pub provider: String,
    /// The provider's name.
    pub provider_name: String,
    /// Whose dialect it speaks, by the table's id; empty for nobody's.
    pub dialect: String,
    /// The session's model, as it is asked for.
    pub model: String,
    /// The protocol of that model.
    pub wire: String,
    /// Whose dialects the providers beside it speak, by the table's ids.
    #[serde(default)]
    pub also: Vec<String>,
    /// Models that answer in the place of others, each behind whose dialect it speaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// What was not healed; `None` if nothing was chosen, and all if the list is empty.
    #[serde(default)]
    pub no_heal: Option<Vec<String>>,
    /// Whether clients name their models themselves, as those of a server do.
    #[serde(default)]
    pub is_open: bool,
    /// Whether texts were taken out.
    #[serde(default)]
    pub redacted: bool,
}

/// Names and values, in order.
pub type Headers = Vec<(String, String)>;

/// A piece of what travelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Which turn, counted from 1.
    pub turn: u64,
    /// Milliseconds since the recording began.
    pub ms: u64,
    #[serde(flatten)]
    pub fact: Fact,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Fact {
    /// A client asked.
    Asked {
        path: String,
        headers: Headers,
        body: Bytes,
    },
    /// A request went to the provider.
    Sent {
        wire: String,
        headers: Headers,
        body: Bytes,
    },
    /// The provider began to answer.
    Answered { status: u16, headers: Headers },
    /// This came of the answer.
    Heard { body: Bytes },
    /// The answer was over, or broke off.
    Over { fault: Option<String> },
    /// The client was answered.
    Told { status: u16, headers: Headers },
    /// This was told of the answer.
    Tells { body: Bytes },
    /// All was told.
    End,
}

/// Bytes, as text wherever they are one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Bytes {
    /// These.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self {
                text: Some(text.to_owned()),
                base64: None,
            },
            Err(_) => Self {
                text: None,
                base64: Some(STANDARD.encode(bytes)),
            },
        }
    }

    /// The bytes; what is no base64 is nothing.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match (&self.text, &self.base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(packed)) => STANDARD.decode(packed).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }
}
