//! The table of grammars: which decoder reads each. One file is one family of forms; each decoder says who writes so,
//! where that was read, and when it may go.

mod arguments;
mod brackets;
mod channels;
mod elements;
mod functions;
mod invoke;
mod json;
mod namespaced;
mod python;
mod thoughts;
mod tokens;
mod typed;
mod xtml;

use crate::provider::dialect::Grammar;

use super::decoder::Decoder;

/// The decoder of a grammar.
pub fn decoder(grammar: Grammar) -> &'static Decoder {
    match grammar {
        Grammar::Dsml => &invoke::DSML,
        Grammar::DeepseekTokens => &tokens::FULL_WIDTH,
        Grammar::KimiK2 => &tokens::SECTION,
        Grammar::KimiK3 => &xtml::XTML,
        Grammar::Glm => &arguments::PLAIN,
        Grammar::Hunyuan => &arguments::SEPARATED,
        Grammar::Qwen3Coder => &functions::FUNCTIONS,
        Grammar::QwenElement => &elements::ELEMENTS,
        Grammar::Hermes => &json::TAGGED,
        Grammar::MinimaxM2 => &invoke::LISTED,
        Grammar::MinimaxM3 => &namespaced::NAMESPACED,
        Grammar::Mistral => &brackets::BRACKETS,
        Grammar::Llama => &python::TAGGED_OR_BARE,
        Grammar::Harmony => &channels::CHANNELS,
        Grammar::Step => &invoke::STEPPED,
        Grammar::Gemma => &typed::TYPED,
        Grammar::ToolCode => &python::FENCED,
        Grammar::Muse => &invoke::PREFIXED,
        Grammar::Think => &thoughts::TAGS,
        // No mark tells it: the text begins inside the thought.
        Grammar::ThinkPrefilled => &Decoder::NOTHING,
    }
}
