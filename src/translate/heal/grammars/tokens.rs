//! Calls between special tokens: a name, a separator and JSON.

use crate::translate::heal::cursor::{Cursor, Read, Stop};
use crate::translate::heal::decoder::Decoder;
use crate::translate::heal::tools::{Call, Offered};

/// DeepSeek V3, R1 (`function`, the name, JSON in a fence) and V3.1 (the name, JSON), on hosts without their parser;
/// with them the tokens of the conversation itself (SGLang 0.5.23, omp 18.2.11, read 2026-11).
///
/// Remove when no host of the table serves these models without their parser.
pub const FULL_WIDTH: Decoder = Decoder {
    opens: &["<｜tool▁calls▁begin｜>", CALL],
    read: full_width,
    closers: &["<｜tool▁calls▁end｜>", CALL_END],
    tokens: &[
        "<｜begin▁of▁sentence｜>",
        "<｜end▁of▁sentence｜>",
        "<｜User｜>",
        "<｜Assistant｜>",
        "<|EOT|>",
    ],
    ..Decoder::NOTHING
};

const CALL: &str = "<｜tool▁call▁begin｜>";
const CALL_END: &str = "<｜tool▁call▁end｜>";

fn full_width(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    if cursor.takes("<｜tool▁calls▁begin｜>")? {
        cursor.space()?;
    }
    cursor.literal(CALL)?;
    let mut written = cursor.name()?;
    cursor.literal("<｜tool▁sep｜>")?;
    if written == "function" && !cursor.sees("{")? {
        written = cursor.name()?;
    }
    cursor.space()?;
    let tool = tools.find(written).ok_or(Stop::Foreign(CALL_END))?;
    let arguments = fenced(cursor).map_err(|stop| stop.inside(CALL_END))?;
    Ok(vec![Call::with_text(tool, arguments)])
}

fn fenced<'a>(cursor: &mut Cursor<'a>) -> Read<&'a str> {
    if cursor.any(&["```json", "```"])?.is_some() {
        cursor.space()?;
    }
    let arguments = object(cursor)?;
    if cursor.takes("```")? {
        cursor.space()?;
    }
    cursor.literal(CALL_END)?;
    Ok(arguments)
}

/// Kimi K2, on hosts without its parser and at times on others: the name is `functions.f:0`, and what stands around the
/// calls may be missing (SGLang 0.5.23, omp 18.2.11, read 2026-11). A call that has only a number for a name cannot be
/// made and stays text.
///
/// Remove when no host of the table serves K2 without its parser.
pub const SECTION: Decoder = Decoder {
    opens: &[SECTIONS[0], SECTIONS[1], "<|tool_call_begin|>"],
    read: section,
    closers: &[
        "<|tool_calls_section_end|>",
        "<|tool_call_section_end|>",
        SECTION_CALL_END,
    ],
    ..Decoder::NOTHING
};

const SECTIONS: [&str; 2] = ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"];
const SECTION_CALL_END: &str = "<|tool_call_end|>";

fn section(cursor: &mut Cursor<'_>, tools: &Offered) -> Read<Vec<Call>> {
    if cursor.any(&SECTIONS)?.is_some() {
        cursor.space()?;
    }
    cursor.literal("<|tool_call_begin|>")?;
    cursor.space()?;
    let written = cursor.name()?;
    cursor.space()?;
    cursor.literal("<|tool_call_argument_begin|>")?;
    let tool = tools.find(written).ok_or(Stop::Foreign(SECTION_CALL_END))?;
    let mut arguments = || {
        cursor.space()?;
        let arguments = object(cursor)?;
        cursor.literal(SECTION_CALL_END)?;
        Ok(arguments)
    };
    let arguments = arguments().map_err(|stop: Stop| stop.inside(SECTION_CALL_END))?;
    Ok(vec![Call::with_text(tool, arguments)])
}

/// The text of a JSON object, and the white space behind it.
fn object<'a>(cursor: &mut Cursor<'a>) -> Read<&'a str> {
    if !cursor.sees("{")? {
        return Err(Stop::No);
    }
    let text = cursor.json()?;
    cursor.space()?;
    Ok(text)
}
