//! `<|open|>call tool="f" index="1"<|sep|>…<|close|>call<|sep|>`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// Kimi K3, on hosts without its parser: calls, thoughts, and the tags that stand around every answer (SGLang 0.5.23,
/// read 2026-11).
///
/// Remove when no host of the table serves K3 without its parser.
pub const XTML: Decoder = Decoder {
    opens: &[TOOLS, "<|open|>call tool=\""],
    read,
    closers: &["<|close|>tools<|sep|>", CALL_END, ARGUMENT_END],
    tokens: &[
        "<|open|>response<|sep|>",
        "<|close|>response<|sep|>",
        "<|close|>message<|sep|>",
    ],
    thoughts: &[("<|open|>think<|sep|>", "<|close|>think<|sep|>")],
    ..Decoder::NOTHING
};

const TOOLS: &str = "<|open|>tools<|sep|>";
const SEPARATOR: &str = "<|sep|>";
const CALL_END: &str = "<|close|>call<|sep|>";
const ARGUMENT_END: &str = "<|close|>argument<|sep|>";

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    if cursor.takes(TOOLS)? {
        cursor.space()?;
    }
    cursor.literal("<|open|>call tool=\"")?;
    let written = cursor.name()?;
    cursor.literal("\"")?;
    let tool = tools.find(written).ok_or(Stop::Foreign(CALL_END))?;
    let arguments = arguments(cursor, tools.schema(tool)).map_err(|stop| stop.inside(CALL_END))?;
    Ok(vec![Call::new(tool, &arguments)])
}

fn arguments(cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Map<String, Value>> {
    cursor.until(SEPARATOR)?;
    let mut arguments = Map::new();
    cursor.space()?;
    while !cursor.takes(CALL_END)? {
        cursor.literal("<|open|>argument key=\"")?;
        let key = unescaped(cursor.until("\"")?);
        let attributes = cursor.until(SEPARATOR)?;
        let is_text = attributes.contains("type=\"string\"") || !attributes.contains("type=");
        let text = cursor.until(ARGUMENT_END)?;
        let schema = schema.field(&key);
        let value = if is_text {
            schema.coerced(Value::String(text.to_owned()))
        } else {
            serde_json::from_str(text.trim()).unwrap_or_else(|_| schema.value(text))
        };
        arguments.insert(key, value);
        cursor.space()?;
    }
    Ok(arguments)
}

/// The text of an attribute (SGLang 0.5.23: `&amp;` and `&quot;` alone).
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&amp;", "&")
}
