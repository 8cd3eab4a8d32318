//! `[TOOL_CALLS]`.

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered};

use super::json;

/// Mistral's models, on hosts without their parser: a list of objects, or since 2025 a name, `[ARGS]` and JSON, whose
/// delimiters may be missing (SGLang 0.5.23, read 2026-11). `[THINK]` from memory.
///
/// Remove when no host of the table serves these models without their parser.
pub const BRACKETS: Decoder = Decoder {
    opens: &[OPEN],
    read,
    thoughts: &[("[THINK]", "[/THINK]")],
    tokens: &["[/THINK]"],
    ..Decoder::NOTHING
};

const OPEN: &str = "[TOOL_CALLS]";

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    cursor.literal(OPEN)?;
    cursor.space()?;
    if cursor.sees("[")? {
        return listed(cursor, tools);
    }
    let written = cursor.name()?;
    if cursor.takes("[CALL_ID]")? {
        cursor.name()?;
    }
    cursor.takes("[ARGS]")?;
    cursor.space()?;
    if !cursor.sees("{")? {
        return Err(Stop::No);
    }
    // Nothing ends such a call, so nothing is known of where a foreign one ends but the JSON itself.
    let arguments = cursor.json()?;
    let tool = tools.find(written).ok_or(Stop::No)?;
    Ok(vec![Call::with_text(tool, arguments)])
}

/// A list, all of whose calls must be for tools that were offered.
fn listed(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    let objects: Vec<serde_json::Map<_, _>> = serde_json::from_str(cursor.json()?).map_err(|_| Stop::No)?;
    let calls: Option<Vec<Call>> = objects.iter().map(|object| json::call(object, tools)).collect();
    calls.ok_or(Stop::No)
}
