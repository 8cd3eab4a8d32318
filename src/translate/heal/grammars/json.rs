//! `<tool_call>{"name": "f", "arguments": {…}}</tool_call>`, and what such an object says.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered};

/// Hermes, Qwen 2.5 and 3, and whoever was trained on their form (SGLang 0.5.23 `qwen25`, `hermes`, read 2026-11).
///
/// Remove when no host of the table serves such models without a parser.
pub const TAGGED: Decoder = Decoder {
    opens: &["<tool_call>"],
    read: tagged,
    closers: &[END],
    ..Decoder::NOTHING
};

const END: &str = "</tool_call>";

fn tagged(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    cursor.literal("<tool_call>")?;
    cursor.space()?;
    if !cursor.sees("{")? {
        return Err(Stop::No);
    }
    let mut call = || {
        let call = call(&cursor.object()?, tools).ok_or(Stop::No)?;
        cursor.space()?;
        cursor.literal(END)?;
        Ok(vec![call])
    };
    call().map_err(|stop: Stop| stop.inside(END))
}

/// The call that an object describes, if its tool was offered.
pub fn call(object: &Map<String, Value>, tools: &Offered) -> Option<Call> {
    let inner = object.get("function").and_then(Value::as_object).unwrap_or(object);
    let tool = tools.find(inner.get("name")?.as_str()?)?;
    let arguments = inner.get("arguments").or_else(|| inner.get("parameters"));
    match arguments {
        Some(Value::Object(arguments)) => Some(Call::new(tool, arguments)),
        // JSON in a string, as structured calls have it.
        Some(Value::String(text)) => Some(Call::new(tool, &serde_json::from_str(text).ok()?)),
        Some(Value::Null) | None => Some(Call::new(tool, &Map::new())),
        Some(_) => None,
    }
}
