//! `<function=f><parameter=p>value</parameter></function>`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// Qwen3-Coder, MiMo and Nemotron, and Seed with a tag of its own around (that from memory). The outer tag is often
/// missing (memory), and so may be the end of a parameter; a value stands on lines of its own (SGLang 0.5.23, read
/// 2026-11).
///
/// Remove when no host of the table serves these models without their parser.
pub const FUNCTIONS: Decoder = Decoder {
    opens: &["<tool_call>", "<seed:tool_call>", "<function="],
    read,
    closers: &["</tool_call>", "</seed:tool_call>", FUNCTION_END, PARAMETER_END],
    ..Decoder::NOTHING
};

const FUNCTION_END: &str = "</function>";
const PARAMETER_END: &str = "</parameter>";

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    if cursor.any(&["<tool_call>", "<seed:tool_call>"])?.is_some() {
        cursor.space()?;
    }
    cursor.literal("<function=")?;
    let written = cursor.name()?;
    cursor.literal(">")?;
    let tool = tools.find(written).ok_or(Stop::Foreign(FUNCTION_END))?;
    let arguments = arguments(cursor, tools.schema(tool)).map_err(|stop| stop.inside(FUNCTION_END))?;
    Ok(vec![Call::new(tool, &arguments)])
}

fn arguments(cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Map<String, Value>> {
    let mut arguments = Map::new();
    cursor.space()?;
    while !cursor.takes(FUNCTION_END)? {
        cursor.literal("<parameter=")?;
        let key = cursor.until(">")?.trim();
        let text = cursor.before(&[PARAMETER_END, "\n<parameter=", FUNCTION_END])?;
        cursor.takes(PARAMETER_END)?;
        let text = text.strip_prefix('\n').unwrap_or(text);
        let text = text.strip_suffix('\n').unwrap_or(text);
        arguments.insert(key.to_owned(), schema.field(key).value(text));
        cursor.space()?;
    }
    Ok(arguments)
}
