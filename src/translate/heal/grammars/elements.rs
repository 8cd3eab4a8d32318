//! `<tool_calls><f key="value"/></tool_calls>`.

use serde_json::{Map, Value};

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered, Schema};

/// Qwen, on hosts without its parser: elements that are named like the tools and close themselves (omp 18.2.11
/// `qwen-xml`, read 2026-11).
///
/// Remove when no host of the table serves Qwen without its parser.
pub const ELEMENTS: Decoder = Decoder {
    opens: &[LIST],
    read,
    closers: &[LIST_END],
    ..Decoder::NOTHING
};

const LIST: &str = "<tool_calls>";
const LIST_END: &str = "</tool_calls>";

fn read(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    cursor.literal(LIST)?;
    cursor.space()?;
    cursor.literal("<")?;
    // Here it may still be another grammar's list; from the second element on it is this one's.
    let mut calls = vec![element(cursor, tools)?];
    cursor.space()?;
    let mut others = || {
        while !cursor.takes(LIST_END)? {
            cursor.literal("<")?;
            calls.push(element(cursor, tools)?);
            cursor.space()?;
        }
        Ok(())
    };
    others().map_err(|stop: Stop| stop.inside(LIST_END))?;
    Ok(calls)
}

fn element(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Call> {
    let written = cursor.name()?;
    let has_attributes = cursor.sees(" ")? || cursor.sees("\n")?;
    if !has_attributes && !cursor.sees("/>")? {
        return Err(Stop::No);
    }
    let tool = tools.find(written).ok_or(Stop::Foreign(LIST_END))?;
    let arguments = attributes(cursor, tools.schema(tool)).map_err(|stop| stop.inside(LIST_END))?;
    Ok(Call::new(tool, &arguments))
}

fn attributes(cursor: &mut Cursor<'_>, schema: Schema<'_>) -> Read<Map<String, Value>> {
    let mut arguments = Map::new();
    cursor.space()?;
    while !cursor.takes("/>")? {
        let key = cursor.name()?;
        cursor.literal("=\"")?;
        let text = unescaped(cursor.until("\"")?);
        arguments.insert(key.to_owned(), schema.field(key).value(&text));
        cursor.space()?;
    }
    Ok(arguments)
}

/// The text of an attribute, by the entities that XML knows.
fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#10;", "\n"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| {
        text.replace(entity, character)
    })
}
