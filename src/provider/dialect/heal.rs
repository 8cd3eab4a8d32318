//! Which markup is listened for in an answer's text: calls and thoughts that leaked there because the host did not
//! understand its own model.

use serde::{Deserialize, Serialize};

/// A way in which models write calls or thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grammar {
    /// DeepSeek V3.2 to V4.1: `<｜DSML｜invoke name="f">` in its four forms.
    Dsml,
    /// DeepSeek V3, R1 and V3.1: `<｜tool▁call▁begin｜>`.
    DeepseekTokens,
    /// Kimi K2: `<|tool_call_begin|>`.
    KimiK2,
    /// Kimi K3: `<|open|>call tool="f"<|sep|>`.
    KimiK3,
    /// GLM 4.5 to 5: `<tool_call>f<arg_key>`.
    Glm,
    /// Hunyuan 3: `<tool_call>f<tool_sep>`.
    Hunyuan,
    /// Qwen3-Coder, MiMo and Seed: `<function=f>`.
    Qwen3Coder,
    /// Qwen: `<tool_calls><f key="value"/></tool_calls>`.
    QwenElement,
    /// Hermes, and Qwen 2.5 and 3: `<tool_call>{"name": "f"}`.
    Hermes,
    /// MiniMax M2: `<minimax:tool_call><invoke name="f">`.
    MinimaxM2,
    /// MiniMax M3: `]<]minimax[>[` before every tag.
    MinimaxM3,
    /// Mistral: `[TOOL_CALLS]`.
    Mistral,
    /// Llama: `<|python_tag|>`, and a bare call at the beginning of the answer.
    Llama,
    /// gpt-oss: `<|channel|>commentary to=functions.f`; also names of structured calls that carry a piece of it.
    Harmony,
    /// Step 3: `<steptml:invoke name="f">`.
    Step,
    /// Gemma 4: `<|tool_call>call:f{`.
    Gemma,
    /// Gemini: a fence of `tool_code`.
    ToolCode,
    /// Muse: `<atem:invoke name="f">`.
    Muse,
    /// `<think>` and its relatives, and a closing tag that stands alone.
    Think,
    /// A thought whose opening tag stood in the prompt: the answer begins inside it. Only for models that always think
    /// so, on hosts that pass the thought on as text.
    ThinkPrefilled,
}

impl Grammar {
    /// All, with the names that are written in configurations.
    pub const ALL: [(&'static str, Self); 20] = [
        ("dsml", Self::Dsml),
        ("deepseek-tokens", Self::DeepseekTokens),
        ("kimi-k2", Self::KimiK2),
        ("kimi-k3", Self::KimiK3),
        ("glm", Self::Glm),
        ("hunyuan", Self::Hunyuan),
        ("qwen3-coder", Self::Qwen3Coder),
        ("qwen-element", Self::QwenElement),
        ("hermes", Self::Hermes),
        ("minimax-m2", Self::MinimaxM2),
        ("minimax-m3", Self::MinimaxM3),
        ("mistral", Self::Mistral),
        ("llama", Self::Llama),
        ("harmony", Self::Harmony),
        ("step", Self::Step),
        ("gemma", Self::Gemma),
        ("tool-code", Self::ToolCode),
        ("muse", Self::Muse),
        ("think", Self::Think),
        ("think-prefilled", Self::ThinkPrefilled),
    ];

    /// The grammar with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, grammar)| grammar)
    }

    /// Its name in configurations and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == self);
        found.map_or("", |(name, _)| name)
    }
}

/// The grammars that are listened for. Where nothing is known of a host, all but the one that no text can tell from
/// ordinary words: each asks for the exact form and the name of a declared tool, so listening in vain changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Grammars(Vec<Grammar>);

impl Default for Grammars {
    fn default() -> Self {
        let all = Grammar::ALL.into_iter().map(|(_, grammar)| grammar);
        Self(all.filter(|grammar| *grammar != Grammar::ThinkPrefilled).collect())
    }
}

impl Grammars {
    /// No grammar at all.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Whether `grammar` is listened for.
    #[must_use]
    pub fn has(&self, grammar: Grammar) -> bool {
        self.0.contains(&grammar)
    }

    /// Turns one on or off.
    pub fn set(&mut self, grammar: Grammar, is_on: bool) {
        self.0.retain(|known| *known != grammar);
        if is_on {
            self.0.push(grammar);
        }
    }

    /// In no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Grammar> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grammar_has_the_name_that_the_table_spells() {
        for (name, grammar) in Grammar::ALL {
            let spelled: Grammars = toml_edit::de::from_str::<std::collections::BTreeMap<String, Grammars>>(&format!(
                "heal = [\"{name}\"]"
            ))
            .unwrap()
            .remove("heal")
            .unwrap();
            assert_eq!(spelled, Grammars(vec![grammar]));
            assert_eq!((grammar.name(), Grammar::find(name)), (name, Some(grammar)));
        }
        assert_eq!(Grammar::find("dmsl"), None);
    }
}
