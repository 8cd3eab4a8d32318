//! Dialects to translate for: those of the table, and any that could be.

use crelay::provider::Table;
use crelay::provider::dialect::{
    AfterTool, CallIds, Dialect, EmptyContent, Images, Param, Placeholder, Replay, Schema, SpecialTokens, System,
    ToolName,
};
use proptest::prelude::*;

/// What a history is written by, of every model of every row, each once.
pub fn of_the_table() -> Vec<Dialect> {
    let table = Table::embedded().unwrap();
    let mut all = Vec::new();
    for provider in table.iter() {
        let names = provider.models.iter().map(|model| model.id.as_str());
        for name in names.chain(["a-model-that-nobody-knows"]) {
            let dialect = of_a_history(&provider.dialect(name));
            if !all.contains(&dialect) {
                all.push(dialect);
            }
        }
    }
    all
}

/// The axes that show in messages and tools; all others as by default.
fn of_a_history(dialect: &Dialect) -> Dialect {
    Dialect {
        system: dialect.system,
        replay: dialect.replay,
        placeholder: dialect.placeholder,
        max_tools: dialect.max_tools,
        schema: dialect.schema,
        call_ids: dialect.call_ids,
        images: dialect.images,
        special_tokens: dialect.special_tokens,
        empty_content: dialect.empty_content,
        after_tool: dialect.after_tool,
        tool_name: dialect.tool_name,
        params: dialect
            .params
            .iter()
            .copied()
            .filter(|param| *param == Param::Strict)
            .collect(),
        ..Dialect::default()
    }
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(values.to_vec())
}

/// Any combination of the axes of a history, most of which nobody speaks yet.
pub fn any() -> impl Strategy<Value = Dialect> {
    let words = (
        one_of(&[System::Leading, System::Anywhere, System::Developer]),
        one_of(&[EmptyContent::Text, EmptyContent::Null, EmptyContent::Absent]),
        one_of(&[AfterTool::Anything, AfterTool::Assistant]),
        one_of(&[Images::Url, Images::Detail, Images::Bare, Images::Inline]),
        one_of(&[SpecialTokens::Plain, SpecialTokens::Harmony]),
    );
    let thoughts = (
        one_of(&[
            Replay::Never,
            Replay::Content,
            Replay::ContentAlways,
            Replay::Reasoning,
            Replay::Details,
            Replay::ThinkingPart,
            Replay::ExtraContent,
        ]),
        one_of(&[Placeholder::Empty, Placeholder::Space, Placeholder::Words]),
    );
    let tools = (
        one_of(&[CallIds::Plain, CallIds::Dotted, CallIds::Nine]),
        one_of(&[ToolName::Absent, ToolName::Present]),
        one_of(&[
            Schema::Plain,
            Schema::Moonshot,
            Schema::Mistral,
            Schema::Xai,
            Schema::Gemini,
            Schema::Grammar,
        ]),
        one_of(&[None, Some(1), Some(128)]),
    );
    (words, thoughts, tools).prop_map(|(words, (replay, placeholder), tools)| {
        let (system, empty_content, after_tool, images, special_tokens) = words;
        let (call_ids, tool_name, schema, max_tools) = tools;
        Dialect {
            system,
            replay,
            placeholder,
            max_tools,
            schema,
            call_ids,
            images,
            special_tokens,
            empty_content,
            after_tool,
            tool_name,
            ..Dialect::default()
        }
    })
}
