//! How hard a model thinks: one scale for all providers, and where a wish lands on a provider's ladder.

use serde::{Deserialize, Serialize};

/// A step of the scale, in Codex's words; also the words that providers use for their own steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as possible.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More.
    Xhigh,
    /// As much as possible.
    Max,
}

impl Effort {
    /// Reads Codex's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::Xhigh,
            "max" => Self::Max,
            _ => return None,
        })
    }

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The step of `ladder` that comes nearest: the same, else the next above, else the highest.
    /// `None` if the ladder is empty. [`Effort::None`] is never reached from another wish, nor left upwards unless the
    /// ladder lacks it.
    #[must_use]
    pub fn nearest(self, ladder: &[Self]) -> Option<Self> {
        let above = ladder.iter().copied().filter(|step| *step >= self).min();
        above.or_else(|| ladder.iter().copied().max())
    }
}

#[cfg(test)]
mod tests {
    use super::Effort::{High, Low, Max, Medium, Minimal, None as Off, Xhigh};

    #[test]
    fn a_wish_lands_on_the_nearest_step_that_is_not_lower() {
        let deepseek = [Low, High, Max];
        assert_eq!(Minimal.nearest(&deepseek), Some(Low));
        assert_eq!(Medium.nearest(&deepseek), Some(High));
        assert_eq!(Xhigh.nearest(&deepseek), Some(Max));
        assert_eq!(Max.nearest(&[Low, Medium, High]), Some(High));
        assert_eq!(Off.nearest(&deepseek), Some(Low));
        assert_eq!(Off.nearest(&[Off, High]), Some(Off));
        assert_eq!(Low.nearest(&[Off, High]), Some(High));
        assert_eq!(Low.nearest(&[]), None);
    }
}
