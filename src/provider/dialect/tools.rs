//! How tools are declared, chosen and called.

use serde::{Deserialize, Serialize};

/// Which forms of `tool_choice` may be sent, the fewest first. `auto` is the default everywhere and never sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChoice {
    /// Nothing at all, not even `none`.
    Absent,
    /// `none` alone; a forced choice is left to the model.
    None,
    /// `none` and `required`; a named tool becomes `required` with only that tool offered.
    #[default]
    Required,
    /// All, in OpenAI's form.
    Named,
    /// All; `required` is spelled `any`.
    Any,
}

/// Which JSON schema a tool may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schema {
    /// As it came; boolean subschemas become objects, which is the same and known to more servers.
    #[default]
    Plain,
    /// Moonshot's flavour: a few keywords, one type a schema, at most ten levels.
    Moonshot,
    /// Google's: as few, `nullable` for null, an enum of strings alone.
    Gemini,
    /// For servers that make a grammar of it, and refuse what they cannot: llama.cpp and LM Studio.
    Grammar,
    /// No `$id`, `$schema`, `$ref` or `additionalProperties: false`.
    Mistral,
    /// No union at the root.
    Xai,
}

/// Which ids calls may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallIds {
    /// As they came, if they are made of at most 40 characters of `[A-Za-z0-9_-]`; else shortened.
    #[default]
    Plain,
    /// The same with `.` and `:`: Kimi's own ids are `functions.name:0`, and its template reads them.
    Dotted,
    /// Exactly nine letters and digits.
    Nine,
}
