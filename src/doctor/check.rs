//! What is looked at, and what comes of it.

use serde::Serialize;

/// Something that is looked at, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Codex is there, and of a version that crelay works with.
    Codex,
    /// crelay's configuration can be used.
    Configuration,
    /// What sessions have left that did not end well.
    Leftovers,
    /// A session can write where it has to.
    Folders,
    /// Who is meant: provider, address and model.
    Provider,
    /// Through whom the provider is reached.
    Proxy,
    /// There is a key, if one is needed.
    Key,
    /// The provider knows it.
    KeyAccepted,
    /// Something is left on the account.
    Balance,
    /// The provider has the model.
    Model,
    /// The simplest turn: an answer comes, word by word.
    Streaming,
    /// A tool is called.
    ToolCall,
    /// What the tool said is read, and the reasoning before it is taken back.
    ToolResult,
    /// Two calls come in one answer.
    ParallelCalls,
    /// An image is seen.
    Image,
    /// An answer follows a JSON schema.
    JsonSchema,
}

impl Check {
    /// All, in their order.
    pub const ALL: [Self; 16] = [
        Self::Codex,
        Self::Configuration,
        Self::Leftovers,
        Self::Folders,
        Self::Provider,
        Self::Proxy,
        Self::Key,
        Self::KeyAccepted,
        Self::Balance,
        Self::Model,
        Self::Streaming,
        Self::ToolCall,
        Self::ToolResult,
        Self::ParallelCalls,
        Self::Image,
        Self::JsonSchema,
    ];

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Codex => "Codex",
            Self::Configuration => "configuration",
            Self::Leftovers => "leftovers",
            Self::Folders => "folders",
            Self::Provider => "provider",
            Self::Proxy => "proxy",
            Self::Key => "key",
            Self::KeyAccepted => "key accepted",
            Self::Balance => "balance",
            Self::Model => "model",
            Self::Streaming => "streaming",
            Self::ToolCall => "tool call",
            Self::ToolResult => "tool result",
            Self::ParallelCalls => "parallel calls",
            Self::Image => "image",
            Self::JsonSchema => "JSON schema",
        }
    }

    /// All is well with it.
    #[must_use]
    pub fn passed(self, words: impl Into<String>) -> Finding {
        self.found(Verdict::Passed, words)
    }

    /// A session works, but not in all respects.
    #[must_use]
    pub fn warned(self, words: impl Into<String>) -> Finding {
        self.found(Verdict::Warned, words)
    }

    /// No session works.
    #[must_use]
    pub fn failed(self, words: impl Into<String>) -> Finding {
        self.found(Verdict::Failed, words)
    }

    /// Nobody has looked, or there is nothing to look at.
    #[must_use]
    pub fn unchecked(self, words: impl Into<String>) -> Finding {
        self.found(Verdict::Unchecked, words)
    }

    fn found(self, verdict: Verdict, words: impl Into<String>) -> Finding {
        let words = words.into();
        Finding {
            check: self,
            verdict,
            // What others say ends with a full stop, what stands in a line does not.
            words: words.trim_end_matches(['.', '。']).to_owned(),
            hint: None,
            seconds: None,
        }
    }
}

/// What follows from what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All is well.
    Passed,
    /// A session works, but not in all respects.
    Warned,
    /// No session works.
    Failed,
    /// Nobody has looked, or there is nothing to look at.
    Unchecked,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at.
    #[serde(rename = "id")]
    pub check: Check,
    /// What follows.
    pub verdict: Verdict,
    /// What was found, in a few words.
    pub words: String,
    /// What the user can do next.
    pub hint: Option<String>,
    /// How long it took to find out, where somebody was asked.
    pub seconds: Option<f64>,
}

impl Finding {
    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds how long it took.
    #[must_use]
    pub fn after(mut self, time: std::time::Duration) -> Self {
        self.seconds = Some((time.as_secs_f64() * 1000.0).round() / 1000.0);
        self
    }
}
