//! Calls as Python writes them, and Llama's other forms.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::{Begins, Decoder};
use crate::translate::heal::tools::{Call, Offered, Schema};

use super::json;

/// Llama 3: JSON behind `<|python_tag|>` or alone, several behind each other with `;` between; Llama 4: a Python list
/// of calls (SGLang 0.5.23, read 2026-11; the bare form from memory). Without its token a call must be the whole
/// answer: ordinary answers begin alike.
///
/// Remove when no host of the table serves Llama without its parser.
pub const TAGGED_OR_BARE: Decoder = Decoder {
    opens: &["<|python_tag|>", "{", "["],
    begins: Begins::First,
    read: tagged_or_bare,
    tokens: &["<|eom_id|>", "<|eot_id|>", "<|python_start|>", "<|python_end|>"],
    ..Decoder::NOTHING
};

/// Gemini's older models: calls in a fence of their own, at times printed (omp 18.2.11, read 2026-11).
///
/// Remove when Gemini's compatible endpoint passes on no such fence.
pub const FENCED: Decoder = Decoder {
    opens: &["```tool_code"],
    read: fenced,
    thoughts: &[("```thinking\n", "\n```")],
    ..Decoder::NOTHING
};

fn tagged_or_bare(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    let is_tagged = cursor.takes("<|python_tag|>")?;
    cursor.space()?;
    let calls = if cursor.takes("[")? {
        list(cursor, tools)?
    } else {
        objects(cursor, tools, is_tagged)?
    };
    let is_over = || {
        Ok(cursor
            .clone()
            .any(&["<|eom_id|>", "<|eot_id|>", "<|python_end|>"])?
            .is_some()
            || cursor.is_over()?)
    };
    if is_tagged || is_over()? {
        Ok(calls)
    } else {
        Err(Stop::No)
    }
}

/// Objects with `;` between them. Without a token before them they must be calls and nothing else: an answer in JSON
/// may have the name of a tool, too.
fn objects(cursor: &mut Cursor<'_>, tools: &Offered, is_tagged: bool) -> Read<Vec<Call>> {
    let mut calls = Vec::new();
    loop {
        is_call(cursor.clone(), tools)?;
        let object = cursor.object()?;
        if !is_tagged && !is_nothing_else(&object) {
            return Err(Stop::No);
        }
        calls.push(json::call(&object, tools).ok_or(Stop::No)?);
        cursor.space()?;
        if !cursor.takes(";")? {
            return Ok(calls);
        }
        cursor.space()?;
    }
}

/// Whether the object at hand begins as a call of an offered tool does, so that it is worth waiting for its end.
fn is_call(mut cursor: Cursor<'_>, tools: &Offered) -> Read<()> {
    cursor.literal("{")?;
    cursor.space()?;
    if cursor.takes("\"type\"")? {
        cursor.space()?;
        cursor.literal(":")?;
        cursor.space()?;
        cursor.literal("\"function\"")?;
        cursor.space()?;
        cursor.literal(",")?;
        cursor.space()?;
    }
    cursor.literal("\"name\"")?;
    cursor.space()?;
    cursor.literal(":")?;
    cursor.space()?;
    cursor.literal("\"")?;
    let written = cursor.name()?;
    tools.find(written).map(|_| ()).ok_or(Stop::No)
}

/// Whether an object has arguments, and no field that a call has not.
fn is_nothing_else(object: &Map<String, Value>) -> bool {
    let arguments = ["arguments", "parameters"];
    let known = |name: &str| arguments.contains(&name) || matches!(name, "type" | "name" | "id");
    object.keys().all(|name| known(name)) && arguments.iter().any(|name| object.contains_key(*name))
}

/// `f(a=1), g(b="x")]`.
fn list(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    let mut calls = Vec::new();
    loop {
        cursor.space()?;
        calls.push(call(cursor, tools)?);
        cursor.space()?;
        if cursor.takes("]")? {
            cursor.space()?;
            return Ok(calls);
        }
        cursor.literal(",")?;
    }
}

fn fenced(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    const END: &str = "\n```";
    cursor.literal("```tool_code\n")?;
    let mut calls = Vec::new();
    let mut inside = || {
        cursor.space()?;
        while !cursor.takes("```")? {
            let is_printed = cursor.takes("print(")?;
            calls.push(call(cursor, tools)?);
            if is_printed {
                cursor.literal(")")?;
            }
            cursor.space()?;
        }
        Ok(())
    };
    inside().map_err(|stop: Stop| stop.inside(END))?;
    Ok(calls)
}

/// `f(a=1, b="x")`.
fn call(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Call> {
    let written = cursor.name()?;
    cursor.literal("(")?;
    let tool = tools.find(written).ok_or(Stop::No)?;
    let schema = tools.schema(tool);
    let mut arguments = Map::new();
    cursor.space()?;
    while !cursor.takes(")")? {
        let key = cursor.key()?;
        cursor.space()?;
        cursor.literal("=")?;
        cursor.space()?;
        let value = value(cursor, schema.field(key), DEEPEST)?;
        arguments.insert(key.to_owned(), value);
        separator(cursor, ")")?;
    }
    Ok(Call::new(tool, &arguments))
}

/// How deep values may nest.
const DEEPEST: usize = 16;

/// A comma and the white space around it, or what ends the list.
fn separator(cursor: &mut Cursor<'_>, end: &str) -> Read<()> {
    cursor.space()?;
    if cursor.takes(",")? {
        return cursor.space();
    }
    if cursor.sees(end)? { Ok(()) } else { Err(Stop::No) }
}

fn value(cursor: &mut Cursor<'_>, schema: Schema<'_>, depth: usize) -> Read<Value> {
    if depth == 0 {
        return Err(Stop::No);
    }
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if cursor.takes(quote)? {
            return Ok(schema.coerced(Value::String(text(cursor, quote)?)));
        }
    }
    if cursor.takes("[")? {
        let mut items = Vec::new();
        cursor.space()?;
        while !cursor.takes("]")? {
            items.push(value(cursor, schema.item(), depth - 1)?);
            separator(cursor, "]")?;
        }
        return Ok(Value::Array(items));
    }
    if cursor.takes("{")? {
        return dictionary(cursor, schema, depth).map(Value::Object);
    }
    let bare = cursor.word(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '+'))?;
    let literal = match bare {
        "True" => "true",
        "False" => "false",
        "None" => "null",
        other => other,
    };
    serde_json::from_str(literal).map_err(|_| Stop::No)
}

fn dictionary(cursor: &mut Cursor<'_>, schema: Schema<'_>, depth: usize) -> Read<Map<String, Value>> {
    let mut fields = Map::new();
    cursor.space()?;
    while !cursor.takes("}")? {
        let quote = ["\"", "'"][cursor.any(&["\"", "'"])?.ok_or(Stop::No)?];
        let key = text(cursor, quote)?;
        cursor.space()?;
        cursor.literal(":")?;
        cursor.space()?;
        let value = value(cursor, schema.field(&key), depth - 1)?;
        fields.insert(key, value);
        separator(cursor, "}")?;
    }
    Ok(fields)
}

/// The text of a string up to its end, escapes resolved. Those that are rare in calls stay as they are written.
fn text(cursor: &mut Cursor<'_>, quote: &'static str) -> Read<String> {
    let mut text = String::new();
    loop {
        if !cursor.rest().is_empty() && cursor.takes(quote)? {
            return Ok(text);
        }
        let character = cursor.character(quote)?;
        if character != '\\' {
            text.push(character);
            continue;
        }
        match cursor.character(quote)? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            '\n' => {}
            same @ ('\\' | '\'' | '"') => text.push(same),
            other => text.extend(['\\', other]),
        }
    }
}
