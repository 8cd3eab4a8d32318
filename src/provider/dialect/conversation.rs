//! How a conversation is written: who gives instructions, where images stand, what an empty message holds.

use serde::{Deserialize, Serialize};

/// Roles of instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// One leading `system` message; later instructions are user messages that say what they are.
    #[default]
    Leading,
    /// `system` anywhere.
    Anywhere,
    /// `developer` anywhere.
    Developer,
}

/// How images are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Images {
    /// `{"url": …}`.
    #[default]
    Url,
    /// `{"url": …, "detail": …}`.
    Detail,
    /// The address itself.
    Bare,
    /// `{"url": …}` with the image itself inside; what would have to be fetched from elsewhere is named in words.
    Inline,
}

/// What stands for the content of an assistant message that only calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyContent {
    /// `""`.
    #[default]
    Text,
    /// `null`.
    Null,
    /// The field is left out.
    Absent,
}

/// What must stand between a tool message and a user message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterTool {
    /// Nothing.
    #[default]
    Anything,
    /// An assistant message.
    Assistant,
}

/// Whether a tool message carries the tool's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolName {
    /// No.
    #[default]
    Absent,
    /// Yes.
    Present,
}

/// What becomes of the tokens by which a model's format is made, where they stand in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpecialTokens {
    /// They are sent as they stand: they mean nothing to the model, or the server sees that they are text.
    #[default]
    Plain,
    /// Those of gpt-oss are sent with a space inside, so that a file that holds one does not end the message.
    Harmony,
}
