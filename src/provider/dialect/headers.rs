//! Headers that a provider wants with every request, beside those of all providers.

use serde::{Deserialize, Serialize};

/// A header and where its value comes from. One of the same name in the user's configuration counts more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// What it says.
    pub value: HeaderValue,
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderValue {
    /// The same with every request.
    Text(String),
    /// A name for the conversation, the same in all its turns: by it a gateway finds the host that has the prompt in
    /// its cache.
    Conversation,
    /// `user` where the user has spoken last, else `agent`.
    Initiator,
    /// `true` where the conversation shows an image; else the header is left out.
    Vision,
}
