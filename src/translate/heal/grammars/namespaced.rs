//! A token before every tag: `]<]minimax[>[<invoke name="f">]<]minimax[>[<p>value]<]minimax[>[</p>…`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// MiniMax M3: arguments are tags that are named like them, objects and lists nest, and white space may follow the
/// token (SGLang 0.5.23; seen leaking in github/app #2128; read 2026-11).
///
/// Remove when no host of the table serves M3 without its parser.
pub const NAMESPACED: Decoder = Decoder {
    opens: &["]<]minimax[>[<tool_call>", "]<]minimax[>[<invoke name=\""],
    read,
    closers: &["]<]minimax[>[</tool_call>", INVOKE_END],
    ..Decoder::NOTHING
};

const TOKEN: &str = "]<]minimax[>[";
const INVOKE_END: &str = "]<]minimax[>[</invoke>";

/// How deep values may nest.
const DEEPEST: usize = 16;

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    tag(cursor)?;
    if cursor.takes("<tool_call>")? {
        cursor.space()?;
        tag(cursor)?;
    }
    cursor.literal("<invoke name=\"")?;
    let written = cursor.name()?;
    cursor.literal("\">")?;
    let tool = tools.find(written).ok_or(Stop::Foreign(INVOKE_END))?;
    let arguments = fields(cursor, tools.schema(tool), "invoke", DEEPEST).map_err(|stop| stop.inside(INVOKE_END))?;
    Ok(vec![Call::new(tool, &arguments.into_iter().collect())])
}

fn tag(cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.literal(TOKEN)?;
    cursor.space()
}

/// Tags with their values, up to the end tag of `parent`.
fn fields(cursor: &mut Cursor<'_>, schema: Schema<'_>, parent: &str, depth: usize) -> Read<Vec<(String, Value)>> {
    if depth == 0 {
        return Err(Stop::No);
    }
    let mut fields = Vec::new();
    loop {
        cursor.space()?;
        tag(cursor)?;
        if cursor.takes("</")? {
            cursor.literal(parent)?;
            cursor.literal(">")?;
            return Ok(fields);
        }
        cursor.literal("<")?;
        let name = cursor.until(">")?;
        let inner = if schema.is_list() {
            schema.item()
        } else {
            schema.field(name)
        };
        let value = value(cursor, inner, name, depth)?;
        fields.push((name.to_owned(), value));
    }
}

fn value(cursor: &mut Cursor<'_>, schema: Schema<'_>, name: &str, depth: usize) -> Read<Value> {
    let mut inside = cursor.clone();
    inside.space()?;
    if inside.takes(TOKEN)? {
        inside.space()?;
        if !inside.takes("</")? {
            let fields = fields(cursor, schema, name, depth - 1)?;
            return Ok(if schema.is_list() {
                fields.into_iter().map(|(_, value)| value).collect()
            } else {
                Value::Object(fields.into_iter().collect::<Map<_, _>>())
            });
        }
    }
    let text = cursor.until(TOKEN)?;
    cursor.space()?;
    cursor.literal("</")?;
    cursor.literal(name)?;
    cursor.literal(">")?;
    Ok(schema.value(text))
}
