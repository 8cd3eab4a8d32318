//! `<|tool_call>call:f{path:<|"|>a.ts<|"|>,n:2}<tool_call|>`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// Gemma 4, on hosts without its parser: its own notation of objects, in which a token stands for quotes (SGLang
/// 0.5.23, omp 18.2.11, read 2026-11).
///
/// Remove when no host of the table serves Gemma without its parser.
pub const TYPED: Decoder = Decoder {
    opens: &["<|tool_call>"],
    read,
    closers: &[END],
    tokens: &["<channel|>"],
    thoughts: &[("<|channel>thought\n", "<channel|>")],
    ..Decoder::NOTHING
};

const END: &str = "<tool_call|>";
const QUOTE: &str = "<|\"|>";

/// How deep values may nest.
const DEEPEST: usize = 16;

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    cursor.literal("<|tool_call>")?;
    cursor.space()?;
    cursor.literal("call:")?;
    let written = cursor.name()?;
    if !cursor.sees("{")? {
        return Err(Stop::No);
    }
    let tool = tools.find(written).ok_or(Stop::Foreign(END))?;
    let mut arguments = || {
        let Value::Object(arguments) = value(cursor, tools.schema(tool), DEEPEST)? else {
            return Err(Stop::No);
        };
        cursor.space()?;
        cursor.literal(END)?;
        Ok(arguments)
    };
    let arguments = arguments().map_err(|stop: Stop| stop.inside(END))?;
    Ok(vec![Call::new(tool, &arguments)])
}

fn value(cursor: &mut Cursor<'_>, schema: Schema<'_>, depth: usize) -> Read<Value> {
    if depth == 0 {
        return Err(Stop::No);
    }
    if cursor.takes(QUOTE)? {
        return Ok(schema.coerced(Value::String(cursor.until(QUOTE)?.to_owned())));
    }
    if cursor.takes("{")? {
        return object(cursor, schema, depth).map(Value::Object);
    }
    if cursor.takes("[")? {
        return list(cursor, schema, depth).map(Value::Array);
    }
    let bare = cursor.word(|character| !matches!(character, ',' | '}' | ']' | '<' | '\n'))?;
    Ok(schema.value(bare.trim()))
}

fn object(cursor: &mut Cursor<'_>, schema: Schema<'_>, depth: usize) -> Read<Map<String, Value>> {
    let mut fields = Map::new();
    cursor.space()?;
    while !cursor.takes("}")? {
        let key = if cursor.takes(QUOTE)? {
            cursor.until(QUOTE)?
        } else {
            cursor.key()?
        };
        cursor.space()?;
        cursor.literal(":")?;
        cursor.space()?;
        let value = value(cursor, schema.field(key), depth - 1)?;
        fields.insert(key.to_owned(), value);
        cursor.space()?;
        if cursor.takes(",")? {
            cursor.space()?;
        } else if !cursor.sees("}")? {
            return Err(Stop::No);
        }
    }
    Ok(fields)
}

fn list(cursor: &mut Cursor<'_>, schema: Schema<'_>, depth: usize) -> Read<Vec<Value>> {
    let mut items = Vec::new();
    cursor.space()?;
    while !cursor.takes("]")? {
        items.push(value(cursor, schema.item(), depth - 1)?);
        cursor.space()?;
        if cursor.takes(",")? {
            cursor.space()?;
        } else if !cursor.sees("]")? {
            return Err(Stop::No);
        }
    }
    Ok(items)
}
