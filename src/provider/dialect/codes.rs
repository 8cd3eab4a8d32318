//! What the codes of errors mean.

use serde::{Deserialize, Serialize};

/// Whose codes an error carries. Words mean the same with everybody; a number belongs to whoever writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codes {
    /// Nobody's in particular: codes that are words count, numbers do not.
    #[default]
    Plain,
    /// Zhipu's, whose times are Beijing's.
    Glm,
    /// MiniMax's, also in `base_resp`.
    Minimax,
    /// SiliconFlow's.
    Siliconflow,
    /// Qianfan's, who refuse an unknown model as they refuse a key.
    Qianfan,
    /// Cerebras's, who refuse without a word.
    Cerebras,
    /// Fireworks's, who refuse an empty account with a status of their own.
    Fireworks,
}
